"""Flip coins, roll dice, pick at random."""

from __future__ import annotations

EXAMPLES = {
    "2d6": "2 + 4 = 6",
}


def run(what: str = "") -> str:
    """Flip coins, roll dice, pick at random.

    what: coin, 2d6, 1-100, or one of tea, coffee
    """
    raise ValueError("this tool is not written yet")
