"""Convert units and currencies."""

from __future__ import annotations

import difflib
import functools
import math
import re
from fractions import Fraction
from typing import Any

from yanray.toolbox.api import currency, plain, rate

TIMEOUT = 20  # pint takes seconds to load on a small computer
EXAMPLES = {
    "5 miles to km": "5 miles = 8.04672 km",
    "72 F in celsius": "72 F = 22.2222 celsius",
    "3 cups to ml": "3 cups = 709.765 ml",
    "5 ft 3 in to cm": "5 ft 3 in = 160.02 cm",
    "how many minutes are in 2.5 hours": "2.5 hours = 150 minutes",
    "5英里等于多少公里": "5英里 = 8.04672公里",
    "37摄氏度是多少华氏度": "37摄氏度 = 98.6华氏度",
}

_NUMBER = (
    r"[-+]?(?:\d+/0*[1-9]\d*|(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,2}(?!\d))?|\.\d+)"
)
_REQUESTS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"how (?:many|much) (?P<target>.+?) (?:is|are)?\s*(?:there )?(?:in|is|are) (?:an? )?(?P<source>.+)",
        r"(?P<source>.+?)\s*(?:等于|相当于|合|是|有|=)\s*(?:多少|几)个?(?P<target>.+)",
        r"(?P<source>.+?)\s*(?:(?:换算|转换|转化|换|转|化)[成为到]?|[成到])(?P<target>.+)",
        r"(?P<source>.+?)\s*(?:\bto\b|\binto\b|\bas\b|=|->|→)\s*(?P<target>.+)",
        r"(?P<source>.+)\s+in\s+(?P<target>.+)",
    )
]
# pint's name: names that it does not know, or knows as something else (F is its farad)
_NAMES = """
    degF: f, °f, fahrenheit, degrees fahrenheit, degree fahrenheit, 华氏度, 华氏
    degC: c, °c, celsius, degrees celsius, degree celsius, centigrade, degrees, 摄氏度, 摄氏, 度
    kelvin: k, °k, 开尔文, 开
    foot: ', ′, 英尺
    inch: ", ″, in, 英寸
    fluid_ounce: fl oz, fl. oz, floz, fluid ounces
    km/hour: kmh, km/h, kph, kmph
    foot**2: sqft, square feet
    m**2: sqm
    kB: kb, 千字节
    MB: mb, 兆, 兆字节
    GB: gb, 吉字节
    TB: tb
    Mbit: Mb
    Gbit: Gb
    calorie: cal, cals, 卡, 卡路里
    tonne: metric tons, 吨
    light_year: light year, light years, 光年
    nautical_mile: nautical miles, 海里
    km: 公里, 千米
    m: 米
    dm: 分米
    cm: 厘米
    mm: 毫米
    um: 微米
    nm: 纳米
    mile: 英里
    yard: 码
    li: 里
    chi: 尺
    cun: 寸
    kg: kilo, kilos, 公斤, 千克
    g: 克
    mg: 毫克
    jin: 斤, 市斤
    liang: 两
    pound: 磅
    ounce: 盎司
    l: 升, 公升
    ml: 毫升
    gallon: 加仑
    pint: 品脱
    cup: 杯
    tablespoon: 汤匙
    teaspoon: 茶匙
    hour: 小时, 时, 钟头
    minute: 分钟, 分
    second: 秒, 秒钟
    ms: 毫秒
    day: 天, 日
    week: 周, 星期
    month: 月
    year: 年
    hectare: 公顷
    mu: 亩
    acre: 英亩
    kcal: 千卡, 大卡
    joule: 焦耳, 焦
    kJ: 千焦
    watt: 瓦
    kW: 千瓦
    kWh: 千瓦时, 度电
    horsepower: 马力
    pascal: 帕
    kPa: 千帕
    atm: 大气压
    bar: 巴
    knot: 节
    byte: 字节
    bit: 比特
    hertz: 赫兹
"""
_UNITS = {
    name.strip(): line.partition(":")[0].strip()
    for line in _NAMES.strip().splitlines()
    for name in line.partition(":")[2].split(",")
}
_OWN = ("li = 500 * meter", "chi = meter / 3", "cun = meter / 30", "jin = 500 * gram", "liang = 50 * gram",
        "mu = 2000 / 3 * meter ** 2")  # fmt: skip
_FACTOR = r"[^\W\d_][\w°µ]*(?:(?:\*\*|\^)-?\d)?"
_SAFE = re.compile(rf"{_FACTOR}(?:(?: per | ?[*/] ?| ){_FACTOR})*")


def run(request: str, *, rates: str = "") -> str:
    """Convert an amount from one unit or currency to another.

    request: e.g. 5 miles to km, 72 F in celsius, 5 ft 3 in to cm, 5英里等于多少公里. Cups, gallons and tons
        are the US ones; C and F are temperatures. 100 USD to EUR is at the day's rate.
    rates: a server that answers as api.frankfurter.dev/v1 does.
    """
    if len(request) > 200:
        raise ValueError("that is too long; write e.g. 5 miles to km")
    source, target = _sides(request)
    if money := _money(source, target, rates):
        return money
    value = _converted(_amounts(source), target)
    space = "" if re.match(r"[\u3400-\u9fff]", target) else " "
    said = source if re.match(_NUMBER, source) else f"1{space}{source}"
    return f"{said} = {_rounded(value)}{space}{target}"


def _sides(request: str) -> tuple[str, str]:
    """What is given and the unit that is wanted, as written."""
    text = plain(request).strip(" .?;")
    text = re.sub(r"^(?:(?:please|convert|what is|what's|how much is) |把|将|请问|请)+", "", text, flags=re.I)
    text = (
        re.sub(r"^半个?", "0.5", text).replace("½", " 1/2").replace("¼", " 1/4").replace("¾", " 3/4").strip()
    )
    for pattern in _REQUESTS:
        if match := pattern.fullmatch(text):
            return match["source"].strip(), match["target"].strip()
    raise ValueError("say the amount and the unit that is wanted, e.g. 5 miles to km")


_SIGNS = r"(?:us|hk|c|a)?\$|[€£¥₹₩฿]"


def _money(source: str, target: str, server: str) -> str | None:
    """The answer when SOURCE and TARGET are money: `100 USD`, `$100`, `euros`; else None."""
    match = re.fullmatch(rf"({_SIGNS})?\s*({_NUMBER})?\s*(.*)", source, re.IGNORECASE)
    code, wanted = currency((match[1] or match[3]) if match else ""), currency(target)
    if match is None or code is None or wanted is None or (match[1] and match[3]):
        return None
    amount = Fraction((match[2] or "1").replace(",", ""))
    worth, day = rate(code, wanted, *([server] if server else []))
    space = "" if re.match(r"[\u3400-\u9fff]", target) else " "
    said = source if match[2] else f"1{space}{source}"
    value = float(amount) * worth
    if not math.isfinite(value):
        raise ValueError("that is too large a number")
    shown = f"{value:.2f}" if abs(value) >= 1 or not value else f"{value:.4g}"
    return f"{said} = {shown}{space}{target}" + (f"（{day} 汇率）" if not space else f" (rate of {day})")


def _amounts(source: str) -> list[tuple[Fraction, str]]:
    """`5 ft 3 in` as [(5, "ft"), (3, "in")]; a unit alone counts as one."""
    if not re.match(_NUMBER, source):
        return [(Fraction(1), source)]
    found: list[tuple[Fraction, str]] = []
    amount = Fraction(0)
    for piece in re.split(r"(?<=[\s'′\u3400-\u9fff])(?=[\d.])", source):
        number = re.match(_NUMBER, piece)
        if number is None:
            raise ValueError(f"{piece!r} is not an amount with its unit; write e.g. 5 miles to km")
        amount += Fraction(number[0].replace(",", ""))
        if unit := piece[number.end() :].strip(" ,个和又"):
            found.append((amount, re.sub(r"\s+and$", "", unit)))
            amount = Fraction(0)
    if amount or not found:
        raise ValueError("a unit is missing; write e.g. 5 miles to km")
    return found


def _converted(amounts: list[tuple[Fraction, str]], target: str) -> float:
    import pint

    unit = _unit(target)
    try:
        quantities = [_registry().Quantity(float(amount), _unit(name)).to(unit) for amount, name in amounts]
    except pint.DimensionalityError as error:
        raise ValueError(f"{error.units1} cannot become {error.units2}: name units of one kind") from None
    except (OverflowError, pint.errors.PintError) as error:
        raise ValueError(f"that cannot be converted: {error}") from None
    if len(quantities) > 1 and str(unit) in ("degree_Celsius", "degree_Fahrenheit"):
        raise ValueError("give one temperature at a time")
    value = float(sum(quantity.magnitude for quantity in quantities))
    if not math.isfinite(value):
        raise ValueError("that is too large a number")
    return value


@functools.lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    registry = pint.UnitRegistry()
    for definition in _OWN:
        registry.define(definition)
    return registry


def _unit(name: str) -> Any:
    """The unit that NAME means."""
    for written in (_written(name), _written(name.lower())):
        found = _parsed(written)
        if found is not None:
            return found
    near = difflib.get_close_matches(name.lower(), [*_UNITS, *dir(_registry())], n=3)
    hint = f"; near it: {', '.join(near)}" if near else "; write e.g. km, pounds, celsius, 公里"
    raise ValueError(f"{name[:40]!r} is not a unit that is known{hint}")


def _parsed(written: str) -> Any:
    """The unit in pint's own words, or None. Only names, one-digit powers, * and / reach pint's reader."""
    import pint

    if not _SAFE.fullmatch(written):
        return None
    try:
        return _registry().parse_units(written)
    except (pint.errors.PintError, ValueError, TypeError, AttributeError):
        return None


def _written(name: str) -> str:
    """NAME in pint's words: 平方公里 is km**2, 公里每小时 is km/hour."""
    name = name.strip("个 ")
    if known := _UNITS.get(name) or _UNITS.get(name.lower()):
        return known
    if match := re.fullmatch(r"(平方|立方)(.+)", name):
        return f"{_UNITS.get(match[2], match[2])}**{2 if match[1] == '平方' else 3}"
    if match := re.fullmatch(r"([a-zA-Z]{1,3})([23])", name):
        return f"{match[1]}**{match[2]}"
    parts = re.split(r"每|/", name)
    return "/".join(_UNITS.get(part.strip(), part.strip()) for part in parts) if len(parts) > 1 else name


def _rounded(value: float) -> str:
    """VALUE to six significant digits, and whole numbers whole: 8.04672, 1234567.89, 1.5e-09."""
    size = math.floor(math.log10(abs(value))) if value else 0
    if not -6 <= size < 15:
        return f"{value:.6g}"
    text = f"{value:.{max(2, 5 - size)}f}"
    return text.rstrip("0").rstrip(".") or "0"
