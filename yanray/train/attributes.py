"""What can be asked of anything: a hundred attributes and deeds of `tables/attributes.txt`, for any noun.

Together with thousands of nouns they make tools without end, so that a request can only be matched by
reading: by its noun to the letter, by what is asked in its meaning. A tool may take as its argument which one
is meant (`barrel 3`, `the old barrel`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from yanray.train import names
from yanray.train.articles import bare
from yanray.train.concepts import Concept, Slot, words
from yanray.train.document import Language

_TABLE = Path(__file__).parent / "tables" / "attributes.txt"
# Of one noun a list shows one of each group at most: a request might as well mean the others.
_GROUPS = (
    "state fault check wear repair calibrate replace",
    "count fill list measure capacity",
    "price worth",
    "last history note",
    "next deadline arrival hours duration overdue queue progress",
    "buy rent add book deliver",
    "remove cancel empty sell hide collect move pause stop close",
    "start play light heat bake open practise",
    "explain recipe name rules number",
    "watch alarm",
    "opinion rate recommend compare match",
    "length height resize",
    "charge battery",
    "water feed refill",
    "owner maker origin who assign absent",
    "clean sort",
    "raise turn lower",
    "share divide",
    "photo design",
    "age material colour",
)
GROUP = {key: number for number, keys in enumerate(_GROUPS) for key in keys.split()}
_WHICH = {
    "en": ("{x} {n}", "the old {x}", "the {c} {x}", "the second {x}", "{p}'s {x}", "{x} {l}", "the {x} {w}"),
    "zh": ("{n}号{x}", "旧{x}", "{c}的{x}", "第二个{x}", "{p}的{x}", "{l}{x}", "{w}的{x}"),
}
_PLACES = {
    "en": "upstairs; in the yard; by the door; in room 4; on the left; at the back; near the gate".split(
        "; "
    ),
    "zh": "楼上; 院子里; 门口; 四号房; 左边; 后面; 仓库; 二楼".split("; "),
}
_SPOKEN = {
    "en": ("the {x}", "the {x}", "the {x}", "our {x}", "my {x}", "that {x}", "{x}"),
    "zh": ("{x}", "{x}", "{x}", "那个{x}"),
}


@dataclass(slots=True)
class Attribute:
    """One block of the table; each part by language, `[x]` standing for the noun."""

    key: str
    summaries: dict[str, list[str]] = field(default_factory=dict)
    asks: dict[str, list[str]] = field(default_factory=dict)
    results: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def attributes() -> tuple[Attribute, ...]:
    """The table."""
    return read(_TABLE)


def read(path: Path) -> tuple[Attribute, ...]:
    """The blocks of a table of this form."""
    found: list[Attribute] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("== "):
            found.append(Attribute(line[3:].strip()))
            continue
        head, _, rest = line.partition(": ")
        parts = [part.strip() for part in rest.split(" | ")]
        if head in ("en", "zh"):
            found[-1].summaries[head] = parts
        elif head in ("ask", "问"):
            found[-1].asks["en" if head == "ask" else "zh"] = parts
        else:
            pairs = [(output, say) for output, _, say in (part.partition(" => ") for part in parts)]
            found[-1].results["en" if head == "re" else "zh"] = pairs
    return tuple(found)


def concept(
    rng: random.Random, attribute: Attribute, noun: str, language: Language, *, which: bool = True
) -> Concept:
    """ATTRIBUTE of NOUN as a concept with descriptions and requests in LANGUAGE alone.

    which: the tool may be for any of them, and ask which one is meant; else it is for the only one there is.
    """
    made = Concept(f"{attribute.key}_x", 0)
    made.names = _names(rng, attribute.key, noun)
    one = noun if noun.endswith("s") else f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    things = (f"the {noun}", one, one) if which else (f"the {noun}",)
    thing = rng.choice(things) if language == "en" else noun
    made.summaries[language] = [line.replace("[x]", thing) for line in attribute.summaries[language]]
    if which and rng.random() < 0.4:
        values = [_which(rng, noun, language) for _ in range(3)]
        slot = noun.replace(" ", "_").replace("-", "_").lower() if noun.isascii() else "which"
        made.slots = [Slot(slot, values={language: [(value, bare(value)) for value in values]})]
        spoken = "{" + slot + "}"
    else:
        spoken = rng.choice(_SPOKEN[language]).replace("{x}", noun)
    made.asks[language] = [line.replace("[x]", spoken) for line in attribute.asks[language]]
    made.results[language] = attribute.results[language]
    return made


def _names(rng: random.Random, key: str, noun: str) -> list[str]:
    if not noun.isascii():  # a Chinese noun makes no name
        return [names.invented(rng), f"{key}_{names.invented(rng)}"]
    plain = names.snake(noun)
    return [names.cut(f"{plain}_{key}"), names.cut(f"{key}_{plain}")]


def _which(rng: random.Random, noun: str, language: Language) -> str:
    lists = words()
    return (
        rng.choice(_WHICH[language])
        .replace("{x}", noun)
        .replace("{n}", str(rng.randint(1, 40)))
        .replace("{c}", rng.choice(lists["color"][language]))
        .replace("{p}", rng.choice(lists["person"][language]))
        .replace("{l}", rng.choice("ABCDE"))
        .replace("{w}", rng.choice(_PLACES[language]))
    )
