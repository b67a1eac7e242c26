"""Everyday sums told as a situation, and sums in irregular words.

Each line of a table is `request => expression`. A slot is a kind of number with a digit to tell two apart:
`{w1}`. The request gets it as people write it, the expression as digits.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

from yanray.train import amounts
from yanray.train.numerals import english, english_decimal, han, han_decimal
from yanray.train.phrasing import lines, write
from yanray.train.question import Question, evaluate, printed
from yanray.train.tables import sums_en, sums_zh

_TABLES = Path(__file__).parent / "tables"
_PERCENTS = (5, 8, 10, 12, 15, 18, 20, 25, 30, 35, 40, 45, 50, 60, 65, 70, 75, 80, 90, 3, 7, 22, 17, 33)
_TWO = re.compile(
    r"(?<![一二三四五六七八九十百千万亿点分之零第])二(?=[个份盒箱排斤本杯瓶张块包打小度岁天米页人])"
)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_IN_WORDS = re.compile(r"(\d+(?:\.\d+)?)(?= percent)")
_CURRENCY = re.compile(r"\$ ?(?=[a-z])")
_AN = re.compile(r"\ba(?= (?:eight|eleven|8|11\b|18\b))")
_PREAMBLES = {
    "en": (
        "there are 4 of us at home, but never mind that. ",
        "it's already 7 o'clock and i'm on page 212. ",
        "my teacher says two heads are better than one. ",
        "for my 3rd try today: ",
        "i asked 2 people and got 2 answers. ",
        "room 12 here. ",
    ),
    "zh": (
        "九九八十一难都过了，",
        "三七二十一我不管，",
        "现在都8点了，",
        "我问了两个人，答案都不一样，",
        "这是第3题，",
        "我家住5楼，先不说这个，",
        "一不做二不休，",
        "乘法口诀背到二六十二了，先问一个：",
        "我家小孩刚背完三五十五，",
        "二五一十谁都会，难的是",
    ),
}
_EN_PARTS = {
    "half": "1/2",
    "a half": "1/2",
    "a third": "1/3",
    "one third": "1/3",
    "two thirds": "2/3",
    "a quarter": "1/4",
    "one quarter": "1/4",
    "three quarters": "3/4",
    "one fifth": "1/5",
    "a fifth": "1/5",
    "two fifths": "2/5",
    "four fifths": "4/5",
    "a sixth": "1/6",
    "five sixths": "5/6",
    "an eighth": "1/8",
    "three eighths": "3/8",
    "five eighths": "5/8",
    "seven eighths": "7/8",
    "a tenth": "1/10",
    "seven tenths": "7/10",
    "one twelfth": "1/12",
    "one sixteenth": "1/16",
    "three sixteenths": "3/16",
    "one twentieth": "1/20",
}


def question(rng: Random, lang: str) -> Question:
    """One request. lang: `en` or `zh`."""
    while True:
        templates = _templates(lang)
        request, expression = templates[int(rng.random() * len(templates))]
        words, digits = numbers(rng, lang)
        if any(sign in request for sign in "+^(（") or "-{" in request:
            words |= {key: value for key, value in digits.items() if key[0] in "nwhtbl"}
        sum_ = write(expression, rng, digits)
        try:
            value = evaluate(sum_)
        except (ValueError, ZeroDivisionError):
            continue
        if abs(float(value)) < 1e15:
            break
    answer = printed(value)
    text = _as_typed(rng, write(request, rng, words), lang)
    return Question(text, sum_, answer, _say(rng, sum_, answer, lang), lang)


@cache
def _templates(lang: str) -> tuple[tuple[str, str], ...]:
    rows = [
        row
        for path in sorted(_TABLES.glob(f"situations_{lang}*.txt"))
        for row in lines(path.read_text(encoding="utf-8"))
    ]
    return tuple((left.strip(), right.strip()) for left, _, right in (row.rpartition("=>") for row in rows))


def numbers(rng: Random, lang: str) -> tuple[dict[str, str], dict[str, str]]:
    """What every slot says in the request and in the expression."""
    raw: dict[str, str] = {}
    for i in "1234":
        raw["n" + i] = str(rng.randint(2, 12))
        raw["w" + i] = str(rng.randint(3, rng.choice((20, 50, 99))))
        raw["h" + i] = str(rng.randint(13, rng.choice((99, 250, 999, 999, 5000))))
        raw["t" + i] = str(rng.randint(1, 25))
        raw["b" + i] = str(rng.randint(11, 999) * rng.choice((10, 50, 100, 100)) + rng.choice((0, 0, 0, 7)))
        raw["m" + i] = _price(rng)
        raw["d" + i] = f"{rng.randint(0, 40)}.{rng.randint(1, 9)}{rng.choice(('', '5', '2'))}"
        raw["s" + i] = str(rng.randint(55, 100))
        percent = rng.choice(_PERCENTS) if rng.random() < 0.85 else rng.randint(2, 95)
        raw["p" + i] = "12.5" if rng.random() < 0.02 else str(percent)
    top = rng.choice((30, 100, 1000, 1000, 20000))
    low = rng.randint(2, top - 4)
    middle = rng.randint(low + 1, top - 1)
    high = rng.randint(middle + 1, top + top // 4)
    raw |= {"lo": str(low), "mid": str(middle), "hi": str(high)}
    raw["note"] = rng.choice(("10", "20", "50", "100"))
    raw["bill"] = (
        f"{rng.randint(1, int(raw['note']) - 1)}{rng.choice(('', '.50', '.75', '.2', '.99', '.35'))}"
    )
    raw["sq"] = str(rng.randint(2, 40) ** 2)
    raw["cu"] = str(rng.randint(2, 12) ** 3)
    raw["e"] = str(rng.randint(2, 8))
    raw["yr"], raw["now"] = str(rng.randint(1930, 2015)), str(rng.randint(2020, 2040))
    words = {k: v if k[0] in "py" or k == "now" else _spoken(rng, v, lang) for k, v in raw.items()}
    for i in "1234":
        part = rng.choice(tuple(_EN_PARTS))
        if lang == "zh":
            under = rng.choice((2, 2, 3, 3, 4, 4, 5, 6, 8, 10, 16))
            over = rng.randint(1, under - 1)
            words["f" + i], raw["f" + i] = f"{han(under)}分之{han(over)}", f"{over}/{under}"
        else:
            words["f" + i], raw["f" + i] = part, _EN_PARTS[part]
        if lang == "zh":
            for kind, draw in amounts.CHINESE.items():
                words[kind + i], raw[kind + i] = draw(rng)
        else:
            for kind, draw in amounts.ENGLISH.items():
                words[kind + i], raw[kind + i] = draw(rng)
    return words, raw


def _price(rng: Random) -> str:
    draw = rng.random()
    if draw < 0.4:
        return str(rng.randint(3, rng.choice((30, 99, 400))))
    if draw < 0.6:
        return str(rng.randint(2, 60) * rng.choice((5, 10, 50)))
    cents = rng.choice(("50", "25", "99", "80", "5", "40", "75", "95"))
    return f"{rng.randint(1, rng.choice((20, 90, 300)))}.{cents}"


def _spoken(rng: Random, digits: str, lang: str) -> str:
    """A number as people write it: mostly digits."""
    whole = "." not in digits
    if rng.random() < (0.27 if len(digits) < 4 else 0.12):
        if lang == "en":
            return english(int(digits)) if whole else english_decimal(digits)
        return han(int(digits), counting=int(digits) > 99) if whole else han_decimal(digits)
    if lang == "en" and whole and len(digits) > 3 and rng.random() < 0.35:
        return f"{int(digits):,}"
    return digits


def _say(rng: Random, expression: str, answer: str, lang: str) -> str:
    number = answer.rpartition(" = ")[2].removeprefix("about ")
    short = expression if len(expression) <= 16 and "of" not in expression and rng.random() < 0.5 else ""
    if lang == "zh":
        sign = "约等于" if number != answer else "等于" if short else "答案是"
        return f"{short}{sign}{number}。"
    about = "about " if number != answer else ""
    return f"{short or rng.choice(('That is', 'That makes', 'It'))} is {about}{number}.".replace(
        "That is is", "That is"
    ).replace("That makes is", "That makes")


def _as_typed(rng: Random, text: str, lang: str) -> str:
    text = " ".join(text.split())
    if lang == "zh":
        text = _TWO.sub("两", text)
        if rng.random() < 0.35:
            text = _PERCENT.sub(lambda found: "百分之" + found[1], text)
        elif rng.random() < 0.3:
            text = _PERCENT.sub(lambda found: "百分之" + han_decimal(found[1]), text)
    else:
        text = _CURRENCY.sub("", text)
        text = _AN.sub("an", text)
        if rng.random() < 0.25:
            text = text.replace("%", " percent")
        if rng.random() < 0.2:
            text = _IN_WORDS.sub(lambda found: english_decimal(found[1]), text)
    if rng.random() < 0.07:
        text = rng.choice(_PREAMBLES[lang]) + text
    elif rng.random() < 0.1:
        text = rng.choice(sums_en.BEFORE if lang == "en" else sums_zh.BEFORE) + text
    if rng.random() < 0.3:
        text = text.rstrip("?？.。")
    if lang == "en" and rng.random() < 0.45:
        text = text[:1].upper() + text[1:]
    return text
