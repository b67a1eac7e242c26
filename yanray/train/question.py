"""One sum or word problem with the expression that answers it, and the exact value of such an expression.

`evaluate` reads what the generators write (`+ - * / % ** !`, brackets, `sqrt`, `ceil`, `floor`, decimals): it
checks the corpus and knows nothing of the algebra that the shipped calculator can do.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

DIGITS = 12  # significant digits of a result that has no short decimal form, as the calculator prints it

_EXACT_DIGITS = 20  # of one that has
_EXACT_LENGTH = 40  # characters of a fraction that is written out

Value = int | Fraction | Decimal


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, the one expression for the calculator, what it prints, and the sentence that
    answers.

    lang: `en` or `zh`.
    """

    text: str
    expression: str
    answer: str
    say: str
    lang: str


def evaluate(expression: str) -> Value:
    """The exact value of EXPRESSION; a root that is not rational is a Decimal of 40 digits.

    Raises ValueError for anything but arithmetic, ZeroDivisionError for a division by zero.
    """
    try:
        tree = ast.parse(_spelt_out(expression), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{expression!r} is not an expression") from error
    return plain(_value(tree.body, expression))


def _spelt_out(expression: str) -> str:
    """`5!`, `15% of 68`, `80-25%` as a function, a product, a product."""
    expression = _FACTORIAL.sub(r"factorial(\1)", expression).replace("% of ", "/100*")
    return _CHANGE.sub(r"*(1\1\2/100)", expression)


def shown(value: Value) -> str:
    """VALUE as a decimal: `12`, `7.5`, `0.333333333333`."""
    if isinstance(value, int):
        return str(value)
    digits = DIGITS
    if isinstance(value, Fraction):
        digits = _EXACT_DIGITS if _ends(value) else DIGITS
        value = _decimal(value)
    text = format(value.normalize(Context(prec=digits)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def printed(value: Value, radicand: int = 0) -> str:
    """VALUE as the calculator answers: `1/3 = 0.333333333333`, `2*sqrt(2) = 2.82842712475`, else as `shown`.

    radicand: of what VALUE is the root, when it is irrational.
    """
    if radicand:
        outer = max(n for n in range(1, math.isqrt(radicand) + 1) if radicand % (n * n) == 0)
        under = f"sqrt({radicand // outer**2})"
        return f"{f'{outer}*' if outer > 1 else ''}{under} = {shown(value)}"
    if not isinstance(value, Fraction) or value.denominator == 1 or _ends(value):
        return shown(value)
    exact = f"{value.numerator}/{value.denominator}"
    return f"{exact} = {shown(value)}" if len(exact) <= _EXACT_LENGTH else f"about {shown(value)}"


def _ends(value: Fraction) -> bool:
    """Whether the decimal form ends, within as many digits as the calculator writes out."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1 and len(_decimal(value).normalize().as_tuple().digits) <= _EXACT_DIGITS


def is_short(value: Value, places: int = 2) -> bool:
    """Whether VALUE is written exactly with at most PLACES decimals."""
    if isinstance(value, int):
        return True
    return isinstance(value, Fraction) and 10**places % value.denominator == 0


def plain(value: Value) -> Value:
    """VALUE as an int where it is whole."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def root(value: Value) -> Value:
    """The square root: exact where VALUE is the square of a rational."""
    if isinstance(value, Decimal) or value < 0:
        raise ValueError(f"no exact root of {value}")
    fraction = Fraction(value)
    over, under = math.isqrt(fraction.numerator), math.isqrt(fraction.denominator)
    if over * over == fraction.numerator and under * under == fraction.denominator:
        return plain(Fraction(over, under))
    return _decimal(fraction).sqrt(Context(prec=40))


def power(value: Value, exponent: Value) -> Value:
    """VALUE ** EXPONENT for a whole exponent, or 1/n where the root is whole. Raises ValueError otherwise."""
    if isinstance(value, Decimal) or isinstance(exponent, Decimal):
        raise ValueError("an irrational number stands in a power")
    exponent = Fraction(exponent)
    if exponent.denominator == 1:
        return plain(Fraction(Fraction(value) ** exponent.numerator))
    whole: int = round(float(value) ** float(exponent))
    if exponent.numerator == 1 and Fraction(whole) ** exponent.denominator == value:
        return whole
    raise ValueError(f"{value}**({exponent}) is not whole")


def _decimal(fraction: Fraction) -> Decimal:
    return Context(prec=40).divide(Decimal(fraction.numerator), Decimal(fraction.denominator))


_BINARY: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}


def _value(node: ast.AST, source: str) -> Value:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(repr(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, source)
    if isinstance(node, ast.BinOp):
        return _binary(node.op, _value(node.left, source), _value(node.right, source))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
        (argument,) = node.args
        return FUNCTIONS[node.func.id](_value(argument, source))
    raise ValueError(f"{source!r} is more than arithmetic")


def _binary(sign: ast.operator, left: Value, right: Value) -> Value:
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        raise ValueError("an irrational root stands inside a sum")
    if isinstance(sign, ast.Pow):
        return power(left, right)
    if type(sign) not in _BINARY:
        raise ValueError(f"no such operation: {type(sign).__name__}")
    return _BINARY[type(sign)](Fraction(left), Fraction(right))


FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "sqrt": root,
    "ceil": math.ceil,
    "floor": math.floor,
    "factorial": lambda value: math.factorial(int(value)),
}
_CHANGE = re.compile(r"([-+])(\d+(?:\.\d+)?)%(?![\d(])")
_FACTORIAL = re.compile(r"(\d+)!")
