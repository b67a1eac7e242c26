"""Reading dates and times as people write them, in English and Chinese: for tools, through `toolbox.api`.

What a word such as "tomorrow" means depends on NOW, which is always given. Dates have no time zone.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_DAYS_ZH = "一二三四五六日"
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_NEAR = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1, "day after tomorrow": 2}
_NEAR_ZH = {"今天": 0, "今日": 0, "现在": 0, "明天": 1, "后天": 2, "大后天": 3, "昨天": -1, "前天": -2}
_FEASTS = {"christmas": (12, 25), "christmas eve": (12, 24), "new year": (1, 1), "new years day": (1, 1)}
_FEASTS |= {"halloween": (10, 31), "valentines day": (2, 14), "圣诞节": (12, 25), "元旦": (1, 1)}
_FEASTS |= {"国庆节": (10, 1), "劳动节": (5, 1), "情人节": (2, 14)}
_UNITS = {
    "seconds": "second sec 秒",
    "minutes": "minute min 分钟",
    "hours": "hour hr 小时",
    "days": "day 天 日",
    "weeks": "week 周 星期",
    "months": "month 月",
    "years": "year 年",
}
UNITS = {name: unit for unit, names in _UNITS.items() for name in names.split()}
SPAN = r"(?<!\d)(\d{1,7})\s*个?\s*(" + "|".join(UNITS) + r")s?"  # a count and a key of UNITS


def read_moment(text: str, now: datetime) -> date | datetime | None:
    """A date, or a date with a time when one is given; None when TEXT is neither.

    text: lower-case, ASCII digits. ValueError: it is a date or time that does not exist, or could be two.
    """
    text = text.strip(" ,的").removeprefix("the ").removeprefix("on ")
    if text in ("now", "现在"):
        return now.replace(microsecond=0)
    for pattern, make in _DATES:
        if match := re.match(pattern, text):
            day = _made(make, now.date(), match)
            rest = text[match.end() :].strip(" ,t")
            return day if not rest else _time_of_day(rest, day)
    return _time_of_day(text, now.date())


def shift(moment: date, amount: int, unit: str) -> date:
    """MOMENT and AMOUNT of UNIT (a value of UNITS). 31 January and a month is the end of February.

    A date stays one with days, weeks, months and years. OverflowError: outside the years 1 to 9999.
    """
    if unit not in ("months", "years"):
        if unit not in ("days", "weeks") and not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day)
        return moment + timedelta(**{unit: amount})
    months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "years" else 1)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _made(make: Callable[..., date], today: date, match: re.Match[str]) -> date:
    try:
        return make(today, *match.groups())
    except _AmbiguousError:
        raise ValueError(f"{match[0]}: day/month or month/day? write dates as 2026-12-25") from None
    except ValueError:
        raise ValueError(f"{match[0].strip()!r} is no date of the calendar") from None


class _AmbiguousError(Exception):
    """A date that could be two."""


def _near(today: date, name: str) -> date:
    return today + timedelta((_NEAR | _NEAR_ZH)[name])


def _feast(today: date, name: str, year: str | None) -> date:
    month, day = _FEASTS[name]
    return _in_year(today, day, month, year)


def _numbers(_: date, year: str, month: str, day: str) -> date:
    return date(int(year), int(month), int(day))


def _slashed(today: date, first: str, second: str, year: str) -> date:
    """`25/12/2026` or `12/25/2026`, when only one of them can be."""
    if int(first) <= 12 and int(second) <= 12 and first != second:
        raise _AmbiguousError
    day, month = (first, second) if int(first) > 12 else (second, first)
    return _numbers(today, year, month, day)


def _in_year(today: date, day: int | str, month: int | str, year: str | None = None) -> date:
    """That day of YEAR, or the next one there is."""
    number = _MONTHS[month] if isinstance(month, str) and month in _MONTHS else int(month)
    if year is not None:
        return date(int(year), number, int(day))
    for candidate in range(today.year, today.year + 9):
        leap_day = (number, int(day)) == (2, 29)
        if not leap_day or calendar.isleap(candidate):
            found = date(candidate, number, int(day))
            if found >= today:
                return found
    raise ValueError


def _on_weekday(today: date, which: str | None, name: str) -> date:
    """`monday` is today or later, `next monday` later, `last monday` earlier."""
    ahead = (_DAYS.index(name) - today.weekday()) % 7
    if which == "last":
        return today + timedelta(ahead - 7)
    return today + timedelta(ahead or (7 if which == "next" else 0))


def _on_weekday_zh(today: date, which: str | None, name: str) -> date:
    """`周一` is today or later; `下周一` is in the week after this one, which began on Monday."""
    number = int(name) - 1 if name.isdigit() else _DAYS_ZH.index(name.replace("天", "日"))
    if which is None:
        return today + timedelta((number - today.weekday()) % 7)
    return today + timedelta(number - today.weekday() + {"下": 7, "上": -7}.get(which, 0))


def _any(names: dict[str, int] | dict[str, tuple[int, int]]) -> str:
    return "(" + "|".join(sorted(names, key=len, reverse=True)) + ")"


_MONTH = _any(_MONTHS) + r"[a-z]*\.?"
_DATES: tuple[tuple[str, Callable[..., date]], ...] = (
    (_any(_NEAR) + r"\b", _near),
    (_any(_NEAR_ZH), _near),
    (_any(_FEASTS) + r"(?:,? (\d{4}))?", _feast),
    (r"(\d{4})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})[日号]?", _numbers),
    (r"(\d{1,2})月(\d{1,2})[日号]?", lambda today, month, day: _in_year(today, day, month)),
    (r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", _slashed),
    (
        _MONTH + r" (\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4})\b)?",
        lambda t, month, day, y: _in_year(t, day, month, y),
    ),
    (r"(\d{1,2})(?:st|nd|rd|th)? (?:of )?" + _MONTH + r"(?:,? (\d{4})\b)?", _in_year),
    (r"(?:(next|this|last) )?(" + "|".join(_DAYS) + r")\b", _on_weekday),
    (r"(下|上|这|本)?个?(?:星期|周|礼拜)([1-7一二三四五六日天])", _on_weekday_zh),
)
_TIME = re.compile(r"(?:at )?(\d{1,2})(?::(\d{2}))?(?::(\d{2}))? ?(am|pm|a\.m\.?|p\.m\.?)?")
_TIME_ZH = re.compile(r"(上午|早上|凌晨|中午|下午|晚上)?(\d{1,2})(?:点|时|:)(?:(\d{1,2})分?|(半))?钟?")


def _time_of_day(text: str, day: date) -> datetime | None:
    """`15:00`, `3:30 pm`, `noon`, `下午3点半` on DAY."""
    text = text.removeprefix("at ")
    hour, minute, second = {"noon": 12, "中午": 12, "midnight": 0, "午夜": 0}.get(text, -1), 0, 0
    half = ""
    if (match := _TIME.fullmatch(text)) and (match[2] or match[4]):
        hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
        half = (match[4] or "")[:1]
    elif match := _TIME_ZH.fullmatch(text):
        hour, minute = int(match[2]), 30 if match[4] else int(match[3] or 0)
        half = "" if not match[1] else "p" if match[1] in ("中午", "下午", "晚上") else "a"
    if hour < 0:
        return None
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second)
    except ValueError:
        raise ValueError(f"{text!r} is no time of the day") from None
