"""Sums as people type and say them, in English and Chinese, with the expression that answers each.

Word problems stand in `problems_en` and `problems_zh`.
"""

from __future__ import annotations

from random import Random

from yanray.train import arithmetic_en, arithmetic_zh
from yanray.train.question import Question


def question(rng: Random, lang: str) -> Question:
    """One request. lang: `en` or `zh`."""
    return arithmetic_en.question(rng) if lang == "en" else arithmetic_zh.question(rng)
