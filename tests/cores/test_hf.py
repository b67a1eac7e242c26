"""The transformers core beyond the contract: its vocabulary, sampling, commands, saved states, numbers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_checkpoints import FLAVOUR, write_checkpoint

from yanray.agent.session import open_core
from yanray.cores.base import CommandGrammar, Sampling
from yanray.cores.evaluator import Stopped
from yanray.errors import ConfigError, ModelError
from yanray.messages import Message
from yanray.paths import nano_model
from yanray.settings import Settings

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from yanray.cores.hf import HfCore  # noqa: E402
from yanray.cores.hf_sampling import HfChooser, _largest  # noqa: E402

ASK = [Message("system", "You are the assistant. " * 4), Message("user", "hello world")]
COMMANDS = CommandGrammar(
    {
        "clock": '( " " [^ \\n] [^\\n]* )?',
        "calculate": '" " [^ \\n]+',
        "coin": '""',
        "dice": '" " ( "sides=" )? [0-9]+ ( " " ( "fair" | "loaded" ) )?',
    }
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("checkpoints")
    return {kind: write_checkpoint(root / kind, kind) for kind in FLAVOUR}


def open_hf(folder: Path, **options: Any) -> HfCore:
    return HfCore(folder, **{"context": 512, "threads": 1, **options})


def say(core: HfCore, messages: list[Message] = ASK, **sampling: Any) -> str:
    options = {"max_tokens": 16, **sampling}
    return "".join(p for p in core.stream(messages, Sampling(**options)) if isinstance(p, str))


@pytest.mark.parametrize("kind", FLAVOUR)
def test_greedy_text_is_what_generate_gives(folders: dict[str, Path], kind: str) -> None:
    core = open_hf(folders[kind])
    say(core)
    assert core.finish is not None
    ids = torch.tensor([core._encoder.encode(ASK).ids])
    model = core._model.model
    with torch.no_grad():
        made = model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=16, pad_token_id=0
        )
    expected = made[0, ids.shape[1] :].tolist()
    assert list(core.finish.ids) == expected[: len(core.finish.ids)]
    assert len(core.finish.ids) == 16 or core._vocabulary.ends(expected[len(core.finish.ids)])
    core.close()


@pytest.mark.parametrize("kind", FLAVOUR)
def test_text_goes_to_ids_and_back(folders: dict[str, Path], kind: str) -> None:
    words = open_hf(folders[kind])._words
    for text in ("hello world", "天气 你好，", " two  spaces\n\n", "<|user|> 😀 é", "a\ud83db"):
        ids = words.encode(text, special=False, glued=True)
        assert b"".join(map(words.piece, ids)).decode() == text.encode("utf-8", "replace").decode()
        assert not any(map(words.is_special, ids))
    assert words.piece(words.size + 5) == b""


def test_open_core_takes_a_folder(folders: dict[str, Path], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    settings = Settings.model_validate({"context": 300, "machine": {"threads": 1, "load": "bf16"}})
    core = open_core(folders["hf-llama"], settings)
    assert isinstance(core, HfCore) and core.context == 300
    assert core._model.model.dtype == torch.bfloat16
    assert say(core)
    core.close()
    with pytest.raises(ModelError, match=r"config\.json"):
        open_core(tmp_path, settings)


def test_the_prefix_is_kept_on_disk(folders: dict[str, Path], tmp_path: Path) -> None:
    first = open_hf(folders["hf-llama"], prefix_folder=tmp_path)
    text = say(first)
    saved = list(tmp_path.glob("*.kv"))
    assert len(saved) == 1
    second = open_hf(folders["hf-llama"], prefix_folder=tmp_path)
    assert say(second) == text
    assert second.finish and second.finish.usage.reused_tokens == second._encoder.encode(ASK).prefix > 32
    saved[0].write_bytes(saved[0].read_bytes()[:-7])
    third = open_hf(folders["hf-llama"], prefix_folder=tmp_path)
    assert say(third) == text
    assert third.finish and third.finish.usage.reused_tokens == 0
    assert [notice.kind for notice in third.take_notices()] == ["state-rebuilt"]
    other = open_hf(folders["hf-llama"], prefix_folder=tmp_path, load="bf16")
    say(other)
    assert other.finish and other.finish.usage.reused_tokens == 0  # other numbers, another state


def test_a_stop_inside_an_evaluation_leaves_the_ledger_right(folders: dict[str, Path]) -> None:
    core = open_hf(folders["hf-llama"])
    context = core._context
    say(core)
    standing = list(context.ledger.ids)
    last = core._model.model.model.layers[-1]
    hook = last.register_forward_pre_hook(lambda *_: core.cancel(), prepend=True)  # the first is through
    with pytest.raises(Stopped):
        context.read([1, 2, 3])
    hook.remove()
    assert context.ledger.ids == standing
    assert {layer.get_seq_length() for layer in context._cache.layers} == {len(standing)}  # type: ignore[attr-defined]
    assert say(core) == say(open_hf(folders["hf-llama"]))


class Letters:
    """A vocabulary of single letters, the last of which ends a round."""

    pieces = (*(bytes([byte]) for byte in range(128)), b"/c", b"\n/", b"clo", b"xyz", b"")

    def piece(self, token: int) -> bytes:
        return self.pieces[token]

    def ends(self, token: int) -> bool:
        return not self.pieces[token]


def written(wish: str) -> str:
    """What a model that wishes for WISH, letter by letter, gets to write; else it likes low letters."""
    chooser = HfChooser(Letters(), Sampling(), COMMANDS)  # type: ignore[arg-type]
    said = b""
    for letter in wish.encode():
        logits = np.arange(len(Letters.pieces), 0, -1, dtype=np.float32) / 1000
        logits[letter] = 9
        said += Letters.pieces[chooser.choose(logits)]
    return said.decode()


@pytest.mark.parametrize(
    "wish, got",
    [
        ("/clock x y\n/", "/clock x y\n/"),
        ("/clock\n", "/clock\n"),
        ("/coin\n", "/coin\n"),
        ("well/xyz", "well/xyz"),
        ("/xx", "/ca"),
        ("/clokk ", "/clock "),
        ("/coins", "/coin\n"),
        ("/calculate\n", "/calculate "),
        ("/calculate  ", "/calculate \x01"),
        ("/dice six\n", "/dice side"),
        ("/dice x2\n", "/dice 02\n"),
        ("/dice sides=6 f", "/dice sides=6 f"),
        ("/dice 6 z", "/dice 6 f"),
        ("/dice 6x", "/dice 6\n"),
        ("a\n/zz", "a\n/ca"),
        ("```\n/zz", "```\n/zz"),
    ],
)
def test_a_command_line_holds_a_known_name(wish: str, got: str) -> None:
    assert written(wish) == got


def test_tokens_of_several_letters_keep_to_the_grammar() -> None:
    pieces = Letters.pieces
    chooser = HfChooser(Letters(), Sampling(), COMMANDS)  # type: ignore[arg-type]
    logits = np.zeros(len(pieces), np.float32)
    logits[[pieces.index(b"\n/"), pieces.index(b"xyz"), pieces.index(b"clo"), pieces.index(b"/c")]] = (
        4,
        3,
        2,
        1,
    )
    said = [pieces[chooser.choose(logits)]]
    logits[pieces.index(b"\n/")] = 0
    said += [pieces[chooser.choose(logits)] for _ in range(2)]
    assert said == [b"\n/", b"clo", b"c"]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_an_answer_keeps_to_its_schema(folders: dict[str, Path], temperature: float) -> None:
    core = open_hf(folders["hf-llama"])
    schema = '{"type": "object", "properties": {"sky": {"enum": ["blue", "grey"]}}, "required": ["sky"]}'
    sampling = Sampling(temperature=temperature, max_tokens=60)
    for _ in range(3):
        stream = core.stream(ASK, sampling, grammar=CommandGrammar(answer=schema))
        text = "".join(piece for piece in stream if isinstance(piece, str))
        assert json.loads(text)["sky"] in ("blue", "grey")
        assert core.finish and core.finish.reason == "stop"
    core.close()


def test_a_grammar_that_does_not_read_names_its_command() -> None:
    with pytest.raises(ModelError, match="grammar of /b"):
        HfChooser(Letters(), Sampling(), CommandGrammar({"a": '" x"', "b": '" x'}))  # type: ignore[arg-type]


def draws(logits: Any, count: int = 4000, **options: Any) -> Any:
    chooser = HfChooser(Letters(), Sampling(temperature=1.0, **options), None)  # type: ignore[arg-type]
    return np.bincount(
        [chooser.choose(np.array(logits, np.float32)) for _ in range(count)], minlength=len(logits)
    )


def test_sampling_keeps_what_llama_cpp_keeps() -> None:
    chances = np.array([0.5, 0.25, 0.15, 0.07, 0.03])
    logits, free = np.log(chances), {"top_k": 0, "top_p": 1.0, "min_p": 0.0}
    assert np.allclose(draws(logits, **free) / 4000, chances, atol=0.03)
    assert (draws(logits, **{**free, "top_k": 2}) > 0).tolist() == [True, True, False, False, False]
    assert (draws(logits, **{**free, "top_p": 0.8}) > 0).tolist() == [True, True, True, False, False]
    assert (draws(logits, **{**free, "min_p": 0.2}) > 0).tolist() == [True, True, True, False, False]
    cold = {**free, "seed": 5}
    assert (draws(logits, 50, **cold) == draws(logits, 50, **cold)).all()
    first = [HfChooser(Letters(), Sampling(1.0, seed=n), None).choose(logits) for n in range(40)]  # type: ignore[arg-type]
    assert len(set(first)) > 1
    repeats = draws([2.0, 1.9], 200, **free, repeat_penalty=1.9)
    assert abs(int(repeats[0]) - int(repeats[1])) < 60


@pytest.mark.parametrize("load", ["int8", "nf4"])
def test_quantized_weights_answer_and_keep_a_cache(folders: dict[str, Path], load: Any) -> None:
    pytest.importorskip("bitsandbytes")
    core = open_hf(folders["hf-llama"], load=load)
    kinds = {type(module).__name__ for module in core._model.model.modules()}
    assert ("Linear8bitLt" if load == "int8" else "Linear4bit") in kinds
    text = say(core)
    assert text and say(core) == text
    core.close()


def changed(folder: Path, target: Path, **values: Any) -> Path:
    shutil.copytree(folder, target)
    config = json.loads((target / "config.json").read_text())
    (target / "config.json").write_text(json.dumps({**config, **values}))
    return target


def test_folders_that_cannot_be_run_say_why(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = folders["hf-llama"]
    with pytest.raises(ModelError, match="the first ChatGLM-6B"):
        open_hf(changed(folder, tmp_path / "glm", model_type="chatglm"))
    code = {"AutoModelForCausalLM": "evil.Model", "AutoConfig": "evil.Config"}
    hostile = changed(folder, tmp_path / "evil", model_type="evil", auto_map=code)
    (hostile / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ModelError, match="cannot load it"):
        open_hf(hostile)
    assert not (tmp_path / "ran").exists()
    with pytest.raises(ConfigError, match="quantized already"):
        open_hf(changed(folder, tmp_path / "q", quantization_config={"quant_method": "gptq"}), load="nf4")
    cut = changed(folder, tmp_path / "cut")
    (cut / "model.safetensors").write_bytes((cut / "model.safetensors").read_bytes()[:5000])
    with pytest.raises(ModelError, match="damaged or cut short"):
        open_hf(cut)
    (cut / "model.safetensors").rename(cut / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no \.safetensors"):
        open_hf(cut)


def test_the_embedded_model_says_the_same_in_both_cores(tmp_path: Path) -> None:
    from yanray.cores.gguf import GgufCore
    from yanray.train.export import write_transformers
    from yanray.train.weights import read_gguf

    weights, shape, tokenizer = read_gguf(nano_model())
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    write_transformers(tmp_path / "nano", weights, shape, tmp_path / "tokenizer.json")
    ours = open_hf(tmp_path / "nano", context=1024)
    theirs = GgufCore(nano_model(), context=1024, threads=1)
    # Questions with one answer: of two greetings as likely, llama.cpp's rounding of activations picks either.
    for question in ("What time is it in Rome?", "What is 6.5*7.5?", "How tall is a giraffe?"):
        messages = [Message("system", "You are Yanray."), Message("user", question)]
        assert ours._encoder.encode(messages).ids == theirs._encoder.encode(messages).ids
        assert say(ours, messages, max_tokens=40) == say(theirs, messages, max_tokens=40)  # type: ignore[arg-type]


def test_the_largest_logits_are_found_by_blocks() -> None:
    logits = np.random.default_rng(1).integers(0, 900, 5000) / 7.0
    for most in (1, 40, 77, 78, 79, 5000):
        assert _largest(logits, most).tolist() == np.argsort(-logits, kind="stable")[:most].tolist()
