"""Turns that only make sense after the one before: `and times three?`, `what about Tokyo?`, `no, 15`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from yanray.train.concepts import words
from yanray.train.document import Exchange, Language, called, joined, reworded
from yanray.train.everyday import (
    afterlooks,
    aftersums,
    afterwards,
    chance,
    changes,
    clock,
    convert,
    todo,
    weather,
)
from yanray.train.everyday.moments import english
from yanray.train.question import evaluate, printed, shown

_TIMES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "*": (
            "and times {n}?", "now multiply that by {n}", "times {n}", "multiply it by {n}",
            "and {n} times that?", "what if i multiply that by {n}",
        ),
        "+": ("plus {n}", "add {n} to that", "and plus {n}?", "now add {n}", "and {n} more?"),
        "-": ("minus {n}", "subtract {n} from that", "take away {n}", "and minus {n}?", "now {n} less"),
        "/": ("divided by {n}?", "divide that by {n}", "and split by {n}?", "now divide it by {n}"),
    },
    "zh": {
        "*": ("再乘以{n}呢", "乘{n}", "再乘{n}是多少", "结果乘以{n}"),
        "+": ("再加{n}呢", "加上{n}", "再加上{n}是多少", "加{n}"),
        "-": ("再减{n}呢", "减去{n}", "减{n}是多少", "少{n}呢"),
        "/": ("再除以{n}呢", "除以{n}", "平均分成{n}份呢", "除{n}是多少"),
    },
}  # fmt: skip
_DOUBLE: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("double it", "*2"),
        ("double that", "*2"),
        ("and half of that?", "/2"),
        ("halve it", "/2"),
        ("square it", "**2"),
        ("and 10% of that?", "*10/100"),
    ),
    "zh": (
        ("翻一倍呢", "*2"),
        ("再翻倍", "*2"),
        ("一半是多少", "/2"),
        ("它的平方呢", "**2"),
        ("它的百分之十呢", "*10/100"),
    ),
}
_MEANT = {
    "en": (
        "no, I meant {n}",
        "sorry, {n}",
        "{n}, not {m}",
        "I meant {n} instead of {m}",
        "oops, make that {n}",
        "and with {n}?",
        "what about {n}?",
    ),
    "zh": ("不对，是{n}", "我说的是{n}", "不是{m}，是{n}", "说错了，是{n}", "换成{n}呢", "{n}呢"),
}
_PLACE = {
    "en": (
        "and in {x}?",
        "what about {x}?",
        "and {x}?",
        "how about {x}",
        "same for {x}",
        "and for {x}?",
        "sorry, I meant {x}",
        "no, {x}",
        "{x}?",
        "now {x}",
    ),
    "zh": ("那{x}呢", "{x}呢", "{x}怎么样", "我说的是{x}", "换成{x}", "不对，是{x}", "再看看{x}", "那{x}"),
}
_AGAIN = {
    "en": (
        "again",
        "once more",
        "one more time please",
        "do it again",
        "another one",
        "again please",
        "roll again",
    ),
    "zh": ("再来一次", "再来", "再一次", "重来一次", "再抽一次"),
}
_ALSO = {
    "en": ("and {x}", "{x} too", "also {x}", "and {x} as well please", "plus {x}", "oh, and {x}"),
    "zh": ("还有{x}", "{x}也加上", "再加{x}", "对了，还有{x}"),
}
# A conversion in proportion: no temperature.
_CONVERTED = re.compile(
    r"(\d[\d.]*)((?!.*(?:[Cc]el|[Ff]ahr|[CF℃℉] = |氏)).*) = (\d[\d.]*)([^(（\d]*[^(（\d ]).*"
)
_SHOW = {
    "en": ("what's on it now?", "show it", "show me the list", "and what's on the list?"),
    "zh": ("现在上面有什么", "给我看看", "列出来看看", "清单里都有什么"),
}


def _first(rng: random.Random, language: Language) -> tuple[str, str, str, str]:
    """A sum of two numbers: the request, the expression, and its numbers."""
    sign = rng.choice("+-*/")
    a, b = rng.randint(2, 200), rng.randint(2, 60)
    a = a * b if sign == "/" else a
    en = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}[sign]
    zh = {"+": "加", "-": "减", "*": "乘以", "/": "除以"}[sign]
    expression = f"{a}{sign}{b}"
    asks = (f"what is {a} {en} {b}?", f"what's {expression}", expression, f"how much is {a} {en} {b}")
    if language == "zh":
        asks = (f"{a}{zh}{b}等于多少", f"{expression}是多少", expression, f"{a}{zh}{b}")
    return rng.choice(asks), expression, str(a), str(b)


def _say(rng: random.Random, language: Language, expression: str, value: str) -> str:
    says = (f"{expression} is {value}.", f"That is {value}.", f"{value}.")
    if language == "zh":
        says = (f"{expression}等于{value}。", f"是{value}。", f"结果是{value}。")
    return rng.choice(says)


def _sum(rng: random.Random, language: Language, text: str, expression: str) -> tuple[Exchange, str]:
    value = evaluate(expression)
    say = _say(rng, language, expression, shown(value))
    return called(text, "calculate", expression, printed(value), say), shown(value)


def sums(rng: random.Random, language: Language) -> Exchange:
    """A sum, then one to three steps on its result."""
    text, expression, _, _ = _first(rng, language)
    made, value = _sum(rng, language, text, expression)
    parts = [made]
    for _ in range(rng.choice((1, 1, 2, 3))):
        if "." in value and len(value) > 8:
            break
        text, expression = _step(rng, language, value)
        made, value = _sum(rng, language, text, expression)
        parts.append(made)
    return joined(*parts)


def _step(rng: random.Random, language: Language, value: str) -> tuple[str, str]:
    base = f"({value})" if value.startswith("-") else value
    if rng.random() < 0.2:
        text, change = rng.choice(_DOUBLE[language])
        return text, base + change
    sign = rng.choice("*+-/")
    count = rng.randint(2, 12 if sign in "*/" else 99)
    spoken = str(count)
    if rng.random() < 0.4 and count < 60:
        spoken = english(count) if language == "en" else spoken
    return rng.choice(_TIMES[language][sign]).replace("{n}", spoken), f"{base}{sign}{count}"


def meant(rng: random.Random, language: Language) -> Exchange:
    """A sum, then the same with another number."""
    text, expression, a, b = _first(rng, language)
    made, _ = _sum(rng, language, text, expression)
    fresh = str(rng.randint(2, 300))
    while fresh in (a, b):
        fresh = str(rng.randint(2, 300))
    asks = _MEANT[language]
    old = b
    if a != b and rng.random() < 0.4:
        asks, old = tuple(ask for ask in asks if "{m}" in ask), a
    head, tail = expression[: len(a)], expression[len(a) :]
    changed = fresh + tail if old is a else head + tail[0] + fresh
    text = rng.choice(asks).replace("{n}", fresh).replace("{m}", old)
    again, _ = _sum(rng, language, text, changed)
    return joined(made, again)


def _with_place(
    rng: random.Random, language: Language, make: Callable[[random.Random, Language], Exchange], name: str
) -> Exchange:
    """A request for a place, then the same for another."""
    cities = words()["city"][language]
    while True:
        first = make(rng, language)
        argument = first.messages[1].content[len(name) + 2 :]
        place = next((city for city in cities if argument.startswith(city)), "")
        if place:
            break
    other = rng.choice([city for city in cities if city != place])
    text = rng.choice(_PLACE[language]).replace("{x}", other)
    changed = other + argument[len(place) :]
    source = make(rng, language).messages
    while not source[1].content[len(name) + 2 :].startswith(cities_tuple(language)):
        source = make(rng, language).messages
    old = next(city for city in cities if source[1].content[len(name) + 2 :].startswith(city))
    output, answer = (message.content.replace(old, other) for message in source[2:4])
    second = called(text, name, changed, output, answer)
    if name == "weather":
        first, second = changes.failed(rng, language, first), changes.failed(rng, language, second)
    return joined(first, second)


def cities_tuple(language: Language) -> tuple[str, ...]:
    """All cities that the word lists know."""
    return tuple(words()["city"][language])


def times(rng: random.Random, language: Language) -> Exchange:
    return _with_place(rng, language, clock.place, "clock")


def skies(rng: random.Random, language: Language) -> Exchange:
    return _with_place(rng, language, weather.exchange, "weather")


def again(rng: random.Random, language: Language) -> Exchange:
    """A coin, dice or a number, then the same once more."""
    first = chance.exchange(rng, language)
    command = first.messages[1].content
    second = chance.exchange(rng, language)
    for _ in range(400):
        if second.messages[1].content == command:
            break
        second = chance.exchange(rng, language)
    else:
        second = first
    return joined(first, reworded(rng.choice(_AGAIN[language]), second))


def amounts(rng: random.Random, language: Language) -> Exchange:
    """A conversion, then another quantity of the same."""
    first = convert.exchange(rng, language)
    while not (found := _CONVERTED.fullmatch(first.messages[2].content)):
        first = convert.exchange(rng, language)
    count, left, got, right = found.groups()
    value = convert.number(rng)
    result = convert.shown(float(got) * float(value) / float(count))
    text = rng.choice(_MEANT[language][-2:] if rng.random() < 0.6 else _MEANT[language])
    text = text.replace("{n}", value).replace("{m}", count)
    rest = first.messages[1].content.removeprefix(f"/convert {count}")
    say = f"{value}{left} is {result}{right}." if language == "en" else f"{value}{left}是{result}{right}。"
    return joined(first, called(text, "convert", value + rest, f"{value}{left} = {result}{right}", say))


def items(rng: random.Random, language: Language) -> Exchange:
    """Something for a list, one thing more, and perhaps the list."""
    first = todo.adding(rng, language)
    item, _, name = first.messages[1].content.removeprefix("/todo add ").rpartition(" to ")
    other = todo.thing(rng, language)
    text = rng.choice(_ALSO[language]).replace("{x}", other)
    say = (
        f"{other[:1].upper()}{other[1:]} is on the {name} list too."
        if language == "en"
        else f"{other}也加到{name}清单了。"
    )
    line = f"add {other} to {name}"
    printed_line = f"Added to {name}: {other}" if language == "en" else f"已加到{name}：{other}"
    parts = [first, called(text, "todo", line, printed_line, say)]
    if rng.random() < 0.5:
        output = f"{name}:\n- {item}\n- {other}"
        answer = todo.read_out(language, [item, other])
        parts.append(called(rng.choice(_SHOW[language]), "todo", f"show {name}", output, answer))
    return joined(*parts)


ALL = (
    (sums, 4), (meant, 2), (times, 2), (skies, 2), (again, 1), (amounts, 2), (items, 2),
    (changes.days, 2), (changes.elsewhere, 1), (changes.shares, 1), (changes.sums, 2),
    (changes.units, 2), (changes.backs, 1),
    (aftersums.exchange, 6), *afterwards.ALL, *afterlooks.ALL,
)  # fmt: skip


def exchange(rng: random.Random, language: Language) -> Exchange:
    """A few turns that hang together."""
    make = rng.choices([each for each, _ in ALL], [weight for _, weight in ALL])[0]
    return make(rng, language)
