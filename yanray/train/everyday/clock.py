"""Requests for `clock`: the time here and elsewhere, the date, days until a date, weekdays."""

from __future__ import annotations

import random
from datetime import date, timedelta

from yanray.train.concepts import words
from yanray.train.document import Exchange, Language
from yanray.train.everyday.base import Shape, shaped

MONTHS = ("January February March April May June July August September October November December").split()
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HERE = {
    "en": (
        "what time is it?", "what time is it", "what's the time", "time please", "tell me the time",
        "do you have the time?",
        "how late is it", "current time", "can you tell me what time it is now?",
        "what is the time right now", "is it late?",
        "the time?", "clock", "what does the clock say", "is it already past noon?", "what hour is it",
    ),
    "zh": (
        "现在几点", "几点了", "现在是什么时间", "现在几点钟了？", "告诉我时间", "报一下时间", "什么时候了",
        "看看几点了", "现在时间", "天晚了吗，几点了",
    ),
}  # fmt: skip
_TODAY = {
    "en": (
        "what's today's date?", "what day is it", "what is the date", "which day of the week is it today?",
        "today's date please",
        "what day is today", "what date is it", "is it monday today?", "what month is it",
        "what year is it", "tell me the date",
        "what's the date and time?", "date", "what day of the week is it",
    ),
    "zh": (
        "今天几号", "今天星期几", "今天是几月几号", "今天是什么日子", "今天周几", "现在是几月",
        "今年是哪一年", "告诉我今天的日期", "今天是礼拜几",
    ),
}  # fmt: skip
_PLACE = {
    "en": (
        "what time is it in {place}?", "what's the time in {place}", "time in {place}",
        "current time in {place} please",
        "what time do they have in {place}", "how late is it in {place} now", "is it night in {place}?",
        "tell me the time in {place}",
        "what hour is it in {place} right now", "local time {place}",
        "i want to call {place}, what time is it there?", "{place} time",
        "what's the date in {place}?", "are they asleep in {place} yet?",
    ),
    "zh": (
        "{place}现在几点", "{place}几点了", "{place}时间", "现在{place}是几点", "{place}现在是白天还是晚上",
        "告诉我{place}的时间", "{place}那边几点了",
        "我要给{place}打电话，那边几点", "{place}当地时间", "{place}今天几号",
    ),
}  # fmt: skip
_UNTIL = {
    "en": (
        "how many days until {spoken}?", "how long until {spoken}", "days until {spoken}",
        "how many days are left till {spoken}",
        "how far away is {spoken}?", "count the days to {spoken}", "how many more days until {spoken}",
        "when {spoken} comes, how many days is that from now?",
    ),
    "zh": (
        "离{spoken}还有几天", "距离{spoken}还有多少天", "到{spoken}还有几天", "还有多少天到{spoken}",
        "离{spoken}还有多久",
    ),
}  # fmt: skip
_WEEKDAY = {
    "en": (
        "what day of the week is {spoken}?", "which weekday is {spoken}", "what day is {spoken}",
        "{spoken} is what day of the week",
        "is {spoken} a weekend?", "on which day does {spoken} fall", "what weekday will {spoken} be",
    ),
    "zh": ("{spoken}是星期几", "{spoken}是周几", "{spoken}星期几", "{spoken}是礼拜几"),
}  # fmt: skip
_ZONES = (
    "UTC",
    "GMT",
    "EST",
    "PST",
    "CET",
    "Eastern time",
    "Pacific time",
    "Central time",
    "Mountain time",
    "IST",
)


def day(rng: random.Random) -> date:
    """A day of the years in which the assistant may be asked."""
    return date(2026, 1, 1) + timedelta(days=rng.randrange(1500))


def spoken_date(rng: random.Random, when: date, language: Language) -> str:
    """WHEN as people say it, with its year."""
    if language == "zh":
        return rng.choice(
            (
                f"{when.year}年{when.month}月{when.day}日",
                f"{when.year}年{when.month}月{when.day}号",
                when.isoformat(),
            )
        )
    month = MONTHS[when.month - 1]
    return rng.choice(
        (
            f"{month} {when.day}, {when.year}",
            f"{when.day} {month} {when.year}",
            f"{month} {when.day} {when.year}",
            when.isoformat(),
        )
    )


def exchange(rng: random.Random, language: Language) -> Exchange:
    """One request for `clock`."""
    kind = rng.choices((here, today, place, None), (22, 22, 36, 20))[0]
    if kind:
        return kind(rng, language)
    return (until if rng.random() < 0.55 else weekday_of)(rng, language, day(rng))


def _now(rng: random.Random) -> tuple[date, str]:
    return day(rng), f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"


def _zh_date(when: date) -> str:
    return f"{when.year}年{when.month}月{when.day}日"


def _stamp(rng: random.Random, when: date, time: str) -> str:
    """A moment as the tool prints it."""
    return f"{_WEEKDAYS[when.weekday()]} {when.isoformat()} {time} (UTC{_offset(rng)})"


def _offset(rng: random.Random) -> str:
    return rng.choice("+-") + f"{rng.randint(0, 12):02}:{rng.choice((0, 0, 0, 0, 30, 45)):02}"


def here(rng: random.Random, language: Language) -> Exchange:
    when, time = _now(rng)
    says = (
        ("It is {t}.", "It's {t}.", "{t}.")
        if language == "en"
        else (
            "现在是 {t}。",
            "{t}。",
            "现在 {t}。",
        )
    )
    shape = Shape(_HERE[language], "", [(_stamp(rng, when, time), say) for say in says])
    return shaped(rng, "clock", language, shape, {"t": time})


def today(rng: random.Random, language: Language) -> Exchange:
    when, time = _now(rng)
    weekday = _WEEKDAYS[when.weekday()] if language == "en" else "星期" + "一二三四五六日"[when.weekday()]
    said = f"{MONTHS[when.month - 1]} {when.day}, {when.year}" if language == "en" else _zh_date(when)
    says = (
        ("Today is {w}, {d}.", "It is {w}, {d}.")
        if language == "en"
        else (
            "今天是{d}，{w}。",
            "{d}，{w}。",
        )
    )
    shape = Shape(_TODAY[language], "", [(_stamp(rng, when, time), say) for say in says])
    return shaped(rng, "clock", language, shape, {"w": weekday, "d": said})


def place(rng: random.Random, language: Language) -> Exchange:
    """The time somewhere else."""
    where = rng.choice(words()["city" if rng.random() < 0.8 else "country"][language])
    if language == "en" and rng.random() < 0.08:
        where = rng.choice(_ZONES)
    return time_in(rng, language, where)


def time_in(rng: random.Random, language: Language, where: str) -> Exchange:
    """The time in WHERE."""
    when, time = _now(rng)
    says = ("It is {t} in {place}.", "In {place} it is {t}.", "{t}, on {w}.")
    if language == "zh":
        says = ("{place}现在是 {t}。", "那边是 {t}。", "{place}：{t}。")
    output = "{place}: " + _stamp(rng, when, time)
    if not where.isascii():
        output = (
            f"{{place}}：{when.isoformat()}星期{'一二三四五六日'[when.weekday()]} {time}（UTC{_offset(rng)}）"
        )
    shape = Shape(_PLACE[language], "{place}", [(output, say) for say in says])
    values = {"place": where, "t": time, "w": _WEEKDAYS[when.weekday()]}
    return shaped(rng, "clock", language, shape, values)


def until(rng: random.Random, language: Language, when: date) -> Exchange:
    """The days until WHEN."""
    count = str(rng.randint(2, 700))
    says = ("{n} days.", "It is {n} days until then.") if language == "en" else ("还有 {n} 天。", "{n} 天。")
    values = {"spoken": spoken_date(rng, when, language), "n": count, "iso": when.isoformat()}
    values["months"] = f"{int(count) // 30} months, {int(count) % 30} days"
    shape = Shape(_UNTIL[language], "days until {iso}", [("{n} days ({months})", say) for say in says])
    return shaped(rng, "clock", language, shape, values)


def weekday_of(rng: random.Random, language: Language, when: date) -> Exchange:
    """The weekday of WHEN."""
    values = {"spoken": spoken_date(rng, when, language), "iso": when.isoformat()}
    values["w"] = _WEEKDAYS[when.weekday()]
    values["z"] = "星期" + "一二三四五六日"[when.weekday()]
    say = "{spoken} is a {w}." if language == "en" else "{spoken}是{z}。"
    return shaped(
        rng, "clock", language, Shape(_WEEKDAY[language], "{iso}", [("{iso} is a {w}", say)]), values
    )
