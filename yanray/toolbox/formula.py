"""Reading a formula as people write it: "15% of 68", "一百二十八除以16", "solve x^2 = 2".

Words and typographic signs become ASCII signs, then a parser by precedence reads them. It knows numbers,
operators, the functions in one list and single letters, and nothing else: no attribute, no name of Python, no
call of what is not listed. It computes as it reads, with the numbers that an `Algebra` makes and bounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol

from yanray.toolbox.numerals import arabic, halfwidth

DEEPEST = 40  # nested brackets, powers and functions
LARGEST_EXPONENT = 3000  # of a number such as 1e300


class Algebra(Protocol):
    """What numbers are and how they are computed with. Values must have + - * / and unary -."""

    def number(self, value: Fraction) -> Any: ...

    def name(self, name: str) -> Any:
        """A constant or an unknown."""

    def call(self, function: str, values: list[Any]) -> Any: ...

    def divide(self, left: Any, right: Any) -> Any: ...

    def power(self, base: Any, exponent: Any) -> Any: ...

    def equation(self, left: Any, right: Any) -> Any: ...

    def bounded(self, value: Any) -> Any:
        """VALUE, or a ValueError when it has grown too large."""


def read_formula(text: str, algebra: Algebra) -> Any:
    """The value of TEXT (as `plain_formula` made it) in ALGEBRA; a ValueError says what is wrong with it."""
    return _Reader(text, algebra).all()


_SIGNS = str.maketrans(
    dict.fromkeys("×✕·⋅∙", "*")
    | dict.fromkeys("÷∶", "/")
    | dict.fromkeys("−–—", "-")
    | dict.fromkeys("$€£¥?", "")
    | {"π": " pi ", "∞": " oo ", "²": "^2", "³": "^3", "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)"}
    | {"\n": " ", "\t": " ", "[": "(", "]": ")"}
)
_WORDS = [
    (r"请问?|帮我|(?:计算|算)(?:一下)?|一下|[元吗呢]", ""),
    (r"(?:等于|[是得])(?:多少|几|什么)|的?(?:结果|值)是?$|[是得]$|多少$", ""),
    (r"百分之([\d.零〇一二两三四五六七八九十百点]+)", r"(\1)%"),
    (r"的?阶乘", "!"),
    (r"等于", "="),
    (r"加上?", "+"),
    (r"减去?", "-"),
    (r"乘[以上]?", "*"),
    (r"除以", "/"),
    (r"负", "-"),
    (r"根号", " sqrt "),
    (r"的平方(?!根)|平方(?!根)| squared\b", "^2"),
    (r"的立方(?!根)| cubed\b", "^3"),
    (r"度", "°"),
    (r"\b(?:raised )?to the power(?: of)?\b|\braised to\b", "^"),
    (r"\b(?:what is|what's|how much is|calculate|compute|evaluate|the)\b", " "),
    (r"\b(?:multiplied by|times)\b", "*"),
    (r"\b(?:divided by|over)\b", "/"),
    (r"\bplus\b", "+"),
    (r"\bminus\b", "-"),
    (r"\bsquare root(?: of)?\b|√", " sqrt "),
    (r"\bcube root(?: of)?\b", " cbrt "),
    (r"\bper ?cent\b", "%"),
    (r"\bequals\b|==", "="),
    (r"\b(derivative|integral|factorial|sqrt|log|ln|sin|cos|tan)\s+of\b", r"\1 "),
    (r"\b(?:for|wrt|with respect to|from)\b", ","),
    (r"(?<=\d)\s*x\s*(?=\d)", "*"),
]
_COMMAND = re.compile(  # `solve x^2 = 2`, but not `solve (x^2 = 2)`
    r"(solve|diff|derivative|integrate|integral|simplify|expand|factor)\s+"
    r"(?!\([^()]*(?:\([^()]*\)[^()]*)*\)$)(.*)"
)


def plain_formula(text: str) -> str:
    """TEXT with words and typographic signs as ASCII operators."""
    text = halfwidth(text).lower().translate(_SIGNS)
    for pattern, sign in _WORDS:
        text = re.sub(pattern, sign, text)
    text = re.sub(r"(\d+)分之(\d+)", r"(\2/\1)", arabic(text))
    text = re.sub(r"的(-?\d+)次方", r"^(\1)", text).strip(" =.;。")
    command = _COMMAND.fullmatch(text)
    if command is None:
        return text
    return f"{command[1]}({re.sub(r' to ', ',', command[2])})"


_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)|(?P<name>log10|log2|[a-z]+)"
    r"|(?P<sign>\*\*|//|[-+*/^()=!%,°]|的平方根|的立方根|的))"
)
_GROUPED = re.compile(r"\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?![\d,])")
FUNCTIONS = frozenset(
    "sqrt cbrt root abs round floor ceil gcd lcm max min mod quotient comb perm factorial exp ln log log2 "
    "sin cos tan cot sec csc asin acos atan sinh cosh tanh asinh acosh atanh "
    "solve diff integrate limit simplify expand factor".split()
)
_SEVERAL = frozenset(
    "max min gcd lcm root log round mod quotient comb perm limit solve diff integrate".split()
)
_SAME = {
    "**": "^",
    "的": "*",
    "deg": "°",
    "degrees": "°",
    "ncr": "comb",
    "choose": "comb",
    "npr": "perm",
    "derivative": "diff",
    "integral": "integrate",
    "lg": "log",
    "log10": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
}


def _tokens(text: str) -> list[str]:
    """The tokens of TEXT. `1,234` is one number, but not inside a function that takes several."""
    found: list[str] = []
    several = [False]
    place = 0
    text = text.rstrip()
    while place < len(text):
        grouped = None if several[-1] else _GROUPED.match(text, place)
        match = grouped or _TOKEN.match(text, place)
        if match is None:
            raise ValueError(f"{text[place:].strip()[:1]!r} cannot be calculated with; write e.g. 12*(3+4)")
        token = match[0].strip().replace(",", "") or ","
        if token == "(":
            several.append(bool(found) and found[-1] in _SEVERAL)
        elif token == ")" and len(several) > 1:
            several.pop()
        found.append(_SAME.get(token, token))
        place = match.end()
    return found


class _Reader:
    """Reads tokens by precedence, and computes as it reads.

    equation: sum [= sum]           sum: term {+- term}      term: factor {*/ factor}
    factor: {-} power               power: postfix [^ factor]   postfix: atom {! % °}
    """

    def __init__(self, text: str, algebra: Algebra) -> None:
        self.tokens = [*_tokens(text), ""]
        self.place = 0
        self.depth = 0
        self.algebra = algebra
        self.percent = False  # what was read last is `x%` and nothing more

    @property
    def next(self) -> str:
        return self.tokens[self.place]

    def take(self, *wanted: str) -> str:
        """The next token when it is among WANTED, else nothing."""
        token = self.next
        if token in wanted:
            self.place += 1
            return token
        return ""

    def all(self) -> Any:
        value = self.equation()
        if self.next:
            raise ValueError(f"{self.next!r} is not expected there; write e.g. 12*(3+4)")
        return value

    def equation(self) -> Any:
        left = self.sum()
        return self.algebra.equation(left, self.sum()) if self.take("=") else left

    def sum(self) -> Any:
        left = self.term()
        while sign := self.take("+", "-"):
            was_percent = self.percent
            right = self.term()
            if self.percent and not was_percent:  # 200 + 10% is 220
                right = left * right
            left = self.algebra.bounded(left + right if sign == "+" else left - right)
        return left

    def term(self) -> Any:
        left = self.factor()
        while True:
            if sign := self.take("*", "/", "//", "%", "mod", "of"):
                right = self.factor()
            elif self.next == "(" or (self.next[:1].isalpha() and self.next.isascii()):
                sign, right = "*", self.factor()
            else:
                return left
            left = self.algebra.bounded(self.combine(sign, left, right))
            self.percent = False

    def combine(self, sign: str, left: Any, right: Any) -> Any:
        if sign in ("*", "of"):
            return left * right
        if sign == "/":
            return self.algebra.divide(left, right)
        return self.algebra.call("mod" if sign in ("%", "mod") else "quotient", [left, right])

    def factor(self) -> Any:
        negative = False
        while sign := self.take("+", "-"):
            negative ^= sign == "-"
        value = self.power()
        return -value if negative else value

    def power(self) -> Any:
        base = self.postfix()
        if not self.take("^"):
            return base
        with_exponent = self.algebra.power(base, self.deeper(self.factor))
        self.percent = False
        return with_exponent

    def postfix(self) -> Any:
        value = self.atom()
        while sign := self.take("!", "°", "的平方根", "的立方根") or self.percent_sign():
            name = {"!": "factorial", "°": "deg", "的平方根": "sqrt", "的立方根": "cbrt"}.get(sign)
            value = self.algebra.call(name, [value]) if name else value / 100
            self.percent = sign == "%"
        return value

    def percent_sign(self) -> str:
        """`%`, unless an operand follows: then it is the remainder."""
        after = self.tokens[self.place + 1] if self.next == "%" else "1"
        return (
            ""
            if after[:1].isdigit() or after == "(" or (after.isalpha() and after != "of")
            else self.take("%")
        )

    def atom(self) -> Any:
        token = self.next
        self.place += 1
        self.percent = False
        if token == "(":
            value = self.deeper(self.equation)
            self.close()
            self.percent = False
            return value
        if token[:1].isdigit() or token[:1] == ".":
            return self.algebra.number(_number(token))
        if not token.isalpha() and not token.startswith("log"):
            raise ValueError(f"a number is missing before {token!r}" if token else "the end is missing")
        if token in FUNCTIONS:
            value = self.algebra.call(token, self.arguments())
            self.percent = False
            return value
        return self.algebra.name(token)

    def arguments(self) -> list[Any]:
        if not self.take("("):
            return [self.deeper(self.factor)]  # sqrt 2
        found = [self.deeper(self.equation)]
        while self.take(","):
            found.append(self.deeper(self.equation))
        self.close()
        return found

    def close(self) -> None:
        if not self.take(")"):
            raise ValueError(f"a bracket is not closed before {self.next or 'the end'!r}")

    def deeper(self, read: Callable[[], Any]) -> Any:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError(f"brackets or powers are nested deeper than {DEEPEST}; write it in steps")
        value = read()
        self.depth -= 1
        return value


def _number(token: str) -> Fraction:
    exponent = token.partition("e")[2]
    if len(exponent) > 5 or abs(int(exponent or 0)) > LARGEST_EXPONENT:
        raise ValueError(f"{token[:20]} is too large or too small; exponents go up to {LARGEST_EXPONENT}")
    return Fraction(token)
