"""Concepts combined from a deed and a thing: "switch the kettle on", "say where the candles are kept".

A bank written by hand holds some hundred concepts; a description is only *read* when many tools differ in one
word. Here each deed (switch on, count, find, hire ...) meets each thing of its kind (machines, stock, papers
...), in English and Chinese. The tables stand in `tables/deeds.txt`, whose head explains the format.
"""

from __future__ import annotations

import random
import zlib
from functools import lru_cache
from pathlib import Path

from yanray.train.concepts import Concept, bank, parse
from yanray.train.conversations import Shelf
from yanray.train.document import Language
from yanray.train.names import snake
from yanray.train.toollists import dress, name_style, size

_TABLE = Path(__file__).parent / "tables" / "deeds.txt"
Thing = dict[str, list[str]]  # language -> synonyms, the usual word first


def _tables() -> tuple[dict[str, list[Thing]], list[tuple[str, str, list[str]]]]:
    """The things of each kind, and the deeds as (key, kind, lines)."""
    things: dict[str, list[Thing]] = {}
    deeds: list[tuple[str, str, list[str]]] = []
    block: list[Thing] | list[str] = []
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("things "):
            block = things.setdefault(line.split()[1], [])
        elif line.startswith("deed "):
            _, key, kind = line.split()
            deeds.append((key, kind, []))
            block = deeds[-1][2]
        else:
            block.append(line if deeds else _thing(line))  # type: ignore[arg-type]
    return things, deeds


@lru_cache(maxsize=1)
def deeds() -> tuple[tuple[str, str, list[str]], ...]:
    """The deeds as (key, kind of thing, lines)."""
    return tuple(_tables()[1])


def _thing(line: str) -> Thing:
    english, _, chinese = line.partition("=")
    return {
        language: [word.strip() for word in words.split("|")]
        for language, words in (("en", english), ("zh", chinese))
    }


def filled(line: str, thing: Thing, rng: random.Random) -> str:
    """LINE about THING: names take its first word in snake_case, other lines one of its synonyms."""
    head = line.partition(":")[0]
    if head == "names":
        return line.replace("[thing]", snake(thing["en"][0]))
    language = "zh" if head.endswith("zh") else "en"
    return line.replace("[thing]", rng.choice(thing[language]))


@lru_cache(maxsize=1)
def combined() -> tuple[Concept, ...]:
    """Every deed with every thing of its kind; the same ones each time."""
    things, deeds = _tables()
    lines: list[str] = []
    for key, kind, block in deeds:
        for number, thing in enumerate(things[kind]):
            name = f"{kind}_{number}:{key}"
            rng = random.Random(zlib.crc32(name.encode()))
            lines.append(f"== {name}")
            lines.extend(filled(line, thing, rng) for line in block)
    return tuple(parse("\n".join(lines), _TABLE))


@lru_cache(maxsize=1)
def _kinds() -> dict[str, dict[str, tuple[Concept, ...]]]:
    """Kind of thing -> the thing -> the concepts about it."""
    kinds: dict[str, dict[str, tuple[Concept, ...]]] = {}
    for concept in combined():
        thing = concept.key.partition(":")[0]
        things = kinds.setdefault(thing.partition("_")[0], {})
        things[thing] = (*things.get(thing, ()), concept)
    return kinds


def grid(rng: random.Random, language: Language, shown: Language) -> Shelf:
    """A list in which tools differ by the deed alone or by the thing alone, a few others among them.

    Of the two requests that no tool answers, one misses a tool of the list by its deed or its thing.
    """
    count = size(rng)
    things = list(_kinds()[rng.choice(list(_kinds()))].values())
    about = rng.sample(things, min(len(things), rng.randint(1, max(2, count // 3))))
    cells = [concept for concepts in about for concept in concepts]
    rng.shuffle(cells)
    missing = (cells.pop(), rng.choice(bank()))
    others = rng.sample([each for each in bank() if each is not missing[1]], count)
    share = max(1, round(count * rng.uniform(0.5, 1.0)))
    styles, taken = name_style(rng), set[str]()
    tools = [dress(rng, concept, shown, styles, taken) for concept in [*cells[:share], *others][:count]]
    return Shelf(tuple(tools), missing, language)
