"""Algebra as people ask for it: equations, derivatives, factors, logarithms, angles, with what is printed."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from random import Random

from yanray.train.made import Made, Maker
from yanray.train.question import printed, shown

_ANGLES = {  # the line's function and angle -> what is printed
    ("sin", 30): "1/2", ("sin", 90): "1", ("sin", 0): "0", ("cos", 60): "1/2", ("cos", 0): "1",
    ("cos", 90): "0",
    ("tan", 45): "1", ("tan", 0): "0", ("sin", 150): "1/2", ("cos", 120): "-1/2", ("cos", 180): "-1",
    ("sin", 45): "sqrt(2)/2", ("cos", 45): "sqrt(2)/2", ("sin", 60): "sqrt(3)/2", ("cos", 30): "sqrt(3)/2",
    ("tan", 60): "sqrt(3)", ("tan", 30): "sqrt(3)/3",
}  # fmt: skip
_ANGLE_NAMES = {"sin": ("sine", "正弦"), "cos": ("cosine", "余弦"), "tan": ("tangent", "正切")}


def _term(number: int, letter: str, *, first: bool = False) -> str:
    """`+ 3x`, `- x`, `3x` at the beginning."""
    size = f"{'' if abs(number) == 1 and letter else abs(number)}{letter}"
    if first:
        return f"-{size}" if number < 0 else size
    return f"{'+' if number > 0 else '-'} {size}"


def _tight(rng: Random, text: str) -> str:
    return text.replace(" ", "") if rng.random() < 0.5 else text


def _linear(rng: Random, lang: str) -> Made:
    times, value = rng.randint(1, 12), rng.randint(-6, 30)
    more = rng.choice((-1, 1)) * rng.randint(1, 40)
    text = _tight(rng, f"{_term(times, 'x', first=True)} {_term(more, '')} = {times * value + more}")
    return Made({"x": text}, f"solve({text})", f"x = {value}")


def _quadratic(rng: Random, lang: str) -> Made:
    low, high = sorted(rng.sample([n for n in range(-9, 10) if n], 2))
    if low + high == 0:
        text = f"x^2 = {high * high}"
    else:
        text = f"x^2 {_term(-low - high, 'x')} {_term(low * high, '')} = 0"
    text = _tight(rng, text)
    return Made({"x": text}, f"solve({text})", f"x = {low} or x = {high}")


def _pair(rng: Random, lang: str) -> Made:
    x, y = rng.randint(1, 30), rng.randint(1, 30)
    first, second = _tight(rng, f"x + y = {x + y}"), _tight(rng, f"x - y = {x - y}")
    return Made({"x": first, "y": second}, f"solve({first}, {second})", f"x = {x}, y = {y}")


def _power(number: int, exponent: int, sign: str = "*") -> str:
    """`3*x^2` as the calculator prints it; `3x^2` as people type it."""
    letter = "x" if exponent == 1 else f"x^{exponent}"
    return letter if number == 1 else f"{number}{sign}{letter}"


def _diff(rng: Random, lang: str) -> Made:
    number, exponent = rng.choice((1, 1, rng.randint(2, 9))), rng.randint(2, 7)
    text, answer = _power(number, exponent, ""), _power(number * exponent, exponent - 1)
    if rng.random() < 0.4:
        more = rng.randint(2, 9)
        text, answer = f"{text} + {more}x", f"{answer} + {more}"
    return Made({"x": text}, f"diff({text}, x)", answer)


def _integrate(rng: Random, lang: str) -> Made:
    exponent, low = rng.randint(1, 4), rng.choice((0, 0, 1))
    high = low + rng.randint(1, 5)
    text = _power(1, exponent)
    value = Fraction(high ** (exponent + 1) - low ** (exponent + 1), exponent + 1)
    slots = {"x": text, "a": str(low), "b": str(high)}
    return Made(slots, f"integrate({text}, {low}, {high})", printed(value))


def _primes(rng: Random, lang: str) -> Made:
    number = rest = rng.randint(12, rng.choice((100, 400, 2000)))
    powers: dict[int, int] = {}
    for prime in range(2, number + 1):
        while rest % prime == 0:
            rest //= prime
            powers[prime] = powers.get(prime, 0) + 1
    parts = [f"{prime}^{count}" if count > 1 else str(prime) for prime, count in powers.items()]
    return Made({"a": str(number)}, f"factor({number})", " * ".join(parts))


def _brackets(rng: Random) -> tuple[str, str, str]:
    """`(x + 2)(x + 3)`, how the calculator prints that, and multiplied out."""
    low, high = sorted(rng.sample(range(1, 10), 2))
    out = f"x^2 + {low + high}*x + {low * high}"
    return f"(x + {low})(x + {high})", f"(x + {low})*(x + {high})", out


def _expand(rng: Random, lang: str) -> Made:
    text, _, out = _brackets(rng)
    text = _tight(rng, text)
    return Made({"x": text}, f"expand({text})", out)


def _factor_x(rng: Random, lang: str) -> Made:
    _, product, out = _brackets(rng)
    text = _tight(rng, out.replace("*", ""))
    return Made({"x": text}, f"factor({text})", product)


def _log(rng: Random, lang: str) -> Made:
    exponent = rng.randint(1, 9)
    return Made({"a": str(10**exponent)}, f"log({10**exponent})", str(exponent))


def _log_of(rng: Random, lang: str) -> Made:
    base, exponent = rng.choice((2, 2, 3, 4, 5, 6)), rng.randint(2, 7)
    number = str(base**exponent)
    return Made({"a": number, "b": str(base)}, f"log({number}, {base})", str(exponent))


def _ln(rng: Random, lang: str) -> Made:
    number = rng.choice((2, 3, 5, 6, 7, 10, 12, 15, 20, 50, 30))  # no power, which would print otherwise
    value = Decimal(number).ln(Context(prec=40))
    return Made({"a": str(number)}, f"ln({number})", f"ln({number}) = {shown(value)}")


def _angle(rng: Random, lang: str) -> Made:
    name, degrees = rng.choice(tuple(_ANGLES))
    exact = _ANGLES[name, degrees]
    over, _, under = exact.partition("/")
    if "sqrt" in over:
        value = Decimal(over[5:-1]).sqrt(Context(prec=40)) / int(under or 1)
        answer = f"{exact} = {shown(value)}"
    else:
        answer = printed(Fraction(exact))
    english_name, chinese_name = _ANGLE_NAMES[name]
    slots = {"d": str(degrees), "f": english_name, "s": name, "c": chinese_name}
    return Made(slots, f"{name}({degrees}°)", answer)


MAKERS: dict[str, tuple[Maker, int]] = {
    "linear": (_linear, 4),
    "quadratic": (_quadratic, 2),
    "pair": (_pair, 1),
    "diff": (_diff, 1),
    "integrate": (_integrate, 1),
    "factor": (_primes, 2),
    "factor_x": (_factor_x, 1),
    "expand": (_expand, 1),
    "log": (_log, 1),
    "log_of": (_log_of, 1),
    "ln": (_ln, 1),
    "angle": (_angle, 2),
}
