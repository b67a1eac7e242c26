"""The tools that Yanray ships with, as their files describe them, and requests for each."""

from __future__ import annotations

import random
from functools import lru_cache

from yanray.errors import DataError
from yanray.paths import shipped
from yanray.toolbox.loading import Problem, find, read
from yanray.toolbox.spec import ToolSpec
from yanray.train.document import Exchange, Language
from yanray.train.everyday import chance, clock, convert, machine, notes, remind, search, sums, todo, weather
from yanray.train.everyday.base import Maker

# How often each is asked for, and by whom its requests are made.
REQUESTS: dict[str, tuple[Maker, int]] = {
    "calculate": (sums.exchange, 24),
    "clock": (clock.exchange, 9),
    "convert": (convert.exchange, 10),
    "read": (machine.read, 4),
    "recall": (notes.recall, 5),
    "remember": (notes.remember, 5),
    "random": (chance.exchange, 5),
    "remind": (remind.exchange, 14),
    "search": (search.exchange, 12),
    "system": (machine.system, 4),
    "todo": (todo.exchange, 13),
    "weather": (weather.exchange, 9),
}


@lru_cache(maxsize=1)
def specs() -> dict[str, ToolSpec]:
    """The shipped tools by name. Raises DataError when one is missing or does not load."""
    found: dict[str, ToolSpec] = {}
    for name, path in find([shipped("tools")]).items():
        tool = read(path, timeout=10, runnable=False)  # the training machine runs none of them
        if isinstance(tool, Problem):
            raise DataError(f"A shipped tool does not load, so nothing can be trained with it. {tool}")
        found[name] = tool.spec
    missing = sorted(REQUESTS.keys() - found.keys())
    if missing:
        raise DataError(
            f"{shipped('tools')} lacks {', '.join(missing)}: the training needs the shipped tools."
        )
    return found


def request(rng: random.Random, language: Language, names: tuple[str, ...] = ()) -> Exchange:
    """A request for one of the shipped tools, or for one of NAMES."""
    chosen = names or tuple(REQUESTS)
    make = rng.choices([REQUESTS[name][0] for name in chosen], [REQUESTS[name][1] for name in chosen])[0]
    return make(rng, language)
