"""Quantizing: a model that was trained, in safetensors, converted and quantized, against transformers
itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_models import write_tiny

from yanray.cli import main
from yanray.errors import DataError, ModelError
from yanray.models.convert import convert
from yanray.models.headers import read_header
from yanray.models.quantize import agreement, as_gguf, measure, quantize

PIECES = [
    "The quick brown fox jumps over the lazy dog, and the dog sleeps on. ",
    "Six times seven is forty-two; nine times nine is eighty-one. ",
    "A kettle, a cup, a spoon of tea: wait four minutes, then drink it slowly. ",
    "Rain fell on the harbour all night, and in the morning the boats were gone. ",
    "She counted 12 eggs, 3 apples and 45 walnuts before breakfast. ",
]
TEXT = "".join(PIECES[(n * n + n // 3) % 5] for n in range(60))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of two layers that has learned TEXT, with grouped heads, Llama 3's rope and a byte-level
    tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("trained")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<|end|>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator([TEXT], trainer)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>").save_pretrained(folder)
    rope = {
        "rope_type": "llama3",
        "rope_theta": 10000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    }
    config = LlamaConfig(
        vocab_size=408,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        rope_parameters=rope,
        eos_token_id=tokenizer.token_to_id("<|end|>"),
        bos_token_id=None,
        tie_word_embeddings=False,
    )
    torch.manual_seed(1)
    model = LlamaForCausalLM(config)
    ids = torch.tensor(tokenizer.encode(TEXT).ids)
    learn = torch.optim.AdamW(model.parameters(), 2e-3)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two that wait for each other are slower where other programs work too
    for step in range(40):
        starts = [(step * 97 + n * 131) % (len(ids) - 97) for n in range(4)]
        batch = torch.stack([ids[start : start + 96] for start in starts])
        learn.zero_grad()
        model(batch, labels=batch).loss.backward()
        learn.step()
    torch.set_num_threads(threads)
    model.half().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def f16(folder: Path) -> Path:
    target = folder.parent / "f16.gguf"
    with as_gguf(folder) as source:
        quantize(source, target, "f16")
    return target


def greedy(path: Path, ids: list[int], count: int = 64) -> list[int]:
    """COUNT tokens by llama.cpp."""
    import llama_cpp

    model = llama_cpp.Llama(str(path), n_ctx=256, verbose=False)
    found = []
    for token in model.generate(ids, temp=0.0):
        found.append(token)
        if len(found) == count:
            break
    model.close()
    return found


@pytest.fixture(scope="module")
def reference(folder: Path) -> tuple[list[int], list[int]]:
    """(prompt, 64 greedy tokens) by transformers in float32."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    ids = AutoTokenizer.from_pretrained(folder)(PIECES[0] + PIECES[3][:20])["input_ids"]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokens = list(ids)
    with torch.no_grad():
        for _ in range(64):
            tokens.append(int(model(torch.tensor([tokens])).logits[0, -1].argmax()))
    return list(ids), tokens[len(ids) :]


def test_f16_gives_all_of_the_reference_s_tokens(f16, reference):
    prompt, expected = reference
    assert greedy(f16, prompt) == expected
    assert len(set(expected)) > 10


def test_q8_0_gives_nearly_all_of_them(f16, reference, tmp_path):
    quantize(f16, tmp_path / "q8.gguf", "q8_0")
    found = greedy(tmp_path / "q8.gguf", reference[0])
    assert sum(a == b for a, b in zip(found, reference[1], strict=True)) >= 60


def test_the_converted_tokenizer_cuts_text_the_same_way(f16, folder):
    import llama_cpp
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(folder)
    ours = llama_cpp.Llama(str(f16), vocab_only=True, verbose=False)
    for text in [
        *PIECES,
        "new words, 1234567 and äöü 你好 🙂",
        "  two  spaces\n\nand lines\t",
        "it's <|end|> here",
    ]:
        plain = theirs(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        assert ours.tokenize(text.encode(), add_bos=False, special=False) == plain, text


@pytest.mark.parametrize("to, least", [("q8_0", 0.97), ("q5_k_m", 0.9), ("q4_k_m", 0.8)])
def test_what_quantizing_costs_is_measured(f16, tmp_path, to, least):
    target = tmp_path / "made.gguf"
    quantize(f16, target, to)
    before, after = measure(f16, TEXT), measure(target, TEXT)
    assert read_header(target).quantization == to
    assert after.bytes < before.bytes
    assert least <= agreement(before, after) <= 1
    assert before.perplexity < 100
    assert after.perplexity == pytest.approx(before.perplexity, rel=0.25)
    assert agreement(before, before) == 1


def test_the_command_prints_the_table(folder, tmp_path, capsys):
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    target = tmp_path / "made.gguf"
    assert (
        main(["quantize", str(folder), str(target), "--to", "q8_0", "--text", str(tmp_path / "text.txt")])
        == 0
    )
    shown = capsys.readouterr().out
    assert "perplexity" in shown and "q8_0" in shown and "100.0%" in shown
    assert not list(folder.parent.glob("*.converted.gguf"))


def test_quantizing_twice_is_refused(f16, tmp_path):
    quantize(f16, tmp_path / "q8.gguf", "q8_0")
    with pytest.raises(DataError, match="is q8_0 already"):
        quantize(tmp_path / "q8.gguf", tmp_path / "q4.gguf", "q4_k_m")
    assert not list(tmp_path.glob("q4*"))


def test_nothing_is_overwritten_and_no_half_file_stays(f16, tmp_path):
    target = tmp_path / "made.gguf"
    target.write_bytes(b"the owner's")
    with pytest.raises(DataError, match="exists already"):
        quantize(f16, target, "q8_0")
    assert target.read_bytes() == b"the owner's"
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(f16.read_bytes()[:-100])
    with pytest.raises(DataError, match="cut short"):
        quantize(cut, tmp_path / "other.gguf", "q8_0")
    assert {path.name for path in tmp_path.iterdir()} == {"made.gguf", "cut.gguf"}


def test_a_text_that_is_too_short_says_so(f16):
    with pytest.raises(DataError, match="are the least"):
        measure(f16, "short")


def test_other_families_and_foreign_splitting_rules_are_refused(folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["pre_tokenizer"] = {"type": "Whitespace"}
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    with pytest.raises(DataError, match="rules that llama"):
        convert(tmp_path, tmp_path / "out.gguf")
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**config, "model_type": "gpt2"}), encoding="utf-8")
    with pytest.raises(ModelError, match="a gpt2 model"):
        convert(tmp_path, tmp_path / "out.gguf")


def test_a_tiny_gguf_of_another_making_quantizes_too(tmp_path):
    quantize(write_tiny(tmp_path / "tiny.gguf"), tmp_path / "q8.gguf", "q8_0")
    assert read_header(tmp_path / "q8.gguf").quantization == "q8_0"


@pytest.mark.parametrize("behaviour, known", [("Isolated", True), ("Removed", False)])
def test_the_embedded_model_s_folder_splits_as_smollm(tmp_path, behaviour, known):
    from yanray.models.tokenizers import _split_name

    digits = {"type": "Split", "pattern": {"Regex": r"\p{N}"}, "behavior": behaviour, "invert": False}
    rules = {"type": "Sequence", "pretokenizers": [digits, {"type": "ByteLevel", "use_regex": True}]}
    if known:
        assert _split_name(rules, tmp_path) == "smollm"
    else:
        with pytest.raises(DataError, match="splits text by rules"):
            _split_name(rules, tmp_path)
