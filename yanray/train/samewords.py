"""Words for the same thing: synonyms, spellings, names of days, and translations."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from yanray.train.everyday import moments

_TABLES = Path(__file__).parent / "tables"
DAYS = [day.capitalize() for day in moments.DAYS]
WEEK = ("星期", "周", "礼拜")  # what the name of a Chinese day begins with


@cache
def groups() -> tuple[dict[str, list[str]], ...]:
    """The names of each thing by language."""
    rows = (_TABLES / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    pairs = [row.split(" = ") for row in rows if row and not row.startswith("#")]
    return tuple({"en": en.split(", "), "zh": zh.split(", ")} for en, zh in pairs)


def _pairs(kind: str) -> list[tuple[str, str]]:
    """The pairs of one KIND of line in the table of translations."""
    rows = (_TABLES / "translations.txt").read_text(encoding="utf-8").splitlines()
    parts = [part for row in rows if row.startswith(f"{kind}: ") for part in row[4:].split("; ")]
    return [(left, right) for left, _, right in (part.partition("=") for part in parts)]


def _chinese(number: int) -> tuple[str, ...]:
    """The Chinese names of a day of the week, Monday being 0."""
    return tuple(prefix + moments.DAYS_ZH[number] for prefix in WEEK)


@cache
def translations() -> dict[str, tuple[str, ...]]:
    """A word of one language -> its words in the other; a day under each of its names."""
    found: dict[str, tuple[str, ...]] = {}
    for en, zh in _pairs("zh"):
        found |= {en.lower(): (zh,), zh: (en,)}
    for group in groups():
        found |= {name.lower(): tuple(group["zh"]) for name in group["en"]}
        found |= {name: tuple(group["en"][:2]) for name in group["zh"]}
    for number, day in enumerate(DAYS):
        chinese = _chinese(number)
        found |= {name: (day, day.lower(), day[:3]) for name in chinese}
        found |= {day.lower(): chinese}
    return found


@cache
def other_names() -> dict[str, tuple[str, ...]]:
    """A word -> other words for the same in its language."""
    found: dict[str, tuple[str, ...]] = {}
    for group in groups():
        for names in group.values():
            found |= {name.lower(): tuple(other for other in names if other != name) for name in names}
    for british, american in _pairs("us"):
        found |= {british: (american,), american: (british,)}
    for number, day in enumerate(DAYS):
        chinese = _chinese(number)
        found |= {name: tuple(other for other in chinese if other != name) for name in chinese}
        found |= {day.lower(): (day[:3], day.upper())}
    return found
