"""Choosing the next token as llama.cpp's samplers do, in numpy, and holding commands to known names.

Of a command line's grammar the name is held, and whether an argument may or must follow it; the argument
itself is free: a wrong one is mended or refused by the turn's guards.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from yanray.cores.base import CommandGrammar, Sampling
from yanray.cores.commands import LineWatch
from yanray.cores.evaluator import Pieces
from yanray.errors import ModelError

REPEAT_WINDOW = 64  # tokens that the repeat penalty looks back on


class HfChooser:
    """Chooses the tokens of one round, in order."""

    def __init__(self, vocabulary: Pieces, sampling: Sampling, grammar: CommandGrammar | None) -> None:
        self._vocabulary = vocabulary
        self._sampling = sampling
        if grammar and grammar.answer:
            raise ModelError(
                "a transformers model cannot be held to a schema here; use a GGUF or a server of models"
            )
        self._grammar = grammar if grammar and grammar.commands else None
        self._watch = LineWatch()
        self._name: NameHold | None = None
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
        if self._name is None:
            before = self._watch.slash(piece)
            if before is not None:
                self._name = NameHold(grammar, before + b"/")
        if self._name is not None:
            if not self._fits(token):
                token = self._pick(np.where(self._mask(len(logits)), logits, -np.inf))
                piece = self._vocabulary.piece(token)
            self._name = self._name.after(piece)
        self._watch.feed(piece)
        return token

    def _fits(self, token: int) -> bool:
        assert self._name is not None
        return self._name.fits(self._vocabulary.piece(token), ends=self._vocabulary.ends(token))

    def _mask(self, size: int) -> Any:
        """Which tokens may come next, bool [vocabulary]; all when none may: better free than stuck."""
        mask = np.fromiter((self._fits(token) for token in range(size)), bool, size)
        return mask if mask.any() else ~mask

    def _pick(self, logits: Any) -> int:
        """llama.cpp's chain: repeat penalty, top-k, top-p, min-p, temperature, draw."""
        sampling = self._sampling
        if sampling.temperature <= 0:
            return int(np.argmax(logits))
        logits = self._penalized(np.array(logits, np.float64))
        most = sampling.top_k if 0 < sampling.top_k < len(logits) else len(logits)
        order = np.argpartition(-logits, most - 1)[:most]
        order = order[np.argsort(-logits[order], kind="stable")]
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


class NameHold:
    """What may follow LEAD, text that ends with a line's slash, until the line ends or an argument begins."""

    def __init__(self, grammar: CommandGrammar, lead: bytes, typed: bytes = b"") -> None:
        self._grammar = grammar
        self._names = {name.encode(): fragment.strip() for name, fragment in grammar.commands.items()}
        self._lead = lead  # still to be written
        self._typed = typed

    def fits(self, piece: bytes, *, ends: bool) -> bool:
        """Whether PIECE, or the round's end, may come next."""
        if ends:
            return not self._lead and self._may_end(self._typed)
        if not piece or not (piece.startswith(self._lead) or self._lead.startswith(piece)):
            return False
        typed = self._typed + piece[len(self._lead) :]
        name, space, rest = _cut(typed)
        if not space:
            return any(known.startswith(name) for known in self._names)
        if space == b"\n":
            return not rest and self._may_end(name)
        takes = self._names.get(name, "") not in ("", '""')
        return takes and not rest.startswith((b" ", b"\n"))

    def after(self, piece: bytes) -> NameHold | None:
        """The hold once PIECE is written; None when it is over."""
        typed = self._typed + piece[len(self._lead) :]
        _, space, rest = _cut(typed)
        if space == b"\n" or rest or not piece:
            return None
        return NameHold(self._grammar, self._lead[len(piece) :], typed)

    def _may_end(self, name: bytes) -> bool:
        fragment = self._names.get(name)
        return fragment is not None and not fragment.startswith('" "')


def _cut(typed: bytes) -> tuple[bytes, bytes, bytes]:
    """TYPED as a name, the space or line end behind it, and the rest."""
    at = next((n for n, byte in enumerate(typed) if byte in b" \n"), len(typed))
    return typed[:at], typed[at : at + 1], typed[at + 1 :]


def _softmax(logits: Any) -> Any:
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()
