"""Lists whose tools want one bare value: `when does the tram leave from Brelund?` is `/departures Brelund`.

The tools of `tables/values.txt` are about any noun, their values are drawn by `bare`: the preposition, the
article, the tool's own noun and the unit of a number stay in the sentence.
"""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

from yanray.train import bare, names
from yanray.train.attributes import Attribute, read
from yanray.train.concepts import Concept, Slot
from yanray.train.conversations import Shelf
from yanray.train.document import Language
from yanray.train.nouns import nouns
from yanray.train.toollists import dress, name_style, size

_TABLE = Path(__file__).parent / "tables" / "values.txt"
_VALUES = 5  # drawn for each parameter of one tool


@lru_cache(maxsize=1)
def _frames() -> tuple[Attribute, ...]:
    return read(_TABLE)


def _tool(rng: random.Random, frame: Attribute, noun: str, language: Language, shown: Language) -> Concept:
    """FRAME about NOUN, with values of its own."""
    key, *parameters = frame.key.split()
    made = Concept(f"{key}_x", 0)
    named = names.cut(f"{names.snake(noun)}_{key}")
    made.names = [named, key] if noun.isascii() else [key, f"{key}_{names.invented(rng)}"]
    for text in parameters:
        parameter, _, kind = text.partition(":")
        drawn: dict[str, list[bare.Pair]] = {
            each: [bare.draw(rng, kind, each) for _ in range(_VALUES)] for each in (language, shown)
        }
        made.slots.append(Slot(parameter, values=drawn))
    told = noun if shown == language else rng.choice(nouns(shown))
    made.summaries[shown] = [line.replace("[x]", told) for line in frame.summaries[shown]]
    made.asks[language] = [line.replace("[x]", noun) for line in frame.asks[language]]
    made.results[language] = frame.results[language]
    return made


def values(rng: random.Random, language: Language, shown: Language) -> Shelf:
    """A list of such tools; two requests are for none of them."""
    picked = rng.sample(_frames(), size(rng) + 2)
    things = rng.sample(nouns(language), len(picked))
    made = [_tool(rng, *pair, language, shown) for pair in zip(picked, things, strict=True)]
    styles, taken = name_style(rng), set[str]()
    dressed = tuple(dress(rng, concept, shown, styles, taken) for concept in made[2:])
    return Shelf(dressed, tuple(made[:2]), language)
