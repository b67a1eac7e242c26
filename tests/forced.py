"""Cores of this machine whose sampler follows a script: all is evaluated, and the logits decide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Follower:
    """Chooses IDS in order, then END."""

    def __init__(self, ids: Sequence[int], end: int) -> None:
        self._left = [*ids, end]

    def choose(self, logits: Any) -> int:
        """The next id of the script."""
        return self._left.pop(0)

    def close(self) -> None:
        """Nothing to free."""


def forced(kind: type, path: Path, rounds: Sequence[str], end: str, **options: Any) -> Any:
    """A core of class KIND that says ROUNDS in order; the token END ends each."""

    class Forced(kind):  # type: ignore[misc]
        def _chooser(self, sampling: object, grammar: object) -> Follower:
            ids = self._words.encode(next(script), special=False, glued=True)
            ends = [token for token in range(self._words.size) if self._words.text(token) == end]
            return Follower(ids, ends[0])

    script = iter(rounds)
    return Forced(path, **options)
