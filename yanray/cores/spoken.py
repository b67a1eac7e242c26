"""What was generated in one round: its ids, the text they make, and where in the text each id ends."""

from __future__ import annotations

import codecs
from bisect import bisect_left


class Spoken:
    """Grows by tokens. UTF-8 sequences that span tokens are held back until they are whole.

    drops: what the round may begin with that belongs to the template and not to the text, such as the first
    word's own space; the longest of them is left out. What one of them may grow from must be one, too.
    """

    def __init__(self, *, drops: tuple[str, ...] = ()) -> None:
        self.ids: list[int] = []
        self.length = 0  # characters given out
        self._ends: list[int] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._drops = drops
        self._head = ""

    def add(self, token: int, piece: bytes) -> str:
        """Take TOKEN, which adds PIECE; return the whole characters that it completes."""
        text = self._decoder.decode(piece)
        if self._drops and text:
            text = self._without_head(text)
        self.ids.append(token)
        self.length += len(text)
        self._ends.append(self.length)
        return text

    def flush(self) -> str:
        """The round is over: a replacement character when it broke off inside a UTF-8 sequence."""
        text = self._decoder.decode(b"", final=True)
        if text and self.ids:
            self.length += len(text)
            self._ends[-1] = self.length
        return text

    def _without_head(self, text: str) -> str:
        head = self._head = self._head + text
        if any(drop.startswith(head) and drop != head for drop in self._drops):
            return ""
        longest = max((len(drop) for drop in self._drops if head.startswith(drop)), default=0)
        self._drops = ()
        return head[longest:]

    def tokens(self, length: int) -> int:
        """How many ids make the first LENGTH characters; a token that holds the border counts whole."""
        if length <= 0:
            return 0
        return min(bisect_left(self._ends, length) + 1, len(self.ids))


class StopText:
    """Ends a round at one of STOPS, for models that know no token for it. Holds back what may become one."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = tuple("\n" + stop for stop in stops)
        self._held = ""
        self.reached = False

    def feed(self, text: str) -> str:
        """What of the text so far may be shown."""
        if not self._stops:
            return text
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.reached = True
            return self._held[: min(found)]
        keep = next((n for n in range(self._longest, 0, -1) if self._may_grow(self._held[-n:])), 0)
        shown = self._held[: len(self._held) - keep]
        self._held = self._held[len(shown) :]
        return shown

    def flush(self) -> str:
        """What was held back, now that nothing follows."""
        held, self._held = self._held, ""
        return "" if self.reached else held

    @property
    def _longest(self) -> int:
        return min(len(self._held), max(map(len, self._stops)))

    def _may_grow(self, end: str) -> bool:
        return any(stop.startswith(end) for stop in self._stops)
