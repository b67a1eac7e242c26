"""People and things for Chinese problems: one scene fills the slots of all sentences of one problem."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

_TABLES = Path(__file__).parent / "tables"
_DAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
_DATES = (
    ("第一天", "第二天", "第三天"),
    ("上午", "下午", "晚上"),
    ("一月", "二月", "三月"),
    ("前天", "昨天", "今天"),
)
_COLOURS = ("红", "蓝", "绿", "黄", "白", "黑", "紫", "粉")
_PLACES = (
    "公园",
    "学校",
    "图书馆",
    "动物园",
    "植物园",
    "果园",
    "农场",
    "体育馆",
    "少年宫",
    "博物馆",
    "科技馆",
)
_SHOPS = ("超市", "商店", "文具店", "水果店", "书店", "玩具店", "百货商场", "小卖部", "菜市场")

Kind = tuple[str, list[str], list[str]]  # measure word, containers, things


@cache
def _things() -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for line in (_TABLES / "things_zh.txt").read_text(encoding="utf-8").splitlines():
        head, colon, rest = line.partition(": ")
        if colon and not line.startswith("#"):
            kind, measure, *holders = head.split()
            kinds[kind] = (measure, holders, rest.split())
    return kinds


@cache
def _people() -> dict[str, list[str]]:
    table = (_TABLES / "people_zh.txt").read_text(encoding="utf-8").splitlines()
    return {line.partition(": ")[0]: line.partition(": ")[2].split() for line in table}


def scene(rng: Random, use: str = "") -> dict[str, object]:
    """Slots of one problem. USE: the kinds of things, one of which all things of the scene are (empty: any).

    {A} {B} {C} are people, {he} is the pronoun of {A}; {o} {oo} {ooo} are things counted with {m}, {box}
    holds them; {day} {day2} {day3} are days or parts of one, {colour} {colour2} {colour3} colours.
    """
    kinds = _things()
    measure, holders, things = kinds[rng.choice(use.split() if use else list(kinds))]
    slots: dict[str, object] = {"m": measure, "box": rng.choice(holders)}
    slots["o"], slots["oo"], slots["ooo"] = rng.sample(things, 3)
    _cast(rng, slots)
    start = rng.randrange(5)
    days = _DAYS[start : start + 3] if rng.random() < 0.35 else rng.choice(_DATES)
    slots["day"], slots["day2"], slots["day3"] = days
    slots["colour"], slots["colour2"], slots["colour3"] = rng.sample(_COLOURS, 3)
    slots["place"] = rng.choice(_PLACES)
    slots["shop"] = rng.choice(_SHOPS)
    return slots


def _cast(rng: Random, slots: dict[str, object]) -> None:
    people = _people()
    young = people["他"] + people["她"]
    slots["A"], slots["B"], slots["C"] = rng.sample(young, 3)
    slots["he"] = "他" if slots["A"] in people["他"] else "她"
    if rng.random() < 0.15:
        slots["A"] = rng.choice(people["大"])
        slots["he"] = slots["A"]
    slots["elder"] = rng.choice(people["大"])
