"""remind: what a text means at a given moment, what is kept, and what is due when."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanray.paths import shipped
from yanray.terminal.remind import said, tell_due, watch
from yanray.toolbox import reminders
from yanray.toolbox.box import Toolbox
from yanray.toolbox.reminders import following
from yanray.toolbox.spec import asks
from yanray.toolbox.when import read_when

NOW = datetime(2026, 11, 22, 17, 40)  # a Sunday

ONCE = """
in 10 minutes: tea | 22 17:50 tea
in 90 seconds: timer | 22 17:41:30 timer
in half an hour: tea | 22 18:10 tea
in an hour and 15 minutes: cake | 22 18:55 cake
in 1.5 hours: bread | 22 19:10 bread
in twenty minutes: x | 22 18:00 x
in 2 days: x | 24 17:40 x
at 7:30: alarm | 23 07:30 alarm
at 19:30: alarm | 22 19:30 alarm
at 7:30 tomorrow: wake up | 23 07:30 wake up
at 15:00 next friday: call | 27 15:00 call
at 9:00 sunday: church | 29 09:00 church
at noon: lunch | 23 12:00 lunch
at midnight: x | 23 00:00 x
at 7:30 pm: x | 22 19:30 x
at 2026-11-25 15:00: x | 25 15:00 x
tomorrow at 8: x | 23 08:00 x
tomorrow morning at 8: x | 23 08:00 x
tomorrow evening at 8: x | 23 20:00 x
tonight at 8: tv | 22 20:00 tv
tomorrow: pay | 23 09:00 pay
call mom tomorrow at 8 | 23 08:00 call mom
tea at 5pm | 23 17:00 tea
8pm dinner | 22 20:00 dinner
remind me to call mom in 20 minutes | 22 18:00 call mom
wake me up at 6 | 23 06:00 alarm
set a timer for 10 minutes | 22 17:50 timer
timer 10 minutes | 22 17:50 timer
at 7:30: tea: green | 23 07:30 tea: green
10分钟后: 关火 | 22 17:50 关火
10分钟后关火 | 22 17:50 关火
十分钟后提醒我关火 | 22 17:50 关火
半小时后: 关火 | 22 18:10 关火
1个半小时后叫我 | 22 19:10 闹钟
两小时后提醒我开会 | 22 19:40 开会
明天早上7点半起床 | 23 07:30 起床
明早8点: 起床 | 23 08:00 起床
下午3点开会 | 23 15:00 开会
今晚8点: 电影 | 22 20:00 电影
下周一9点交报告 | 23 09:00 交报告
周五: 买菜 | 27 09:00 买菜
in 10 minutes: 计时 | 22 17:50 计时
at 7:00 friday: 起床 | 27 07:00 起床
""".strip().splitlines()


@pytest.mark.parametrize("line", ONCE)
def test_once(line):
    text, _, wanted = line.partition(" | ")
    day, clock, what = wanted.split(" ", 2)
    hours, minutes, *seconds = map(int, clock.split(":"))
    due = datetime(2026, 11, int(day), hours, minutes, *seconds)
    assert read_when(text, NOW) == (due, "", what)


@pytest.mark.parametrize(
    ("text", "first", "rule", "what"),
    [
        ("every monday at 9:00: bins", datetime(2026, 11, 23, 9), "weekdays 0", "bins"),
        ("every day at 8: pills", datetime(2026, 11, 23, 8), "1 days", "pills"),
        ("daily at 19:00: news", datetime(2026, 11, 22, 19), "1 days", "news"),
        ("every weekday at 7:00: up", datetime(2026, 11, 23, 7), "weekdays 0 1 2 3 4", "up"),
        ("every 2 hours: drink", datetime(2026, 11, 22, 19, 40), "2 hours", "drink"),
        ("every monday and thursday at 18:00: gym", datetime(2026, 11, 23, 18), "weekdays 0 3", "gym"),
        ("每天早上8点吃药", datetime(2026, 11, 23, 8), "1 days", "吃药"),
        ("每周一9点: 倒垃圾", datetime(2026, 11, 23, 9), "weekdays 0", "倒垃圾"),
        ("每周一、三、五晚上8点: 健身", datetime(2026, 11, 23, 20), "weekdays 0 2 4", "健身"),
        ("每隔2小时喝水", datetime(2026, 11, 22, 19, 40), "2 hours", "喝水"),
    ],
)
def test_again_and_again(text, first, rule, what):
    assert read_when(text, NOW) == (first, rule, what)


@pytest.mark.parametrize(
    "text", ["hello", "at 25:00: x", "every 5 seconds: x", "at 2026-02-31: x", "", "in 5: x"]
)
def test_what_has_no_time_is_an_error(text):
    with pytest.raises(ValueError, match=r"."):
        read_when(text, NOW)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [
            "weekdays 0",
            "weekdays 0 1 2 3 4",
            "2 hours",
            "30 minutes",
            "1 days",
            "3 days",
            "1 weeks",
            "1 months",
            "1 years",
        ]
    ),
    st.datetimes(datetime(2020, 1, 31), datetime(2028, 12, 31)),
    st.timedeltas(timedelta(0), timedelta(days=3000)),
)
def test_the_next_time_is_later_and_the_nearest(rule, first, span):
    now = first + span
    later = following(rule, first, now)
    assert later > now
    if rule.startswith("weekdays"):
        assert str(later.weekday()) in rule
        assert (later.hour, later.minute) == (first.hour, first.minute)
    longest = {"hours": timedelta(hours=2), "minutes": timedelta(minutes=30), "days": timedelta(days=3)}
    longest |= {"months": timedelta(days=31), "years": timedelta(days=366)}
    assert later - now <= longest.get(rule.split()[1], timedelta(days=7))


def test_the_end_of_a_month_stays_the_end():
    first = datetime(2026, 1, 31, 9)
    times = [first]
    for _ in range(4):
        times.append(following("1 months", first, times[-1]))
    assert [(time.month, time.day) for time in times] == [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def box(home: Path) -> Iterator[Toolbox]:
    toolbox = Toolbox([shipped("tools")], enabled=["remind"], timeout=30)
    yield toolbox
    toolbox.close()


def test_set_show_cancel(box):
    assert box.run("remind", "show").text == "No reminders."
    due = datetime.now() + timedelta(minutes=30)
    day = "" if due.date() == datetime.now().date() else "tomorrow "
    assert box.run("remind", "in 30 minutes: tea").text == f"Set for {day}{due:%H:%M}: tea"
    assert box.run("remind", "every monday at 9:00: bins").text == "Set for every monday at 09:00: bins"
    assert box.run("remind", "每天8点: 吃药").text == "已设 每天 08:00：吃药"
    shown = box.run("remind", "show").text.splitlines()
    assert len(shown) == 3
    assert f"{day}{due:%H:%M} tea" in shown
    assert box.run("remind", "cancel tea").text == f"Cancelled: tea ({day}{due:%H:%M})"
    assert box.run("remind", "cancel tea").text == "no reminder is called 'tea'; there is: 吃药, bins"
    assert "吃药" in box.run("remind", "取消吃药").text
    box.run("remind", "cancel all")
    assert box.run("remind", "").text == "No reminders."


@pytest.mark.parametrize(
    ("argument", "asked"),
    [("cancel tea", False), ("in 10 minutes: delete files", False), ("show all", False), ("取消吃药", False),
     ("cancel all", True), ("delete every reminder", True), ("取消所有提醒", True), ("clear", True)],
)  # fmt: skip
def test_only_cancelling_everything_is_asked_about(box, argument, asked):
    assert asks(box.get("remind"), argument) is asked


def test_what_is_over_is_refused(box):
    outcome = box.run("remind", "at 2020-01-01 9:00: party")
    assert (outcome.ok, outcome.text) == (False, "2020-01-01 09:00 is over already; give a time to come")


def test_due_in_order_and_told_once(home):
    reminders.add(NOW + timedelta(minutes=2), "second")
    reminders.add(NOW + timedelta(minutes=1), "first")
    reminders.add(NOW + timedelta(minutes=3), "water", "2 hours")
    assert reminders.due(NOW) == []
    told: list[str] = []
    tell_due(told.append, NOW + timedelta(minutes=3))
    assert told == ["first (17:41)", "second (17:42)", "water"]
    tell_due(told.append, NOW + timedelta(minutes=4))
    assert len(told) == 3
    assert [(one.text, one.due) for one in reminders.all_set()] == [("water", NOW + timedelta(minutes=123))]


def test_missed_ones_are_told_late_and_repeated_ones_once(home):
    reminders.add(NOW, "pills", "1 days")
    told: list[str] = []
    tell_due(told.append, NOW + timedelta(days=10, hours=1))
    assert told == ["pills (2026-11-22 17:40)"]
    assert reminders.all_set()[0].due == NOW + timedelta(days=11)


def test_what_cannot_be_told_stays_due(home):
    reminders.add(NOW, "tea")

    def broken(line: str) -> None:
        raise OSError("the terminal is gone")

    with pytest.raises(OSError, match="terminal"):
        tell_due(broken, NOW)
    assert [one.text for one in reminders.due(NOW)] == ["tea"]


def test_watching_tells_what_falls_due(home):
    stop, told = threading.Event(), []

    def tell(line: str) -> None:
        told.append(line)
        stop.set()

    reminders.add(datetime.now() - timedelta(seconds=1), "tea")
    watcher = threading.Thread(target=watch, args=(tell,), kwargs={"stop": stop}, daemon=True)
    watcher.start()
    watcher.join(20)
    assert told == ["tea"]
    assert said(reminders.Reminder(1, NOW, "tea", "", NOW), NOW) == "tea"
