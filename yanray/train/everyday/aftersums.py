"""A sum and what is asked next about it: `and of 121?`, `total with the tip?`, `split by 4`."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from functools import cache
from pathlib import Path

from yanray.train.document import Exchange, Language, called, joined
from yanray.train.phrasing import write
from yanray.train.question import evaluate, printed, shown
from yanray.train.school import times_pi
from yanray.train.situations import numbers

_TABLE = Path(__file__).parent.parent / "tables" / "after_sums.txt"
_SAYS = {
    "en": ("That is {v}.", "{v}.", "It is {v}.", "That makes {v}."),
    "zh": ("是{v}。", "{v}。", "等于{v}。", "答案是{v}。"),
}
_ABOUT = {"en": "That is about {v}.", "zh": "约等于{v}。"}


@cache
def _rows(language: Language) -> tuple[tuple[tuple[str, str], ...], ...]:
    """For each line its turns: (request, expression)."""
    found = []
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        head, _, rest = line.partition(": ")
        if head == language:
            parts = (part.rpartition("=>") for part in rest.split(";;"))
            found.append(tuple((ask.strip(), expression.strip()) for ask, _, expression in parts))
    return tuple(found)


def exchange(rng: random.Random, language: Language) -> Exchange:
    """A line of the table, its last turns left out at times."""
    turns = rng.choice(_rows(language))
    turns = turns[: rng.randint(2, len(turns))]
    words, digits = numbers(rng, language)
    words["sq2"] = digits["sq2"] = str(rng.randint(2, 40) ** 2)
    parts: list[Exchange] = []
    before = ""
    for ask, template in turns:
        if "{=}" in template and len(before) > 9:  # nobody goes on with such a number
            break
        expression = write(template, rng, digits | {"=": f"({before})" if before[:1] == "-" else before})
        answer = _answer(expression)
        before = answer.rpartition(" = ")[2].removeprefix("about ")
        say = rng.choice(_SAYS[language]) if before == answer else _ABOUT[language]
        text = write(ask, rng, words)
        text = text[:1].upper() + text[1:] if language == "en" and rng.random() < 0.3 else text
        parts.append(called(text, "calculate", expression, answer, say.replace("{v}", before)))
    return joined(*parts)


def _answer(expression: str) -> str:
    """What the calculator prints."""
    if expression.startswith("pi*"):
        return times_pi(Fraction(expression.removeprefix("pi*").removesuffix("**2")) ** 2)
    name, _, rest = expression.partition("(")
    if name in ("gcd", "lcm"):
        first, second = (int(number) for number in rest.rstrip(")").split(", "))
        return shown(math.gcd(first, second) if name == "gcd" else math.lcm(first, second))
    return printed(evaluate(expression))
