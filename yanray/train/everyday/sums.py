"""Requests for `calculate`: sums as such, told as a situation, and what is taught at school."""

from __future__ import annotations

import random

from yanray.train import arithmetic, repeats, school, situations
from yanray.train.document import Exchange, Language, called

_ASKS = (arithmetic.question, situations.question, school.question, repeats.question)
_WEIGHTS = (45, 38, 14, 3)


def exchange(rng: random.Random, language: Language) -> Exchange:
    """A sum."""
    (ask,) = rng.choices(_ASKS, _WEIGHTS)
    asked = ask(rng, language)
    return called(asked.text, "calculate", asked.expression, asked.answer, asked.say)
