"""Times, days and spans as people say them, with what a command writes for them."""

from __future__ import annotations

import random

from yanray.train.document import Language

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"}
_ZH = "零一二三四五六七八九"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS_ZH = "一二三四五六日"


def english(number: int) -> str:
    """NUMBER (0 to 59) in words without a hyphen, as speech recognisers write it."""
    if number < 20:
        return _UNITS[number]
    tens, unit = divmod(number, 10)
    return _TENS[tens * 10] + (f" {_UNITS[unit]}" if unit else "")


def chinese(number: int, *, pair: bool = False) -> str:
    """NUMBER (0 to 99) in Chinese; pair: 2 is 两, as before a measure word."""
    tens, unit = divmod(number, 10)
    if number == 2 and pair:
        return "两"
    if not tens:
        return _ZH[unit]
    return ("" if tens == 1 else _ZH[tens]) + "十" + (_ZH[unit] if unit else "")


def clock_time(rng: random.Random, language: Language) -> tuple[str, str]:
    """A time of day as said, and as `7:30` on 24 hours."""
    hour, minute = rng.randint(0, 23), rng.choice((0, 0, 0, 0, 15, 30, 30, 45, rng.randint(1, 59)))
    say = _english_time if language == "en" else _chinese_time
    return say(rng, hour, minute), f"{hour}:{minute:02}"


def _english_time(rng: random.Random, hour: int, minute: int) -> str:
    half = rng.choice(("am", "a.m.", " am", " a.m.", " am") if hour < 12 else ("pm", "p.m.", " pm", " p.m."))
    twelve = hour % 12 or 12
    if hour in (0, 12) and minute == 0 and rng.random() < 0.8:
        return "noon" if hour else "midnight"
    kind = rng.random()
    if kind < 0.25:
        return f"{hour}:{minute:02}"
    if kind < 0.65:
        return f"{twelve}:{minute:02}{half}" if minute or rng.random() < 0.15 else f"{twelve}{half}"
    half = " " + half.strip()
    if minute == 0:
        return english(twelve) + half
    if minute < 10:
        return f"{english(twelve)} oh {english(minute)}{half}"
    if kind > 0.92 and minute == 30:
        return f"half past {english(twelve)}{_of_day(hour)}"
    if kind > 0.85 and minute == 15:
        return f"quarter past {english(twelve)}{_of_day(hour)}"
    return f"{english(twelve)} {english(minute)}{half}"


def _of_day(hour: int) -> str:
    return " in the morning" if hour < 12 else " in the afternoon" if hour < 18 else " in the evening"


def _chinese_time(rng: random.Random, hour: int, minute: int) -> str:
    if rng.random() < 0.2:
        return f"{hour}:{minute:02}"
    part = next(word for until, word in _PARTS if hour < until)
    twelve = hour if hour <= 12 else hour - 12
    digits = rng.random() < 0.45
    head = f"{part}{twelve if digits else chinese(twelve, pair=True)}点"
    if minute == 0:
        return head + ("整" if rng.random() < 0.1 else "")
    if minute == 30 and rng.random() < 0.8:
        return head + "半"
    if minute in (15, 45) and rng.random() < 0.5:
        return head + ("一刻" if minute == 15 else "三刻")
    if digits:
        return f"{head}{minute}分" if minute > 9 else f"{head}零{minute}分"
    return head + ("零" if minute < 10 else "") + chinese(minute) + rng.choice(("", "分"))


_PARTS = ((1, "凌晨"), (6, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))


def day(rng: random.Random, language: Language) -> tuple[str, str]:
    """A day as said (`tomorrow`, `on friday`, `这周五`) and as a command writes it (`tomorrow`, `friday`)."""
    number = rng.randrange(7)
    name = DAYS[number]
    if language == "en":
        shown = name.capitalize() if rng.random() < 0.5 else name
        named = (
            (f"on {shown}", name),
            (f"this {shown}", name),
            (shown, name),
            (f"next {shown}", f"next {name}"),
        )
        return rng.choice((("today", "today"), ("tomorrow", "tomorrow"), ("tomorrow", "tomorrow"), *named))
    zh = rng.choice(("周", "星期", "礼拜")) + DAYS_ZH[number]
    named_zh = ((zh, name), (f"这{zh}", name), (f"下{zh}", f"next {name}"))
    return rng.choice((("今天", "today"), ("明天", "tomorrow"), ("明天", "tomorrow"), *named_zh))


def span(rng: random.Random, language: Language) -> tuple[str, str]:
    """A span of time as said, and as `20 minutes`."""
    count, unit = rng.choice(
        [(rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 25, 30, 35, 40, 45, 50, 90)), "minute")]
        * 7
        + [(rng.choice((1, 1, 2, 3, 4, 5, 6, 8, 12)), "hour")] * 3
        + [(rng.choice((10, 15, 20, 30, 45, 60, 90)), "second"), (rng.randint(2, 9), "day")]
    )
    written = f"{count} {unit}{'' if count == 1 else 's'}"
    if language == "zh":
        return _chinese_span(rng, count, unit), written
    kind = rng.random()
    if unit == "minute" and count == 30 and kind < 0.5:
        return "half an hour", written
    if count == 1 and kind < 0.6:
        return ("an " if unit == "hour" else "a ") + unit, written
    if unit == "minute" and kind < 0.15:
        return f"{count} min" + rng.choice(("", "s")), written
    if kind < 0.45 and count < 60:
        return f"{english(count)} {unit}{'' if count == 1 else 's'}", written
    return written, written


def _chinese_span(rng: random.Random, count: int, unit: str) -> str:
    if unit == "minute" and count == 30 and rng.random() < 0.6:
        return rng.choice(("半小时", "半个小时", "半个钟头"))
    number = str(count) if rng.random() < 0.55 else chinese(count, pair=True)
    name = {"minute": "分钟", "second": "秒", "day": "天"}.get(unit) or rng.choice(
        ("小时", "个小时", "个钟头")
    )
    return number + name


def ahead(rng: random.Random) -> str:
    """A time of day that a tool prints."""
    return f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
