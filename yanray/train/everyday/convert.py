"""Requests for `convert`: units, temperatures, currencies."""

from __future__ import annotations

import math
import random
from functools import lru_cache
from typing import TypeAlias

from yanray.train.document import Exchange, Language
from yanray.train.everyday.base import Shape, shaped

# kind: English names / Chinese names = size in the kind's base unit; an empty side: not used in that language
_UNITS = """
length: km, kilometers, kilometres / 公里, 千米 = 1000
length: miles, mi / 英里 = 1609.344
length: m, meters, metres / 米 = 1
length: feet, ft / 英尺 = 0.3048
length: inches, in / 英寸 = 0.0254
length: cm, centimeters / 厘米 = 0.01
length: yards, yd / 码 = 0.9144
length: mm, millimeters / 毫米 = 0.001
length: nautical miles / 海里 = 1852
mass: kg, kilograms, kilos / 公斤, 千克 = 1000
mass: pounds, lbs, lb / 磅 = 453.59237
mass: grams, g / 克 = 1
mass: ounces, oz / 盎司 = 28.349523125
mass: tonnes / 吨 = 1000000
mass: stone / = 6350.29318
mass: / 斤 = 500
volume: liters, litres, l / 升 = 1
volume: gallons, gal / 加仑 = 3.785411784
volume: cups / 杯 = 0.2365882365
volume: ml, milliliters / 毫升 = 0.001
volume: tablespoons, tbsp / 汤匙 = 0.01478676478125
volume: teaspoons, tsp / 茶匙 = 0.00492892159375
volume: pints / 品脱 = 0.473176473
volume: quarts / = 0.946352946
volume: fluid ounces / = 0.0295735295625
time: hours / 小时 = 3600
time: minutes / 分钟 = 60
time: seconds / 秒 = 1
time: days / 天 = 86400
time: weeks / 周 = 604800
speed: km/h, kph / 公里/小时 = 0.277777777777778
speed: mph, miles per hour / 英里/小时 = 0.44704
speed: m/s, meters per second / 米/秒 = 1
speed: knots / 节 = 0.514444444444444
area: square meters, m2 / 平方米 = 1
area: square feet / 平方英尺 = 0.09290304
area: acres / 英亩 = 4046.8564224
area: hectares, ha / 公顷 = 10000
area: square miles / 平方英里 = 2589988.110336
area: / 亩 = 666.666666666667
data: MB, megabytes / MB = 1000000
data: GB, gigabytes / GB = 1000000000
data: TB, terabytes / TB = 1000000000000
data: kB, kilobytes / KB = 1000
"""
_SHARES = {"length": 3, "mass": 2, "volume": 2, "time": 1, "speed": 1, "area": 1, "data": 1}
_HEAT = {
    "en": (("celsius", "C", "degrees celsius"), ("fahrenheit", "F", "degrees fahrenheit")),
    "zh": (("摄氏度",), ("华氏度",)),
}
# English names / Chinese names = what one is worth in US dollars
_MONEY = """
USD, dollars, us dollars, bucks / 美元, 美金 = 1
EUR, euros, euro / 欧元 = 1.08
GBP, pounds, british pounds, pounds sterling / 英镑 = 1.27
JPY, yen, japanese yen / 日元 = 0.0067
CNY, yuan, rmb / 人民币 = 0.139
INR, rupees, indian rupees / 卢比 = 0.012
CAD, canadian dollars / 加元 = 0.73
AUD, australian dollars / 澳元 = 0.66
CHF, swiss francs, francs / 瑞士法郎, 瑞郎 = 1.13
KRW, won / 韩元 = 0.00073
MXN, mexican pesos, pesos / 墨西哥比索 = 0.055
HKD, hong kong dollars / 港币, 港元 = 0.128
SEK, swedish kronor / 瑞典克朗 = 0.095
BRL, reais / 雷亚尔 = 0.18
THB, baht / 泰铢 = 0.028
NZD, new zealand dollars / 新西兰元 = 0.6
SGD, singapore dollars / 新加坡元, 新币 = 0.74
"""
Unit: TypeAlias = tuple[list[str], float]  # names, size


def _read(line: str, language: Language) -> Unit:
    english, _, rest = line.partition(" / ") if " / " in line else line.partition("/ ")
    chinese, _, size = rest.rpartition("= ")
    names = english if language == "en" else chinese
    return [name.strip() for name in names.split(",") if name.strip()], float(size)


@lru_cache(maxsize=2)
def _units(language: Language) -> dict[str, list[Unit]]:
    """Kind -> its units with a name in LANGUAGE."""
    found: dict[str, list[Unit]] = {}
    for line in _UNITS.split("\n")[1:-1]:
        kind, _, rest = line.partition(": ")
        unit = _read(rest, language)
        if unit[0]:
            found.setdefault(kind, []).append(unit)
    return found


@lru_cache(maxsize=2)
def _currencies(language: Language) -> list[Unit]:
    return [_read(line, language) for line in _MONEY.split("\n")[1:-1]]


_ASKS = {
    "en": (
        "convert {n} {a} to {b}", "how many {b} is {n} {a}?", "how many {b} are {n} {a}", "{n} {a} in {b}",
        "what's {n} {a} in {b}?", "what is {n} {a} in {b}", "{n} {a} to {b}", "change {n} {a} into {b}",
        "can you convert {n} {a} to {b}?", "how much is {n} {a} in {b}",
        "I have {n} {a}, how many {b} is that?",
        "turn {n} {a} into {b}", "{n} {a} is how many {b}", "how many {b} do {n} {a} make?",
        "express {n} {a} in {b}",
        "the recipe says {n} {a} but i only know {b}", "tell me {n} {a} in {b}", "{n} {a} = ? {b}",
        "what would {n} {a} be in {b}", "give me {n} {a} as {b}",
    ),
    "zh": (
        "{n}{a}是多少{b}", "{n}{a}等于多少{b}", "{n}{a}换算成{b}", "把{n}{a}换成{b}",
        "{n}{a}转换成{b}是多少", "帮我算一下{n}{a}合多少{b}",
        "{n}{a}有多少{b}", "{n}{a}多少{b}", "{n}{a}折合多少{b}", "请把{n}{a}换算为{b}",
        "{n}{a}用{b}表示是多少",
    ),
}  # fmt: skip
_HEAT_ASKS = {
    "en": (
        "what is {n} {a} in {b}?", "convert {n} {a} to {b}", "{n} {a} in {b}", "{n} {a} to {b}",
        "how hot is {n} {a} in {b}",
    ),
    "zh": (
        "{n}{a}是多少{b}", "{n}{a}等于多少{b}", "{n}{a}换算成{b}", "把{n}{a}换成{b}",
        "体温{n}{a}，换成{b}是多少",
    ),
}  # fmt: skip
_ONE = {
    "en": (
        "what's the exchange rate from {a} to {b}?", "exchange rate {a} to {b}",
        "exchange rate between {a} and {b}",
        "how much is one {a} in {b}", "{a} to {b} rate", "what is the {a} {b} exchange rate today",
        "how many {b} for one {a}",
    ),
    "zh": (
        "{a}兑{b}的汇率是多少", "一{a}换多少{b}", "{a}对{b}汇率", "今天{a}兑换{b}是多少", "1{a}等于多少{b}",
    ),
}  # fmt: skip
_HOW_MANY = {
    "en": (
        "how many {b} are in a {a1}?",
        "how many {b} in one {a1}",
        "how many {b} make a {a1}",
        "one {a1} is how many {b}?",
    ),
    "zh": ("一{a}有多少{b}", "一{a}等于多少{b}", "1{a}是多少{b}"),
}
_SAYS = {
    "en": (
        "{n} {a} is {v} {b}.",
        "That is {v} {b}.",
        "{n} {a} = {v} {b}.",
        "{v} {b}.",
        "{n} {a} comes to {v} {b}.",
    ),
    "zh": ("{n}{a}是{v}{b}。", "等于{v}{b}。", "{n}{a}合{v}{b}。", "约{v}{b}。", "换算下来是{v}{b}。"),
}
_SINGULAR = {"feet": "foot", "inches": "inch"}


def number(rng: random.Random) -> str:
    """A quantity as people write it."""
    kind = rng.random()
    if kind < 0.6:
        return str(
            rng.choice(
                (rng.randint(2, 20), rng.randint(2, 100), 10 * rng.randint(1, 50), 100 * rng.randint(1, 20))
            )
        )
    if kind < 0.85:
        return (
            f"{rng.randint(0, 200) + rng.choice((0.5, 0.25, 0.75, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9))}"
        )
    return str(rng.choice((rng.randint(100, 9999), rng.randint(1000, 90000))))


def shown(value: float) -> str:
    """VALUE as the tool prints it: to six significant digits, and at least to two places."""
    size = math.floor(math.log10(abs(value))) if value else 0
    if not -6 <= size < 15:
        return f"{value:.6g}"
    text = f"{value:.{max(2, 5 - size)}f}"
    return text.rstrip("0").rstrip(".") or "0"


def exchange(rng: random.Random, language: Language) -> Exchange:
    """One request for `convert`."""
    kind = rng.random()
    if kind < 0.5:
        return measure(rng, language)
    return _heat(rng, language) if kind < 0.68 else money(rng, language)


def measure(rng: random.Random, language: Language) -> Exchange:
    """A length, weight, volume, time, speed, area or amount of data in another unit."""
    kind = rng.choices(tuple(_SHARES), tuple(_SHARES.values()))[0]
    (names_a, size_a), (names_b, size_b) = rng.sample(_units(language)[kind], 2)
    asks = _ASKS[language]
    values = {"a": rng.choice(names_a), "b": rng.choice(names_b), "n": number(rng)}
    if rng.random() < 0.12 and size_a > size_b and (language == "zh" or len(values["a"]) > 3):
        values["n"], asks = "1", _HOW_MANY[language]
        if language == "en":
            values["a"] = values["a1"] = _SINGULAR.get(values["a"], values["a"].removesuffix("s"))
    values["v"] = shown(float(values["n"]) * size_a / size_b)
    return _shaped(rng, language, asks, values)


def three(rng: random.Random, language: Language) -> list[Unit]:
    """Three units of one kind."""
    kinds = [units for units in _units(language).values() if len(units) > 2]
    return rng.sample(rng.choice(kinds), 3)


def _heat(rng: random.Random, language: Language) -> Exchange:
    celsius, fahrenheit = (rng.choice(names) for names in _HEAT[language])
    degrees = rng.choice((rng.randint(-20, 45), rng.randint(30, 110), 10 * rng.randint(10, 50)))
    values = {"n": str(degrees), "a": celsius, "b": fahrenheit, "v": shown(degrees * 9 / 5 + 32)}
    if rng.random() < 0.5:
        values |= {"a": fahrenheit, "b": celsius, "v": shown((degrees - 32) * 5 / 9)}
    return _shaped(rng, language, _HEAT_ASKS[language], values)


def money(rng: random.Random, language: Language) -> Exchange:
    """An amount of money in another currency."""
    (names_a, worth_a), (names_b, worth_b) = rng.sample(_currencies(language), 2)
    values = {"a": rng.choice(names_a), "b": rng.choice(names_b), "n": number(rng)}
    if language == "en" and rng.random() < 0.4:
        values |= {"a": values["a"].lower(), "b": values["b"].lower()}
    asks = _ASKS[language]
    if rng.random() < 0.25:
        values["n"], asks = "1", _ONE[language]
    rate = worth_a / worth_b * rng.uniform(0.97, 1.03)
    values["v"] = f"{float(values['n']) * rate:.2f}"
    day = f"{2026 + rng.randrange(3)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    rate_of = f" (rate of {day})" if values["b"].isascii() else f"（{day} 汇率）"
    return _shaped(rng, language, asks, values, rate_of)


def _shaped(
    rng: random.Random, language: Language, asks: tuple[str, ...], values: dict[str, str], rate_of: str = ""
) -> Exchange:
    space = " " if language == "en" else ""
    argument = f"{{n}}{space}{{a}} to {{b}}"
    gap = " " if values["b"][0].isascii() else ""
    outcomes = [(f"{{n}}{space}{{a}} = {{v}}{gap}{{b}}{rate_of}", answer) for answer in _SAYS[language]]
    return shaped(rng, "convert", language, Shape(asks, argument, outcomes), values)
