"""Calls of the shipped tools that go wrong: mended where the error says how, else told in plain words."""

from __future__ import annotations

import random

from yanray.train.concepts import words
from yanray.train.document import Exchange, Language, assistant, command, result, user
from yanray.train.everyday import clock, convert, machine, search, weather
from yanray.train.reasons import printed

_DOWN = (
    "the network is away, or there is no host 'api.example.org'",
    "no network",
    "the network is away",
    "the service did not answer",
    "timed out after 10 s",
    "no connection to the internet",
)
_DOWN_SAYS = {
    "en": (
        "I can't reach the network right now, so I don't know.",
        "There is no connection at the moment: {why}.",
        "That needs the network, and it is away: {why}.",
        "Sorry, it did not work: {why}.",
        "I could not get it: {why}.",
    ),
    "zh": (
        "现在连不上网，查不到。",
        "网络有问题：{why}。",
        "这个要联网，可是现在连不上。",
        "抱歉，没有成功：{why}。",
        "没有查到，{why}。",
    ),
}
_SUMS = (
    ("{a}/0", "division by zero has no result", "A number cannot be divided by zero.", "不能除以零。"),
    (
        "{a}/(7-7)",
        "division by zero has no result",
        "The divisor is zero there, so it has no result.",
        "除数是零，没有结果。",
    ),
    (
        "log(0)",
        "that is not defined (a division by zero, or a function outside its range)",
        "The logarithm of zero is not defined.",
        "零的对数没有定义。",
    ),
)
_ASK_SUM = {
    "en": ("what is {x}?", "{x}", "how much is {x}", "calculate {x}"),
    "zh": ("{x}等于多少", "{x}", "算一下{x}", "{x}是多少"),
}
_LIST_GONE = {
    "en": ("take {x} off the {list} list", "remove {x} from {list}", "mark {x} as done on {list}"),
    "zh": ("把{x}从{list}清单里删掉", "{list}清单去掉{x}"),
}


def exchange(rng: random.Random, language: Language) -> Exchange:
    """One call that fails, with what follows."""
    kind = rng.choices((_offline, _misspelt, _impossible, _gone), (35, 30, 20, 15))[0]
    return kind(rng, language)


def _offline(rng: random.Random, language: Language) -> Exchange:
    """The tool cannot reach the network."""
    make = rng.choice((weather.exchange, search.exchange, machine.page, convert.money))
    asked, call, _, _ = make(rng, language).messages
    output, say = away(rng, language)
    return Exchange((asked, call, result(call.content[1:].split(" ")[0], output), assistant(say)))


def away(rng: random.Random, language: Language) -> tuple[str, str]:
    """What a tool prints when the network is away, and what is said of it."""
    why = rng.choice(_DOWN)
    return printed(rng, why, "weather"), rng.choice(_DOWN_SAYS[language]).replace("{why}", why)


def _typo(rng: random.Random, word: str) -> str:
    """WORD with two letters swapped, one doubled or one lost."""
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at] + word[at:] if kind == 1 else word[:at] + word[at + 1 :]


def _misspelt(rng: random.Random, language: Language) -> Exchange:
    """A misspelt place: the error names the nearest, and the call is made again."""
    city = rng.choice([each for each in words()["city"]["en"] if len(each) > 5])
    typed = _typo(rng, city)
    source = clock.time_in(rng, language, city)
    if typed == city:
        return source
    asked, _, output, answer = source.messages
    if city not in asked.content:
        return source
    hint = rng.choice(
        (
            "unknown place {w}; did you mean {c}?",
            "'{w}' is not understood; write e.g. {c}",
            "'{w}' is not a place that is known; near it: {c}",
            "no place called {w}: write {c}",
            "{w} is not known, nearest: {c}",
        )
    )
    error = printed(rng, hint.replace("{w}", typed).replace("{c}", city), "clock")
    return Exchange(
        (
            user(asked.content.replace(city, typed)),
            command("clock", typed),
            result("clock", error),
            command("clock", city),
            output,
            answer,
        )
    )


def _impossible(rng: random.Random, language: Language) -> Exchange:
    """A sum that has no result."""
    template, why, en, zh = rng.choice(_SUMS)
    expression = template.replace("{a}", str(rng.randint(2, 500)))
    asked = rng.choice(_ASK_SUM[language]).replace("{x}", expression)
    answer = zh if language == "zh" else en
    return Exchange(
        (
            user(asked),
            command("calculate", expression),
            result("calculate", printed(rng, why, "calculate")),
            assistant(answer),
        )
    )


def _gone(rng: random.Random, language: Language) -> Exchange:
    """Something to take off a list on which it does not stand."""
    item = rng.choice(words()["food"][language])
    name = rng.choice(("shopping", "groceries", "party") if language == "en" else ("购物", "买菜", "聚会"))
    asked = rng.choice(_LIST_GONE[language]).replace("{x}", item).replace("{list}", name)
    verb = "done" if "done" in asked else "remove"
    line = f"done {item}" if verb == "done" else f"remove {item} from {name}"
    answer = f"There is no {item} on the {name} list." if language == "en" else f"{name}清单里没有{item}。"
    why = rng.choice((f"no {item} in {name}; there is: todo, {name}", f"no {item} in {name}"))
    error = printed(rng, why, "todo")
    return Exchange((user(asked), command("todo", line), result("todo", error), assistant(answer)))
