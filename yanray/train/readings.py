"""The argument of a shipped tool, read off a real person's request and its annotated slots.

Simple rules only; a request that they do not read gives None and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from yanray.train.document import Language
from yanray.train.everyday import moments
from yanray.train.everyday.search import needle

Slots: TypeAlias = Sequence[tuple[str, str]]
_WORDS = {moments.english(number): number for number in range(60)}
_TIME = re.compile(r"(?:(\d{1,2})(?:[:. ](\d{2}))?|([a-z ]+?)) ?(a ?\.? ?m|p ?\.? ?m)?\.?(?: o'?clock)?")
_SPAN = re.compile(r"(?:in )?(\d+|[a-z]+(?: [a-z]+)?) (second|minute|hour|day)s?(?: from now)?")
_LIST = r"(?:my |the |our |a )?(?:(.*?) )??lists?\b.*"
_ADD = re.compile(rf"(?:add|put|include|place|write) (.+?) (?:to|on|onto|in|into) {_LIST}")
_OFF = re.compile(rf"(?:remove|delete|take|erase|scratch|cross) (?:off )?(.+?) (?:from|off|off of) {_LIST}")
_DROP = re.compile(rf"(?:remove|delete|erase|clear|cancel|get rid of) (?:all |this )?{_LIST}")
_NEW = re.compile(
    rf"(?:create|make|start|begin|open|set up)(?: me)?(?: new)? {_LIST.replace('list', '(?:check)?list')}"
)
_CARRIERS = re.compile(
    r"^(?:(?:please|hey|hi|ok|can you|could you|would you|will you|i want you to|i want to|i would like to|"
    r"i'd like to|i need to|i need you to|help me|google|search for|search|look up|find out|find me|find|"
    r"get me|give me|show me|tell me|read me|let me know|pull up|do you know|know|what can you tell me about|"
    r"about|"
    r"explain|describe|to me|for me|the|a|an) )+"
)
_DAY = re.compile(
    r"\b(today|tomorrow|tonight|this weekend|this week|next week|"
    r"(?:on |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    r"|(今天|明天|后天|今晚|这周末|周末|这周|下周|周[一二三四五六日]|星期[一二三四五六日])"
)


def _first(slots: Slots, *kinds: str) -> str:
    return next((value for kind, value in slots if kind in kinds), "")


def read_time(text: str) -> str | None:
    """`seven thirty pm` or `7:30 p.m.` as `19:30`; None when it is no time of day."""
    text = text.lower().strip().removeprefix("at ").replace("-", " ")
    if text in ("noon", "midday", "midnight"):
        return "0:00" if text == "midnight" else "12:00"
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hour, minute = (int(match[1]), int(match[2] or 0)) if match[1] else _in_words(match[3])
    if hour is None or minute is None or hour > 23 or minute > 59:
        return None
    half = (match[4] or "").replace(" ", "").replace(".", "")
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"{hour}:{minute:02}"


def _in_words(text: str) -> tuple[int | None, int | None]:
    """`seven` and `seven thirty` as hour and minute."""
    text = text.strip().removesuffix(" o").strip()
    if text in _WORDS:
        return _WORDS[text], 0
    head, _, tail = text.partition(" ")
    tail = tail.removeprefix("oh ").removeprefix("o ")
    return (_WORDS[head], _WORDS[tail]) if head in _WORDS and tail in _WORDS else (None, None)


def read_span(text: str) -> str | None:
    """`two hours from now` as `2 hours`; None when it is no span."""
    text = text.lower().strip()
    if text in ("half an hour", "half hour", "in half an hour"):
        return "30 minutes"
    match = _SPAN.fullmatch(text)
    if not match:
        return None
    number = match[1]
    count = int(number) if number.isdigit() else 1 if number in ("a", "an") else _WORDS.get(number)
    return None if count is None else f"{count} {match[2]}{'' if count == 1 else 's'}"


def _remind(intent: str, text: str, slots: Slots, language: Language) -> str | None:
    time, date = _first(slots, "time"), _first(slots, "date", "general_frequency")
    if intent in ("alarm_query", "reminder"):
        return "show"
    if intent == "alarm_remove":
        return _cancelled(text, slots)
    if intent == "timer":
        return _timer(text)
    if not time:
        return "alarm"
    span, when = read_span(time), read_time(time)
    if span:
        return f"in {span}: alarm"
    day = date.lower().removeprefix("on ")
    if not when or (
        day and day not in (*moments.DAYS, "tomorrow", "today", "every day", "daily", "every morning")
    ):
        return None
    label = "wake up" if "wake" in text or "get up" in text else "alarm"
    if day.startswith("every") or day == "daily":
        return f"every day at {when}: {label}"
    return f"at {when} {day}: {label}" if day else f"at {when}: {label}"


def _cancelled(text: str, slots: Slots) -> str:
    time = read_time(_first(slots, "time") or "-")
    name = _first(slots, "event_name", "alarm_type")
    if " all" in text or "alarms" in text:
        return "cancel all"
    return f"cancel {name or time or _first(slots, 'date') or 'alarm'}"


_IN_TEXT = re.compile(r"((?:\d+|a|an|half an|[a-z]+|[a-z]+ [a-z]+) (?:second|minute|hour)s?)\b")


def _timer(text: str) -> str | None:
    for found in _IN_TEXT.findall(text):
        for piece in (found, found.partition(" ")[2]):
            span = read_span(piece)
            if span:
                return f"in {span}: timer"
    return None


def _clock(intent: str, text: str, slots: Slots, language: Language) -> str | None:
    if intent in ("datetime_query", "datetime_convert"):
        places = [value for kind, value in slots if kind in ("place_name", "time_zone")]
        time, date = _first(slots, "time"), _first(slots, "date")
        if intent == "datetime_convert" or len(places) > 1:
            when = read_time(time) if time else None
            return f"{when + ' ' if when else ''}{' to '.join(places)}" if places else None
        if places:
            return places[0]
        if date and date not in ("today", "today's", "current"):
            return date
        return ""
    ahead = re.search(r"(\d+|[a-z]+) days? from (?:now|today)|tomorrow", text)
    if ahead and intent == "date":
        return ahead[0]
    found = re.search(
        r"\b(?:in|for|of|at) (?:the )?([a-z ,']+?)(?: right now| now| time zone| timezone| time)?$",
        text.rstrip("?"),
    )
    if found and "zone" in found[1]:
        return None
    return found[1].strip() if found and intent != "date" else "" if intent != "timezone" else None


def _weather(intent: str, text: str, slots: Slots, language: Language) -> str | None:
    place = _first(slots, "place_name", "Location")
    day = _first(slots, "date", "timeofday") if intent == "weather_query" else ""
    found_day = _DAY.search(text.lower())
    if found_day and not day:
        day = found_day[0].removeprefix("on ")
    if place in ("me", "here") or "我" in place:
        place = ""
    if intent == "weather":
        found = re.search(
            r"\b(?:in|for) ([a-z ]+?)(?: today| tomorrow| right now| this week.*)?$", text.rstrip("?")
        )
        place = found[1] if found and not _DAY.search(found[1]) and not found[1].startswith("the ") else ""
    return f"{place} {day}".strip()


_PLAIN = frozenset(
    (
        "",
        "to do",
        "todo",
        "to dos",
        "task",
        "tasks",
        "任务",
        "待办",
        "待办事项",
        "待处理事项",
        "待准备事项",
        "待完成事项",
        "备忘录",
    )
)


def _todo(intent: str, text: str, slots: Slots, language: Language) -> str | None:
    low = text.lower()
    name = _first(slots, "list_name", "ListType", "FoodOfGrocery").lower().removesuffix(" list")
    item = _first(slots, "TaskContent", "FoodOfGrocery", "ShopContent")
    if intent in ("ShowToDo", "lists_query", "shopping_list", "todo_list"):
        if intent == "shopping_list":
            name = "grocery" if "grocer" in low else "shopping"
        return f"show {name}" if name not in _PLAIN else "show"
    if language == "zh" or intent in ("AddToDo", "DeleteToDo", "MarkToDo"):
        return _todo_slots(intent, item, name)
    return _todo_text(low, intent, name)


def _todo_slots(intent: str, item: str, name: str) -> str | None:
    if not item:
        return None
    named = name not in _PLAIN
    if intent == "MarkToDo":
        return f"done {item}"
    verb, joint = ("add", "to") if intent == "AddToDo" else ("remove", "from")
    return f"{verb} {item} {joint} {name}" if named else f"{verb} {item}"


def _todo_text(low: str, intent: str, name: str) -> str | None:
    todo = ("to do", "todo", "to-do", "")
    for pattern, verb, joint in ((_ADD, "add", "to"), (_OFF, "remove", "from")):
        match = pattern.search(low)
        if match:
            item, where = match[1].strip(), (match[2] or name).strip()
            return f"{verb} {item}" if where in todo else f"{verb} {item} {joint} {where}"
    match = _DROP.search(low)
    if match and intent != "lists_createoradd":
        return f"remove {(match[1] or name or 'list').strip()}"
    match = _NEW.search(low)
    if match and intent == "lists_createoradd":
        return f"show {name or (match[1] or '').strip()}".strip()
    return None


def _convert(intent: str, text: str, slots: Slots, language: Language) -> str | None:
    if intent == "qa_currency":
        names = [value for kind, value in slots if kind == "currency_name"]
        if len(names) != 2 or " hundred " in text or " thousand " in text:
            return None
        if re.search(rf"how (?:many|much) {re.escape(names[0])}", text):
            names.reverse()
        first = next(
            (
                str(number)
                for word, number in _WORDS.items()
                if f" {word} {names[0]}" in f" {text}" and number
            ),
            "1",
        )
        return f"{first} {names[0]} to {names[1]}"
    for pattern in _AMOUNTS:
        match = pattern.search(text.rstrip("?. "))
        if match:
            found = match.groupdict()
            number = found["n"]
            count = (
                number
                if number.replace(".", "").isdigit()
                else "1"
                if number in ("a", "an")
                else str(_WORDS.get(number, ""))
            )
            return f"{count} {found['a']} to {found['b']}" if count else None
    return None


_AMOUNTS = (
    re.compile(
        r"how (?:many|much) (?P<b>[a-z]+) (?:are |is )?(?:there )?(?:in|is|are) "
        r"(?P<n>[\d.]+|[a-z]+) (?P<a>[a-z]+)$"
    ),
    re.compile(
        r"(?:convert|change|what's|what is) (?P<n>[\d.]+|[a-z]+) (?P<a>[a-z]+) (?:to|into|in) (?P<b>[a-z]+)$"
    ),
)


def _search(intent: str, text: str, slots: Slots, language: Language) -> str | None:
    text = text.strip()
    short = _CARRIERS.sub("", text.lower() + " ").strip() if language == "en" else text
    start = text.lower().find(short) if short else 0
    return needle(text[start:] if short and start >= 0 else text) or None


def _random(intent: str, text: str, slots: Slots, language: Language) -> str | None:
    if intent == "flip_coin":
        return "coin"
    sides = re.search(r"(\d+|[a-z]+)[- ]sided", text)
    count = re.search(r"\b(\d|two|three|four|five|six) (?:\d+[- ]sided |[a-z]+[- ]sided )?(?:dice|die)", text)
    faces = "6" if not sides else sides[1] if sides[1].isdigit() else str(_WORDS.get(sides[1], 6))
    times = "1" if not count else count[1] if count[1].isdigit() else str(_WORDS[count[1]])
    return f"{times}d{faces}"


_READERS: dict[str, Callable[[str, str, Slots, Language], str | None]] = {
    "remind": _remind, "clock": _clock, "weather": _weather, "todo": _todo,
    "convert": _convert, "search": _search, "random": _random,
}  # fmt: skip


def argument(tool: str, intent: str, text: str, slots: Slots, language: Language) -> str | None:
    """What stands after the command's name, or None when the rules do not read TEXT."""
    return _READERS[tool](intent, text, slots, language)
