"""What the calculator can do besides plain sums: divisors, roots, circles, counting ways; algebra beside it.

`tables/school.txt` holds the requests; here are the numbers of each kind, the line for the calculator and
what it prints.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random

from yanray.train import algebra
from yanray.train.made import Made, Maker
from yanray.train.numerals import english, han
from yanray.train.phrasing import pick
from yanray.train.question import Question, evaluate, printed, root, shown

_TABLE = Path(__file__).parent / "tables" / "school.txt"
_PI = Decimal("3.14159265358979323846264338327950288419717")
_TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29), (9, 40, 41), (12, 35, 37))
_NOT_SPELT = ("l", "x", "y", "d", "f", "s", "c")  # slots that are no single number


def question(rng: Random, lang: str) -> Question:
    """One request. lang: `en` or `zh`."""
    kind = rng.choices(tuple(_MAKERS), [weight for _, weight in _MAKERS.values()])[0]
    made = _MAKERS[kind][0](rng, lang)
    slots = dict(made.slots)
    if rng.random() < 0.2:
        slots |= {key: _in_words(value, lang) for key, value in slots.items() if key not in _NOT_SPELT}
    text = pick(rng, _asks()[kind, lang], slots)
    if lang == "en" and rng.random() < 0.35:
        text = text[:1].upper() + text[1:]
    elif rng.random() < 0.3:
        text = text.rstrip("?？")
    return Question(text, made.line, made.answer, _say(rng, made.answer, lang), lang)


@cache
def _asks() -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    kind = ""
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        head, _, rest = line.partition(": ")
        if line.startswith("== "):
            kind = line[3:].strip()
        elif head in ("en", "zh"):
            found.setdefault((kind, head), []).append(rest)
    return {key: tuple(rows) for key, rows in found.items()}


def _in_words(value: str, lang: str) -> str:
    if not value.isdigit() or int(value) > 999:
        return value
    return english(int(value)) if lang == "en" else han(int(value))


def _say(rng: Random, answer: str, lang: str) -> str:
    exact, _, decimal = answer.rpartition(" = ")
    if exact and exact[-1] not in "xy":
        return f"It is about {decimal}." if lang == "en" else f"约等于{decimal}。"
    if not answer.lstrip("-").replace(".", "").isdigit():  # solutions, factors: they stand for themselves
        return f"{answer}." if lang == "en" else f"{answer.replace(' or ', '或')}。"
    return rng.choice(("It is ", "That is ", "") if lang == "en" else ("是", "答案是", "")) + (
        f"{answer}." if lang == "en" else f"{answer}。"
    )


def _listed(numbers: list[int], lang: str) -> str:
    *first, last = map(str, numbers)
    return (", " if lang == "en" else "、").join(first) + (" and " if lang == "en" else "和") + last


def _several(rng: Random, top: int) -> list[int]:
    """Two numbers, at times three, that share a divisor."""
    step = rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 12))
    numbers = rng.sample(range(2, top), rng.choice((2, 2, 2, 3)))
    return [step * number for number in numbers]


def _of_list(name: str, work: Callable[..., int], top: int) -> Maker:
    def make(rng: Random, lang: str) -> Made:
        numbers = _several(rng, top)
        return Made(
            {"l": _listed(numbers, lang)}, f"{name}({', '.join(map(str, numbers))})", str(work(*numbers))
        )

    return make


def _meeting(rng: Random, lang: str) -> Made:
    a, b = rng.sample(range(2, 31), 2)
    return Made({"a": str(a), "b": str(b)}, f"lcm({a}, {b})", str(math.lcm(a, b)))


def _plain(line: str, *tops: int) -> Maker:
    """LINE with numbers up to TOPS in place of {a} and {b}."""

    def make(rng: Random, lang: str) -> Made:
        slots = {key: str(rng.randint(2, top)) for key, top in zip("ab", tops, strict=False)}
        expression = line.format(**slots)
        return Made(slots, expression, printed(evaluate(expression)))

    return make


def _root_printed(square: int) -> str:
    value = root(square)
    return printed(value, square) if isinstance(value, Decimal) else shown(value)


def _square_root(rng: Random, lang: str) -> Made:
    number = rng.randint(2, rng.choice((30, 150, 999))) if rng.random() < 0.6 else rng.randint(2, 60) ** 2
    return Made({"a": str(number)}, f"sqrt({number})", _root_printed(number))


def _cube_root(rng: Random, lang: str) -> Made:
    base = rng.randint(2, 25)
    return Made({"a": str(base**3)}, f"cbrt({base**3})", str(base))


def _nth_root(rng: Random, lang: str) -> Made:
    base, degree = rng.randint(2, 6), rng.randint(4, 7)
    number = str(base**degree)
    return Made({"a": number, "n": str(degree)}, f"root({number}, {degree})", str(base))


def _hypotenuse(rng: Random, lang: str) -> Made:
    a, b, _ = rng.choice(_TRIPLES)
    if rng.random() < 0.5:
        a, b = rng.randint(2, 40), rng.randint(2, 40)
    elif rng.random() < 0.5:
        a, b = 2 * a, 2 * b
    return Made({"a": str(a), "b": str(b)}, f"sqrt({a}**2+{b}**2)", _root_printed(a * a + b * b))


def _leg(rng: Random, lang: str) -> Made:
    a, _, c = rng.choice(_TRIPLES)
    if rng.random() < 0.5:
        c = rng.randint(a + 1, a + 30)
    return Made({"a": str(a), "c": str(c)}, f"sqrt({c}**2-{a}**2)", _root_printed(c * c - a * a))


def times_pi(number: Fraction) -> str:
    """NUMBER times pi as the calculator prints it: `25*pi/4 = 19.6349540849`."""
    exact = "pi" if number.numerator == 1 else f"{number.numerator}*pi"
    exact += f"/{number.denominator}" if number.denominator > 1 else ""
    precise = Context(prec=40)
    value = precise.multiply(precise.divide(Decimal(number.numerator), Decimal(number.denominator)), _PI)
    return f"{exact} = {shown(value)}"


def _round_thing(line: str, share: Callable[[Fraction, int], Fraction]) -> Maker:
    """LINE with a radius {r} and a height {h}; SHARE: how many times pi it is."""

    def make(rng: Random, lang: str) -> Made:
        radius = (
            str(rng.randint(2, 40)) if rng.random() < 0.75 else f"{rng.randint(1, 19)}.{rng.choice('25')}"
        )
        height = rng.randint(2, 40)
        answer = times_pi(share(Fraction(radius), height))
        slots = {"r": radius, "h": str(height)}
        return Made(slots, line.format(**slots), answer)

    return make


def _factorial(rng: Random, lang: str) -> Made:
    number = rng.randint(3, 15)
    return Made({"a": str(number)}, f"{number}!", str(math.factorial(number)))


def _comb(rng: Random, lang: str) -> Made:
    count = rng.randint(4, 30)
    picked = rng.randint(2, min(6, count - 1))
    slots = {"a": str(count), "k": str(picked)}
    return Made(slots, f"comb({count}, {picked})", str(math.comb(count, picked)))


def _division(name: str, work: Callable[[int, int], int]) -> Maker:
    def make(rng: Random, lang: str) -> Made:
        a, b = rng.randint(20, rng.choice((99, 999, 9999))), rng.randint(3, rng.choice((12, 19)))
        return Made({"a": str(a), "b": str(b)}, f"{name}({a}, {b})", str(work(a, b)))

    return make


def _round(rng: Random, lang: str) -> Made:
    places = rng.choice((1, 2, 2, 3))
    digits = f"{rng.randint(0, 400)}.{rng.randint(1000, 99999)}"
    value = Fraction(math.floor(Fraction(digits) * 10**places + Fraction(1, 2)), 10**places)
    return Made({"d": digits, "n": str(places)}, f"round({digits}, {places})", printed(value))


def _whole(rng: Random, lang: str) -> Made:
    digits = f"{rng.randint(0, 900)}.{rng.randint(1, 999)}"
    return Made({"d": digits}, f"round({digits})", str(math.floor(Fraction(digits) + Fraction(1, 2))))


_MAKERS: dict[str, tuple[Maker, int]] = {
    "gcd": (_of_list("gcd", math.gcd, 40), 4),
    "lcm": (_of_list("lcm", math.lcm, 20), 4),
    "lcm_days": (_meeting, 1),
    "sqrt": (_square_root, 8),
    "cbrt": (_cube_root, 2),
    "root": (_nth_root, 1),
    "hypotenuse": (_hypotenuse, 4),
    "leg": (_leg, 1),
    "circle": (_round_thing("pi*{r}**2", lambda r, h: r**2), 4),
    "circle_d": (_round_thing("pi*({r}/2)**2", lambda r, h: (r / 2) ** 2), 2),
    "around": (_round_thing("2*pi*{r}", lambda r, h: 2 * r), 2),
    "around_d": (_round_thing("pi*{r}", lambda r, h: r), 2),
    "ball": (_round_thing("4/3*pi*{r}**3", lambda r, h: r**3 * 4 / 3), 1),
    "ball_skin": (_round_thing("4*pi*{r}**2", lambda r, h: 4 * r**2), 1),
    "cylinder": (_round_thing("pi*{r}**2*{h}", lambda r, h: r**2 * h), 2),
    "cone": (_round_thing("pi*{r}**2*{h}/3", lambda r, h: r**2 * h / 3), 1),
    "cube": (_plain("{a}**3", 30), 2),
    "cube_skin": (_plain("6*{a}**2", 30), 1),
    "square": (_plain("{a}**2", 99), 2),
    **algebra.MAKERS,
    "factorial": (_factorial, 2),
    "comb": (_comb, 2),
    "mod": (_division("mod", int.__mod__), 3),
    "quotient": (_division("quotient", int.__floordiv__), 1),
    "round": (_round, 2),
    "whole": (_whole, 1),
    "largest": (_of_list("max", max, 300), 1),
    "smallest": (_of_list("min", min, 300), 1),
}
