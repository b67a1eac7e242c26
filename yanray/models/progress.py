"""How patient a download is, and what it tells of itself while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Patience:
    """attempts: in a row that may bring not a single byte. pause: seconds before the second of them,
    doubled each time. stall: seconds without a byte after which a connection is given up."""

    attempts: int = 6
    pause: float = 0.5
    stall: float = 30.0


PATIENT = Patience()


@dataclass(frozen=True, slots=True)
class Step:
    """How far a pull is, in bytes; total 0: not known. rate: bytes/s."""

    phase: Literal["fetch", "check"]
    name: str
    done: int
    total: int
    rate: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end at this rate."""
        return (self.total - self.done) / self.rate if self.rate and self.total else None


Tell = Callable[[Step | str], None]  # a str is a sentence for the user
