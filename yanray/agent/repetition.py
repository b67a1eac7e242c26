"""Noticing that a model says the same over and over, as small ones do when they have lost the thread."""

from __future__ import annotations

SPAN = 600  # characters at the text's end that are looked at
UNIT = 50  # characters of what is repeated, at most: so it stands there twelve times or more
EVERY = 20  # characters between two looks


class Repetition:
    """Follows a text as it grows."""

    def __init__(self) -> None:
        self._tail = ""
        self._new = 0

    def feed(self, text: str) -> bool:
        """Take TEXT, coming next; whether the whole of the last SPAN characters is one piece repeated."""
        self._tail = (self._tail + text)[-SPAN:]
        self._new += len(text)
        if self._new < EVERY or len(self._tail) < SPAN:
            return False
        self._new = 0
        return any(self._tail[size:] == self._tail[:-size] for size in range(1, UNIT + 1))
