"""Sums in English: the words for each operation, and the ways of asking for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

from yanray.train.figures import Figures, bracketed_text, random_tree
from yanray.train.phrasing import lines, pick
from yanray.train.quantity import Quantity
from yanray.train.question import Question, is_short
from yanray.train.tables import shapes_en as shapes
from yanray.train.tables import sums_en as words

Made = tuple[str, Quantity]  # the request and what it asks for
Slots = Mapping[str, object]


def question(rng: Random) -> Question:
    """One request and its expression."""
    while True:
        figures = Figures(rng, "en")
        try:
            text, asked = rng.choices(_MAKERS, cum_weights=_WEIGHTS)[0](figures)
        except (ZeroDivisionError, ValueError):
            continue
        if abs(float(asked.value)) < 1e15 and asked.sign:
            return _told(figures, text, asked)


def _told(figures: Figures, text: str, asked: Quantity) -> Question:
    made = figures.story.finish(text, asked, "")
    say = _say(figures.rng, made.expression, made.answer)
    return Question(_as_typed(figures.rng, made.text), made.expression, made.answer, say, "en")


def _say(rng: Random, expression: str, answer: str) -> str:
    number = answer.rpartition(" = ")[2]
    if number != answer and not number.startswith("about"):
        number = f"about {number}"
    if len(expression) <= 16 and rng.random() < 0.5:
        return f"{expression} is {number}."
    return f"{rng.choice(('That is', 'That makes', 'The answer is', 'It is'))} {number}."


def _as_typed(rng: Random, text: str) -> str:
    """TEXT as people leave it: a word before it, capitals or none, a slip now and then."""
    draw = rng.random()
    if draw < 0.05:
        word, slip = rng.choice(words.TYPOS)
        text = text.replace(word, slip, 1)
    if rng.random() < 0.14:
        text = rng.choice(words.BEFORE) + text
    if rng.random() < 0.45:
        text = text[:1].upper() + text[1:]
    if rng.random() < 0.3:
        text = re.sub(r"[?.]$", "", text)
    text = " ".join(text.split())
    return text.upper() if draw > 0.99 else text


def _ask(figures: Figures, phrase: str) -> str:
    """A question around a noun phrase (`the sum of 3 and 4`)."""
    return pick(figures.rng, words.ASK, {"it": phrase})


def _order(figures: Figures, phrase: str) -> str:
    """A question around an order (`add 3 to 4`)."""
    return pick(figures.rng, words.ASK_ORDER, {"it": phrase})


def _phrase(figures: Figures, nouns: tuple[str, ...], orders: tuple[str, ...], slots: Slots) -> str:
    if figures.rng.random() < 0.3:
        return _order(figures, pick(figures.rng, orders, slots))
    return _ask(figures, pick(figures.rng, nouns, slots))


def _add(figures: Figures) -> Made:
    figures.in_money()
    a, b = _operand(figures), _operand(figures)
    return _phrase(figures, words.ADD, words.ADD_ORDER, {"a": a, "b": b}), a + b


def _subtract(figures: Figures) -> Made:
    """Larger from smaller too, now and then."""
    figures.in_money()
    a, b = _operand(figures), _operand(figures)
    if float(a.value) < float(b.value) and figures.rng.random() < 0.85:
        a, b = b, a
    return _phrase(figures, words.SUBTRACT, words.SUBTRACT_ORDER, {"a": a, "b": b}), a - b


def _multiply(figures: Figures) -> Made:
    a, b = _operand(figures), _operand(figures)
    return _phrase(figures, words.MULTIPLY, words.MULTIPLY_ORDER, {"a": a, "b": b}), a * b


def _divide(figures: Figures) -> Made:
    """Two of three come out even."""
    b = figures.any(decimals=0.06)
    if figures.rng.random() < 0.66 and isinstance(b.value, int):
        a = figures.whole(b.value * figures.rng.randint(2, figures.rng.choice((12, 99, 999))))
    else:
        a = figures.any()
    return _phrase(figures, words.DIVIDE, words.DIVIDE_ORDER, {"a": a, "b": b}), a / b


def _operand(figures: Figures) -> Quantity:
    if figures.rng.random() < 0.03:
        return figures.whole(-figures.rng.randint(1, 99))
    return figures.any()


def _symbols(figures: Figures) -> Made:
    """Signs between digits: `12+5*3`, `(4 + 5) × 6 =`."""
    rng = figures.rng
    figures.manner = "digits"
    tree = random_tree(figures, rng.choice((1, 1, 1, 2, 2, 3, 4)))
    gap = rng.choice(("", " ", " "))
    times = rng.choice(("*", "*", "x", "×", " x ", " X "))
    over = rng.choice(("/", "/", "÷"))
    text = bracketed_text(tree, {"+": "+", "-": "-", "*": times.strip() if gap else times, "/": over}, gap)
    return (
        _ask(figures, text)
        if rng.random() < 0.6
        else text + rng.choice(("", "", " =", "=", "=?", " = ?", "?"))
    ), tree


def _spoken(figures: Figures) -> Made:
    """Three or four numbers with words between them, the usual precedence."""
    rng = figures.rng
    words = {
        "+": rng.choice(("plus", "plus", "+")),
        "-": rng.choice(("minus", "minus", "less", "-")),
        "*": rng.choice(("times", "times", "multiplied by", "x", "*")),
    }
    total = figures.any(decimals=0.05)
    text = str(total)
    terms = [total]
    signs = ""
    for _ in range(rng.randint(2, 4)):
        sign = rng.choice("++--*")
        number = figures.any(decimals=0.05) if sign != "*" else figures.small(2, 20)
        text += f" {words[sign]} {number}"
        if sign == "*":
            terms[-1] = terms[-1] * number
        else:
            terms.append(number)
            signs += sign
    total = terms[0]
    for sign, term in zip(signs, terms[1:], strict=True):
        total = total + term if sign == "+" else total - term
    return _ask(figures, text), total


def _list(figures: Figures) -> Made:
    """The sum or the average of a list."""
    rng = figures.rng
    size = rng.randint(3, 6)
    if rng.random() < 0.5:
        numbers = [figures.any(decimals=0.1) for _ in range(size)]
    else:
        top = rng.choice((9, 30, 99, 300))
        numbers = [figures.small(1, top) for _ in range(size)]
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    glue = rng.choice((", ", ", ", " ")) if figures.manner == "digits" else ", "
    listed = glue.join(map(str, numbers[:-1])) + rng.choice((" and ", ", and ", ", ")) + str(numbers[-1])
    if rng.random() < 0.5:
        nouns = lines("the sum of {l}\nthe total of {l}\n{l} added [up|together]")
        return _phrase(
            figures, nouns, lines("add [up|together|] {l}\nsum [up |]{l}\ntotal [up |]{l}"), {"l": listed}
        ), total
    return pick(rng, words.AVERAGE, {"l": listed}), total / size


def _chain(figures: Figures) -> Made:
    template, shape = figures.rng.choice(shapes.CHAINS)
    slots = {key: figures.small(2, 60) for key in "abcd" if f"{{{key}}}" in template}
    asked: Quantity = shape(**slots)
    if not is_short(asked.value) or (template[0] == "?" and asked.value <= 0):
        raise ValueError("a result that nobody would ask for")
    return _wrapped(figures, template, slots), asked


def _one(figures: Figures) -> Made:
    """Halves, doubles, squares, roots: one number and a word."""
    template, shape, kind = figures.rng.choice(shapes.ONE)
    rng = figures.rng
    if kind == "root":
        value = (
            rng.randint(2, rng.choice((12, 25, 120))) ** 2 if rng.random() < 0.75 else rng.randint(2, 99999)
        )
        a = figures.whole(value)
    elif kind == "cube":
        a = figures.whole(rng.randint(2, 12) ** 3)
    else:
        a = (
            figures.any()
            if kind == "any"
            else figures.small(2, 12 if kind == "tiny" else rng.choice((12, 30, 120)))
        )
    return _wrapped(figures, template, {"a": a}), shape(a)


def _power(figures: Figures) -> Made:
    a, n = figures.small(2, figures.rng.choice((10, 20))), figures.digits(str(figures.rng.randint(2, 10)))
    return _wrapped(figures, figures.rng.choice(words.POWER), {"a": a, "n": n, "th": _ordinal(n)}), a**n


def _ordinal(number: Quantity) -> str:
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(int(number.value), 'th') }"


def _fractions(figures: Figures) -> Made:
    """Two fractions, or one and a whole number."""
    rng = figures.rng
    a = figures.fraction()
    b = figures.fraction() if rng.random() < 0.7 else figures.small(2, 20)
    if rng.random() < 0.4 and (b.value > a.value or not b.sign):
        a, b = b, a
    sign = rng.choice("++--**/")
    asked = a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b
    return _wrapped(figures, rng.choice(words.FRACTIONS[sign]), {"a": a, "b": b}), asked


def _share(figures: Figures) -> Made:
    """A fraction of something."""
    part, amount = figures.fraction(), figures.any(decimals=0.05)
    return _wrapped(figures, figures.rng.choice(words.SHARE), {"a": amount, "p": part}), part * amount


def _percent(figures: Figures) -> Made:
    rng = figures.rng
    template, shape = rng.choice(shapes.PERCENT)
    rates = ("5", "10", "15", "18", "20", "25", "30", "40", "50", "60", "75", "8", "12", "7.5", "2.5", "12.5")
    p = figures.number(rng.choice(rates) if rng.random() < 0.6 else str(rng.randint(1, 99)))
    a = _amount(figures)
    b = _amount(figures)
    if "{b}" in template and not is_short(shape(a, p, b).value, 6):
        raise ValueError("a percentage that nobody would ask for")
    sign = rng.choice(("%", "%", " percent", " per cent")) if p.surface[:1].isdigit() else " percent"
    return _wrapped(figures, template, {"a": a, "b": b, "p": f"{p}{sign}"}), shape(a, p, b)


def _amount(figures: Figures) -> Quantity:
    draw = figures.rng.random()
    if draw < 0.25:
        return figures.digits(f"{figures.rng.randint(2, 400)}.{figures.rng.randint(0, 99):02d}")
    return figures.whole(figures.rng.randint(2, 60) * figures.rng.choice((1, 5, 10, 10, 20, 50, 100)))


def _missing(figures: Figures) -> Made:
    """What times 7 is 56?"""
    template, shape = figures.rng.choice(shapes.MISSING)
    a = figures.small(2, figures.rng.choice((12, 99, 400)))
    b = figures.whole(int(a.value) * figures.rng.randint(2, 40))
    slots = {"a": a, "b": b}
    return pick(figures.rng, (template,), slots), shape(a, b)


def _wrapped(figures: Figures, template: str, slots: Slots) -> str:
    """A template that starts with `?` is a whole request, with `!` an order, else a noun phrase."""
    text = pick(figures.rng, (template.lstrip("?!"),), slots)
    return (
        text if template[0] == "?" else _order(figures, text) if template[0] == "!" else _ask(figures, text)
    )


_TABLE: tuple[tuple[Callable[[Figures], Made], int], ...] = (
    (_add, 14),
    (_subtract, 15),
    (_multiply, 13),
    (_divide, 13),
    (_symbols, 12),
    (_spoken, 6),
    (_list, 5),
    (_chain, 11),
    (_one, 7),
    (_power, 3),
    (_share, 3),
    (_fractions, 3),
    (_percent, 12),
    (_missing, 4),
)
_MAKERS = tuple(maker for maker, _ in _TABLE)
_WEIGHTS = tuple(sum(weight for _, weight in _TABLE[: place + 1]) for place in range(len(_TABLE)))
