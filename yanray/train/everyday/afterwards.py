"""What is said after a reminder, a fact or a list: the same for another, taken back, or looked at."""

from __future__ import annotations

import random

from yanray.train.document import Exchange, Language, called, joined, reworded
from yanray.train.everyday import moments, notes, remind, todo
from yanray.train.everyday.base import Maker

_ALSO = {
    "en": (
        "{x} as well",
        "and {x}",
        "{x} too",
        "also {x}",
        "and {x} as well please",
        "same for {x}",
        "{x} also",
    ),
    "zh": ("{x}也要", "还有{x}", "{x}也一样", "{x}也设一个", "再加{x}", "{x}也提醒"),
}
_AND = {
    "en": ("and {x}?", "what about {x}?", "and what about {x}", "how about {x}", "now {x}", "{x} too please"),
    "zh": ("那{x}呢", "{x}呢", "{x}也说说", "再看看{x}", "{x}的也说说", "还有{x}"),
}
_DROP = {
    "en": (
        "cancel that again", "no, cancel it", "I don't need it after all", "take it back",
        "forget it, cancel that", "never mind, delete it",
    ),
    "zh": ("还是取消吧", "不用了，取消", "取消掉刚才那个", "算了，不要了", "撤掉它"),
}  # fmt: skip
_SET = {
    "en": ("is it set?", "what's set now?", "show me what is set", "and what reminders are there now?"),
    "zh": ("设好了吗，都有哪些", "现在有哪些提醒", "看看设了什么", "列一下提醒"),
}


def another(rng: random.Random, language: Language, thing: str) -> str:
    """The request before, for THING."""
    return rng.choice(_AND[language]).replace("{x}", thing)


def _set_for(language: Language, when: str, task: str) -> str:
    return f"Set for {when}: {task}" if language == "en" else f"已设 {when}：{task}"


def reminders(rng: random.Random, language: Language) -> Exchange:
    """A reminder on one day of the week, then on another too."""
    values = remind.values(rng, language)
    first, second = rng.sample(range(7), 2)
    task, pad, when = values["task"], values["pad"], values["when"]
    spoken = rng.choice(("周", "星期", "礼拜")) if language == "zh" else ""
    weekly = rng.random() < 0.5
    parts = []
    for place, number in enumerate((first, second)):
        day = moments.DAYS[number]
        said = spoken + moments.DAYS_ZH[number] if language == "zh" else day.capitalize()
        if language == "zh":
            asks = [f"{'每' if weekly else ''}{said}{values['time']}提醒我{task}"]
            shown = f"{'每' if weekly else ''}星期{moments.DAYS_ZH[number]} {pad}"
            says = (f"好的，{'每' if weekly else ''}{said} {when} 提醒你{task}。",)
        else:
            head = "every" if weekly else "on"
            asks = [
                f"remind me {head} {said} at {values['time']} to {task}",
                f"{head} {said} at {values['time']} remind me to {task}",
            ]
            shown = f"every {day} at {pad}" if weekly else f"{day} {pad}"
            says = (f"I'll remind you {head} {said} at {when}: {task}.",)
        text = rng.choice(asks)
        if place:
            also = said if language == "zh" else rng.choice((said, f"on {said}"))
            also = f"{said.lower()}s" if language == "en" and weekly and rng.random() < 0.6 else also
            text = rng.choice(_ALSO[language]).replace("{x}", also)
        line = f"every {day} at {when}: {task}" if weekly else f"at {when} {day}: {task}"
        parts.append(called(text, "remind", line, _set_for(language, shown, task), rng.choice(says)))
    return joined(*parts)


def timers(rng: random.Random, language: Language) -> Exchange:
    """A timer, then another for another span."""
    first = remind.timer(rng, language)
    span, written = moments.span(rng, language)
    at, word = moments.ahead(rng), "timer" if language == "en" else "计时"
    asks: tuple[str, ...] = (
        "and one for {x}",
        "another for {x}",
        "and {x} as well",
        "one more, {x}",
        "also {x}",
    )
    if language == "zh":
        asks = ("再来一个{x}的", "还要一个{x}的", "{x}的也来一个", "再定{x}")
    say = f"A second one is set for {at}." if language == "en" else f"又设了一个，{at} 到点。"
    text = rng.choice(asks).replace("{x}", span)
    return joined(first, called(text, "remind", f"in {written}: {word}", _set_for(language, at, word), say))


def dropped(rng: random.Random, language: Language) -> Exchange:
    """A reminder, which is taken back or looked at."""
    first = remind.after(rng, language)
    task = first.messages[1].content.partition(": ")[2]
    at = moments.ahead(rng)
    if rng.random() < 0.35:
        say = f"One is set: {at}, {task}." if language == "en" else f"有一个：{at} {task}。"
        return joined(first, called(rng.choice(_SET[language]), "remind", "show", f"{at} {task}", say))
    output = f"Cancelled: {task} ({at})" if language == "en" else f"已取消：{task} ({at})"
    say = f"It is cancelled: {task}." if language == "en" else f"取消了：{task}。"
    return joined(first, called(rng.choice(_DROP[language]), "remind", f"cancel {task}", output, say))


def facts(rng: random.Random, language: Language) -> Exchange:
    """A fact that is kept and another, or is forgotten again; or one looked up, and another."""
    kind = rng.random()
    if kind < 0.35:
        return joined(notes.recall(rng, language), _other_fact(rng, language))
    first = notes.remember(rng, language)
    fact = first.messages[1].content.removeprefix("/remember ")
    if kind < 0.65:
        output = f"Forgotten: {fact}" if language == "en" else f"已忘记：{fact}"
        texts: tuple[str, ...] = (
            "forget that again",
            "no, forget it",
            "delete that note again",
            "forget what I said",
        )
        if language == "zh":
            texts = ("忘掉刚才那条吧", "不用记了，忘了它", "把这条删掉", "刚才的别记了")
        say = rng.choice(("It is forgotten.", "Gone.", "I have forgotten it."))
        say = say if language == "en" else rng.choice(("忘掉了。", "已经删掉了。"))
        return joined(first, called(rng.choice(texts), "remember", f"forget {fact}", output, say))
    second = notes.remember(rng, language)
    more = second.messages[1].content.removeprefix("/remember ")
    head = rng.choice(("and that ", "also that ", "and ", "oh, and also: "))
    head = head if language == "en" else rng.choice(("还有，", "另外", "再记一条：", "对了，"))
    return joined(first, reworded(head + more, second))


def _other_fact(rng: random.Random, language: Language) -> Exchange:
    found = notes.recall(rng, language)
    key = found.messages[1].content.removeprefix("/recall ")
    thing = key if language == "zh" else f"{rng.choice(('my', 'the'))} {key}" if "'" not in key else key
    return reworded(another(rng, language, thing), found)


def lists(rng: random.Random, language: Language) -> Exchange:
    """A list, then another list, or something on it that is done."""
    name, other = rng.sample(sorted(set(todo.NAMES[language])), 2)
    output, answer = todo.listed(rng, language, name)
    asks: tuple[str, ...] = (
        f"what's on my {name} list?",
        f"show the {name} list",
        f"read me the {name} list",
    )
    if language == "zh":
        asks = (f"{name}清单上有什么", f"看看{name}清单", f"念一下{name}清单")
    first = called(rng.choice(asks), "todo", f"show {name}", output, answer)
    items = [line.removeprefix("- ") for line in output.splitlines() if line.startswith("- ")]
    if items and rng.random() < 0.6:
        item = rng.choice(items)
        texts: tuple[str, ...] = (
            "{x} is done",
            "I have {x}, tick it off",
            "tick off {x}",
            "{x}: done",
            "got {x}",
        )
        if language == "zh":
            texts = ("{x}好了", "{x}已经有了，勾掉", "{x}完成", "勾掉{x}")
        line, result = f"done {item}", f"Done: {item}" if language == "en" else f"已完成：{item}"
        say = f"Ticked off: {item}." if language == "en" else f"{item}勾掉了。"
        return joined(first, called(rng.choice(texts).replace("{x}", item), "todo", line, result, say))
    thing = (
        rng.choice((f"the {other} list", f"{other}", f"on {other}")) if language == "en" else f"{other}清单"
    )
    output, answer = todo.listed(rng, language, other)
    return joined(first, called(another(rng, language, thing), "todo", f"show {other}", output, answer))


ALL: tuple[tuple[Maker, int], ...] = ((reminders, 2), (timers, 1), (dropped, 2), (facts, 2), (lists, 2))
