"""Reading Chinese input: full-width signs as ASCII, Chinese numerals as digits."""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x3002: "."}
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_NUMERAL = re.compile(
    r"""(?: \d+(?:\.\d+)?(?=[十百千万亿]) | [一二三四五六七八九零〇] | (?<![\d一二三四五六七八九十])两 | 十 )
        (?: (?!千[米克瓦卡焦赫帕伏])[零〇一二三四五六七八九十百千万亿]  # 千克 is a kilogram, not a number
          | (?<=[零百千万亿])两 | (?<=[百千万亿])\d+(?=[十百千万]) )*
        (?: 点[零〇一二三四五六七八九]+(?![十分刻零〇一二三四五六七八九]) )?""",
    re.VERBOSE,
)


def chinese(text: str) -> bool:
    """Whether TEXT holds a Chinese character, so that the answer should."""
    return _HAN.search(text) is not None


def plain(text: str) -> str:
    """TEXT with full-width signs (`１２＋３`) as ASCII, Chinese numerals (`一百二十`, `3.5万`) as digits."""
    return arabic(halfwidth(text))


def halfwidth(text: str) -> str:
    """TEXT with full-width signs as ASCII."""
    return text.translate(_WIDE)


def arabic(text: str) -> str:
    """TEXT with Chinese numerals as digits."""
    return _NUMERAL.sub(lambda match: _number(match[0]), text)


def _number(text: str) -> str:
    if len(text) > 60:
        return text
    whole, _, part = text.partition("点")
    if not any(unit in whole for unit in _UNITS):
        digits = "".join(str(_DIGITS.get(letter, letter)) for letter in whole)
    elif (value := _with_units(whole)) is None:
        return text
    else:
        digits = str(value) if value.denominator == 1 else str(float(value))
    return digits + ("." + "".join(str(_DIGITS[letter]) for letter in part) if part else "")


def _with_units(text: str) -> Fraction | None:
    """`一亿二千万`, `3.5万`, `一百五` (150); None when a digit stands where none can."""
    total = section = Fraction(0)
    current: Fraction | None = None
    unit = 0  # of the character before, 0 after a digit or a zero
    for token in re.findall(r"\d+(?:\.\d+)?|\D", text):
        if token in _UNITS:
            unit = _UNITS[token]
            if unit == 10**8:
                total, section = (total + section + (current or 0)) * unit, Fraction(0)
            elif unit == 10**4:
                total, section = total + (section + (current or 0)) * unit, Fraction(0)
            else:
                section += (1 if current is None else current) * unit
            current = None
        elif current and token not in "零〇":
            return None
        else:
            current = Fraction(_DIGITS.get(token, token))
            unit = 0 if token in "零〇" else unit
    short = current is not None and unit >= 100  # 一百五 is 150
    return total + section + (current or 0) * (unit // 10 if short else 1)
