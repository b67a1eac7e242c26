"""Requests for `calculate`: sums and word problems."""

from __future__ import annotations

import random

from yanray.train import arithmetic
from yanray.train.document import Exchange, Language, called


def exchange(rng: random.Random, language: Language) -> Exchange:
    """A sum."""
    asked = arithmetic.question(rng, language)
    return called(asked.text, "calculate", asked.expression, asked.answer, asked.say)
