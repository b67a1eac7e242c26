"""The reminders, timers and alarms: kept over restarts, told when they are due.

    for reminder in due(now):
        ... tell it ...
        told(reminder, now)

One that falls due while nobody is there to tell it stays due; a repeated one is then told once and goes on
with its next time. A rule of repetition is `COUNT UNIT`, or `weekdays 0 1 2` (0 is Monday), counted from the
first time.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Connection

from yanray.toolbox.database import database
from yanray.toolbox.dates import shift

MOST = 1000  # kept at once
_SCHEMA = """
CREATE TABLE IF NOT EXISTS reminders (
    id INTEGER PRIMARY KEY, due TEXT NOT NULL, text TEXT NOT NULL, rule TEXT NOT NULL, first TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to tell. due, first: local time. rule: "" when it is told once."""

    id: int
    due: datetime
    text: str
    rule: str
    first: datetime


def _open() -> AbstractContextManager[Connection]:
    return database("reminders", _SCHEMA)


def add(due: datetime, text: str, rule: str = "") -> None:
    """Keep a reminder. Raises ValueError when there are too many."""
    with _open() as connection:
        (count,) = connection.execute("SELECT count(*) FROM reminders").fetchone()
        if count >= MOST:
            raise ValueError(f"{MOST} reminders are set already; cancel some first")
        row = (due.isoformat(), text, rule, due.isoformat())
        connection.execute("INSERT INTO reminders (due, text, rule, first) VALUES (?, ?, ?, ?)", row)


def all_set() -> list[Reminder]:
    """Every reminder, the next one first."""
    with _open() as connection:
        return _rows(connection, "9999")


def due(now: datetime) -> list[Reminder]:
    """What is to be told at NOW (local time), the oldest first. They stay due until they are `told`."""
    with _open() as connection:
        return _rows(connection, now.isoformat())


def told(reminder: Reminder, now: datetime) -> None:
    """REMINDER was told at NOW: it is gone, or waits for its next time."""
    with _open() as connection:
        if reminder.rule:
            later = following(reminder.rule, reminder.first, now).isoformat()
            connection.execute("UPDATE reminders SET due = ? WHERE id = ?", (later, reminder.id))
        else:
            connection.execute("DELETE FROM reminders WHERE id = ?", (reminder.id,))


def cancel(reminders: list[Reminder]) -> None:
    """Take back REMINDERS."""
    with _open() as connection:
        connection.executemany("DELETE FROM reminders WHERE id = ?", [(one.id,) for one in reminders])


def following(rule: str, first: datetime, now: datetime) -> datetime:
    """The first time after NOW by RULE, counted from FIRST."""
    kind, *values = rule.split()
    if kind == "weekdays":
        day = max(
            first, now.replace(hour=first.hour, minute=first.minute, second=first.second, microsecond=0)
        )
        while day <= now or str(day.weekday()) not in values:
            day += timedelta(1)
        return day
    count, unit = int(kind), values[0]
    if unit not in ("months", "years"):
        length = timedelta(**{unit: count})
        return first + length * max(0, (now - first) // length + 1)
    done = max(0, (now - first) // timedelta(days=count * (31 if unit == "months" else 366)))
    while (later := shift(first, done * count, unit)) <= now:
        done += 1
    assert isinstance(later, datetime)
    return later


def _rows(connection: Connection, until: str) -> list[Reminder]:
    rows = connection.execute(
        "SELECT id, due, text, rule, first FROM reminders WHERE due <= ? ORDER BY due, id", (until,)
    )
    return [
        Reminder(key, datetime.fromisoformat(at), text, rule, datetime.fromisoformat(first))
        for key, at, text, rule, first in rows
    ]
