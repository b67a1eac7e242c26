"""Work out arithmetic and algebra exactly.

The text is read by the toolbox's formula reader, which knows numbers, operators and a list of functions and
nothing else. It computes with fractions where they are enough, else with sympy; sizes are bounded beforehand.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from yanray.toolbox.api import FUNCTIONS, plain_formula, read_formula

EXAMPLES = {
    "12*(3+4)": "84",
    "15% of 68": "10.2",
    "1/3": "1/3 = 0.333333333333",
    "sqrt(2)": "sqrt(2) = 1.41421356237",
    "sin(30°)": "0.5",
    "5!": "120",
    "solve(x^2 - 5x + 6 = 0)": "x = 2 or x = 3",
    "diff(x^3, x)": "3*x^2",
    "integrate(x^2, 0, 1)": "1/3 = 0.333333333333",
    "128除以16是多少": "8",
    "一百二十八乘以两百": "25600",
    "$1,234.50 × 2": "2469",
}

TIMEOUT = 20  # sympy takes seconds to load on a small computer
LONGEST, DIGITS = 1000, 3000  # characters of the text, digits of a result


class _Symbolic(Exception):
    """Fractions are not enough: sympy must do it."""


class _Sentence:
    """A result that is no value: a solution, a comparison. No operator or function takes it on."""

    def __init__(self, text: str) -> None:
        self.text = text


def _values(*values: Any) -> None:
    if any(isinstance(value, _Sentence) for value in values):
        raise ValueError("a solution or a comparison cannot stand inside a formula; write it alone")


def run(expression: str, *, digits: int = 12) -> str:
    """Evaluate EXPRESSION.

    expression: numbers, + - * / ^ % !, brackets, sqrt, cbrt, root(x, n), abs, round, floor, ceil, gcd, lcm,
        max, min, mod, comb, perm, exp, ln, log (base 10, or log(x, base)), sin, cos, tan, asin ... (radians;
        30° or 30 deg for degrees), pi, e, i; solve(x^2 = 4), diff(f, x), integrate(f, a, b), limit(f, x, 0),
        simplify, expand, factor. 200 + 10% is 220.
    digits: significant digits of a decimal that is not exact.
    """
    if len(expression) > LONGEST:
        raise ValueError(f"that is {len(expression):,} characters long; write at most {LONGEST:,}")
    text = plain_formula(expression)
    if not text:
        raise ValueError("nothing to calculate; write e.g. 12*(3+4)")
    try:
        return _evaluated(text, digits)
    except ZeroDivisionError:
        raise ValueError("division by zero has no result") from None
    except (TypeError, AttributeError, NotImplementedError, OverflowError, RecursionError):
        raise ValueError("that cannot be worked out; write one formula or one equation, in steps") from None


def _evaluated(text: str, digits: int) -> str:
    try:
        return _shown(read_formula(text, _Exact()), digits)
    except _Symbolic:
        return _shown_symbolic(read_formula(text, _Sympy()), digits)


# -- with fractions


def _too_large(digits: float) -> None:
    size = f"{digits:,.0f}" if digits < 1e15 else "more than a million billion"
    raise ValueError(f"the result would have about {size} digits; at most {DIGITS:,} are worked out")


def _whole(*values: Fraction) -> list[int]:
    if any(value.denominator != 1 for value in values):
        raise ValueError("that function needs whole numbers")
    return [int(value) for value in values]


def _root(value: Fraction, degree: Fraction) -> Fraction:
    """The exact root, where there is one."""
    (n,) = _whole(degree)
    if not 0 < n <= 64 or (value < 0 and n % 2 == 0):
        raise _Symbolic
    found = Fraction(*(_integer_root(part, n) for part in (abs(value.numerator), value.denominator)))
    return -found if value < 0 else found


def _integer_root(value: int, degree: int) -> int:
    try:
        found = math.isqrt(value) if degree == 2 else round(value ** (1 / degree))
    except OverflowError:
        raise _Symbolic from None
    if found**degree != value:
        raise _Symbolic
    return found


def _round(value: Fraction, places: Fraction = Fraction(0)) -> Fraction:
    (n,) = _whole(places)
    if abs(n) > 100:
        raise ValueError("round to at most 100 places")
    scale = Fraction(10) ** n
    return math.floor(abs(value) * scale + Fraction(1, 2)) / scale * (-1 if value < 0 else 1)


def _factorial(value: Fraction) -> int:
    if value < 0 or value.denominator != 1:
        raise _Symbolic
    digits = math.lgamma(float(min(value, Fraction(10**15))) + 1) / math.log(10)
    if digits > DIGITS:
        _too_large(digits)
    return math.factorial(int(value))


def _choices(count: Callable[[int, int], int]) -> Callable[[Fraction, Fraction], int]:
    def bounded(n: Fraction, k: Fraction) -> int:
        whole_n, whole_k = _whole(n, k)
        if whole_n < 0 or whole_k < 0:
            raise ValueError("comb and perm need whole numbers from 0")
        if whole_n > 5000:
            raise ValueError("comb and perm are worked out up to 5000 things")
        return count(whole_n, whole_k)

    return bounded


_EXACT: dict[str, Callable[..., Any]] = {
    "sqrt": lambda x: _root(x, Fraction(2)),
    "cbrt": lambda x: _root(x, Fraction(3)),
    "root": _root,
    "abs": abs,
    "round": _round,
    "floor": math.floor,
    "ceil": math.ceil,
    "gcd": lambda *values: math.gcd(*_whole(*values)),
    "lcm": lambda *values: math.lcm(*_whole(*values)),
    "max": lambda *values: max(values),
    "min": lambda *values: min(values),
    "mod": lambda left, right: left % right,
    "quotient": lambda left, right: left // right,
    "comb": _choices(math.comb),
    "perm": _choices(math.perm),
    "factorial": _factorial,
}


class _Exact:
    """Fractions. What they cannot hold is left to sympy."""

    def number(self, value: Fraction) -> Fraction:
        return value

    def name(self, name: str) -> Fraction:
        raise _Symbolic

    def equation(self, left: Fraction, right: Fraction) -> _Sentence:
        _values(left, right)
        same = left == right
        return _Sentence("true" if same else f"false: {_shown(left, 12)} is not {_shown(right, 12)}")

    def divide(self, left: Fraction, right: Fraction) -> Fraction:
        return left / right

    def bounded(self, value: Fraction) -> Fraction:
        digits = max(value.numerator.bit_length(), value.denominator.bit_length()) * math.log10(2)
        if digits > DIGITS:
            _too_large(digits)
        return value

    def power(self, base: Fraction, exponent: Fraction) -> Fraction:
        _values(base, exponent)
        if exponent.denominator != 1:
            if base < 0:
                raise _Symbolic  # a complex number
            base, exponent = _root(base, Fraction(exponent.denominator)), Fraction(exponent.numerator)
        _bound_power(math.log10(max(abs(base.numerator), base.denominator)), exponent)
        return base ** int(exponent)

    def call(self, name: str, values: list[Any]) -> Any:
        function = _EXACT.get(name)
        if function is None or not all(isinstance(value, Fraction) for value in values):
            raise _Symbolic
        try:
            return self.bounded(Fraction(function(*values)))
        except TypeError:
            raise ValueError(f"{name} takes another number of arguments than {len(values)}") from None


def _bound_power(digits: float, exponent: Fraction) -> None:
    """Refuse a power before it is computed. digits: of the base."""
    size = Fraction(digits) * abs(exponent)
    if size > DIGITS:
        _too_large(float(min(size, Fraction(10**300))))


# -- with sympy


class _Sympy:
    """Everything else: the same operations on sympy's expressions, which only this parser makes."""

    def __init__(self) -> None:
        import sympy

        self.sympy = sympy
        self.functions = _sympy_functions()
        self.constants = {"pi": sympy.pi, "e": sympy.E, "i": sympy.I, "oo": sympy.oo, "infinity": sympy.oo}

    def number(self, value: Fraction) -> Any:
        return self.sympy.Rational(value.numerator, value.denominator)

    def name(self, name: str) -> Any:
        if name in self.constants:
            return self.constants[name]
        if len(name) > 1 and not (len(name) <= 3 and set(name) <= set("xyzuv")):
            near = difflib.get_close_matches(name, FUNCTIONS) or "sqrt log sin solve diff".split()
            raise ValueError(f"{name[:30]!r} is not known here; known are e.g. {', '.join(near)}, pi, e, i")
        return math.prod(self.sympy.Symbol(letter) for letter in name)

    def equation(self, left: Any, right: Any) -> Any:
        _values(left, right)
        return self.sympy.Eq(left, right, evaluate=False)

    def divide(self, left: Any, right: Any) -> Any:
        return left / right

    def bounded(self, value: Any) -> Any:
        if isinstance(value, self.sympy.Rational):
            _Exact().bounded(Fraction(int(value.p), int(value.q)))
        return value

    def power(self, base: Any, exponent: Any) -> Any:
        _values(base, exponent)
        if exponent.is_number:
            size = abs(exponent.evalf(15))
            if not size.is_finite or (not base.is_number and size > 200):
                raise ValueError("a power of an unknown is worked out up to 200")
            length = abs(self.sympy.log(abs(base.evalf(15)) or 1, 10).evalf(15)) if base.is_number else 0
            _bound_power(float(length), Fraction(str(size)))
        return base**exponent

    def call(self, name: str, values: list[Any]) -> Any:
        _values(*values)
        if name in _EXACT and all(isinstance(value, self.sympy.Rational) for value in values):
            with_fractions = [Fraction(int(value.p), int(value.q)) for value in values]
            try:
                return self.number(_Exact().call(name, with_fractions))
            except _Symbolic:
                pass
        if name not in self.functions:
            raise ValueError(f"{name} needs numbers that are fractions")
        if name == "exp":
            return self.power(self.sympy.E, *values)
        return self.functions[name](*values)


def _sympy_functions() -> dict[str, Callable[..., Any]]:
    import sympy

    same = "sin cos tan cot sec csc asin acos atan sinh cosh tanh asinh acosh atanh".split()
    same += "sqrt cbrt root floor factorial simplify expand limit exp".split()
    return {name: getattr(sympy, name) for name in same} | {
        "abs": sympy.Abs,
        "ceil": sympy.ceiling,
        "max": sympy.Max,
        "min": sympy.Min,
        "mod": sympy.Mod,
        "quotient": lambda left, right: sympy.floor(left / right),
        "ln": sympy.log,
        "log": lambda x, base=10: sympy.log(x, base),
        "log2": lambda x: sympy.log(x, 2),
        "deg": lambda x: x * sympy.pi / 180,
        "round": lambda x, n=0: sympy.floor(x * 10**n + sympy.Rational(1, 2)) / 10**n,
        "diff": _differentiate,
        "integrate": _integrate,
        "factor": _factor,
        "solve": _solve,
    }


def _unknown(expression: Any) -> Any:
    """The one letter in EXPRESSION."""
    import sympy

    letters = sorted(expression.free_symbols, key=str)
    if len(letters) > 1:
        names = ", ".join(map(str, letters))
        raise ValueError(f"say which of {names} is meant, e.g. solve(x + y = 3, x)")
    return letters[0] if letters else sympy.Symbol("x")


def _differentiate(expression: Any, letter: Any = None, times: Any = 1) -> Any:
    import sympy

    if not 0 < times <= 50:
        raise ValueError("differentiate between 1 and 50 times")
    return sympy.diff(expression, letter or _unknown(expression), times)


def _integrate(expression: Any, *limits: Any) -> Any:
    import sympy

    letter = limits[0] if limits and limits[0].is_Symbol else None
    bounds = limits[1:] if letter is not None else limits
    letter = letter if letter is not None else _unknown(expression)
    if len(bounds) not in (0, 2):
        raise ValueError("write integrate(f), integrate(f, x) or integrate(f, x, from, to)")
    return sympy.integrate(expression, (letter, *bounds))


def _factor(value: Any) -> Any:
    import sympy

    if not value.is_Integer:
        return sympy.factor(value)
    if abs(value) < 2:
        return value
    if abs(value) > 10**40:
        raise ValueError("whole numbers of up to 40 digits are factored")
    powers = sympy.factorint(value)
    parts = [f"{prime}^{power}" if power > 1 else str(prime) for prime, power in powers.items()]
    return _Sentence(" * ".join(parts))


def _solve(*values: Any) -> _Sentence:
    return _Sentence(_solutions(values))


def _solutions(values: Sequence[Any]) -> str:
    import sympy

    letters = [value for value in values[1:] if value.is_Symbol]
    equations = [value for value in values if value not in letters]
    letters = letters or sorted(set().union(*(equation.free_symbols for equation in equations)), key=str)
    if not letters:
        raise ValueError("there is no unknown to solve for; write e.g. solve(x^2 = 4)")
    try:
        found = sympy.solve(equations, letters, dict=True)
    except NotImplementedError:
        return _solve_by_steps(equations, letters)
    if not found:
        same = all(sympy.simplify(_difference(equation)) == 0 for equation in equations)
        return f"true for every {', '.join(map(str, letters))}" if same else "no solution"
    answers = [
        ", ".join(f"{letter} = {_shown_symbolic(answer[letter], 12)}" for letter in answer)
        for answer in found
    ]
    return " or ".join(dict.fromkeys(answers))


def _solve_by_steps(equations: list[Any], letters: list[Any]) -> str:
    import sympy

    for start in (1, 0.1, -1, 10):
        try:
            value = sympy.nsolve(
                [_difference(equation) for equation in equations], letters, [start] * len(letters)
            )
        except (ValueError, ZeroDivisionError, TypeError):
            continue
        pairs = zip(letters, value, strict=True)
        found = ", ".join(f"{letter} = {_decimal(Decimal(str(number)), 12)}" for letter, number in pairs)
        return f"{found} (found by approximation; there may be more)"
    raise ValueError("no solution was found; give a simpler equation")


def _difference(equation: Any) -> Any:
    return equation.lhs - equation.rhs if equation.is_Relational else equation


# -- showing


def _shown(value: Any, digits: int) -> str:
    """VALUE exactly, and as a decimal where that is not the same."""
    if isinstance(value, _Sentence):
        return value.text
    if value.denominator == 1:
        return str(value.numerator)
    exact = f"{value.numerator}/{value.denominator}"
    rounded = Context(prec=digits + 20).divide(Decimal(value.numerator), Decimal(value.denominator))
    if Fraction(rounded) == value and len(rounded.normalize().as_tuple().digits) <= 20:
        return _decimal(rounded, 20)
    short = _decimal(rounded, digits)
    return f"{exact} = {short}" if len(exact) <= 40 else f"about {short}"


def _decimal(value: Decimal, digits: int) -> str:
    """VALUE to so many significant digits, without trailing zeros; `1.5e-20` where it is far from 1."""
    value = Context(prec=digits).plus(value).normalize()
    if value == 0:
        return "0"
    return format(value, "f") if -10 <= value.adjusted() < digits + 6 else format(value, "e")


def _shown_symbolic(value: Any, digits: int) -> str:
    import sympy

    if isinstance(value, _Sentence):
        return value.text
    if value.is_Relational:
        return _compared(value, digits) if not value.free_symbols else _solutions([value])
    if value.is_Rational:
        return _shown(Fraction(int(value.p), int(value.q)), digits)
    if value.has(sympy.zoo, sympy.nan):
        raise ValueError("that is not defined (a division by zero, or a function outside its range)")
    if value.free_symbols:
        if value.has(sympy.Integral, sympy.Limit):
            raise ValueError("no closed form was found; give limits, e.g. integrate(f, x, 0, 1)")
        return _text(value)
    simple = sympy.simplify(value) if sympy.count_ops(value) < 60 else value
    if simple.is_Rational:
        return _shown(Fraction(int(simple.p), int(simple.q)), digits)
    exact, short = _text(simple), _approximation(simple, digits)
    return f"{exact} = {short}" if len(exact) <= 60 and exact != short else short


def _compared(equation: Any, digits: int) -> str:
    import sympy

    same = sympy.simplify(_difference(equation)) == 0
    left, right = (_shown_symbolic(side, digits) for side in (equation.lhs, equation.rhs))
    return "true" if same else f"false: {left} is not {right}"


def _approximation(value: Any, digits: int) -> str:
    import sympy

    if value in (sympy.oo, -sympy.oo):
        return _text(value)
    real, imaginary = (Decimal(str(part)) for part in value.evalf(digits + 3).as_real_imag())
    if not imaginary:
        return _decimal(real, digits)
    size = "i" if abs(imaginary) == 1 else f"{_decimal(abs(imaginary), digits)}*i"
    if not real:
        return f"-{size}" if imaginary < 0 else size
    return f"{_decimal(real, digits)} {'-' if imaginary < 0 else '+'} {size}"


def _text(value: Any) -> str:
    """An expression in the signs that people type."""
    text = str(value).replace("**", "^")
    for name, sign in (("log", "ln"), ("I", "i"), ("E", "e"), ("oo", "infinity")):
        text = re.sub(rf"\b{name}\b", sign, text)
    return text
