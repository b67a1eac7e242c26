"""What a shipped tool prints for a given argument, and what is said of it: for requests of real people."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import TypeAlias

from yanray.train.concepts import words
from yanray.train.document import Language
from yanray.train.everyday import clock, convert, moments, search, todo, weather

Outcome: TypeAlias = tuple[str, str]
_DAY = re.compile(
    r"\b(today|tomorrow|tonight|yesterday|now|"
    r"(?:this |next )?(?:weekend|week|morning|afternoon|evening|night)"
    r"|(?:on |this |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    r"|今天|明天|后天|今晚|这?周末|这周|下周|周[一二三四五六日]|星期[一二三四五六日]"
)
_AT = re.compile(r"(?:at (\d+:\d\d)(?: (.*))?|every (\w+) at (\d+:\d\d))")


def outcome(rng: random.Random, tool: str, argument: str, language: Language) -> Outcome:
    """Output of `/TOOL ARGUMENT`, and the answer in LANGUAGE."""
    return _MAKERS[tool](rng, argument, language)


def _search(rng: random.Random, argument: str, language: Language) -> Outcome:
    found = search.fact(rng, language, argument) if rng.random() > 0.06 else ""
    return search.outcome(rng, language, argument, found)


def _weather(rng: random.Random, argument: str, language: Language) -> Outcome:
    place = _DAY.sub("", argument).strip(" ,").title() or rng.choice(words()["city"][language])
    made = weather.in_place(rng, language, place)
    return made.messages[2].content, made.messages[3].content


def _clock(rng: random.Random, argument: str, language: Language) -> Outcome:
    if not argument or argument[0].isdigit() or "from now" in argument:
        made = rng.choice((clock.here, clock.today))(rng, language)
    else:
        made = clock.time_in(rng, language, argument.title() if argument.isascii() else argument)
    return made.messages[2].content, made.messages[3].content


def _convert(rng: random.Random, argument: str, language: Language) -> Outcome:
    source, _, target = argument.partition(" to ")
    value = convert.number(rng)
    space = " " if language == "en" else ""
    said = f"{source} is {value} {target}." if language == "en" else f"{source}是{value}{target}。"
    return f"{source} = {value}{space}{target}", said


def _random(rng: random.Random, argument: str, language: Language) -> Outcome:
    if argument == "coin":
        side = rng.choice(("heads", "tails"))
        zh = "正面" if side == "heads" else "反面"
        return side, f"It's {side}." if language == "en" else f"是{zh}。"
    count, _, sides = argument.partition("d")
    rolls = [rng.randint(1, int(sides)) for _ in range(int(count))]
    total = str(sum(rolls))
    output = total if len(rolls) == 1 else f"{' + '.join(map(str, rolls))} = {total}"
    return output, f"You rolled {total}." if language == "en" else f"掷出了 {total}。"


def _todo(rng: random.Random, argument: str, language: Language) -> Outcome:
    verb, _, rest = argument.partition(" ")
    if verb == "show":
        return todo.listed(rng, language, rest)
    if verb == "done":
        return f"Done: {rest}", f"Ticked off: {rest}." if language == "en" else f"{rest}勾掉了。"
    item, _, name = rest.rpartition(" to " if verb == "add" else " from ")
    item, name = (item, name) if item else (rest, "todo")
    output, answer = _TODO[verb, language]
    return output.format(name=name, item=item), answer.format(name=name, item=item)


_TODO = {
    ("add", "en"): ("Added to {name}: {item}", "Added to the {name} list: {item}."),
    ("add", "zh"): ("已加到{name}：{item}", "{item}已加到{name}清单。"),
    ("remove", "en"): ("Removed from {name}: {item}", "Taken off the {name} list: {item}."),
    ("remove", "zh"): ("已从{name}删除：{item}", "{item}已从{name}清单删掉。"),
}


def _remind(rng: random.Random, argument: str, language: Language) -> Outcome:
    at = moments.ahead(rng)
    if argument == "show":
        empty = ("No reminders.", "No reminders are set." if language == "en" else "现在没有提醒。")
        one = (f"{at} alarm", f"There is one, at {at}: alarm." if language == "en" else f"有一个，{at}。")
        return rng.choice((empty, one))
    if argument == "alarm":
        answer = "For what time?" if language == "en" else "几点的？"
        error = "'alarm' has no time that is understood; write e.g. in 10 minutes: tea, or at 7:30: alarm"
        return error, answer
    if argument.startswith("cancel"):
        what = argument[7:]
        answer = f"Cancelled: {what}." if language == "en" else f"已取消{what}。"
        return f"Cancelled: {what} ({at})" if language == "en" else f"已取消：{what} ({at})", answer
    when, _, what = argument.partition(": ")
    match = _AT.match(when)
    if match and match[1]:
        at = f"{match[2] or 'tomorrow'} {match[1].rjust(5, '0')}"
    elif match:
        at = f"every {match[3]} at {match[4].rjust(5, '0')}"
    answer = f"Set for {at}: {what}." if language == "en" else f"已设好，{at} {what}。"
    return f"Set for {at}: {what}" if language == "en" else f"已设 {at}：{what}", answer


_MAKERS: dict[str, Callable[[random.Random, str, Language], Outcome]] = {
    "search": _search,
    "weather": _weather,
    "clock": _clock,
    "convert": _convert,
    "random": _random,
    "todo": _todo,
    "remind": _remind,
}
