"""Requests for `random`: coins, dice, numbers, choices."""

from __future__ import annotations

import random

from yanray.train.concepts import words
from yanray.train.document import Exchange, Language
from yanray.train.everyday.base import Shape, shaped

_COIN = {
    "en": (
        "flip a coin", "toss a coin", "heads or tails?", "flip a coin please", "coin flip",
        "can you throw a coin for me", "flip a quarter",
        "let a coin decide", "do a coin toss",
    ),
    "zh": ("抛硬币", "抛个硬币", "扔硬币看正反面", "正面还是反面，抛一下", "帮我掷一枚硬币", "用硬币决定吧"),
}  # fmt: skip
_DICE: dict[str, dict[int, tuple[str, ...]]] = {
    "en": {
        1: (
            "roll a d{sides}", "roll a {sides}-sided die", "throw one die with {sides} sides",
            "d{sides} please",
        ),
        2: (
            "roll {n} {sides}-sided dice", "throw {n} dice with {sides} sides", "roll {n}d{sides}",
            "{n}d{sides}", "roll me {n} d{sides}",
        ),
    },
    "zh": {
        1: ("掷一个{sides}面骰子", "扔一颗{sides}面的骰子", "来个{sides}面骰"),
        2: ("掷{n}个{sides}面骰子", "扔{n}颗{sides}面骰", "{n}d{sides}"),
    },
}  # fmt: skip
_SIX = {
    "en": (
        "roll a die",
        "roll the dice",
        "throw a die for me",
        "roll a dice please",
        "give me a dice roll",
        "roll dice",
    ),
    "zh": ("掷骰子", "扔个骰子", "掷一次骰子", "摇个骰子"),
}
_PAIR = {"en": ("roll two dice", "throw two dice", "roll a pair of dice"), "zh": ("掷两个骰子", "扔两颗骰子")}
_NUMBER = {
    "en": (
        "pick a number between {a} and {b}", "random number from {a} to {b}",
        "give me a random number between {a} and {b}",
        "a number from {a} to {b} please", "choose any number {a} to {b}",
        "think of a number between {a} and {b}", "draw a number {a}-{b}",
    ),
    "zh": (
        "{a}到{b}之间随机一个数", "从{a}到{b}里挑个数", "随机给我一个{a}到{b}的数字", "{a}到{b}选个数",
        "抽一个{a}到{b}的号",
    ),
}  # fmt: skip
_ONE_OF = {
    "en": (
        "choose between {options}", "pick one: {options}", "should I have {options}? you decide",
        "randomly pick {options}",
        "help me decide: {options}", "{options}, pick for me", "choose one of {options}",
    ),
    "zh": (
        "{options}，帮我选一个", "{options}随机选一个", "在{options}里挑一个", "{options}选哪个，随便",
        "帮我从{options}里抽一个",
    ),
}  # fmt: skip


def exchange(rng: random.Random, language: Language) -> Exchange:
    """One request for `random`."""
    kind = rng.choices((_coin, _dice, _number, _one_of), (26, 26, 26, 22))[0]
    return kind(rng, language)


def _coin(rng: random.Random, language: Language) -> Exchange:
    heads = rng.random() < 0.5
    output = "heads" if heads else "tails"
    if language == "zh":
        answer = rng.choice(("是{z}。", "{z}！", "结果是{z}。"))
    else:
        answer = rng.choice(("It's {o}.", "{o}!", "It came up {o}.")).replace(
            "{o}!", output.capitalize() + "!"
        )
    values = {"o": output, "z": "正面" if heads else "反面"}
    return shaped(rng, "random", language, Shape(_COIN[language], "coin", ((output, answer),)), values)


def _dice(rng: random.Random, language: Language) -> Exchange:
    count, sides = rng.choice((1, 1, 2, 2, 3, 4, 5)), rng.choice((4, 6, 6, 8, 10, 12, 20, 100))
    asks = _DICE[language][min(count, 2)]
    if sides == 6 and count < 3:
        asks = (_SIX, _PAIR)[count - 1][language]
    rolls = [rng.randint(1, sides) for _ in range(count)]
    output = str(rolls[0]) if count == 1 else f"{' + '.join(map(str, rolls))} = {sum(rolls)}"
    rolled, total = ", ".join(map(str, rolls)), str(sum(rolls))
    if language == "zh":
        answer = f"掷出了 {rolled.replace(', ', '、')}" + ("。" if count == 1 else f"，一共 {total}。")
    else:
        answer = f"You rolled {rolled}" + ("." if count == 1 else f": {total} in all.")
    values = {"n": str(count), "sides": str(sides)}
    return shaped(rng, "random", language, Shape(asks, "{n}d{sides}", ((output, answer),)), values)


def _number(rng: random.Random, language: Language) -> Exchange:
    low = rng.choice((0, 1, 1, 1, 1, 5, 10, 100))
    high = rng.choice((6, 10, 10, 20, 49, 50, 100, 100, 500, 1000, rng.randint(11, 999)))
    low, high = min(low, high), max(low, high) + (low == high)
    got = str(rng.randint(low, high))
    says = (
        ("{v}.", "I picked {v}.", "Your number is {v}.")
        if language == "en"
        else (
            "{v}。",
            "抽到的是 {v}。",
            "就 {v} 吧。",
        )
    )
    shape = Shape(_NUMBER[language], "{a}-{b}", [("{v}", say) for say in says])
    return shaped(rng, "random", language, shape, {"a": str(low), "b": str(high), "v": got})


def _one_of(rng: random.Random, language: Language) -> Exchange:
    pool = words()[rng.choice(("food", "city", "movie", "sport", "color", "person"))][language]
    options = rng.sample(pool, rng.choice((2, 2, 3, 3, 4)))
    joint = (" or ", ", ", "和", "、")
    spoken = (
        f"{', '.join(options[:-1])}{joint[0]}{options[-1]}"
        if language == "en"
        else joint[3].join(options[:-1]) + rng.choice(("还是", "和", "、")) + options[-1]
    )
    says = (
        ("{v}.", "I'd go with {v}.", "It's {v}.")
        if language == "en"
        else (
            "{v}。",
            "选{v}吧。",
            "抽到{v}。",
        )
    )
    values = {"options": spoken, "written": ", ".join(options), "v": rng.choice(options)}
    shape = Shape(_ONE_OF[language], "one of {written}", [("{v}", say) for say in says])
    return shaped(rng, "random", language, shape, values)
