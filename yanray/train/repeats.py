"""Sums with long results whose digits repeat (1111111101): copying them must not lose count."""

from __future__ import annotations

from random import Random

from yanray.train.phrasing import pick
from yanray.train.question import Question, evaluate, printed
from yanray.train.tables import sums_en, sums_zh


def digits(rng: Random) -> str:
    """Four to fourteen digits with runs and repeated groups in them."""
    kind = rng.random()
    if kind < 0.4:
        group = str(rng.randint(1, rng.choice((9, 99, 999))))
        text = group * rng.randint(2, 7) + "".join(rng.choices("0123456789", k=rng.randint(0, 2)))
    elif kind < 0.7:
        text = "".join(rng.choice("0123456789") * rng.randint(1, 5) for _ in range(rng.randint(2, 4)))
    else:
        text = "".join(rng.choices(rng.choice(("01", "19", "08", "123", "57")), k=rng.randint(5, 12)))
    return text[:14].lstrip("0").ljust(4, rng.choice("0159"))


def _expression(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.35:
        return f"{digits(rng)}{rng.choice('+-')}{rng.randint(1, rng.choice((9, 99, 1111, 10000)))}"
    if kind < 0.55:
        return f"{rng.choice('1239') * rng.randint(3, 7)}*{rng.choice('1279') * rng.randint(2, 5)}"
    if kind < 0.7:
        return f"{rng.randint(2, 9)}{'0' * rng.randint(2, 6)}{rng.randint(1, 9)}*{rng.randint(2, 11)}"
    if kind < 0.8:
        return f"{rng.choice((2, 3, 5, 10, 11, 20))}**{rng.randint(6, 18)}"
    if kind < 0.9:
        return f"{rng.randint(1, 40)}/{rng.choice((3, 6, 7, 9, 11, 13, 33, 99))}"
    return f"{digits(rng)}*{rng.randint(2, 11)}"


def question(rng: Random, lang: str) -> Question:
    """One request; the answer is said to the last digit."""
    expression = _expression(rng)
    value = evaluate(expression)
    answer = printed(value)
    spoken = expression.replace("**", "^")
    if rng.random() < 0.5:
        words = {"+": " plus ", "-": " minus ", "*": " times ", "/": " divided by "}
        if lang == "zh":
            words = {"+": "加", "-": "减", "*": "乘以", "/": "除以"}
        spoken = "".join(words.get(sign, sign) for sign in spoken)
    elif rng.random() < 0.4:
        spoken = "".join(f" {sign} " if sign in "+-*/" else sign for sign in spoken)
    number = answer.rpartition(" = ")[2]
    if lang == "zh":
        text = pick(rng, sums_zh.ASK, {"it": spoken})
        say = rng.choice(("答案是", "等于", "")) + number + "。"
    else:
        text = pick(rng, sums_en.ASK, {"it": spoken})
        say = rng.choice(("That is ", "It is ", "")) + number + "."
    return Question(text, expression, answer, say, lang)
