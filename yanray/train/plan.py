"""How far the training is, as a fraction from 0 to 1, in one attempt or in several, one after another.

By tokens: the fraction is the tokens seen over the tokens of the whole training. By minutes: an attempt
moves it evenly from where the last one stopped to `until`, in the time it is given.
"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass
class Plan:
    """The plan of one attempt.

    tokens:   of the whole training, all attempts and ranks; 0: the attempt's length is given by `deadline`.
    deadline: `time.monotonic()` at which the attempt must stop stepping.
    until:    the fraction at which this attempt stops; 1 ends the training.
    first:    the fraction with which it begins.
    """

    until: float = 1.0
    tokens: int = 0
    deadline: float = 0.0
    first: float = 0.0
    began: float = 0.0

    def begin(self) -> None:
        """The clock starts, once everything is compiled."""
        self.began = time.monotonic()

    def fraction(self, seen: int) -> float:
        """How far the training is after SEEN tokens, or by the clock."""
        if self.tokens:
            return seen / self.tokens
        if not self.began:
            return self.first
        gone = (time.monotonic() - self.began) / max(self.deadline - self.began, 1e-9)
        return self.first + (self.until - self.first) * min(gone, 1.0)

    def over(self, fraction: float) -> bool:
        """Whether the attempt ends at FRACTION."""
        return fraction >= self.until - 1e-9
