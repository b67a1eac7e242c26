"""Choosing the next token with llama.cpp's samplers, and holding command lines to their grammar.

llama.cpp's own lazy grammar is not used: a token that triggers it without fitting it ends the process. Here
the grammar starts when a chosen token begins a line with `/`; a token is only ever given to it after it was
found to fit. While no line begins with `/` nothing is masked, so prose costs nothing.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from yanray.cores.base import CommandGrammar, Sampling
from yanray.cores.commands import LineWatch, gbnf
from yanray.cores.gguf_schema import answer_gbnf
from yanray.cores.llama import library
from yanray.cores.vocabulary import Vocabulary
from yanray.errors import ModelError

CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data
REPEAT_WINDOW = 64  # tokens that the repeat penalty looks back on


class Candidates:
    """Tokens with their logits, as llama.cpp's samplers take them."""

    def __init__(self, size: int) -> None:
        self._lib = library()
        self._every = np.arange(size, dtype=np.int32)
        self._data = np.zeros(size, CANDIDATE)

    def fill(self, logits: Any) -> Any:
        """All tokens with LOGITS, float32 [vocabulary]."""
        self._data["id"] = self._every
        self._data["logit"] = logits
        return self._array(len(self._data))

    def single(self, token: int) -> Any:
        """TOKEN alone."""
        self._data[0] = (token, 0.0, 0.0)
        return self._array(1)

    def _array(self, size: int) -> Any:
        kind = ctypes.POINTER(self._lib.llama_token_data)
        return self._lib.llama_token_data_array(
            data=self._data.ctypes.data_as(kind), size=size, selected=-1, sorted=False
        )

    def best(self) -> tuple[int, float]:
        """The likeliest token of the last `fill`, and its logit."""
        index = int(np.argmax(self._data["logit"]))
        return int(self._data["id"][index]), float(self._data["logit"][index])


class Chooser:
    """Chooses the tokens of one round, in order. `close` frees what C holds."""

    def __init__(self, vocabulary: Vocabulary, sampling: Sampling, grammar: CommandGrammar | None) -> None:
        self._lib = library()
        self._vocabulary = vocabulary
        self._candidates = Candidates(vocabulary.size)
        self._grammar = grammar if grammar and (grammar.commands or grammar.answer) else None
        if self._grammar and self._grammar.commands:
            check_grammar(vocabulary, self._grammar)
        self._watch = LineWatch()
        self._hold = self._whole(self._grammar.answer) if self._grammar and self._grammar.answer else None
        self._chain = None if sampling.temperature <= 0 else self._build(sampling)

    def choose(self, logits: Any) -> int:
        """The next token after LOGITS, float32 [vocabulary]."""
        token = self._pick(logits)
        if self._grammar is not None:
            token = self._held(token, logits)
        if self._chain is not None:
            self._lib.llama_sampler_accept(self._chain, token)
        return token

    def close(self) -> None:
        """Free the samplers."""
        self._release()
        if self._chain is not None:
            self._lib.llama_sampler_free(self._chain)
            self._chain = None

    def _held(self, token: int, logits: Any) -> int:
        if self._hold is None:
            before = self._watch.slash(self._vocabulary.piece(token))
            if before is not None:
                self._hold = self._start(before)
        if self._hold is not None and not self._fits(token):
            token = self._pick(logits, self._hold)
            if not self._fits(token):  # no token at all fits: better free than a crash
                self._release()
        piece = self._vocabulary.piece(token)
        if self._hold is not None:
            if piece.endswith(b"\n") or self._vocabulary.ends(token):
                self._release()
            else:
                self._lib.llama_sampler_accept(self._hold, token)
        self._watch.feed(piece)
        return token

    def _pick(self, logits: Any, hold: Any = None) -> int:
        if self._chain is None and hold is None:
            return int(logits.argmax())  # half the time of np.argmax
        array = self._candidates.fill(logits)
        if hold is not None:
            self._lib.llama_sampler_apply(hold, ctypes.byref(array))
            best, logit = self._candidates.best()
            if self._chain is None or not np.isfinite(logit):
                return best
        self._lib.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def _fits(self, token: int) -> bool:
        array = self._candidates.single(token)
        self._lib.llama_sampler_apply(self._hold, ctypes.byref(array))
        return bool(np.isfinite(array.data[0].logit))

    def _start(self, before: bytes) -> Any:
        assert self._grammar is not None
        try:
            text = gbnf(self._grammar, before.decode())
        except UnicodeDecodeError:  # the piece ends a character that began earlier: let this one line go
            return None
        return self._lib.llama_sampler_init_grammar(self._vocabulary.pointer, text.encode(), b"root")

    def _whole(self, schema: str) -> Any:
        """A hold on all that is generated, from the first token on."""
        hold = self._lib.llama_sampler_init_grammar(
            self._vocabulary.pointer, answer_gbnf(schema).encode(), b"root"
        )
        if not hold:
            raise ModelError("llama.cpp does not take this schema's grammar; make the schema simpler")
        return hold

    def _release(self) -> None:
        if self._hold is not None:
            self._lib.llama_sampler_free(self._hold)
            self._hold = None

    def _build(self, sampling: Sampling) -> Any:
        lib = self._lib
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        add: Callable[[Any], None] = lambda sampler: lib.llama_sampler_chain_add(chain, sampler)  # noqa: E731
        if sampling.repeat_penalty != 1.0:
            size = self._vocabulary.size
            add(lib.llama_sampler_init_penalties(size, REPEAT_WINDOW, sampling.repeat_penalty, 0.0, 0.0))
        if sampling.top_k > 0:
            add(lib.llama_sampler_init_top_k(sampling.top_k))
        if sampling.top_p < 1:
            add(lib.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0:
            add(lib.llama_sampler_init_min_p(sampling.min_p, 1))
        add(lib.llama_sampler_init_temp(sampling.temperature))
        add(lib.llama_sampler_init_dist(sampling.seed & 0xFFFFFFFF))
        return chain


_checked: set[tuple[int, str]] = set()


def check_grammar(vocabulary: Vocabulary, grammar: CommandGrammar) -> None:
    """Raise ModelError naming the command whose GBNF does not parse; llama.cpp would crash on it."""
    whole = gbnf(grammar)
    key = (id(vocabulary), whole)
    if key in _checked:
        return
    if not _parses(vocabulary, whole):
        for name, fragment in grammar.commands.items():
            if not _parses(vocabulary, gbnf(CommandGrammar({name: fragment}))):
                raise ModelError(
                    f"the grammar of /{name} is not valid GBNF: {fragment}; mend the tool's parameters"
                )
        raise ModelError(
            "the commands' grammars are valid alone but not together; switch tools off one by one"
        )
    _checked.add(key)


def _parses(vocabulary: Vocabulary, text: str) -> bool:
    lib = library()
    sampler = lib.llama_sampler_init_grammar(vocabulary.pointer, text.encode(), b"root")
    if sampler:
        lib.llama_sampler_free(sampler)
    return bool(sampler)
