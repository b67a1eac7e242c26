"""Numerals, dates and text, as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanray.toolbox.dates import read_moment, shift
from yanray.toolbox.numerals import arabic, chinese, plain
from yanray.toolbox.text import capped, clean, readable

NOW = datetime(2026, 11, 22, 17, 5, 30, 7)  # a Sunday


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("一百二十八", "128"),
        ("二零二六", "2026"),
        ("十五", "15"),
        ("三千零二十", "3020"),
        ("一百零五", "105"),
        ("一百五", "150"),
        ("两千三", "2300"),
        ("3.5万", "35000"),
        ("1亿2千万", "120000000"),
        ("一亿二千万", "120000000"),
        ("一万亿", "1000000000000"),
        ("三点五", "3.5"),
        ("三点五分", "3点5分"),
        ("三两", "3两"),
        ("5千克", "5千克"),
        ("千", "千"),
        ("一百二十八加两百", "128加200"),
        ("（１２＋３）", "(12+3)"),
    ],
)
def test_chinese_numerals(text, digits):
    assert plain(text) == digits


@given(st.integers(0, 10**12))
def test_numerals_come_back(number):
    """Against a writer of its own: groups of four digits with 万 and 亿."""
    digits, units = "零一二三四五六七八九", ["", "十", "百", "千"]

    def group(value, width=4):
        text = ""
        for place in range(width - 1, -1, -1):
            digit = value // 10**place % 10
            if digit:
                text += digits[digit] + units[place]
            elif text and not text.endswith("零"):
                text += "零"
        return text.rstrip("零")

    parts, text = (
        [number // 10**8 // 10**4, number // 10**8 % 10**4, number // 10**4 % 10**4, number % 10**4],
        "",
    )
    for value, unit in zip(parts, ("万亿", "亿", "万", ""), strict=True):
        if value:
            text += ("零" if text and value < 1000 else "") + group(value) + unit
    if number // 10**8 >= 10**4 and parts[1]:
        text = text.replace("万亿", "万", 1)
    assert arabic(text or "零") == str(number)


@given(st.text())
def test_any_text_is_read(text):
    plain(text)
    chinese(text)
    assert clean(text) == text.replace("\0", "\ufffd")
    with suppress(ValueError):
        read_moment(text, NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", datetime(2026, 11, 22, 17, 5, 30)),
        ("today", date(2026, 11, 22)),
        ("tomorrow", date(2026, 11, 23)),
        ("day after tomorrow", date(2026, 11, 24)),
        ("大后天", date(2026, 11, 25)),
        ("2026-12-25", date(2026, 12, 25)),
        ("2026年12月25日", date(2026, 12, 25)),
        ("12月25日", date(2026, 12, 25)),
        ("1月5日", date(2027, 1, 5)),
        ("25 december", date(2026, 12, 25)),
        ("dec 25th, 2030", date(2030, 12, 25)),
        ("march 1", date(2027, 3, 1)),
        ("feb 29", date(2028, 2, 29)),
        ("25/12/2026", date(2026, 12, 25)),
        ("christmas", date(2026, 12, 25)),
        ("元旦", date(2027, 1, 1)),
        ("sunday", date(2026, 11, 22)),
        ("next sunday", date(2026, 11, 29)),
        ("last sunday", date(2026, 11, 15)),
        ("monday", date(2026, 11, 23)),
        ("周三", date(2026, 11, 25)),
        ("这周三", date(2026, 11, 18)),
        ("下周三", date(2026, 11, 25)),
        ("上星期天", date(2026, 11, 15)),
        ("7:30", datetime(2026, 11, 22, 7, 30)),
        ("3pm", datetime(2026, 11, 22, 15)),
        ("12 am", datetime(2026, 11, 22)),
        ("noon", datetime(2026, 11, 22, 12)),
        ("下午3点半", datetime(2026, 11, 22, 15, 30)),
        ("明天早上8点", datetime(2026, 11, 23, 8)),
        ("tomorrow at 7:30", datetime(2026, 11, 23, 7, 30)),
        ("2026-12-25t15:00", datetime(2026, 12, 25, 15)),
        ("friday 6:15 pm", datetime(2026, 11, 27, 18, 15)),
        ("tea", None),
        ("42", None),
        ("tomorrow tea", None),
    ],
)
def test_moments(text, moment):
    assert read_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["2026-02-30", "03/04/2026", "25:00", "13月1日", "2026-00-01"])
def test_moments_that_cannot_be(text):
    with pytest.raises(ValueError, match=r"no date|no time|day/month"):
        read_moment(text, NOW)


def test_shifts_keep_to_the_calendar():
    assert shift(date(2026, 1, 31), 1, "months") == date(2026, 2, 28)
    assert shift(date(2028, 2, 29), 1, "years") == date(2029, 2, 28)
    assert shift(date(2026, 3, 1), -1, "days") == date(2026, 2, 28)
    assert shift(date(2026, 3, 1), 90, "minutes") == datetime(2026, 3, 1, 1, 30)
    with pytest.raises(OverflowError):
        shift(date(9999, 12, 31), 1, "years")


def test_bytes_and_caps():
    assert readable("é三".encode()) == "é三"
    assert readable(b"\xff\xfe") != ""
    assert clean("a\ud800\udfff\0") == "a\ufffd\ufffd\ufffd"
    assert capped("abc", 3) == "abc"
    assert capped("abcd", 3) == "abc\n[cut: 3 of 4 characters are shown]"
