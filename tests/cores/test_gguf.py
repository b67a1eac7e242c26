"""The GGUF core beyond the contract: commands held to grammar, drafts, stopping, sampling, broken files."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from tiny_models import OpenCore, write_tiny

from yanray.cores.base import CommandGrammar, Sampling
from yanray.cores.evaluator import Stopped
from yanray.cores.gguf import GgufCore
from yanray.cores.gguf_sampling import Chooser
from yanray.errors import ConfigError, ModelError
from yanray.events import Progress
from yanray.messages import Message

QUESTION = [Message("system", "You are a tool."), Message("user", "hello world, what is the weather?")]
GRAMMAR = CommandGrammar(
    {
        "calculate": r'" " [^ \n] [^\n]*',
        "calm": "",
        "clock": '( " " [A-Za-z]+ )?',
        "coin": '" side=" ( "heads" | "tails" )',
    }
)
COMMAND = re.compile(r"/(calculate [^ \n][^\n]*|calm|clock( [A-Za-z]+)?|coin side=(heads|tails))")


def say(
    core: GgufCore, messages: list[Message], sampling: Sampling, grammar: CommandGrammar | None = None
) -> str:
    """One whole round."""
    stream = core.stream(messages, sampling, grammar=grammar)
    return "".join(piece for piece in stream if isinstance(piece, str))


# Commands.


@pytest.mark.parametrize("flavour", ["nano", "llama2"])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_whatever_the_model_wants_a_line_with_a_slash_is_a_command(
    open_core: OpenCore, flavour: str, temperature: float
) -> None:
    core = open_core(flavour)
    vocabulary = core._vocabulary
    random = np.random.default_rng(5)
    pieces = [vocabulary.piece(token) for token in range(vocabulary.size)]
    slashes = [token for token, piece in enumerate(pieces) if b"/" in piece]
    newline = vocabulary.encode("\n", special=False, glued=True)[-1]
    lines = held = 0
    for _ in range(40):
        chooser = Chooser(vocabulary, Sampling(temperature=temperature, top_k=0, top_p=1, min_p=0), GRAMMAR)
        said = b""
        for _ in range(60):
            logits = random.standard_normal(vocabulary.size).astype(np.float32) * 3
            logits[slashes] += 6 if said[-1:] in (b"\n", b"") else 0
            logits[newline] += 5
            token = chooser.choose(logits)
            if vocabulary.ends(token):
                break
            said += pieces[token]
        chooser.close()
        *whole, _ = said.decode("utf-8", "replace").split("\n")
        for line in whole:
            lines += 1
            if re.match(" {0,3}/", line):
                held += 1
                assert COMMAND.fullmatch(line.strip()), line
    assert held > 20
    assert lines > held


def test_a_command_that_already_fits_is_what_would_have_been_said_anyway(open_core: OpenCore) -> None:
    core = open_core()
    free = CommandGrammar({"calculate": r"[^\n]*"})
    assert say(core, QUESTION, Sampling(max_tokens=60), free) == say(core, QUESTION, Sampling(max_tokens=60))


@pytest.mark.parametrize("fragment", ["(", "undefined-rule", '" " [', "\n", '")"\nroot ::= "x"'])
def test_a_grammar_that_does_not_parse_is_named_and_nothing_crashes(
    open_core: OpenCore, fragment: str
) -> None:
    core = open_core()
    if fragment == "\n":
        assert say(core, QUESTION, Sampling(max_tokens=3), CommandGrammar({"fine": fragment}))
        return
    with pytest.raises(ModelError, match="/broken"):
        say(core, QUESTION, Sampling(max_tokens=3), CommandGrammar({"fine": "", "broken": fragment}))
    assert say(core, QUESTION, Sampling(max_tokens=3), GRAMMAR)


# Drafts.


@pytest.mark.parametrize("looping", [True, False])
@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_drafts_change_no_token(open_core: OpenCore, looping: bool, temperature: float) -> None:
    plain, drafting = open_core(looping=looping, drafts=False), open_core(looping=looping)
    sampling = Sampling(temperature=temperature, seed=4, max_tokens=150)
    messages = list(QUESTION)
    assert drafting._drafter is not None
    drafting._drafter._extra = 0.05  # whatever this machine's times say: evaluate every draft
    for _turn in range(3):
        evaluated = _count_evaluations(drafting)
        text = say(plain, messages, sampling)
        assert say(drafting, messages, sampling) == text
        assert drafting.finish and plain.finish and drafting.finish.ids == plain.finish.ids
        if looping and temperature == 0 and len(plain.finish.ids) > 100:
            assert evaluated() < len(plain.finish.ids) / 2
        ids = plain.record(len(text))
        assert drafting.record(len(text)) == ids
        assert drafting._context.ledger.ids == plain._context.ledger.ids
        messages += [Message("assistant", text, ids=ids, core=plain.identity), Message("user", "go on")]


def _count_evaluations(core: GgufCore):  # type: ignore[no-untyped-def]
    """How many times llama.cpp is called from here on, read off the drafter's own book-keeping."""
    drafter = core._drafter
    assert drafter is not None
    count = 0
    took = type(drafter).took

    def counting(tokens: int, seconds: float) -> None:
        nonlocal count
        count += 1
        took(drafter, tokens, 0.01 * (1 + 0.05 * (tokens - 1)))

    drafter.took = counting  # type: ignore[method-assign]
    return lambda: count


# Stopping.


def test_a_request_stops_an_evaluation_from_inside_and_the_ledger_stays_right(open_core: OpenCore) -> None:
    core = open_core()
    stream = core.stream(QUESTION, Sampling())
    assert isinstance(next(stream), Progress)
    core.cancel()  # nothing looks at it but llama.cpp's callback, inside the next evaluation
    with pytest.raises(StopIteration) as over:
        next(stream)
    assert over.value.value.reason == "closed"
    assert core._context.ledger.ids == []
    text = say(core, QUESTION, Sampling(max_tokens=8))
    before = list(core._context.ledger.ids)
    core.cancel()
    with pytest.raises(Stopped):
        core._context.step(5)
    assert core._context.ledger.ids == before
    assert say(core, QUESTION, Sampling(max_tokens=8)) == text


def test_ctrl_c_while_a_prompt_is_read(models: Path) -> None:
    core = GgufCore(
        write_tiny(models / "ctrl-c.gguf"), context=2048, batch=2048, threads=1, flash=False, kv="f32"
    )
    long = [Message("user", "hello world " * 400)]
    going = threading.Event()
    main = threading.main_thread().ident
    assert main is not None

    def press() -> None:
        going.wait(10)
        signal.pthread_kill(main, signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    stream = core.stream(long, Sampling(max_tokens=200))
    next(stream)
    going.set()
    with pytest.raises(KeyboardInterrupt):
        for _ in stream:
            pass
    presser.join()
    assert core.finish is not None and core.finish.reason == "closed"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert core.record(0) == ()
    again = say(core, long, Sampling(max_tokens=8))
    core._context.trim(0)
    assert say(core, long, Sampling(max_tokens=8)) == again
    core.close()


# Sampling.


def test_a_seed_says_the_same_again_and_another_seed_something_else(open_core: OpenCore) -> None:
    core = open_core()
    warm = Sampling(temperature=1.5, top_k=0, top_p=1, min_p=0, max_tokens=30, seed=1)
    assert say(core, QUESTION, warm) == say(core, QUESTION, warm)
    assert say(core, QUESTION, warm) != say(core, QUESTION, Sampling(1.5, 1.0, 0, 0.0, 1.0, 2, 30))


@pytest.mark.parametrize("narrow", [Sampling(2, 1, 1, 0), Sampling(2, 1e-6, 0, 0), Sampling(2, 1, 0, 0.9999)])
def test_the_narrowest_top_k_top_p_and_min_p_are_greedy(open_core: OpenCore, narrow: Sampling) -> None:
    core = open_core()
    greedy = say(core, QUESTION, Sampling(max_tokens=20))
    assert say(core, QUESTION, narrow).startswith(greedy)


def test_a_repeat_penalty_breaks_a_loop(open_core: OpenCore) -> None:
    core = open_core(looping=True)

    def distinct(penalty: float) -> int:
        say(core, QUESTION, Sampling(temperature=1e-4, repeat_penalty=penalty, max_tokens=200))
        assert core.finish is not None
        return len(set(core.finish.ids)) * 1000 // max(1, len(core.finish.ids))

    assert distinct(3.0) > distinct(1.0)


# Files and options.


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("missing.gguf", None, "no such file"),
        ("empty.gguf", b"", "is empty"),
        ("text.gguf", b"hello, I am no model", "not a GGUF file"),
        ("header.gguf", b"GGUF\x03\0\0\0", "fetch it again"),
        ("folder", "folder", "a folder"),
    ],
)
def test_a_file_that_is_no_model_is_named_with_the_remedy(
    tmp_path: Path, name: str, content: bytes | str | None, why: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.mkdir()
    with pytest.raises(ModelError, match=why) as caught:
        GgufCore(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.99])
def test_a_model_cut_short_is_an_error_wherever_it_was_cut(tmp_path: Path, share: float) -> None:
    whole = write_tiny(tmp_path / "whole.gguf").read_bytes()
    path = tmp_path / "short.gguf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ModelError, match=re.escape(str(path))):
        GgufCore(path)


def test_llama_cpp_writes_nothing_to_the_terminal(tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "quiet.gguf")
    code = (
        "import sys; from pathlib import Path; from yanray.cores.gguf import GgufCore;"
        "from yanray.cores.base import *; from yanray.messages import Message\n"
        "core = GgufCore(Path(sys.argv[1]), threads=1)\n"
        "for _ in core.stream([Message('user', 'hi')], Sampling(max_tokens=5)): pass\n"
        "core.close()\n"
        "try: GgufCore(Path(sys.argv[0]))\n"
        "except Exception: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, timeout=120, check=True
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_importing_the_core_does_not_import_llama_cpp() -> None:
    code = (
        "import sys, yanray.cores.gguf, yanray.cores.scripted;"
        "print('llama_cpp' in sys.modules, 'jinja2' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("options", [{"kv": "q9"}, {"kv": "q8_0", "flash": False}])
def test_options_that_cannot_be_are_refused(models: Path, options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="kv type"):
        GgufCore(write_tiny(models / "options.gguf"), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kv", ["f16", "q8_0", "q4_0"])
def test_every_kv_type_answers(open_core: OpenCore, kv: str) -> None:
    core = open_core(kv=kv, flash=True)
    assert say(core, QUESTION, Sampling(max_tokens=5))


def test_loading_reports_its_progress(models: Path) -> None:
    seen: list[Progress] = []
    GgufCore(write_tiny(models / "progress.gguf"), threads=1, on_progress=seen.append).close()
    assert seen[-1] == Progress("load", 100, 100)


def test_a_base_model_stops_where_it_would_speak_for_the_user(open_core: OpenCore) -> None:
    core = open_core("plain")
    assert core.template.stops == ("System:", "User:", "Tools:")
    asked = core._encoder.encode(QUESTION).ids
    assert b"".join(map(core._vocabulary.piece, asked)).decode() == (
        "System: You are a tool.\nUser: hello world, what is the weather?\nAssistant:"
    )
