"""What the generators for the shipped tools share: shapes of requests, and filling them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from yanray.train import manner
from yanray.train.concepts import fill
from yanray.train.document import Exchange, Language, called

Maker: TypeAlias = Callable[[random.Random, Language], Exchange]


@dataclass(frozen=True, slots=True)
class Shape:
    """Requests that lead to one form of argument, with what the tool then prints and what is said of it."""

    asks: Sequence[str]
    argument: str
    outcomes: Sequence[tuple[str, str]]


def shaped(
    rng: random.Random, name: str, language: Language, shape: Shape, values: Mapping[str, str]
) -> Exchange:
    """An exchange with the tool NAME: SHAPE filled with VALUES, written in somebody's manner."""
    ask = fill(rng.choice(shape.asks), dict(values))
    text, change = manner.loosen(rng, ask, language)
    written = {key: change(value) if value in ask else value for key, value in values.items()}
    output, answer = rng.choice(shape.outcomes)
    said = manner.sentence(answer, written)
    return called(text, name, fill(shape.argument, written), fill(output, written), said)
