"""Several calls in one turn: two questions in one message, or one result that the next call needs."""

from __future__ import annotations

import random
import re

from yanray.train.concepts import words
from yanray.train.document import Exchange, Language, assistant, command, result, user
from yanray.train.everyday import clock, convert, remind, search, sums, todo, weather
from yanray.train.everyday.base import Maker
from yanray.train.question import evaluate, shown

_JOINTS = {
    "en": (" and ", " and also ", ", and ", ". Also, ", "; then ", ". and "),
    "zh": ("，还有，", "，另外", "，再", "。还有", "，顺便"),
}
_BOTH: tuple[Maker, ...] = (
    sums.exchange, clock.place, convert.exchange, weather.exchange, todo.adding, remind.timer,
    search.exchange,
)  # fmt: skip


def exchange(rng: random.Random, language: Language) -> Exchange:
    """A turn with two calls."""
    kind = rng.choices((_two, _there, _worked), (50, 25, 25))[0]
    return kind(rng, language)


def _two(rng: random.Random, language: Language) -> Exchange:
    """Two requests in one message; both results are told."""
    first, second = (make(rng, language).messages for make in rng.sample(_BOTH, 2))
    head, tail = first[0].content.rstrip("?.!？。"), second[0].content
    joint = rng.choice(_JOINTS[language])
    text = head + joint + (tail[0].lower() + tail[1:] if tail[:2] not in ("I ", "I'") else tail)
    space = " " if language == "en" else ""
    told = first[3].content + space + second[3].content
    return Exchange((user(text), *first[1:3], *second[1:3], assistant(told)))


_THERE = {
    "en": (
        "what time is it in {x} and how's the weather there?",
        "time and weather in {x}",
        "weather and time in {x} please",
        "I'm flying to {x}: what time is it there and is it warm?",
    ),
    "zh": (
        "{x}现在几点，天气怎么样",
        "{x}的时间和天气",
        "我要去{x}，那边几点，冷吗",
        "告诉我{x}的天气和时间",
    ),
}


def _there(rng: random.Random, language: Language) -> Exchange:
    """The time and the weather of one place."""
    place = rng.choice(words()["city"][language])
    hour = clock.time_in(rng, language, place).messages
    sky = weather.in_place(rng, language, place).messages
    space = " " if language == "en" else ""
    text = rng.choice(_THERE[language]).replace("{x}", place)
    place_kept = place in hour[1].content and place in sky[1].content
    if not place_kept:  # the manner of one of the two changed the letters
        return _there(rng, language)
    return Exchange((user(text), *hour[1:3], *sky[1:3], assistant(hour[3].content + space + sky[3].content)))


_VALUE = re.compile(r"-?[\d.]+")
_WORKED = {
    "en": (
        "convert {c} and multiply the result by {n}",
        "how much is {c}, times {n}?",
        "{c}, then multiply by {n}",
        "what is {n} times {c}?",
    ),
    "zh": ("{c}，再乘以{n}是多少", "{c}，算完再乘{n}", "{c}，结果乘以{n}"),
}


def _worked(rng: random.Random, language: Language) -> Exchange:
    """A conversion whose result is worked on."""
    _, call, output, _ = convert.exchange(rng, language).messages
    asked = call.content.removeprefix("/convert ")
    right = output.content.split(" = ")[1]
    match = _VALUE.match(right)
    value = match[0] if match else "0"
    unit = right[len(value) :].partition("（")[0].partition(" (")[0].strip()
    count = rng.randint(2, 12)
    expression = f"{value}*{count}"
    if "e" in unit[:1] and unit[1:2] in "+-":
        return _worked(rng, language)
    total = shown(evaluate(expression))
    say = f"That is {total} {unit}." if language == "en" else f"是{total}{unit}。"
    spoken = asked if language == "en" else asked.replace(" to ", "换成")
    text = rng.choice(_WORKED[language]).replace("{c}", spoken).replace("{n}", str(count))
    return Exchange(
        (
            user(text),
            call,
            output,
            command("calculate", expression),
            result("calculate", total),
            assistant(say),
        )
    )
