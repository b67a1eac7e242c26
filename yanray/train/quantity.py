"""Quantities that know how they come about: a number told in the text, or an operation on other quantities.

A told number stands in the text as one private character until `Story.finish` writes it, in digits or in
words; so the expression can name the numbers in the order in which the text tells them, which is what a small
model copies best.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from random import Random

from yanray.train.numerals import english, grouped, han
from yanray.train.question import FUNCTIONS, Question, Value, plain, power, printed, shown

_FIRST_MARK = 0xE000  # the private use area: no text holds these characters
_SIGNS = ("%", "％", "°")  # a number beside one of these is not spelt out
_NOWHERE = 1 << 30
_RANK = {
    "+": 1,
    "-": 1,
    "*": 2,
    "/": 2,
    "%": 2,
    "% of ": 2,
    "-%": 1,
    "+%": 1,
    "**": 3,
    "": 4,
} | dict.fromkeys(FUNCTIONS, 4)


class Quantity:
    """A node of the tree.

    sign: one of + - * / % **, a function's name (of `left`), or "" for a number, which has `digits` and
    perhaps a `mark`. surface: how the text writes it, where that is already settled. wordy: whether it may be
    spelt out.
    """

    __slots__ = ("digits", "left", "mark", "right", "sign", "surface", "value", "wordy")

    def __init__(
        self,
        value: Value,
        sign: str = "",
        left: Quantity | None = None,
        right: Quantity | None = None,
        *,
        digits: str = "",
        mark: str = "",
        wordy: bool = False,
    ) -> None:
        self.value = value
        self.sign = sign
        self.left = left
        self.right = right
        self.digits = digits or ("" if sign else shown(value))
        self.mark = mark
        self.wordy = wordy
        self.surface = ""

    def __str__(self) -> str:
        return self.mark or self.digits

    def __add__(self, other: Quantity | int) -> Quantity:
        other = constant(other)
        return Quantity(plain(self.value + other.value), "+", self, other)  # type: ignore[operator]

    def __sub__(self, other: Quantity | int) -> Quantity:
        other = constant(other)
        return Quantity(plain(self.value - other.value), "-", self, other)  # type: ignore[operator]

    def __rsub__(self, other: int) -> Quantity:
        return constant(other) - self

    def __radd__(self, other: int) -> Quantity:
        return constant(other) + self

    def __mul__(self, other: Quantity | int) -> Quantity:
        other = constant(other)
        return Quantity(plain(self.value * other.value), "*", self, other)  # type: ignore[operator]

    def __truediv__(self, other: Quantity | int) -> Quantity:
        other = constant(other)
        value = Fraction(self.value) / Fraction(other.value)
        return Quantity(plain(value), "/", self, other)

    def __mod__(self, other: Quantity | int) -> Quantity:
        other = constant(other)
        return Quantity(plain(self.value % other.value), "%", self, other)  # type: ignore[operator]

    def __pow__(self, other: Quantity | int) -> Quantity:
        other = constant(other)
        return Quantity(power(self.value, other.value), "**", self, other)

    def of(self, whole: Quantity) -> Quantity:
        """This many per cent of WHOLE: `15% of 68`."""
        return Quantity(plain(Fraction(self.value) * Fraction(whole.value) / 100), "% of ", self, whole)

    def less(self, percent: Quantity) -> Quantity:
        """This without so many per cent of itself: `80-25%`."""
        value = Fraction(self.value) * (100 - Fraction(percent.value)) / 100
        return Quantity(plain(value), "-%", self, percent)

    def plus(self, percent: Quantity) -> Quantity:
        """This and so many per cent of itself: `80+25%`."""
        value = Fraction(self.value) * (100 + Fraction(percent.value)) / 100
        return Quantity(plain(value), "+%", self, percent)

    def function(self, name: str) -> Quantity:
        """`sqrt`, `ceil`, `floor` or `factorial` of this."""
        return Quantity(FUNCTIONS[name](self.value), name, self)

    def sqrt(self) -> Quantity:
        """The square root."""
        return self.function("sqrt")


def constant(value: Quantity | int | str) -> Quantity:
    """VALUE as a quantity: a number that the text does not tell, as 100 of a percentage."""
    if isinstance(value, Quantity):
        return value
    if isinstance(value, str):
        return Quantity(plain(Fraction(value)), digits=f"({value})" if "/" in value else value)
    return Quantity(value)


def rounded_down(whole: Quantity, size: Quantity) -> Quantity:
    """How many full groups of SIZE are in WHOLE."""
    return (whole / size).function("floor")


def rounded_up(whole: Quantity, size: Quantity) -> Quantity:
    """How many groups of SIZE hold all of WHOLE."""
    return (whole / size).function("ceil")


class Story:
    """The numbers of one text, and the text's end: marks become digits or words, the tree becomes an
    expression.
    """

    def __init__(self, rng: Random, lang: str) -> None:
        self.rng = rng
        self.lang = lang
        self.told: list[Quantity] = []

    def tell(self, value: Value | str, *, wordy: bool = True, surface: str = "") -> Quantity:
        """A number for the text. A string keeps its digits (`4.50`). wordy: it may be spelt out."""
        mark = chr(_FIRST_MARK + len(self.told))
        if isinstance(value, str):
            number = Quantity(plain(Fraction(value)), digits=value, mark=mark)
        else:
            number = Quantity(value, mark=mark, wordy=wordy and isinstance(value, int))
        number.surface = surface
        self.told.append(number)
        return number

    def fraction(self, over: int, under: int, surface: str = "") -> Quantity:
        """A fraction for the text, told as one thing; in the expression a division."""
        mark = chr(_FIRST_MARK + len(self.told))
        number = Quantity(Fraction(over, under), "/", constant(over), constant(under), mark=mark)
        number.surface = surface or f"{over}/{under}"
        self.told.append(number)
        return number

    def finish(self, text: str, asked: Quantity, say: str) -> Question:
        """The question. SAY is the finished answer, which may repeat numbers of the text."""
        irrational = asked.sign == "sqrt" and isinstance(asked.value, Decimal)
        answer = printed(asked.value, int(asked.left.value) if irrational and asked.left else 0)
        order = {number.mark: text.find(number.mark) for number in self.told}
        expression = render(asked, order)
        spell = self.rng.random()
        for number in reversed(self.told):
            if order[number.mark] >= 0:
                place = text.find(number.mark)
                beside = text[place - 1 : place] == "$" or text[place + 1 : place + 2] in _SIGNS
                text = text.replace(number.mark, number.digits if beside else self._written(number, spell))
            if number.mark in say:
                say = say.replace(number.mark, number.digits)
        return Question(text, expression, answer, say, self.lang)

    def _written(self, number: Quantity, spell: float) -> str:
        """Words where the text's own mood (SPELL, 0..1) and the number allow them, else digits."""
        value = number.value
        if number.surface:
            return number.surface
        if isinstance(value, int):
            if number.wordy and spell < 0.22 and 0 <= value <= (12 if spell < 0.12 else 99):
                if spell > 0.05 or self.rng.random() < 0.5:
                    return english(value) if self.lang == "en" else han(value, counting=True)
            elif value >= 1000 and self.lang == "en" and number.wordy and spell > 0.6:
                return grouped(value)
        return number.digits


def render(node: Quantity, order: dict[str, int]) -> str:
    """The expression, without spaces or needless brackets; sums and products name their numbers as the text
    does.
    """
    if not node.sign:
        return node.digits
    if node.sign in FUNCTIONS:
        assert node.left is not None
        inner = render(node.left, order)
        return f"{inner}!" if node.sign == "factorial" else f"{node.sign}({inner})"
    if node.sign in ("+", "*"):
        parts = _chain(node, node.sign)
        places = [_position(part, order) for part in parts]
        if _NOWHERE not in places:
            parts = [part for _, part in sorted(zip(places, parts, strict=True), key=itemgetter(0))]
        return node.sign.join(_bracketed(part, node.sign, i > 0, order) for i, part in enumerate(parts))
    assert node.left is not None and node.right is not None
    if node.sign in ("-%", "+%"):
        left = render(node.left, order)
        return f"{left if not node.left.sign else f'({left})'}{node.sign[0]}{node.right.digits}%"
    return (
        _bracketed(node.left, node.sign, False, order)
        + node.sign
        + _bracketed(node.right, node.sign, True, order)
    )


def _chain(node: Quantity, sign: str) -> list[Quantity]:
    if node.sign != sign:
        return [node]
    assert node.left is not None and node.right is not None
    return _chain(node.left, sign) + _chain(node.right, sign)


def _position(node: Quantity, order: dict[str, int]) -> int:
    """Where the text first tells one of NODE's numbers; a number that it does not tell stands nowhere."""
    if node.mark or not node.sign:
        position = order.get(node.mark, -1)
        return position if position >= 0 else _NOWHERE
    assert node.left is not None
    left = _position(node.left, order)
    return left if node.right is None else min(left, _position(node.right, order))


def _bracketed(node: Quantity, outer: str, right: bool, order: dict[str, int]) -> str:
    text = render(node, order)
    if not node.sign:
        return f"({text})" if text.startswith("-") and (right or outer == "**") else text
    mine, theirs = _RANK[node.sign], _RANK[outer]
    if mine < theirs or node.sign == outer == "**" or (node.sign == "%" and mine == theirs):
        return f"({text})"
    if right and mine == theirs and outer in ("-", "/", "%"):
        return f"({text})"
    return text
