"""clock: times, places and dates. What depends on now is compared with now."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("2026-01-31 + 1 month", "2026-02-28 (Saturday)"),
        ("2026-03-01 - 3 weeks", "2026-02-08 (Sunday)"),
        ("45 days after 2026-03-01", "2026-04-15 (Wednesday)"),
        ("3 years from 2026-11-22", "2029-11-22 (Thursday)"),
        ("2 months after December 31 2026", "2027-02-28 (Sunday)"),
        ("2026-03-01 14:00 + 90 minutes", "2026-03-01 15:30 (Sunday)"),
        ("days between 2026-03-01 and 2026-03-05", "4 days"),
        ("2026-12-25 - 2026-11-22", "33 days (1 month, 3 days)"),
        ("10:30 to 14:45", "4 hours, 15 minutes"),
        ("from 9:30 to 17:15", "7 hours, 45 minutes"),
        ("what day is 2000-01-01", "2000-01-01 is a Saturday"),
        ("weekday of 25 December 2026", "2026-12-25 is a Friday"),
        ("25/12/2026", "2026-12-25 is a Friday"),
        ("time difference between Tokyo and Shanghai", "Shanghai is 1 hours behind Tokyo"),
        ("2026-07-01 3pm Tokyo in Berlin", "2026-07-01 08:00 (Wednesday) in Berlin"),
        ("2026-01-01 12:00 utc to New York", "2026-01-01 07:00 (Thursday) in New York"),
        ("２０２６年３月１日之后45天", "2026-04-15（星期三）"),
        ("2026年3月1日加三周", "2026-03-22（星期日）"),
        ("二零二六年十二月二十五日是星期几", "2026-12-25是星期五"),
        ("北京和东京的时差", "东京比北京早1小时"),
    ],
)
def test_answers(text, result, ask):
    outcome = ask(text)
    assert (outcome.text, outcome.ok) == (result, True)


def between(asked, made):
    """Ask, until the answer was made within one minute."""
    while True:
        before = made()
        text = asked()
        if made() == before:
            return text, before


@pytest.mark.parametrize(
    "text", ["", "now", "time", "What time is it?", "current time", "what's the date today"]
)
def test_now(text, ask):
    got, wanted = between(
        lambda: ask(text).text, lambda: f"{datetime.now(timezone.utc):%A %Y-%m-%d %H:%M (UTC+00:00)}"
    )
    assert got == wanted


@pytest.mark.parametrize(
    ("text", "place", "zone"),
    [
        ("Tokyo", "Tokyo", "Asia/Tokyo"),
        ("what time is it in New York", "New York", "America/New_York"),
        ("what is the time in Paris?", "Paris", "Europe/Paris"),
        ("seattle time", "Seattle", "America/Los_Angeles"),
        ("Germany", "Germany", "Europe/Berlin"),
        ("Africa/Nairobi", "Africa/Nairobi", "Africa/Nairobi"),
        ("Reykjavik", "Reykjavik", "Atlantic/Reykjavik"),
    ],
)
def test_places(text, place, zone, ask):
    got, wanted = between(
        lambda: ask(text).text, lambda: f"{place}: {datetime.now(ZoneInfo(zone)):%A %Y-%m-%d %H:%M}"
    )
    assert got.startswith(wanted)


@pytest.mark.parametrize(
    ("text", "place", "zone"),
    [
        ("东京现在几点", "东京", "Asia/Tokyo"),
        ("现在纽约是几点", "纽约", "America/New_York"),
        ("北京时间", "北京", "Asia/Shanghai"),
    ],
)
def test_places_in_chinese(text, place, zone, ask):
    got, now = between(lambda: ask(text).text, lambda: f"{datetime.now(ZoneInfo(zone)):%H:%M}")
    assert got.startswith(f"{place}：")
    assert now in got


def test_days_from_today(ask):
    today = datetime.now(timezone.utc).date()
    soon = today + timedelta(days=10)
    assert ask(f"days until {soon}").text == "10 days"
    assert ask(f"距离{soon.year}年{soon.month}月{soon.day}日还有几天").text == "10天"
    assert ask("in 10 days").text == f"{soon} ({soon:%A})"
    assert ask("十天后").text.startswith(f"{soon}（星期")
    christmas = date(today.year + ((today.month, today.day) > (12, 25)), 12, 25)
    assert ask("how many days until Christmas").text.startswith(f"{(christmas - today).days} day")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("xyzzy", "'xyzzy' is not understood; write e.g. Tokyo"),
        ("03/04/2026", "day/month or month/day? write dates as 2026-12-25"),
        ("2026-02-30", "'2026-02-30' is no date of the calendar"),
        ("25:00", "'25:00' is no time of the day"),
        ("9999-12-31 + 5 days", "outside the years 1 to 9999"),
        ("2026-01-01 + 9999999 years", "outside the years 1 to 9999"),
        ("x" * 1000, "that is too long"),
        ("\0", "is not understood"),
    ],
)
def test_errors_say_what_is_wrong(text, message, ask):
    outcome = ask(text)
    assert not outcome.ok
    assert message in outcome.text
