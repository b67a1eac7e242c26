"""Word problems from one line each: `HEAD :: TEXT => EXPRESSION`.

    food w1=20..60 :: {A} baked {w1} {o}. {He} sold {n1}. <It was {day}. >How many are left? => w1-n1

A number's slot is a kind and a digit: n few (2..9), v some (3..30), w dozens (11..99), h hundreds, t tens
(20..500), k thousands, m a whole price, c a price with cents, d one decimal, p a usual percentage, f a proper
fraction, g a child's age, s a speed, z any number that does not matter. The head may be left out; it names
the kinds of things that {o} may be, other ranges or formulas for a number (`h1=n1*v1`, as in `frames`) and
needs (`n1<w1`). `~` in the head allows an answer with two decimals. `<...>` is told now and then.

Numbers are redrawn until each difference is positive and each division comes out even.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random

from yanray.train.draws import Draw, Drawn, Need, draw_all, read_draw, read_need
from yanray.train.frames import Told, build, told_number
from yanray.train.phrasing import write
from yanray.train.quantity import Story
from yanray.train.question import Value, is_short, shown

_TABLES = Path(__file__).parent / "tables"
_RANGES = {
    "n": "2..9",
    "v": "3..30",
    "w": "11..99",
    "h": "100..999",
    "t": "20..500:10",
    "k": "1000..9900:100",
    "m": "2..60",
    "c$": "1..30",
    "d": "0.5~9.9",
    "p": "5|10|15|20|25|30|40|50|60|75|80",
    "f": "1/2|1/3|2/3|1/4|3/4|1/5|2/5|3/5|4/5|1/6|5/6|3/8|5/8|1/8|3/10|7/10|1/7|4/9",
    "g": "6..14",
    "s": "30..95:5",
    "z": "2..60",
}
_KINDS = {kind[0]: kind for kind in _RANGES}
_ROUNDS = 60
_NUMBER = re.compile(r"\{([a-np-z]\d)\}")
_RATIO = re.compile(r"(?:(?<=:\{)|(?=[a-z]\d\}:\{))([a-z]\d)")
_UNCOUNTED = re.compile(r"\{([a-z]\d)\}(?:[，。、；：是的得分比与和减加乘除÷×+-]|$)")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"\b[a-z]\d\b")
_ASIDE = re.compile(r"<([^<>]*)>")
_CONDITION = re.compile("如果|照|假如|要|每|用|按|从|把|比|再|一共能|水泥|比例尺|最|.{0,3}$")
_TOKEN = re.compile(r"[a-z]\d[$~]?=")
_SIGNS: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Mod: operator.mod,
}


@dataclass(frozen=True)
class Line:
    """One template: its numbers, what they must fulfil, the kinds of things, the text, the expression."""

    draws: tuple[Draw, ...]
    needs: tuple[Need, ...]
    use: str
    text: str
    tree: ast.expr
    decimals: bool


@cache
def lines(lang: str) -> tuple[Line, ...]:
    """All templates of LANG. Raises ValueError, with the place, for a line that is none."""
    return tuple(line for path in sorted(_TABLES.glob(f"story_{lang}_*.txt")) for line in load(path))


def load(path: Path) -> list[Line]:
    """The templates of one table."""
    found = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if text.strip() and not text.startswith("#"):
            try:
                found.append(read(text))
            except (KeyError, SyntaxError, ValueError) as error:
                raise ValueError(f"{path.name}, line {number}: {text!r}: {error}") from error
    return found


def read(text: str) -> Line:
    """One line of a table. Raises ValueError for what is none."""
    head, _, rest = text.rpartition("::")
    body, arrow, expression = rest.rpartition("=>")
    if not arrow:
        raise ValueError("no => before an expression")
    own, needs, kinds = [], [], []
    for token in head.split():
        if _TOKEN.match(token):
            own.append(read_draw(token))
        elif re.search(r"[<>=]", token):
            needs.append(read_need(token))
        elif token != "~":
            kinds.append(token)
    named = {draw.name for draw in own}
    usual = [name for name in dict.fromkeys(_NUMBER.findall(body) + _NAME.findall(head)) if name not in named]
    draws = (*map(_usual, usual), *sorted(own, key=lambda draw: draw.formula is not None))
    tree = ast.parse(expression.strip(), mode="eval").body
    missing = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id[-1].isdigit()}
    if missing - {draw.name for draw in draws}:
        raise ValueError("the expression names a number that is not told")
    decimals = "~" in head.split() or any(draw.name[0] in "cd" for draw in draws)
    return Line(draws, tuple(needs), " ".join(kinds), body.strip(), tree, decimals)


def _usual(name: str) -> Draw:
    kind = _KINDS[name[0]]
    return Draw(name, kind[1:], _RANGES[kind], None)


def tell(
    rng: Random, story: Story, scene: Callable[[Random, str], dict[str, object]], line: Line | None = None
) -> Told:
    """One problem of LINE, or of any line. Raises ValueError when no numbers fit it."""
    if line is None:
        line = rng.choice(lines(story.lang))
    drawn = _fitting(line, rng)
    slots = scene(rng, line.use)
    if story.lang == "en":
        slots["He"] = str(slots["he"]).capitalize()
    numbers = {name: told_number(story, _written(line, name, number)) for name, number in drawn.items()}
    slots.update(numbers)
    text = _chosen(_ASIDE.sub(lambda found: found[1] if rng.random() < 0.35 else "", line.text), rng)
    stop = "。" if story.lang == "zh" else ". "
    *sentences, question = (write(part, rng, slots).strip() for part in text.split(stop))
    asked = build(line.tree, numbers)
    answer = shown(asked.value)
    say = f"{rng.choice(('The answer is', 'That makes'))} {answer}"
    if story.lang == "zh":
        say = f"答案是{answer}"
        sentences, question = _parted(stop.join([*sentences, question]))
    return Told("", sentences, question, asked, say, slots)


def _chosen(text: str, rng: Random) -> str:
    """TEXT with its choices made: those of as many options agree, as a thing and its measure word must."""
    picks: dict[int, int] = {}

    def one(found: re.Match[str]) -> str:
        options = found[1].split("|")
        return options[picks.setdefault(len(options), rng.randrange(len(options)))]

    return _CHOICE.sub(one, text)


def _written(line: Line, name: str, number: Drawn) -> Drawn:
    """NUMBER in digits only, in a ratio or where a Chinese 2 counts nothing (it would be told as 两)."""
    bare = name in _RATIO.findall(line.text) or (number.value == 2 and name in _UNCOUNTED.findall(line.text))
    return replace(number, wordy=number.wordy and not bare)


def _parted(text: str) -> tuple[list[str], str]:
    """A Chinese problem, and its question where that can stand alone."""
    body, _, question = text.rpartition("。") if "。" in text else text.rpartition("，")
    last = re.split("[，。]", body)[-1]
    alone = body and len(question) > 6 and not _CONDITION.match(last)
    return ([body], question) if alone else ([], text)


def _fitting(line: Line, rng: Random) -> dict[str, Drawn]:
    for _ in range(_ROUNDS):
        drawn = draw_all(list(line.draws), list(line.needs), rng)
        if drawn is None:
            continue
        if _fits(line, {name: Fraction(number.value) for name, number in drawn.items()}):
            return drawn
    raise ValueError(f"no numbers fit {line.text!r}")


def _fits(line: Line, values: Mapping[str, Fraction]) -> bool:
    try:
        result = Fraction(_worth(line.tree, values, line.decimals))
    except (ArithmeticError, ValueError):
        return False
    return 0 < result < 10**9 and (result.denominator == 1 or (line.decimals and is_short(result, 2)))


def _worth(tree: ast.expr, values: Mapping[str, Fraction], decimals: bool) -> Fraction:
    """The value of TREE. Raises ValueError for a difference below one or a division that leaves a rest."""
    if isinstance(tree, ast.Name):
        return values[tree.id]
    if isinstance(tree, ast.Constant):
        return Fraction(str(tree.value))
    if isinstance(tree, ast.Call):
        assert isinstance(tree.func, ast.Name)
        first, second = (_worth(argument, values, decimals) for argument in tree.args)
        return _called(tree.func.id, first, second)
    assert isinstance(tree, ast.BinOp)
    left, right = _worth(tree.left, values, decimals), _worth(tree.right, values, decimals)
    if isinstance(tree.op, ast.Div):
        even = is_short(left / right, 2) if decimals else (left / right).denominator == 1
        scale = isinstance(tree.right, ast.Constant) and right >= 100
        fixed = scale or isinstance(tree.left, ast.Constant)
        if left.denominator == right.denominator == 1 and not (even or fixed):
            raise ValueError("a rest")
        return left / right
    result = Fraction(_SIGNS[type(tree.op)](left, right))
    if isinstance(tree.op, ast.Sub) and result <= 0:
        raise ValueError("nothing left")
    return result


def _called(name: str, first: Fraction, second: Fraction) -> Fraction:
    if name in ("up", "down"):
        whole, rest = divmod(first, second)
        if not rest or not whole:
            raise ValueError("nothing to round")
        return Fraction(whole + (name == "up"))
    return {"of": first * second, "less": first * (100 - second), "plus": first * (100 + second)}[name] / 100
