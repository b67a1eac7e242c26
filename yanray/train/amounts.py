"""Amounts as people say them, with their digits: `half a million`, `1块9毛9`, `一斤半`, `九五折`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from yanray.train.numerals import english, han, han_decimal
from yanray.train.question import shown

Draw = Callable[[Random], tuple[str, str]]
_ZHE = ("一", "二", "三", "四", "五", "六", "七", "八", "九")


def _round_en(rng: Random) -> tuple[str, str]:
    """`5k`, `3.2 million`, `a hundred and twenty`, `two dozen`, `a quarter of a million`."""
    few, tenth, tens = rng.randint(2, 9), rng.randint(1, 9), rng.randint(11, 99)
    part, share = rng.choice((("half", 2), ("a quarter of", 4), ("a third of", 3), ("a tenth of", 10)))
    scale, size = rng.choice((("million", 10**6), ("million", 10**6), ("billion", 10**9)))
    if share != 3 and rng.random() < 0.15:
        return f"{part} a {scale}", str(size // share)
    return rng.choice(
        (
            (f"{tens}k", str(tens * 1000)),
            (f"{few}.{tenth}k", str(few * 1000 + tenth * 100)),
            (f"{few}.{tenth} {scale}", str(few * size + tenth * size // 10)),
            (f"{few} {scale}", str(few * size)),
            (f"{english(few)} {scale}", str(few * size)),
            (f"{english(few)} and a half {scale}", str(few * size + size // 2)),
            (f"a {scale} and a half", str(size * 3 // 2)),
            (f"three quarters of a {scale}", str(size * 3 // 4)),
            (f"a {scale}", str(size)),
            (f"a hundred and {english(tens)}", str(100 + tens)),
            (f"a hundred {english(tens)}", str(100 + tens)),
            (f"{english(few)} thousand {english(tenth)} hundred", str(few * 1000 + tenth * 100)),
            (f"{english(tens)} hundred", str(tens * 100)),
            (f"{english(few)} hundred thousand", str(few * 100_000)),
            (f"{english(few)} dozen", str(few * 12)),
            (f"{few} dozen", str(few * 12)),
            ("a dozen", "12"),
            ("half a dozen", "6"),
            (f"a thousand and {english(tens)}", str(1000 + tens)),
            (f"{english(few)} grand", str(few * 1000)),
        )
    )


def _mixed_en(rng: Random) -> tuple[str, str]:
    """`two and a half`, `1 and three quarters`."""
    whole = rng.randint(1, 12)
    parts = (("a half", "5"), ("a half", "5"), ("a quarter", "25"), ("three quarters", "75"))
    part, digits = rng.choice(parts)
    return f"{english(whole) if rng.random() < 0.6 else whole} and {part}", f"{whole}.{digits}"


def _round_zh(rng: Random) -> tuple[str, str]:
    """`3万5`, `1.5万`, `一百二`, `两千零五`."""
    few, tenth, tens = rng.randint(1, 9), rng.randint(1, 9), rng.randint(11, 99)
    spoken = han(few, counting=True)
    return rng.choice(
        (
            (f"{few}万{tenth}", str(few * 10000 + tenth * 1000)),
            (f"{few}千{tenth}", str(few * 1000 + tenth * 100)),
            (f"{few}.{tenth}万", str(few * 10000 + tenth * 1000)),
            (f"{tens}万", str(tens * 10000)),
            (f"{han(tens)}万", str(tens * 10000)),
            (f"{spoken}百{han(tenth)}", str(few * 100 + tenth * 10)),
            (f"{spoken}千{han(tenth)}", str(few * 1000 + tenth * 100)),
            (f"{spoken}万{han(tenth)}", str(few * 10000 + tenth * 1000)),
            (f"{spoken}百零{han(tenth)}", str(few * 100 + tenth)),
            (f"{spoken}千零{han(tenth)}", str(few * 1000 + tenth)),
            (f"{spoken}千零{han(tens)}", str(few * 1000 + tens)),
            (f"{spoken}万", str(few * 10000)),
            (f"{spoken}百", str(few * 100)),
            (f"{spoken}百万", str(few * 10**6)),
        )
    )


def _large_zh(rng: Random) -> tuple[str, str]:
    """`1.2亿`, `七十亿`, `三千万`, `十四亿`, `250万`."""
    name, size, many = rng.choice(
        (("亿", 10**8, 99), ("亿", 10**8, 20), ("万", 10**4, 999), ("千万", 10**7, 9), ("百万", 10**6, 9))
    )
    count = rng.randint(1, many)
    if name in ("万", "亿") and rng.random() < 0.35:
        digits = f"{rng.randint(1, 30)}.{rng.randint(1, 9)}"
        spoken = han_decimal(digits) if rng.random() < 0.3 else digits
        return f"{spoken}{name}", shown(Fraction(digits) * size)
    if name == "亿" and rng.random() < 0.3:
        count = 10 * rng.randint(1, 9)
    return f"{han(count, counting=True) if rng.random() < 0.6 else count}{name}", str(count * size)


def _money_zh(rng: Random) -> tuple[str, str]:
    """`32块5`, `1块9毛9`, `八块六`, `九毛`, `3块零5分`."""
    whole, tenth, cent = rng.randint(1, 90), rng.randint(1, 9), rng.randint(1, 9)
    plain = rng.random() < 0.6
    head = str(whole) if plain else han(whole, counting=True)
    tens, cents = (str(tenth), str(cent)) if plain else (han(tenth), han(cent))
    kind = rng.random()
    if kind < 0.15:
        return f"{head}块{tens}毛{cents}{rng.choice(('', '', '分'))}", f"{whole}.{tenth}{cent}"
    if kind < 0.2:
        return f"{head}块零{cents}分", f"{whole}.0{cent}"
    if kind < 0.27:
        return f"{tens}毛{rng.choice(('', '钱'))}", f"0.{tenth}"
    if kind < 0.32:
        return f"{head}块半", f"{whole}.5"
    unit, tail = rng.choice((("块", ""), ("块", ""), ("块", "毛"), ("元", "角")))
    return f"{head}{unit}{tens}{tail}", f"{whole}.{tenth}"


def _salary_zh(rng: Random) -> tuple[str, str]:
    """`两万五`, `三千二`, `两百五`."""
    scale, name = rng.choice(((10_000, "万"), (10_000, "万"), (1000, "千"), (100, "百")))
    count, tenth = rng.randint(1, 9), rng.randint(1, 9)
    return f"{han(count, counting=True)}{name}{han(tenth)}", str(count * scale + tenth * scale // 10)


def _weight_zh(rng: Random) -> tuple[str, str]:
    """`半斤`, `一斤半`, `二两`, `两斤三两`, `3斤`: in pounds of ten 两."""
    whole, tenth = rng.randint(1, 9), rng.randint(1, 9)
    plain = rng.random() < 0.3
    head = str(whole) if plain else han(whole, counting=True)
    tens = str(tenth) if plain else han(tenth)
    return rng.choice(
        (
            ("半斤", "0.5"),
            ("半斤", "0.5"),
            (f"{head}斤半", f"{whole}.5"),
            (f"{head}斤半", f"{whole}.5"),
            (f"{tens}两", f"0.{tenth}"),
            (f"{head}斤{tens}两", f"{whole}.{tenth}"),
            (f"{head}斤", str(whole)),
            (f"{head}公斤", str(2 * whole)),
        )
    )


def _discount_zh(rng: Random) -> tuple[str, str]:
    """`八五折`, `9.5折`, `七折`, `对折`: what is left of one."""
    if rng.random() < 0.06:
        return "对折", "0.5"
    first, second = rng.randint(5, 9), rng.choice((0, 0, 5, 5, 8))
    if rng.random() < 0.6:
        words = _ZHE[first - 1] + (_ZHE[second - 1] if second else "") + "折"
    else:
        words = f"{first}.{second}折" if second else f"{first}折"
    return words, f"0.{first}{second or ''}"


ENGLISH: dict[str, Draw] = {"u": _round_en, "j": _mixed_en}
CHINESE: dict[str, Draw] = {
    "u": _round_zh,
    "y": _large_zh,
    "k": _money_zh,
    "v": _salary_zh,
    "g": _weight_zh,
    "z": _discount_zh,
}
