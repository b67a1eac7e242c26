"""Reading when to remind, and of what, as people write it in English and Chinese: for `remind`.

in 10 minutes: tea      at 7:30 tomorrow: wake up      every monday at 9:00: bins
10分钟后关火             call mom tomorrow at 8         每周一9点: 倒垃圾
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from yanray.toolbox.dates import SPAN, UNITS, read_moment, shift
from yanray.toolbox.numerals import chinese, plain
from yanray.toolbox.reminders import following

_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_DAYS_ZH = "一二三四五六日"
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_NUMBERS = {word: str(value) for value, word in enumerate(_WORDS)} | {"an": "1", "a": "1"}
_NUMBERS |= {"fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "ninety": "90"}
_PARTS = {"morning": "9:00", "noon": "12:00", "afternoon": "15:00", "evening": "19:00", "night": "21:00"}
_PARTS |= {"早上": "8:00", "上午": "9:00", "中午": "12:00", "下午": "15:00", "傍晚": "18:00", "晚上": "20:00"}
_LEAD = re.compile(
    r"^(?:please |can you )?"
    r"(?:remind me|wake me(?: up)?|set (?:a|an|the) (?:timer|alarm|reminder)|alarm|timer)\b(?: for| to)?\s*"
    r"|^(?:请|帮我)?(?:提醒我?|叫我|定时|计时|设个?闹钟)",
    re.IGNORECASE,
)


def read_when(text: str, now: datetime) -> tuple[datetime, str, str]:
    """When TEXT is due, its rule ("" for once), and what it is about. Raises ValueError."""
    timer = re.search(r"timer|计时|定时", text, re.IGNORECASE)
    what_default = ("计时" if chinese(text) else "timer") if timer else ("闹钟" if chinese(text) else "alarm")
    for time, what in _divided(_LEAD.sub("", text)):
        found = _time(time, now)
        if found:
            return (*found, _tidy(what) or what_default)
    raise ValueError(
        f"{text[:60]!r} has no time that is understood; write e.g. in 10 minutes: tea, or at 7:30: alarm"
    )


def _divided(text: str) -> list[tuple[str, str]]:
    """The ways in which TEXT may be a time and what for: at a colon, else time first, else time last."""
    colon = re.search(r"(?<!\d):|:(?!\d\d)", text)
    found = [(text[: colon.start()], text[colon.end() :])] if colon else []
    if chinese(text):
        cuts = list(range(min(len(text), 30), 0, -1))
    else:
        cuts = [match.start() for match in re.finditer(r"(?= )|$", text)][:12][::-1]
    found += [(text[:cut], text[cut:]) for cut in cuts]
    return found + [(text[cut:], text[:cut]) for cut in sorted(cuts)[-30:]]


def _tidy(what: str) -> str:
    what = re.sub(
        r"^[\s,:-]*(?:(?:remind me|to|that|for)\b\s*)*|^(?:提醒我?|叫我|要|记得)+",
        "",
        what.strip(" ,:-，"),
        flags=re.I,
    )
    return what.strip(" ,:-，")


def _time(text: str, now: datetime) -> tuple[datetime, str] | None:
    """When TEXT, a time and nothing else, is due, and its rule; None when it is no time."""
    text = re.sub(r"((?:星期|周|礼拜)[一二三四五六日天])(?=[\d一二三四五六七八九十两])", r"\1 ", text)
    text = re.sub(r"\s+", " ", plain(text)).lower().strip(" ,:")
    if not text or len(text) > 80:
        return None
    if match := re.fullmatch(r"(?:every|each|daily|每隔?|每个)\s*(.*)", text):
        return _every("day " + match[1] if text.startswith("daily") else match[1], now)
    due = _after(text, now) or _at(text, now)
    return (due, "") if due else None


def _after(text: str, now: datetime) -> datetime | None:
    """`in 10 minutes`, `half an hour`, `1 hour and 30 minutes`, `半小时后`, `1个半小时后`."""
    text = re.sub(r"^(?:in|after|for|再?过) ?| ?(?:from now|later|(?:之|以)?后|钟)$", "", text)
    text = text.replace("钟头", "小时")
    text = re.sub(
        r"(\d+)个?半小时|(\d+)小时半", lambda match: f"{int(match[1] or match[2]) * 60 + 30} minutes", text
    )
    text = re.sub("half an hour|半个?小时", "30 minutes", text)
    text = re.sub(r"\b[a-z]+\b", lambda match: _NUMBERS.get(match[0], match[0]), text)
    text = re.sub(
        r"(\d+)(?:\.(\d)) ?(?:hours?|小时)", lambda m: f"{int(m[1]) * 60 + int(m[2]) * 6} minutes", text
    )
    text = re.sub(r"(\d)(?:h|hrs)\b", r"\1 hours", re.sub(r"(\d)(?:m|mins)\b", r"\1 minutes", text))
    if not re.fullmatch(rf"{SPAN}(?:(?: and |,| |零|又)*{SPAN})*", text):
        return None
    due = now
    for number, unit in re.findall(SPAN, text):
        moved = shift(due, int(number), UNITS[unit])
        assert isinstance(moved, datetime)
        due = moved
    return due


def _at(text: str, now: datetime) -> datetime | None:
    """`at 7:30 tomorrow`, `tomorrow at 8`, `8pm`, `明天早上7点半`, `friday`."""
    hour_alone = re.match("at |.* ", text)
    text = re.sub(r"^(?:at|on|by|for|在) ?", "", text)
    text = text.replace("tonight", "today evening").replace("this ", "today ").replace("今晚", "今天晚上")
    text = re.sub("今早", "今天早上", re.sub("明早", "明天早上", re.sub("明晚", "明天晚上", text)))
    clock = r"\d{1,2}(?::\d{2}){0,2} ?(?:am|pm|a\.m\.?|p\.m\.?)?|noon|midnight"
    if match := re.fullmatch(rf"({clock})(?: o'?clock)?(?:,? (?:on )?(.+))?", text):
        text = f"{match[2] or ''} {match[1]}".strip()
    if hour_alone:
        text = re.sub(r"(?:(?<= )|^)(?:at )?(\d{1,2})(?: o'?clock)?$", r"\1:00", text)
    part = re.search(
        r"\b(?:in the )?(morning|noon|afternoon|evening|night)\b|(早上|上午|中午|下午|傍晚|晚上)$", text
    )
    if part and re.search(r"\d{1,2}:\d\d", text[part.start() :] + text[: part.start()]):
        text = _halved(text, part)
    elif part:
        text = f"{text[: part.start()]} {_PARTS[part[1] or part[2]]}"
    text = " ".join(text.split())
    moment = read_moment(text.removesuffix("整"), now)
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, 9)
        return moment + timedelta(7) if moment <= now and _is_weekday(text) else moment
    if moment <= now and (moment.date() == now.date()):
        return moment + timedelta(7 if _is_weekday(text) else 0 if re.match("today|今天", text) else 1)
    return moment


def _halved(text: str, part: re.Match[str]) -> str:
    """`tomorrow morning at 8`: the part of the day says which 8."""
    rest = (
        " ".join((text[: part.start()] + text[part.end() :]).split())
        .replace(" at ", " ")
        .removesuffix(" in the")
    )
    late = (part[1] or part[2]) in ("afternoon", "evening", "night", "下午", "傍晚", "晚上")
    hour = re.search(r"(\d{1,2}):\d\d", rest)
    if late and hour and int(hour[1]) < 12:
        return f"{rest[: hour.start()]}{int(hour[1]) + 12}{rest[hour.end(1) :]}"
    return rest


def _is_weekday(text: str) -> bool:
    return re.match(rf"(?:{'|'.join(_DAYS)})|(?:星期|周|礼拜)", text) is not None


def _every(text: str, now: datetime) -> tuple[datetime, str] | None:
    """What follows `every`: `day at 8`, `monday at 9:00`, `weekday`, `2 hours`, `周一9点`, `天早上8点`."""
    if match := re.fullmatch(rf"(?:(\d{{1,4}}) ?)?({'|'.join(UNITS)})s?(.*)", text):
        count, unit = int(match[1] or 1), UNITS[match[2]]
        if unit in ("seconds", "minutes", "hours") and not match[3].strip():
            shortest = timedelta(**{unit: count})
            if shortest < timedelta(minutes=1):
                raise ValueError("once a minute is the most")
            return now + shortest, f"{count} {unit}"
        if not _weekday_numbers(text)[0]:
            due = _at(match[3].strip(" ,") or "9:00", now)
            return (due, f"{count} {unit}") if due and count else None
    days, rest = _weekday_numbers(text)
    due = _at(rest or "9:00", now) if days else None
    if due is None:
        return None
    rule = "weekdays " + " ".join(map(str, sorted(days)))
    first = datetime(now.year, now.month, now.day, due.hour, due.minute)
    return following(rule, first, now), rule


def _weekday_numbers(text: str) -> tuple[set[int], str]:
    """The weekdays that TEXT begins with, and what follows them."""
    for pattern, days in (
        (r"weekdays?|工作日", range(5)),
        (r"weekends?|周末", (5, 6)),
        (r"(?:morning|早上)", range(7)),
    ):
        if match := re.match(pattern, text):
            keep = match.end() if pattern[0] != "(" else 0
            return set(days), text[keep:].strip(" ,")
    found: set[int] = set()
    while match := re.match(
        rf"(?:,| and | |和|、)*(?:({'|'.join(_DAYS)})s?|(?:星期|周|礼拜)?([{_DAYS_ZH}天1-7])(?![\d:点]))",
        text,
    ):
        zh = match[2]
        if match[1] is None and not found and not re.match("星期|周|礼拜", text):
            break
        found.add(
            _DAYS.index(match[1])
            if match[1]
            else int(zh) - 1
            if zh.isdigit()
            else _DAYS_ZH.index(zh.replace("天", "日"))
        )
        text = text[match.end() :]
    return found, text.strip(" ,")
