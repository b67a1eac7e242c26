"""Lists in which a request shares no word with the line that serves it.

Two ways: what is asked of a thing that has several names (`tables/synonyms.txt`; the description has one of
them, in either language, the request another), and wishes (`tables/wishes.txt`: `it is freezing in here`).
"""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

from yanray.train.attributes import Attribute, attributes, read
from yanray.train.attributes import concept as about
from yanray.train.concepts import Concept
from yanray.train.conversations import Shelf
from yanray.train.document import Language
from yanray.train.samewords import groups
from yanray.train.toollists import dress, name_style, size

_TABLES = Path(__file__).parent / "tables"
_WISHES = 0.4  # of a list's tools


@lru_cache(maxsize=1)
def wishes() -> tuple[Attribute, ...]:
    return read(_TABLES / "wishes.txt")


def _named(
    rng: random.Random, attribute: Attribute, names: dict[str, list[str]], asked: Language, told: Language
) -> Concept:
    """ATTRIBUTE of a thing, told by one of its NAMES and asked for by another."""
    first = rng.choice(names[told])
    second = rng.choice([name for name in names[asked] if name != first])
    made = about(rng, attribute, second, asked, which=False)
    described = about(rng, attribute, first, told, which=False)
    made.summaries[told] = described.summaries[told]
    made.names = described.names
    return made


def _wish(attribute: Attribute) -> Concept:
    made = Concept(f"wish_{attribute.key}", 0)
    made.names = [attribute.key, attribute.key.split("_")[0]]
    made.summaries, made.asks = dict(attribute.summaries), dict(attribute.asks)
    made.results = dict(attribute.results)
    return made


def others(rng: random.Random, language: Language, shown: Language) -> Shelf:
    """A list of such tools; two requests are for none of them."""
    count = size(rng)
    wanted = sum(rng.random() < _WISHES for _ in range(count + 2))
    made = [_wish(each) for each in rng.sample(wishes(), wanted)]
    for names in rng.sample(groups(), count + 2 - len(made)):
        made.append(_named(rng, rng.choice(attributes()), names, language, shown))
    rng.shuffle(made)
    styles, taken = name_style(rng), set[str]()
    dressed = tuple(dress(rng, concept, shown, styles, taken) for concept in made[2:])
    return Shelf(dressed, tuple(made[:2]), language)
