"""Numbers in words, as people write and say them: English (short scale) and Chinese."""

from __future__ import annotations

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_HAN = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")


def english(number: int, *, hyphen: bool = True, joint: bool = True) -> str:
    """NUMBER in words. hyphen: `twenty-one`, else `twenty one`; joint: `two hundred and five`, else without
    `and`.
    """
    if number < 0:
        return "minus " + english(-number, hyphen=hyphen, joint=joint)
    for scale, name in _SCALES:
        if number >= scale:
            head = f"{english(number // scale, hyphen=hyphen, joint=joint)} {name}"
            rest = number % scale
            glue = " and " if joint and 0 < rest < 100 else " "
            return head + (glue + english(rest, hyphen=hyphen, joint=joint) if rest else "")
    if number >= 100:
        rest = number % 100
        glue = " and " if joint else " "
        return f"{_ONES[number // 100]} hundred" + (glue + english(rest, hyphen=hyphen) if rest else "")
    if number < 20:
        return _ONES[number]
    tail = number % 10
    return _TENS[number // 10] + (("-" if hyphen else " ") + _ONES[tail] if tail else "")


def english_decimal(digits: str, *, hyphen: bool = True) -> str:
    """`3.05` as `three point zero five`."""
    whole, _, part = digits.partition(".")
    words = english(int(whole), hyphen=hyphen)
    return f"{words} point {' '.join(_ONES[int(digit)] for digit in part)}" if part else words


def english_part(number: int, plural: bool) -> str:
    """The name of one NUMBERth part, 2 to 20 and the tens: `half`, `quarters`, `fifth`."""
    special = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 8: "eighth", 9: "ninth", 12: "twelfth"}
    words = english(number)
    word = special.get(number) or (words[:-1] + "ieth" if words.endswith("y") else words + "th")
    if not plural:
        return word
    return "halves" if number == 2 else word + "s"


def grouped(number: int) -> str:
    """`12,345`."""
    return f"{number:,}"


def han(number: int, *, counting: bool = False) -> str:
    """NUMBER in Chinese. counting: two of something is 两 (`两`, `两百`, `两千`, `两万`; always 二十)."""
    if number < 0:
        return "负" + han(-number, counting=counting)
    if number == 2 and counting:
        return "两"
    if number < 10_000:
        return _han_small(number, counting)
    for scale, name in ((10**8, "亿"), (10**4, "万")):
        if number >= scale:
            head, rest = divmod(number, scale)
            text = han(head, counting=counting) + name
            return (
                text
                + ("零" if 0 < rest < scale // 10 else "")
                + (_han_small_or_more(rest, counting) if rest else "")
            )
    raise AssertionError(number)


def han_decimal(digits: str) -> str:
    """`3.05` as `三点零五`."""
    whole, _, part = digits.partition(".")
    return han(int(whole)) + ("点" + "".join(_HAN[int(digit)] for digit in part) if part else "")


def _han_small_or_more(number: int, counting: bool) -> str:
    if number >= 10_000:
        return han(number, counting=counting)
    text = _han_small(number, counting)
    return "一" + text if 10 <= number < 20 else text  # 一万零一十五


def _han_small(number: int, counting: bool) -> str:
    """Below ten thousand."""
    if number < 20:
        return _HAN[number] if number < 10 else "十" + (_HAN[number - 10] if number > 10 else "")
    text = ""
    gap = False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            two = counting and digit == 2 and place >= 2
            text += ("零" if gap and text else "") + ("两" if two else _HAN[digit]) + _UNITS[place]
            gap = False
        else:
            gap = True
    return text
