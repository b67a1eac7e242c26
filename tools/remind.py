"""Set timers, alarms and reminders."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from yanray.toolbox.api import chinese, halfwidth, read_when, reminders

CONFIRM = (
    r"(?:cancel|delete|remove|clear|stop)\W+(?:all|every)|clear\W*$|全部|所有|清空"  # one is not asked about
)
EXAMPLES = {
    "in 10 minutes: tea": "Set for 17:50: tea",
    "at 7:30 tomorrow: wake up": "Set for tomorrow 07:30: wake up",
    "every monday at 9:00: bins": "Set for every monday at 09:00: bins",
    "show": "17:50 tea",
    "10分钟后: 关火": "已设 17:50：关火",
}

LONGEST = 500
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_DAYS_ZH = "一二三四五六日"
_SHOW = re.compile(
    r"(?:show|list|what|which|all)?(?: me)?(?: my| all| the)*(?: reminders?| alarms?| timers?)?(?: are set)?"
    r"|(?:显示|查看|看看|列出|有哪些|我的|所有|全部|的)*(?:提醒|闹钟|计时器?)?(?:有哪些|列表)?",
    re.IGNORECASE,
)
_CANCEL = re.compile(
    r"(?:cancel|delete|remove|stop|clear|forget)(?:\s+(?P<en>.*))?|(?:取消|删除|删掉|关掉|清空)(?P<zh>.*)|把?(?P<ba>.+?)(?:取消|删除|删掉|删了|关掉)",
    re.IGNORECASE,
)


def run(when: str = "") -> str:
    """Set a reminder, show what is set, or cancel one.

    when: a time, a colon and what for: in 10 minutes: tea; at 7:30 tomorrow: wake up;
        every monday at 9:00: bins; 10分钟后: 关火. Or: show; cancel tea; cancel all.
    """
    if len(when) > LONGEST:
        raise ValueError("that is too long; write e.g. in 10 minutes: tea")
    text = " ".join(halfwidth(when).replace("\u202f", " ").split()).strip(" .?!")
    if _SHOW.fullmatch(text):
        return _show(chinese(when))
    if match := _CANCEL.fullmatch(text):
        return _cancel(next((group for group in match.groups() if group), ""), chinese(when))
    now = datetime.now().replace(microsecond=0)
    try:
        due, rule, what = read_when(text, now)
    except OverflowError:
        raise ValueError("that time is too far away") from None
    if due <= now:
        raise ValueError(f"{_shown(due, now, False)} is over already; give a time to come")
    reminders.add(due, what, rule)
    set_for = _repeated(rule, due, chinese(when)) if rule else _shown(due, now, chinese(when))
    return f"已设 {set_for}：{what}" if chinese(when) else f"Set for {set_for}: {what}"


# -- telling


def _show(han: bool) -> str:
    now = datetime.now()
    rows = [
        f"{_shown(one.due, now, han)} {one.text}"
        + (f" ({_repeated(one.rule, one.due, han)})" if one.rule else "")
        for one in reminders.all_set()
    ]
    return "\n".join(rows) or ("没有提醒。" if han else "No reminders.")


def _cancel(words: str, han: bool) -> str:
    words = re.sub(
        r"^(?:the|my)\s+|\s+(?:reminders?|alarms?|timers?)$|的?(?:提醒|闹钟|计时器?)$",
        "",
        words.strip(),
        flags=re.I,
    )
    known = reminders.all_set()
    everything = words.lower() in ("all", "everything", "全部", "所有", "", "all reminders", "所有的")
    found = known if everything else [one for one in known if words.lower() in one.text.lower()]
    if not found:
        names = ", ".join(dict.fromkeys(one.text for one in known[:8])) or "none"
        raise ValueError(f"no reminder is called {words[:60]!r}; there is: {names}")
    reminders.cancel(found)
    now = datetime.now()
    told = ", ".join(f"{one.text} ({_shown(one.due, now, han)})" for one in found)
    return f"已取消：{told}" if han else f"Cancelled: {told}"


def _shown(due: datetime, now: datetime, han: bool) -> str:
    """`17:50` today, `tomorrow 07:30`, `friday 07:30`, `2026-12-24 07:30`."""
    clock = f"{due:%H:%M:%S}" if timedelta(0) <= due - now < timedelta(minutes=2) else f"{due:%H:%M}"
    ahead = (due.date() - now.date()).days
    if ahead == 0:
        return clock
    if ahead == 1:
        return f"明天 {clock}" if han else f"tomorrow {clock}"
    if 1 < ahead < 7:
        return f"星期{_DAYS_ZH[due.weekday()]} {clock}" if han else f"{_DAYS[due.weekday()]} {clock}"
    return f"{due:%Y-%m-%d} {clock}"


def _repeated(rule: str, due: datetime, han: bool) -> str:
    """`every monday at 09:00`, `every 2 hours`."""
    kind, *values = rule.split()
    if kind == "weekdays":
        numbers = [int(value) for value in values]
        day = ("每" + "、".join(f"周{_DAYS_ZH[number]}" for number in numbers)) if han else _named(numbers)
        return f"{day} {due:%H:%M}" if han else f"every {day} at {due:%H:%M}"
    unit = values[0].removesuffix("s")
    if han:
        unit = {"minute": "分钟", "hour": "小时", "day": "天", "week": "周", "month": "月", "year": "年"}[
            unit
        ]
    each = (
        f"每{'' if kind == '1' else kind}{unit}"
        if han
        else f"every {unit if kind == '1' else f'{kind} {values[0]}'}"
    )
    if values[0] in ("minutes", "hours"):
        return each
    return f"{each} {due:%H:%M}" if han else f"{each} at {due:%H:%M}"


def _named(numbers: list[int]) -> str:
    if numbers == [0, 1, 2, 3, 4]:
        return "weekday"
    return "day" if len(numbers) == 7 else " and ".join(_DAYS[number] for number in numbers)
