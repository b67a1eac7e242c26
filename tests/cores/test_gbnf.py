"""GBNF read and followed without llama.cpp, held against llama.cpp's own reading of it."""

from __future__ import annotations

import ctypes
import random
import string
from pathlib import Path

import numpy as np
import pytest
from tiny_models import EXACT, write_tiny

from yanray.cores.base import CommandGrammar
from yanray.cores.commands import gbnf
from yanray.cores.gbnf import Grammar, Hold
from yanray.cores.gguf import GgufCore
from yanray.cores.gguf_sampling import Candidates
from yanray.cores.gguf_schema import answer_gbnf
from yanray.cores.llama import library
from yanray.errors import ModelError

TOOL = r'" " ( "city=" )? ( "\"" ( [^"\\\n] | "\\" [^\n] )* "\"" | [^ "\n] [^ \n]* ) ( " " "-"? [0-9]+ )?'
SCHEMA = '{"type":"object","properties":{"a":{"type":"integer"},"b":{"enum":["x","yy"]}},"required":["a"]}'
GRAMMARS = {
    "commands": gbnf(CommandGrammar({"weather": TOOL, "coin": '""', "clock": '( " " [^ \\n] [^\\n]* )?'})),
    "schema": answer_gbnf(SCHEMA),
    "counts": 'root ::= "a"{2,3} [b-d]{2} ("é" | x)+ # so\nx ::= [^\\x00-\\x7F] "." | . "!"',
    "nested": 'root ::= "(" root* ")" | [0-9]',
}
LETTERS = 'ab(){}0129"\\ \n/city=weather:,.!é天x-y'


def follows(text: str, said: bytes) -> bool:
    """Whether SAID is how a text of the grammar TEXT may begin."""
    hold: Hold | None = Hold(Grammar(text).start)
    for at in range(len(said)):
        hold = hold and hold.after(said[at : at + 1])
    return hold is not None


@pytest.mark.parametrize(
    "said, whole",
    [
        ("aabbé", True),
        ("aaabdéé", True),
        ("aabd天.", True),
        ("aabdz!é", True),
        ("aabd", False),
        ("aab", False),
    ],
)
def test_what_a_text_may_be(said: str, whole: bool) -> None:
    hold = Hold(Grammar(GRAMMARS["counts"]).start).after(said.encode())
    assert hold is not None and hold.over is whole


@pytest.mark.parametrize("said", ["ab", "aaaa", "aabe", "aabd天天"])
def test_what_it_may_not(said: str) -> None:
    assert not follows(GRAMMARS["counts"], said.encode())


def test_a_character_comes_in_pieces() -> None:
    start = Hold(Grammar('root ::= [天-头] "a"').start)
    first, *rest = (bytes([byte]) for byte in "天".encode())
    assert start.after(b"\xe7") is None and start.after(b"\xff") is None
    hold = start.after(first)
    for byte in rest:
        assert hold is not None and not hold.over and hold.after(b"a") is None
        hold = hold.after(byte)
    assert hold is not None and hold.after(b"a").over  # type: ignore[union-attr]
    assert start.after(first + rest[0]) == start.after(first).after(rest[0])  # type: ignore[union-attr]


@pytest.mark.parametrize("name", GRAMMARS)
def test_llama_cpp_reads_it_alike(name: str, tmp_path: Path) -> None:
    """Random texts that keep to the grammar, and each token of the vocabulary that may follow them.

    Left out: control tokens, which llama.cpp takes for their labels, and bytes that begin no character ...
    """
    core = GgufCore(write_tiny(tmp_path / "tiny.gguf"), **EXACT)
    words, lib = core._words, library()
    pieces = [words.piece(token) for token in range(words.size)]
    tokens = [t for t in range(words.size) if words.ends(t) or b"" < pieces[t] < b"\xf5"]
    candidates = Candidates(words.size)
    rng = random.Random(1)
    met = 0
    for _ in range(30):
        sampler = lib.llama_sampler_init_grammar(words.pointer, GRAMMARS[name].encode(), b"root")
        hold: Hold | None = Hold(Grammar(GRAMMARS[name]).start)
        for _ in range(12):
            assert hold is not None
            allowed = [token for token in tokens if single(candidates, sampler, token)]
            ours = [token for token in tokens if fits(hold, pieces[token], words.ends(token))]
            assert set(ours) <= set(allowed)
            assert ours == allowed or hold.begun  # ... and surrogates, and what is beyond U+10FFFF
            going = [token for token in ours if not words.ends(token)]
            if not going:
                break
            token = rng.choice(going)
            lib.llama_sampler_accept(sampler, token)
            hold = hold.after(pieces[token])
            met += 1
        lib.llama_sampler_free(sampler)
    assert met > 20
    core.close()


def fits(hold: Hold, piece: bytes, ends: bool) -> bool:
    return hold.over if ends else bool(piece) and hold.after(piece) is not None


def single(candidates: Candidates, sampler: object, token: int) -> bool:
    array = candidates.single(token)
    library().llama_sampler_apply(sampler, ctypes.byref(array))
    return bool(np.isfinite(array.data[0].logit))


@pytest.mark.parametrize(
    "text", ['root ::= "a', "root ::= (a", "b ::= [0-9]", "root ::= x", "root ::= ~", 'root ::= "a"{5000}']
)
def test_a_wrong_grammar_is_an_error(text: str) -> None:
    with pytest.raises(ModelError, match=r"GBNF|more than"):
        Grammar(text)


def test_a_rule_that_begins_with_itself_is_an_error() -> None:
    with pytest.raises(ModelError, match="begins with itself"):
        Grammar('root ::= root "a" | "b"')


def test_random_text_is_judged_without_a_crash() -> None:
    rng = random.Random(2)
    for name, text in GRAMMARS.items():
        for _ in range(300):
            said = "".join(rng.choice(LETTERS + string.ascii_letters) for _ in range(rng.randrange(1, 12)))
            follows(text, said.encode())
        assert not follows(text, b"\xff"), name
