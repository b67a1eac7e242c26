"""The schedule: what is shown when, and how fast the weights move. Everything follows from one fraction, 0
to 1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """Until the fraction `until`, this share of the tokens is conversations; the rest is plain text."""

    until: float
    conversations: float


STAGES = (Stage(0.20, 0.45), Stage(0.50, 0.65), Stage(0.80, 0.85), Stage(1.00, 0.94))

WARM_UP = 0.005
FLAT_UNTIL = 0.55


def stage_index(fraction: float) -> int:
    """Which of `STAGES` holds at FRACTION."""
    return next((i for i, stage in enumerate(STAGES) if fraction < stage.until), len(STAGES) - 1)


def rate(fraction: float) -> float:
    """The learning rate at FRACTION as a share of its peak: a short rise, flat, then linear to zero."""
    if fraction < WARM_UP:
        return max(fraction, WARM_UP / 50) / WARM_UP
    return min(1.0, max(0.0, (1.0 - fraction) / (1.0 - FLAT_UNTIL)))
