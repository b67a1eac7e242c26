"""Numbers that fit a frame: some drawn from ranges, the others worked out, all redrawn until the frame's
needs are met.

The rules are described in `frames`.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from yanray.train.question import Value, is_short, plain, shown

Formula = Callable[[Mapping[str, Value]], Value]
Need = Callable[[Mapping[str, Value]], bool]

_DRAW = re.compile(r"([a-z]\d?)([$~]?)=(.*)")
_TRIES = 60
_CENTS = ("50", "25", "75", "20", "40", "80", "10", "99", "05")
_COMPARE: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class Draw:
    """One number: its name, `$` for money or `~` for decimals, and its range or its formula."""

    name: str
    kind: str
    rule: str
    formula: Formula | None


@dataclass(frozen=True)
class Drawn:
    """A number as it is told: an int, or its digits; wordy: it may be spelt out."""

    value: int | str
    wordy: bool


def read_draw(token: str) -> Draw:
    """`a=3..40`, `p$=2..9`, `t=a*b`. Raises ValueError for anything else."""
    match = _DRAW.fullmatch(token)
    if not match:
        raise ValueError(f"{token!r} draws nothing")
    name, kind, rule = match.groups()
    if ".." in rule or "~" in rule or "|" in rule:
        return Draw(name, "$" if rule[0] == "$" else kind, rule.lstrip("$"), None)
    return Draw(name, kind, "", _formula(ast.parse(rule, mode="eval").body))


def read_need(token: str) -> Need:
    """`a>b`, `t%b>0`, `a!=b`. Raises ValueError for anything else."""
    tree = ast.parse(token, mode="eval").body
    if not isinstance(tree, ast.Compare):
        raise ValueError(f"{token!r} compares nothing")
    compare = _COMPARE[type(tree.ops[0])]
    left, right = _formula(tree.left), _formula(tree.comparators[0])
    return lambda values: compare(left(values), right(values))


def draw_all(draws: list[Draw], needs: list[Need], rng: Random) -> dict[str, Drawn] | None:
    """Numbers that fit, or None when many tries found none."""
    for _ in range(_TRIES):
        drawn = _attempt(draws, needs, rng)
        if drawn is not None:
            return drawn
    return None


def _attempt(draws: list[Draw], needs: list[Need], rng: Random) -> dict[str, Drawn] | None:
    values: dict[str, Value] = {}
    drawn: dict[str, Drawn] = {}
    for draw in draws:
        if draw.formula is None:
            told = _ranged(rng, draw.rule, draw.kind)
            value: Value = told if isinstance(told, int) else plain(Fraction(told))
        else:
            try:
                value = draw.formula(values)
            except ZeroDivisionError:
                return None
            if value <= 0 or not (isinstance(value, int) or (draw.kind and is_short(value, 2))):
                return None
            told = (
                value
                if isinstance(value, int)
                else f"{float(value):.2f}"
                if draw.kind == "$"
                else shown(value)
            )
        values[draw.name] = value
        drawn[draw.name] = Drawn(told, not draw.kind)
    return drawn if all(need(values) for need in needs) else None


def _ranged(rng: Random, rule: str, kind: str) -> int | str:
    """A number of a range; over wide ranges small numbers are as likely as large ones."""
    if "|" in rule:
        choice = rng.choice(rule.split("|"))
        return int(choice) if choice.isdigit() else choice
    if "~" in rule:
        low, _, high = rule.partition("~")
        tenths = rng.randint(round(float(low) * 10), round(float(high) * 10))
        return tenths // 10 if tenths % 10 == 0 else f"{tenths / 10:.1f}"
    span, _, step = rule.partition(":")
    low, _, high = span.partition("..")
    bottom, top = int(low), int(high)
    if step:
        return rng.randrange(bottom, top + 1, int(step))
    if kind == "$" and rng.random() < 0.35:
        return f"{rng.randint(bottom, top)}.{rng.choice(_CENTS)}"
    if top > 20 * bottom and rng.random() < 0.6:
        return int(math.exp(rng.uniform(math.log(bottom), math.log(top + 1))))
    return rng.randint(bottom, top)


def _divided(left: Value, right: Value) -> Value:
    if isinstance(left, int) and isinstance(right, int) and right and left % right == 0:
        return left // right
    return plain(Fraction(left) / Fraction(right))


_SIGNS: dict[type[ast.operator], Callable[..., Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divided,
    ast.Mod: operator.mod,
}


def _formula(tree: ast.expr) -> Formula:
    """A function of the numbers drawn so far. Raises ValueError for what no table should say."""
    if isinstance(tree, ast.Name):
        return operator.itemgetter(tree.id)
    if isinstance(tree, ast.Constant):
        value = plain(Fraction(str(tree.value)))
        return lambda _: value
    if isinstance(tree, ast.BinOp):
        sign, left, right = _SIGNS[type(tree.op)], _formula(tree.left), _formula(tree.right)
        return lambda values: plain(sign(left(values), right(values)))
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in ("up", "down"):
        whole, size = (_formula(argument) for argument in tree.args)
        rounded = math.ceil if tree.func.id == "up" else math.floor
        return lambda values: rounded(_divided(whole(values), size(values)))
    raise ValueError(f"a table cannot say {ast.dump(tree)}")
