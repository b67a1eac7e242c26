"""Guessing the next tokens from the conversation itself: answers quote tool results, numbers, names and
questions.

When the last tokens stood before in the conversation, what followed them then is proposed. The core evaluates
a proposal in one batch and keeps what it would have chosen anyway, so the text is the same; only the time
differs. Whether a batch pays is worked out from this machine's own times and from how often proposals came
true; proposals that are not evaluated are compared with what was chosen all the same, so looking costs
nothing. (Prompt lookup decoding: Saxena 2023, github.com/apoorvumang/prompt-lookup-decoding.)
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

MATCH = 3  # tokens that must have stood before
LONG, LONGER = 5, 9  # matches from these lengths on are judged on their own
RATE = 0.1  # weight of a new observation in the averages
EXTRA = 0.5  # cost of each further token in a batch, in units of a single step, until it is known
FORGET = 0.002  # how fast it is thought to be unknown again: the machine may have been busy with other things
GAIN = 1.1  # a batch must promise this many times the plain speed
WIDTH = array("i").itemsize


class Drafter:
    """Follows one conversation. What it learned of the machine and of the model outlives the round.

    most: tokens that may be proposed at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._text = bytearray()
        self._source = -1  # index in the conversation of the next proposed token, -1: no match
        self._match = 0  # how many tokens before it agree
        self._hits = [0.3, 0.6, 0.85]  # probability that a proposed token is right, for each length of match
        self._step = 0.0  # seconds of a single token
        self._extra = EXTRA

    def begin(self, ids: Sequence[int]) -> None:
        """A round starts behind IDS."""
        self._text = bytearray(array("i", ids).tobytes())
        self._source = -1
        self._seek()

    def took(self, tokens: int, seconds: float) -> None:
        """An evaluation of TOKENS at once lasted SECONDS."""
        if tokens == 1:
            self._step += (seconds - self._step) * (RATE if self._step else 1)
            self._extra += (EXTRA - self._extra) * FORGET
        elif self._step:
            extra = (seconds / self._step - 1) / (tokens - 1)
            self._extra += (min(1.0, max(0.0, extra)) - self._extra) * RATE

    def chose(self, token: int) -> None:
        """TOKEN came next."""
        if self._source >= 0:
            right = self._at(self._source) == token
            grade = self._grade()
            self._hits[grade] += (right - self._hits[grade]) * RATE
            self._source, self._match = (self._source + 1, self._match + 1) if right else (-1, 0)
        self._text += array("i", (token,)).tobytes()
        if self._source < 0:
            self._seek()

    def propose(self, room: int) -> list[int]:
        """The tokens worth evaluating along with the last chosen one; at most ROOM."""
        if self._source < 0 or not self._step:
            return []
        draft: list[int] = []
        end = len(self._text) // WIDTH
        for index in range(self._source, self._source + self._best(min(self._most, room))):
            draft.append(
                self._at(index) if index < end else draft[index - end]
            )  # what repeats itself goes on so
        return draft

    def _best(self, most: int) -> int:
        """How many tokens promise most per second; 0 when plain steps do."""
        right = self._hits[self._grade()]
        best, chosen, expected, alive = GAIN, 0, 1.0, 1.0
        for count in range(1, most + 1):
            alive *= right
            expected += alive
            speed = expected / (1 + self._extra * count)
            if speed > best:
                best, chosen = speed, count
        return chosen

    def _grade(self) -> int:
        return (self._match >= LONG) + (self._match >= LONGER)

    def _at(self, index: int) -> int:
        return int.from_bytes(self._text[index * WIDTH : (index + 1) * WIDTH], "little", signed=True)

    def _seek(self) -> None:
        """Find where the last MATCH tokens stood before, latest first."""
        pattern = bytes(self._text[-MATCH * WIDTH :])
        end = len(self._text) - 1  # an earlier place may overlap the end, but not be it
        while len(pattern) == MATCH * WIDTH:
            at = self._text.rfind(pattern, 0, end)
            if at < 0:
                return
            if at % WIDTH == 0:
                self._source, self._match = at // WIDTH + MATCH, MATCH
                return
            end = at + len(pattern) - 1
