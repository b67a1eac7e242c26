"""Numbers for sums: of every size, round and crooked, and how a person may write or say each."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from random import Random

from yanray.train.numerals import english, english_decimal, english_part, grouped, han, han_decimal
from yanray.train.quantity import Quantity, Story

_SIGNS = {"1/2": "½", "1/4": "¼", "3/4": "¾", "1/3": "⅓", "2/3": "⅔", "1/5": "⅕", "1/8": "⅛", "3/8": "⅜"}
_LENGTHS = (1,) * 26 + (2,) * 34 + (3,) * 18 + (4,) * 9 + (5,) * 5 + (6,) * 4 + (7, 8, 9, 10)


class Figures:
    """The numbers of one sum: one manner of writing (`digits`, `words` or `mixed`) for all of them."""

    def __init__(self, rng: Random, lang: str) -> None:
        self.rng = rng
        self.story = Story(rng, lang)
        draw = rng.random()
        self.manner = "digits" if draw < 0.6 else "words" if draw < 0.92 else "mixed"
        self.hyphen = rng.random() < 0.5
        self.joint = rng.random() < 0.6
        self.commas = rng.random() < 0.5
        self.money = ""  # a sign before each number or a word after it
        self._write: Callable[[str], str] = self._english if lang == "en" else self._chinese

    def any(self, *, decimals: float = 0.12) -> Quantity:
        """A number of any size; with the probability DECIMALS it has decimals."""
        if self.rng.random() < decimals:
            return self.decimal()
        return self.whole(whole(self.rng))

    def small(self, low: int = 2, high: int = 12) -> Quantity:
        """A whole number between LOW and HIGH."""
        return self.whole(self.rng.randint(low, high))

    def decimal(self) -> Quantity:
        """One to three decimals."""
        return self.number(decimal(self.rng))

    def whole(self, value: int) -> Quantity:
        """VALUE, written in this sum's manner."""
        return self.number(str(value))

    def number(self, digits: str) -> Quantity:
        """DIGITS (`12`, `-3`, `4.50`), written in this sum's manner."""
        surface = self._write(digits)
        if self.money:
            surface = (
                f"${surface}"
                if self.money == "$" and surface[0].isdigit()
                else surface + self.money.strip("$")
            )
        return self.story.tell(digits, surface=surface)

    def in_money(self) -> None:
        """Let the next numbers be sums of money, now and then."""
        if self.rng.random() < 0.06:
            words = (
                ("$", "$", " dollars", " euros", " bucks")
                if self.story.lang == "en"
                else ("元", "块", "块钱")
            )
            self.money = self.rng.choice(words)

    def digits(self, digits: str) -> Quantity:
        """DIGITS as they are: where a sign stands beside them."""
        return self.story.tell(digits, surface=digits)

    def fraction(self) -> Quantity:
        """A proper fraction below one: `3/4`, `three quarters`, `四分之三`."""
        under = self.rng.choice((2, 3, 4, 4, 5, 6, 8, 10, self.rng.randint(2, 20)))
        over = self.rng.randint(1, under - 1) if self.rng.random() < 0.6 else 1
        common = gcd(over, under)
        over, under = over // common, under // common
        return self.story.fraction(over, under, self._fraction_surface(over, under))

    def _fraction_surface(self, over: int, under: int) -> str:
        if not self._in_words():
            if self.rng.random() < 0.1 and f"{over}/{under}" in _SIGNS:
                return _SIGNS[f"{over}/{under}"]
            return f"{over}/{under}"
        if self.story.lang == "zh":
            return f"{han(under)}分之{han(over)}"
        head = self.rng.choice(("a", "one")) if over == 1 else english(over)
        if under == 8 and head == "a":
            head = "an"
        return f"{head} {english_part(under, over > 1)}"

    def _in_words(self) -> bool:
        return self.manner == "words" or (self.manner == "mixed" and self.rng.random() < 0.5)

    def _english(self, digits: str) -> str:
        if digits.startswith("-"):
            word = "-" if not self._in_words() else self.rng.choice(("minus ", "negative "))
            return word + self._english(digits[1:]) if word != "-" else digits
        if "." in digits:
            if digits.endswith(".5") and digits != "0.5" and self.rng.random() < 0.3:
                whole = digits[:-2]
                return f"{english(int(whole), hyphen=self.hyphen) if self._in_words() else whole} and a half"
            return english_decimal(digits, hyphen=self.hyphen) if self._in_words() else digits
        value = int(digits)
        if self._in_words():
            return self._english_words(value)
        if (value >= 10_000 and self.commas) or (value >= 1000 and self.rng.random() < 0.25):
            return grouped(value)
        if value and value % 100_000 == 0 and self.rng.random() < 0.6:
            return f"{value / 10**6:g} million" if value % 10**9 else f"{value // 10**9} billion"
        if 1000 <= value < 10**6 and value % 500 == 0 and self.rng.random() < 0.2:
            return f"{value / 1000:g}{self.rng.choice(('k', 'K', ' thousand'))}"
        return digits

    def _english_words(self, value: int) -> str:
        draw = self.rng.random()
        if value % 100 == 0 and 1000 < value < 10_000 and value % 1000 and draw < 0.4:
            return english(value // 100) + " hundred"
        words = english(value, hyphen=self.hyphen, joint=self.joint)
        if draw < 0.25 and words.startswith(("one hundred", "one thousand", "one million")):
            return "a" + words[3:]
        return words

    def _chinese(self, digits: str) -> str:
        if digits.startswith("-"):
            return "负" + self._chinese(digits[1:]) if self._in_words() or self.rng.random() < 0.4 else digits
        if "." in digits:
            return han_decimal(digits) if self._in_words() else digits
        value = int(digits)
        if self._in_words():
            words = han(value, counting=value > 99 and self.rng.random() < 0.5)
            return _shortened(value, words) if self.rng.random() < 0.3 else words
        if value >= 10_000 and value % 1000 == 0 and self.rng.random() < 0.6:
            if value % 10**8 == 0:
                return f"{value // 10**8}亿"
            return f"{value / 10**4:g}万" if value < 10**8 else digits
        return digits


def _shortened(value: int, words: str) -> str:
    """三百五十 as 三百五, 一万五千 as 一万五: the last unit is left out where the one before it stands."""
    for unit, name in ((10_000, "千"), (1000, "百"), (100, "十")):
        if unit < value < unit * 10 and value % (unit // 10) == 0 and value % unit and words.endswith(name):
            return words[:-1]
    return words


def whole(rng: Random) -> int:
    """A whole number of one to ten digits, small ones more often, a fifth of them round."""
    length = _LENGTHS[int(rng.random() * len(_LENGTHS))]
    if length == 1:
        return rng.randint(1, 9)
    value = rng.randint(10 ** (length - 1), 10**length - 1)
    if rng.random() < 0.22:
        zeros = rng.randint(1, length - 1)
        value -= value % 10**zeros
    return value


def decimal(rng: Random) -> str:
    """`0.05`, `3.5`, `128.75`."""
    places = rng.choice((1, 1, 1, 2, 2, 3))
    head = rng.choice((0, rng.randint(1, 9), rng.randint(1, 99), rng.randint(1, 999)))
    tail = f"{rng.randint(0, 10 ** (places - 1) - 1):0{places - 1}d}" if places > 1 else ""
    return f"{head}.{tail}{rng.randint(1, 9)}"


def random_tree(figures: Figures, signs: int) -> Quantity:
    """A tree of SIGNS operations over fresh numbers."""
    rng = figures.rng
    if signs == 0:
        value = figures.story.tell(rng.randint(1, rng.choice((9, 99, 99, 999))))
        return value if rng.random() < 0.9 else figures.digits(decimal(rng))
    left = rng.randint(0, signs - 1) if rng.random() < 0.35 else signs - 1
    a, b = random_tree(figures, left), random_tree(figures, signs - 1 - left)
    sign = rng.choice("++--**/")
    return a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b


def bracketed_text(node: Quantity, names: dict[str, str], gap: str) -> str:
    """The tree as a person writes it, with the brackets that it needs."""
    if not node.sign:
        return str(node)
    assert node.left is not None and node.right is not None
    left, right = bracketed_text(node.left, names, gap), bracketed_text(node.right, names, gap)
    low = ("+", "-")
    if node.sign in "*/" and node.left.sign in low:
        left = f"({left})"
    if (node.sign in "*/" and node.right.sign) or (node.sign == "-" and node.right.sign in low):
        right = f"({right})"
    return f"{left}{gap}{names[node.sign]}{gap}{right}"
