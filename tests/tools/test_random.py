"""random: forms, bounds, fairness; system: each part answers."""

from __future__ import annotations

import re
from collections import Counter

import pytest

FORMS = r"""
coin | heads|tails
 | heads|tails
抛硬币 | 正面|反面
3 coins | (?:heads|tails)(?:, (?:heads|tails)){2}
2d6 | [1-6] \+ [1-6] = \d+
d20 | \d+
2d6+3 | [1-6] \+ [1-6] \+ 3 = \d+
two dice | [1-6] \+ [1-6] = \d+
掷两个骰子 | [1-6] \+ [1-6] = \d+
3个10面骰子 | \d+ \+ \d+ \+ \d+ = \d+
10面骰子 | \d|10
1-100 | \d{1,3}
between 1 and 10 | \d|10
1到100 | \d{1,3}
3 numbers 1-49 | \d+, \d+, \d+
one of tea, coffee | tea|coffee
tea or coffee | tea|coffee
one of tea, coffee or milk | tea|coffee|milk
茶、咖啡选一个 | 茶|咖啡
从红、黄、蓝里选一个 | 红|黄|蓝
one of 三体, 活着 | 三体|活着
yes or no | yes|no
""".strip("\n").splitlines()


@pytest.mark.parametrize(("argument", "pattern"), [line.split(" | ", 1) for line in FORMS])
def test_forms(ask, argument, pattern):
    outcome = ask(argument)
    assert outcome.ok, outcome.text
    assert re.fullmatch(pattern, outcome.text), outcome.text


@pytest.mark.parametrize(
    "argument", ["1d0", "101d6", "hello", "0 coins", "1-99999999999999999", "1000d1000000000000000"]
)
def test_what_cannot_be(ask, argument):
    outcome = ask(argument)
    assert not outcome.ok
    assert outcome.text


def test_sums_are_right_and_bounds_are_kept(ask):
    for _ in range(100):
        terms, _, total = ask("3d4-1").text.partition(" = ")
        rolls = [int(term) for term in re.findall(r"\d+", terms)][:3]
        assert all(1 <= roll <= 4 for roll in rolls)
        assert sum(rolls) - 1 == int(total)
        assert 5 <= int(ask("5-7").text) <= 7


def test_it_is_fair(ask):
    """600 dice: each side within 5 standard deviations of 100."""
    rolls = Counter(
        number for _ in range(6) for number in re.findall(r"\d+", ask("100d6").text.partition(" = ")[0])
    )
    assert all(abs(rolls[side] - 100) < 5 * (600 * 1 / 6 * 5 / 6) ** 0.5 for side in "123456")


@pytest.mark.parametrize(
    ("argument", "pattern"),
    [
        ("battery", r"battery \d+ %, .+|no battery, on mains power"),
        ("电池", "电量 .+|没有电池，使用外接电源"),
        ("cpu", r"cpu \d+ % busy.*"),
        ("memory", r"memory: [\d.]+ of [\d.]+ GB free"),
        ("内存", r"内存：共 [\d.]+ GB，可用 [\d.]+ GB"),
        ("disk", r"disk: [\d.]+ GB free \(\d+ % used\)"),
        ("uptime", r"up for \d+ days, \d+ hours, \d+ minutes"),
        ("", r"(?s).*\ncpu .*\nmemory: .*\ndisk: .*"),
    ],
)
def test_system(shipped_tools, argument, pattern):
    outcome = shipped_tools.run("system", argument)
    assert outcome.ok, outcome.text
    assert re.fullmatch(pattern, outcome.text), outcome.text
