"""calculate: exact answers, the same by both of its ways, and nothing but arithmetic."""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped_tools import load

from yanray.toolbox.api import plain_formula, read_formula


@pytest.fixture(scope="module")
def calculate() -> ModuleType:
    return load("calculate")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("6.5*7.5", "48.75"),
        ("0.1+0.2", "0.3"),
        ("-2^2", "-4"),
        ("2^3^2", "512"),
        ("2**-1", "0.5"),
        ("7 % 3", "1"),
        ("7//2", "3"),
        ("15%", "0.15"),
        ("200+10%", "220"),
        ("200 - 10%", "180"),
        ("5% + 3%", "0.08"),
        ("20 + 15% of 68", "30.2"),
        ("1,234+1", "1235"),
        ("max(1,234)", "234"),
        ("sqrt(1,234)", "sqrt(1234) = 35.1283361405"),
        ("12 ÷ (1/4)", "48"),
        ("5 squared", "25"),
        ("2 to the power of 10", "1024"),
        ("square root of 16", "4"),
        ("What is 12 times 12?", "144"),
        ("2(3+4)", "14"),
        ("(1+2)(3+4)", "21"),
        ("3 x 4", "12"),
        ("5!", "120"),
        ("2^3!", "64"),
        ("-5!", "-120"),
        ("comb(5,2)", "10"),
        ("gcd(12,345)", "3"),
        ("round(2.5)", "3"),
        ("round(3.14159, 2)", "3.14"),
        ("8^(1/3)", "2"),
        ("cbrt(-8)", "-2"),
        ("1/1024", "0.0009765625"),
        ("10^20/7", "100000000000000000000/7 = 1.42857142857e+19"),
        ("2+2=4", "true"),
        ("2+2=5", "false: 4 is not 5"),
        ("3+4=", "7"),
        ("log(1000)", "3"),
        ("log(8, 2)", "3"),
        ("ln(e^2)", "2"),
        ("sin(30 deg)", "0.5"),
        ("cos(pi)", "-1"),
        ("2pi", "2*pi = 6.28318530718"),
        ("e", "e = 2.71828182846"),
        ("sqrt(-4)", "2*i"),
        ("1/(1+sqrt(2))", "-1 + sqrt(2) = 0.414213562373"),
        ("2x+3x", "5*x"),
        ("x^2 = 2", "x = -sqrt(2) = -1.41421356237 or x = sqrt(2) = 1.41421356237"),
        ("solve(x+y=3, x-y=1)", "x = 2, y = 1"),
        ("solve x^2=-1", "x = -i or x = i"),
        ("solve(x=x+1)", "no solution"),
        ("solve(x=x)", "true for every x"),
        ("cos(x)=x", "x = 0.739085133215 (found by approximation; there may be more)"),
        ("derivative of x^2", "2*x"),
        ("diff(x^2) + 1", "2*x + 1"),
        ("factor (x^2 - 1)", "(x - 1)*(x + 1)"),
        ("solve (x+1)(x-2) = 0", "x = -1 or x = 2"),
        ("integrate sin(x) from 0 to pi", "2"),
        ("limit(sin(x)/x, x, 0)", "1"),
        ("simplify((x^2-1)/(x-1))", "x + 1"),
        ("factor(x^2-1)", "(x - 1)*(x + 1)"),
        ("expand((x+1)^2)", "x^2 + 2*x + 1"),
        ("factor(360)", "2^3 * 3^2 * 5"),
        ("（１２＋３）×４", "60"),
        ("一百二十八除以十六等于多少", "8"),
        ("请计算三点五加二", "5.5"),
        ("100减去35是多少？", "65"),
        ("3的平方", "9"),
        ("2的10次方", "1024"),
        ("9的平方根", "3"),
        ("根号16", "4"),
        ("5的阶乘", "120"),
        ("百分之十五", "0.15"),
        ("68的15%", "10.2"),
        ("三分之一", "1/3 = 0.333333333333"),
        ("3万+2万", "50000"),
        ("负五加八", "3"),
        ("x加2等于5", "x = 3"),
    ],
)
def test_answers(text, result, ask):
    outcome = ask(text)
    assert (outcome.text, outcome.ok) == (result, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "calculate needs expression: write /calculate expression, e.g. /calculate 12*(3+4)"),
        ("?", "nothing to calculate"),
        ("1/0", "division by zero has no result"),
        ("0^-1", "division by zero has no result"),
        ("tan(90°)", "not defined"),
        ("1+", "the end is missing"),
        ("*3", "a number is missing before '*'"),
        ("(1+2", "a bracket is not closed before 'the end'"),
        ("1 2", "'2' is not expected there"),
        ("sinn(3)", "'sinn' is not known here; known are e.g. sin"),
        ("max()", "a number is missing before ')'"),
        ("sqrt(1, 2, 3)", "takes another number of arguments"),
        ("gcd(1.5, 2)", "needs whole numbers"),
        ("integrate(x^x)", "no closed form was found"),
        ("solve(1=2)", "there is no unknown"),
        ("diff(x*y)", "say which of x, y is meant"),
        ("(x=1)+1", "cannot be worked out"),
        ("(1=1)+1", "cannot be worked out"),
        ("(1=1)^2", "cannot stand inside a formula"),
        ("sin(solve(x=1))", "cannot stand inside a formula"),
        ("(solve(x)) = 2", "cannot stand inside a formula"),
        ("factor(12)+x", "cannot be worked out"),
        ("__import__('os').system('touch /')", "'_' cannot be calculated with"),
        ("().__class__.__bases__", "cannot be calculated with"),
        ("x.y", "'.' cannot be calculated with"),
        ("lambda: 1", "':' cannot be calculated with"),
        ("[i for i in (1,2)]", "a bracket is not closed"),
        ("eval(1)", "'eval' is not known here"),
        ("exec", "'exec' is not known here"),
        ("9**9**9", "about 369,693,100 digits"),
        ("9^9^9^9", "digits; at most 3,000 are worked out"),
        ("2^(10^9+0.5)", "about 301,029,996 digits"),
        ("sqrt(2)^(10^6)", "digits; at most"),
        ("e^(10^9)", "digits; at most"),
        ("exp(10^9)", "digits; at most"),
        ("factorial(10**9)", "about 8,565,705,523 digits"),
        ("(10^9)!", "about 8,565,705,523 digits"),
        ("9!!!!", "digits; at most"),
        ("1e999999999", "too large or too small"),
        ("10^2000*10^2000", "about 4,000 digits"),
        ("comb(10^9, 10^8)", "up to 5000"),
        ("x^100000", "a power of an unknown"),
        ("round(1, 10^9)", "round to at most 100 places"),
        ("(" * 1000, "nested deeper than 40"),
        ("2^" * 400 + "2", "nested deeper than 40"),
        ("(" * 1_000_000, "1,000,000 characters long; write at most 1,000"),
        ("1\0+2", "'\ufffd' cannot be calculated with"),
        ("\ud8001", "'\ufffd' cannot be calculated with"),
    ],
)
def test_errors_say_what_is_wrong(text, message, ask):
    outcome = ask(text)
    assert not outcome.ok
    assert message in outcome.text
    assert ask("1+1").text == "2"


def test_plain_arithmetic_needs_no_sympy(calculate):
    for text in ("6.5*7.5", "15% of 68", "2^10", "5!", "sqrt(16)", "1/3", "round(2.5)", "一百二十八除以16"):
        read_formula(plain_formula(text), calculate._Exact())
    with pytest.raises(calculate._Symbolic):
        read_formula("sqrt(2)", calculate._Exact())


def combined(parts):
    """A formula, and the value that Python's fractions give it: None after a division by zero."""
    (left, left_value), sign, (right, right_value) = parts
    if left_value is None or right_value is None or (sign == "/" and not right_value):
        return f"({left}{sign}{right})", None
    value = {"+": left_value + right_value, "-": left_value - right_value, "*": left_value * right_value}
    return f"({left}{sign}{right})", value[sign] if sign in value else left_value / right_value


def applied(parts):
    (inner, value), (pattern, function) = parts
    if value is None or (value == 0 and pattern.endswith("-2")):
        return pattern.format(inner), None
    return pattern.format(inner), Fraction(function(value))


FUNCTIONS = [
    ("-({})", lambda x: -x),
    ("abs({})", abs),
    ("floor({})", lambda x: x // 1),
    ("ceil({})", lambda x: -(-x // 1)),
    ("({})%*1", lambda x: x / 100),
    ("({})^2", lambda x: x**2),
    ("({})^-2", lambda x: x**-2),
    ("sqrt(({})^2)", abs),
    ("max({}, 3)", lambda x: max(x, Fraction(3))),
    ("min(2.5, {})", lambda x: min(x, Fraction(5, 2))),
    ("mod({}, 7)", lambda x: x % 7),
]
numbers = (st.integers(0, 10**6) | st.decimals(0, 1000, places=3)).map(lambda x: (str(x), Fraction(x)))
formulas = st.recursive(
    numbers,
    lambda part: (
        st.tuples(part, st.sampled_from("+-*/"), part).map(combined)
        | st.tuples(part, st.sampled_from(FUNCTIONS)).map(applied)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(formulas)
def test_fractions_and_sympy_give_what_python_gives(calculate, formula):
    text, value = formula
    if value is None:
        with pytest.raises(ZeroDivisionError):
            read_formula(plain_formula(text), calculate._Exact())
        return
    exact = read_formula(plain_formula(text), calculate._Exact())
    assert exact == value
    symbolic = read_formula(plain_formula(text), calculate._Sympy())
    assert Fraction(int(symbolic.p), int(symbolic.q)) == value
    assert calculate._shown_symbolic(symbolic, 12) == calculate._shown(exact, 12)
