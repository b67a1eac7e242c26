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

from yanray.train.concepts import Concept, parse

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


def _thing(line: str) -> Thing:
    english, _, chinese = line.partition("=")
    return {
        language: [word.strip() for word in words.split("|")]
        for language, words in (("en", english), ("zh", chinese))
    }


def _filled(line: str, thing: Thing, rng: random.Random) -> str:
    """LINE about THING: names take its first word in snake_case, other lines one of its synonyms."""
    head = line.partition(":")[0]
    if head == "names":
        return line.replace(
            "[thing]", thing["en"][0].lower().replace("'s", "").replace("-", "_").replace(" ", "_")
        )
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
            lines.extend(_filled(line, thing, rng) for line in block)
    return tuple(parse("\n".join(lines), _TABLE))
