"""The request before with one part changed: another day, share, unit or sum, or taken back.

At times the first call failed: a person asks on all the same.
"""

from __future__ import annotations

import random

from yanray.train.document import Exchange, Language, assistant, called, joined, outcome, result
from yanray.train.everyday import convert, slips, todo, weather
from yanray.train.question import evaluate, printed, shown

_DAY = {
    "en": (
        "and {d}?",
        "what about {d}?",
        "{d}?",
        "how about {d}",
        "and on {d}",
        "same for {d}",
        "I meant {d}",
        "{d} too please",
        "and {d} as well",
        "how will it be {d}",
    ),
    "zh": (
        "那{d}呢",
        "{d}呢",
        "{d}怎么样",
        "换成{d}",
        "我问的是{d}",
        "再看看{d}",
        "{d}的也说说",
        "{d}也查一下",
        "顺便看看{d}",
    ),
}
_SHARE = {
    "en": ("and {p}%?", "what about {p}%", "{p}% instead", "make it {p}%", "and {p} percent?", "no, {p}%"),
    "zh": ("那{p}%呢", "{p}%呢", "换成{p}%", "如果是{p}%呢", "百分之{p}呢"),
}
_SHARES = {
    "en": ("{p}% of {a}?", "what's {p}% of {a}", "{p} percent of {a}", "how much is {p}% of {a}?"),
    "zh": ("{a}的{p}%", "{a}的百分之{p}是多少", "{a}的{p}%是多少"),
}
_UNIT = {
    "en": (
        "and in {b}?",
        "in {b}?",
        "what about {b}",
        "and {b}?",
        "now in {b}",
        "no, in {b}",
        "I need it in {b}",
    ),
    "zh": ("那换成{b}呢", "{b}呢", "是多少{b}", "换成{b}", "我要的是{b}"),
}
_WHOLE = {
    "en": (
        "no, I meant {x}",
        "sorry, {x}",
        "I meant {x}",
        "oops: {x}",
        "not that, {x}",
        "and {x}?",
        "now {x}",
    ),
    "zh": ("不对，是{x}", "我是说{x}", "说错了，{x}", "改成{x}", "那{x}呢", "再算{x}"),
}
_BACK = {
    "en": (
        "take it off again",
        "no, remove it",
        "undo that",
        "I don't need it after all",
        "delete that again",
    ),
    "zh": ("再删掉吧", "不要了，去掉", "撤销", "还是删了吧", "划掉它"),
}


def failed(rng: random.Random, language: Language, made: Exchange) -> Exchange:
    """MADE, three times in ten with the network away."""
    if rng.random() > 0.3:
        return made
    asked, call, _, _ = made.messages
    output, answer = slips.away(rng, language)
    return Exchange((asked, call, result(call.content[1:].split(" ")[0], output), assistant(answer)))


def days(rng: random.Random, language: Language) -> Exchange:
    """The weather of a place, then on another day."""
    place = weather.town(rng, language)
    first = weather.asked(rng, language, rng.choice(("place", "both")), place)
    command = first.messages[1].content
    other = weather.asked(rng, language, "both", place)
    written = other.messages[1].content
    while written == command or place not in written or place not in command:
        return days(rng, language)
    day = written.partition(place)[2].strip()
    text = rng.choice(_DAY[language]).replace("{d}", day)
    second = called(text, "weather", f"{place} {day}", *outcome(other))
    return joined(failed(rng, language, first), failed(rng, language, second))


_THERE = {
    "en": ("and in {x}?", "what about {x}?", "and {x}", "{x}?", "in {x} I mean", "how about {x}"),
    "zh": ("那{x}呢", "{x}呢", "{x}怎么样", "我是说{x}", "再看看{x}", "{x}的也说说"),
}


def elsewhere(rng: random.Random, language: Language) -> Exchange:
    """The weather here, then that of a place, on the same day."""
    place = weather.town(rng, language)
    first = weather.asked(rng, language, rng.choice(("day", "bare")), place)
    day = first.messages[1].content.removeprefix("/weather").strip()
    second = weather.asked(rng, language, "place", place)
    text = rng.choice(_THERE[language]).replace("{x}", place)
    line = f"{place} {day}".strip()
    return joined(failed(rng, language, first), called(text, "weather", line, *outcome(second)))


def shares(rng: random.Random, language: Language) -> Exchange:
    """So many percent of a number, then another share of it."""
    base = rng.choice((rng.randint(2, 400), 10 * rng.randint(2, 90), rng.randint(100, 9000) / 100))
    first, second = rng.sample((5, 10, 12, 15, 18, 20, 25, 30, 35, 40, 50, 60, 75, 8, 3), 2)
    asked = rng.choice(_SHARES[language]).format(p=first, a=base)
    follows = rng.choice(_SHARE[language]).format(p=second)
    made = _sum(rng, language, asked, f"{first}% of {base}")
    return joined(made, _sum(rng, language, follows, f"{second}% of {base}"))


def _sum(rng: random.Random, language: Language, text: str, expression: str) -> Exchange:
    value = evaluate(expression)
    says: tuple[str, ...] = ("{x} is {v}.", "That is {v}.", "{v}.")
    if language == "zh":
        says = ("{x}等于{v}。", "是{v}。", "结果是{v}。")
    say = rng.choice(says).format(x=expression, v=shown(value))
    return called(text, "calculate", expression, printed(value), say)


def sums(rng: random.Random, language: Language) -> Exchange:
    """A sum, then another in its place."""
    first, second = (f"{rng.randint(2, 200)}{rng.choice('+-*')}{rng.randint(2, 60)}" for _ in range(2))
    if rng.random() < 0.5:  # only one number is another
        second = f"{rng.randint(2, 200)}{first.lstrip('0123456789')}"
    spoken = second
    if rng.random() < 0.5:
        words = {"+": " plus ", "-": " minus ", "*": " times "}
        if language == "zh":
            words = {"+": "加", "-": "减", "*": "乘以"}
        spoken = "".join(words.get(letter, letter) for letter in second)
    text = rng.choice(_WHOLE[language]).format(x=spoken)
    asked = f"what is {first}?" if language == "en" else f"{first}是多少"
    return joined(_sum(rng, language, asked, first), _sum(rng, language, text, second))


def units(rng: random.Random, language: Language) -> Exchange:
    """A conversion, then the same amount in a third unit."""
    (names, size), (target, into), (other, third) = convert.three(rng, language)
    space = " " if language == "en" else ""
    number, unit, wanted, more = convert.number(rng), names[0], target[0], rng.choice(other)
    asks: tuple[str, ...] = ("{n} {a} in {b}?", "how many {b} is {n} {a}", "convert {n} {a} to {b}")
    if language == "zh":
        asks = ("{n}{a}是多少{b}", "{n}{a}换成{b}", "{n}{a}等于多少{b}")
    asked = rng.choice(asks).format(n=number, a=unit, b=wanted)
    text = rng.choice(_UNIT[language]).format(b=more)
    amount = f"{number}{space}{unit}"
    return joined(
        *(
            called(
                question,
                "convert",
                f"{amount} to {name}",
                f"{amount} = {convert.shown(float(number) * size / each)}{space}{name}",
                f"{amount}{' is ' if language == 'en' else '是'}{convert.shown(float(number) * size / each)}"
                f"{space}{name}{'.' if language == 'en' else '。'}",
            )
            for question, name, each in ((asked, wanted, into), (text, more, third))
        )
    )


def backs(rng: random.Random, language: Language) -> Exchange:
    """Something put on a list, then taken off again."""
    first = todo.adding(rng, language)
    item, _, name = first.messages[1].content.removeprefix("/todo add ").rpartition(" to ")
    say, output = (
        f"{item[:1].upper()}{item[1:]} is off the {name} list again.",
        f"Removed from {name}: {item}",
    )
    if language == "zh":
        say, output = f"{item}已经从{name}清单里删掉了。", f"已从{name}删除：{item}"
    line = f"remove {item} from {name}"
    return joined(first, called(rng.choice(_BACK[language]), "todo", line, output, say))
