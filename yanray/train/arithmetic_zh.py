"""Sums in Chinese: the words for each operation, and the ways of asking for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from yanray.train.figures import Figures, bracketed_text, random_tree
from yanray.train.numerals import han
from yanray.train.phrasing import pick
from yanray.train.quantity import Quantity
from yanray.train.question import Question, is_short
from yanray.train.tables import shapes_zh as shapes
from yanray.train.tables import sums_zh as words

_WIDE = str.maketrans("0123456789.%", "０１２３４５６７８９．％")
Made = tuple[str, Quantity]  # the request and what it asks for
Slots = Mapping[str, object]


def question(rng: Random) -> Question:
    """One request and its expression."""
    while True:
        figures = Figures(rng, "zh")
        try:
            text, asked = rng.choices(_MAKERS, cum_weights=_WEIGHTS)[0](figures)
        except (ZeroDivisionError, ValueError):
            continue
        if abs(float(asked.value)) < 1e15 and asked.sign:
            made = figures.story.finish(text, asked, "")
            say = _say(rng, made.expression, made.answer)
            return Question(_as_typed(rng, made.text), made.expression, made.answer, say, "zh")


def _say(rng: Random, expression: str, answer: str) -> str:
    number = answer.rpartition(" = ")[2].removeprefix("about ")
    short = expression if len(expression) <= 16 and "of" not in expression and rng.random() < 0.5 else ""
    if number != answer:
        return f"{short}{rng.choice(('约等于', '大约是'))}{number}。"
    if short:
        return f"{short}等于{number}。"
    return f"{rng.choice(('结果是', '答案是', '是'))}{number}。"


def _as_typed(rng: Random, text: str) -> str:
    if rng.random() < 0.14:
        text = rng.choice(words.BEFORE) + text
    if rng.random() < 0.25:
        text = text.rstrip("？。?")
        if rng.random() < 0.2:
            text += rng.choice(words.AFTER)
    if rng.random() < 0.01:
        text = text.translate(_WIDE)
    return text.replace("？", "?") if rng.random() < 0.2 else text


def _ask(figures: Figures, phrase: str) -> str:
    return pick(figures.rng, words.ASK, {"it": phrase})


def _wrapped(figures: Figures, template: str, slots: Slots) -> str:
    """A template that starts with `?` is a whole request, else a noun phrase."""
    text = pick(figures.rng, (template.lstrip("?"),), slots)
    return text if template[0] == "?" else _ask(figures, text)


def _add(figures: Figures) -> Made:
    figures.in_money()
    a, b = _operand(figures), _operand(figures)
    return _ask(figures, pick(figures.rng, words.ADD, {"a": a, "b": b})), a + b


def _subtract(figures: Figures) -> Made:
    figures.in_money()
    a, b = _operand(figures), _operand(figures)
    if float(a.value) < float(b.value) and figures.rng.random() < 0.85:
        a, b = b, a
    return _ask(figures, pick(figures.rng, words.SUBTRACT, {"a": a, "b": b})), a - b


def _multiply(figures: Figures) -> Made:
    a, b = _operand(figures), _operand(figures)
    return _ask(figures, pick(figures.rng, words.MULTIPLY, {"a": a, "b": b})), a * b


def _divide(figures: Figures) -> Made:
    """`b除a` is a divided by b. Two of three come out even."""
    b = figures.any(decimals=0.06)
    if figures.rng.random() < 0.66 and isinstance(b.value, int):
        a = figures.whole(b.value * figures.rng.randint(2, figures.rng.choice((12, 99, 999))))
    else:
        a = figures.any()
    return _ask(figures, pick(figures.rng, words.DIVIDE, {"a": a, "b": b})), a / b


def _operand(figures: Figures) -> Quantity:
    if figures.rng.random() < 0.02:
        return figures.whole(-figures.rng.randint(1, 99))
    return figures.any()


def _symbols(figures: Figures) -> Made:
    """Signs between digits: `12+5×3`, `（4+5）×6=`."""
    rng = figures.rng
    figures.manner = "digits"
    tree = random_tree(figures, rng.choice((1, 1, 2, 2, 3, 4)))
    names = {"+": rng.choice("++＋"), "-": rng.choice("--－"), "*": rng.choice("××*"), "/": rng.choice("÷÷/")}
    text = bracketed_text(tree, names, rng.choice(("", "", " ")))
    if rng.random() < 0.4:
        text = text.replace("(", "（").replace(")", "）")
    return (
        _ask(figures, text) if rng.random() < 0.6 else text + rng.choice(("", "=", "=?", "＝", "等于几"))
    ), tree


def _spoken(figures: Figures) -> Made:
    """Three or four numbers with words between them, the usual precedence."""
    rng = figures.rng
    total = figures.any(decimals=0.05)
    text = str(total)
    terms, signs = [total], ""
    for _ in range(rng.randint(2, 4)):
        sign = rng.choice("++--*")
        number = figures.any(decimals=0.05) if sign != "*" else figures.small(2, 20)
        text += {"+": "加", "-": "减", "*": rng.choice(("乘", "乘以"))}[sign] + str(number)
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
    top = rng.choice((9, 99, 99, 300))
    numbers = [
        figures.small(1, top) if rng.random() < 0.8 else figures.any() for _ in range(rng.randint(3, 6))
    ]
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    glue = (
        rng.choice(("、", "，", "、")) if figures.manner != "digits" else rng.choice(("、", "，", ",", " "))
    )
    listed = glue.join(map(str, numbers[:-1])) + rng.choice(("和", glue)) + str(numbers[-1])
    if rng.random() < 0.5:
        return _ask(figures, pick(rng, words.SUM, {"l": listed})), total
    return pick(rng, words.AVERAGE, {"l": listed}), total / len(numbers)


def _chain(figures: Figures) -> Made:
    template, shape = figures.rng.choice(shapes.CHAINS)
    slots = {key: figures.small(2, 90) for key in "abcd" if f"{{{key}}}" in template}
    asked: Quantity = shape(**slots)
    if not is_short(asked.value) or (template[0] == "?" and asked.value <= 0):
        raise ValueError("a result that nobody would ask for")
    return _wrapped(figures, template, dict(slots)), asked


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
    a, n = figures.small(2, figures.rng.choice((10, 20))), figures.small(2, 10)
    if figures.manner == "mixed":
        raise ValueError("digits and words in one power")
    return _wrapped(figures, figures.rng.choice(shapes.POWER), {"a": a, "n": n}), a**n


def _fractions(figures: Figures) -> Made:
    """Two fractions, or one and a whole number."""
    rng = figures.rng
    a = figures.fraction()
    b = figures.fraction() if rng.random() < 0.7 else figures.small(2, 20)
    if rng.random() < 0.4 and (b.value > a.value or not b.sign):
        a, b = b, a
    sign = rng.choice("++--**/")
    asked = a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b
    return _wrapped(figures, rng.choice(shapes.FRACTIONS[sign]), {"a": a, "b": b}), asked


def _share(figures: Figures) -> Made:
    """A fraction of something."""
    part, amount = figures.fraction(), figures.any(decimals=0.05)
    return _wrapped(figures, figures.rng.choice(shapes.SHARE), {"a": amount, "p": part}), amount * part


def _percent(figures: Figures) -> Made:
    rng = figures.rng
    template, shape = rng.choice(shapes.PERCENT)
    digits = rng.choice(("5", "10", "15", "20", "25", "30", "40", "50", "60", "75", "80", "3", "2.5", "12.5"))
    digits = digits if rng.random() < 0.6 else str(rng.randint(1, 99))
    p = figures.number(digits)
    a, b = _amount(figures), _amount(figures)
    if "{b}" in template and not is_short(shape(a, p, b).value, 6):
        raise ValueError("a percentage that nobody would ask for")
    said = f"百分之{p}" if not p.surface[:1].isdigit() or rng.random() < 0.3 else f"{p}{rng.choice('%%％')}"
    return _wrapped(figures, template, {"a": a, "b": b, "p": said}), shape(a, p, b)


def _discount(figures: Figures) -> Made:
    """八折 keeps 80 %, 八五折 85 %: the expression says so in tenths or hundredths."""
    rng = figures.rng
    a = _amount(figures)
    if rng.random() < 0.65:
        tenths = rng.randint(1, 9)
        z = figures.story.tell(str(tenths), surface=rng.choice((str(tenths), han(tenths), han(tenths))))
        return pick(rng, shapes.DISCOUNT, {"a": a, "z": z}).lstrip("?"), a * z / 10
    if rng.random() < 0.5:
        digits = f"{rng.randint(5, 9)}.{rng.choice((5, rng.randint(1, 9)))}"
        z = figures.story.tell(digits, surface=digits)
        return pick(rng, shapes.DISCOUNT, {"a": a, "z": z}).lstrip("?"), a * z / 10
    high, low = rng.randint(5, 9), rng.choice((5, 8, rng.randint(1, 9)))
    surface = rng.choice((f"{high}{low}", han(high) + han(low), han(high) + han(low)))
    z = figures.story.tell(f"{high}{low}", surface=surface)
    return pick(rng, shapes.DISCOUNT, {"a": a, "z": z}).lstrip("?"), a * z / 100


def _amount(figures: Figures) -> Quantity:
    draw = figures.rng.random()
    if draw < 0.2:
        return figures.digits(f"{figures.rng.randint(2, 400)}.{figures.rng.randint(1, 9)}")
    return figures.whole(figures.rng.randint(2, 60) * figures.rng.choice((1, 5, 10, 10, 20, 50, 100)))


def _missing(figures: Figures) -> Made:
    template, shape = figures.rng.choice(shapes.MISSING)
    a = figures.small(2, figures.rng.choice((12, 99, 400)))
    b = figures.whole(int(a.value) * figures.rng.randint(2, 40))
    return pick(figures.rng, (template,), {"a": a, "b": b}), shape(a, b)


_TABLE: tuple[tuple[Callable[[Figures], Made], int], ...] = (
    (_add, 14),
    (_subtract, 15),
    (_multiply, 13),
    (_divide, 14),
    (_symbols, 12),
    (_spoken, 6),
    (_list, 5),
    (_chain, 11),
    (_one, 7),
    (_power, 3),
    (_share, 3),
    (_fractions, 3),
    (_percent, 9),
    (_discount, 4),
    (_missing, 6),
)
_MAKERS = tuple(maker for maker, _ in _TABLE)
_WEIGHTS = tuple(sum(weight for _, weight in _TABLE[: place + 1]) for place in range(len(_TABLE)))
