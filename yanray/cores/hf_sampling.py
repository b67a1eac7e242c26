"""Choosing the next token as llama.cpp's samplers do, in numpy; commands and answers held to a grammar.

As in the GGUF core the grammar starts when a chosen token begins a line with `/`, and while none does nothing
is looked at. A token that does not fit gives way to the likeliest ones that do.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from yanray.cores.base import CommandGrammar, Sampling
from yanray.cores.commands import LineWatch, gbnf
from yanray.cores.evaluator import Pieces
from yanray.cores.gbnf import Grammar, Hold
from yanray.errors import ModelError

REPEAT_WINDOW = 64  # tokens that the repeat penalty looks back on
BLOCK = 64  # logits of a block: see `_largest`


class HfChooser:
    """Chooses the tokens of one round, in order. Raises ModelError for a grammar that does not read."""

    def __init__(self, vocabulary: Pieces, sampling: Sampling, grammar: CommandGrammar | None) -> None:
        self._vocabulary = vocabulary
        self._sampling = sampling
        self._grammar = grammar if grammar and (grammar.commands or grammar.answer) else None
        self._watch = LineWatch()
        self._hold: Hold | None = None
        if self._grammar and self._grammar.answer:
            self._hold = Hold(_read(_answer(self._grammar.answer)).start)
        elif self._grammar:
            check_commands(self._grammar)
        self._random = np.random.default_rng(sampling.seed & 0xFFFFFFFF)
        self._recent: list[int] = []

    def choose(self, logits: Any) -> int:
        """The next token after LOGITS, float32 [vocabulary]."""
        token = self._pick(logits)
        if self._grammar is not None:
            token = self._held(token, logits, self._grammar)
        self._recent = [*self._recent, token][-REPEAT_WINDOW:]
        return token

    def close(self) -> None:
        """Nothing to free."""

    def _held(self, token: int, logits: Any, grammar: CommandGrammar) -> int:
        piece = self._vocabulary.piece(token)
        if self._hold is None and grammar.commands:
            before = self._watch.slash(piece)
            if before is not None:
                self._hold = _begin(grammar, before)
        if self._hold is not None:
            token = self._fitting(self._hold, token, logits)
            piece = self._vocabulary.piece(token)
            ended = self._vocabulary.ends(token) or piece.endswith(b"\n")
            self._hold = None if ended else self._hold.after(piece)
        self._watch.feed(piece)
        return token

    def _fitting(self, hold: Hold, token: int, logits: Any) -> int:
        """TOKEN when it fits or nothing does (better free than stuck), else a choice among what does."""
        if self._fits(hold, token):
            return token
        most = 1 if self._sampling.temperature <= 0 else self._sampling.top_k or len(logits)
        kept: list[int] = []
        for other in np.argsort(-np.asarray(logits), kind="stable"):
            if self._fits(hold, int(other)):
                kept.append(int(other))
                if len(kept) == most:
                    break
        if not kept:
            return token
        masked = np.full(len(logits), -np.inf, np.float32)
        masked[kept] = logits[kept]
        return self._pick(masked)

    def _fits(self, hold: Hold, token: int) -> bool:
        if self._vocabulary.ends(token):
            return hold.over
        piece = self._vocabulary.piece(token)
        return bool(piece) and hold.after(piece) is not None

    def _pick(self, logits: Any) -> int:
        """llama.cpp's chain: repeat penalty, top-k, top-p, min-p, temperature, draw."""
        sampling = self._sampling
        if sampling.temperature <= 0:
            return int(np.argmax(logits))
        logits = self._penalized(np.array(logits, np.float64))
        most = sampling.top_k if 0 < sampling.top_k < len(logits) else len(logits)
        order = _largest(logits, most)
        chances = _softmax(logits[order])
        if sampling.top_p < 1:
            order = order[: int(np.searchsorted(np.cumsum(chances), sampling.top_p)) + 1]
        chances = _softmax(logits[order])
        order = order[chances >= sampling.min_p * chances[0]]
        return int(self._random.choice(order, p=_softmax(logits[order] / sampling.temperature)))

    def _penalized(self, logits: Any) -> Any:
        """Keskar et al. 2019, arXiv:1909.05858, as llama.cpp applies it to negative logits."""
        penalty = self._sampling.repeat_penalty
        if penalty != 1.0 and self._recent:
            seen = np.unique(self._recent)
            logits[seen] = np.where(logits[seen] > 0, logits[seen] / penalty, logits[seen] * penalty)
        return logits


@lru_cache(maxsize=64)
def _read(text: str) -> Grammar:
    return Grammar(text)


def _begin(grammar: CommandGrammar, before: bytes) -> Hold | None:
    try:
        return Hold(_read(gbnf(grammar, before.decode())).start)
    except UnicodeDecodeError:  # the piece ends a character that began earlier: let this one line go
        return None


def _answer(schema: str) -> str:
    from yanray.cores.gguf_schema import answer_gbnf  # llama-cpp-python's converter

    return answer_gbnf(schema)


def check_commands(grammar: CommandGrammar) -> None:
    """Raise ModelError naming the command whose GBNF does not read."""
    try:
        _read(gbnf(grammar))
    except ModelError:
        for name, fragment in grammar.commands.items():
            try:
                Grammar(gbnf(CommandGrammar({name: fragment})))
            except ModelError as error:
                raise ModelError(
                    f"the grammar of /{name}: {error}: {fragment}; mend the tool's parameters"
                ) from None
        raise


def _largest(logits: Any, most: int) -> Any:
    """Where the MOST largest of LOGITS are, the largest first.

    Each of the MOST blocks with the largest maxima has a number as large as the last of those maxima: looking
    for that one costs a tenth of parting the whole vocabulary.
    """
    floor = -np.inf
    if len(logits) >= most * BLOCK:
        maxima = logits[: len(logits) // BLOCK * BLOCK].reshape(-1, BLOCK).max(1)
        floor = np.partition(maxima, len(maxima) - most)[len(maxima) - most]
    order = np.flatnonzero(logits >= floor)
    return order[np.argsort(-logits[order], kind="stable")][:most]


def _softmax(logits: Any) -> Any:
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()
