"""Values as a sentence says them and as a command writes them: `half an hour` and 30.

Each kind draws one pair (said, written). Names are put together from syllables, so that none is known.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

from yanray.train import meant, names
from yanray.train.concepts import words
from yanray.train.document import Language
from yanray.train.everyday.moments import DAYS_ZH
from yanray.train.nouns import nouns
from yanray.train.numerals import english, han
from yanray.train.samewords import DAYS

Pair = tuple[str, str]
_TABLE = Path(__file__).parent / "tables" / "bare.txt"
_HEADS = "青石 落霞 白云 东山 临江 南湖 望海 金桥 丰台 柳林 石门 长宁 松岭 平安 古城 星河 梅园 双塔".split()
_TAILS = "路 镇 广场 大桥 公园 里 村 街 门 湾".split()
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
_GIVEN = "明 伟 静 磊 婷 洋 雪 丽娜 志强 建国 晓燕 子涵 一鸣 佳怡 海波 文 慧 峰 玉兰 思远".split()
_ENDINGS = ("", "", "", " Street", " Road", " Park", "au", "by", " Square", " Bridge", "field")
# Kind of amount -> the largest number and the step between numbers.
_AMOUNTS = {
    "minutes": (90, 1),
    "hours": (20, 1),
    "days": (30, 1),
    "people": (20, 1),
    "grams": (900, 10),
    "percent": (95, 5),
    "pieces": (60, 1),
    "degrees": (220, 1),
    "money": (900, 10),
}


@cache
def _table() -> dict[str, tuple[Pair, ...]]:
    """`minutes en`, `minutes unit en` -> pairs."""
    found = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        head, colon, values = line.partition(": ")
        if colon and not line.startswith("#"):
            parts = [value.partition("=") for value in values.split("; ")]
            found[head] = tuple((said, written or said) for said, _, written in parts)
    return found


def draw(rng: random.Random, kind: str, language: Language) -> Pair:
    """A value of KIND."""
    if kind in _DRAWS:
        return _DRAWS[kind](rng, language)
    special = _table()[f"{kind} {language}"]
    if kind not in _AMOUNTS or rng.random() < 0.5:
        return rng.choice(special)
    top, step = _AMOUNTS[kind]
    number = step * rng.randint(2, top // step)
    unit = rng.choice(_table()[f"{kind} unit {language}"])[0].rstrip(".")
    spoken = str(number)
    if rng.random() < 0.5:
        spoken = english(number) if language == "en" else han(number, counting=True)
    space = " " if language == "en" and unit and (unit[0].isalpha() or not spoken.isdigit()) else ""
    if unit == "%" and language == "zh" and not spoken.isdigit():
        return f"百分之{han(number)}", str(number)
    return f"{spoken}{space}{unit}", str(number)


def _where(rng: random.Random, language: Language) -> Pair:
    """A place that nobody knows, at times a city; in Chinese now and then a foreign one."""
    kind = rng.random()
    if kind < 0.25:
        place = rng.choice(words()["city"][language])
    elif language == "zh" and kind < 0.7:
        place = rng.choice(_HEADS) + rng.choice(_TAILS)
    else:
        place = names.coined(rng).title() + rng.choice(_ENDINGS)
    return _typed(rng, place)


def _typed(rng: random.Random, name: str) -> Pair:
    """NAME in capitals now and then; it is written as it is typed."""
    name = name.upper() if rng.random() < 0.06 else name
    return name, name


def _who(rng: random.Random, language: Language) -> Pair:
    if language == "zh" and rng.random() < 0.7:
        return _typed(rng, rng.choice(_SURNAMES) + rng.choice(_GIVEN))
    return _typed(rng, rng.choice((names.coined(rng).title(), rng.choice(words()["person"][language]))))


def _word(rng: random.Random, language: Language) -> Pair:
    """The name of a file, a song, a candidate."""
    if language == "zh" and rng.random() < 0.4:
        return _typed(rng, rng.choice(nouns("zh")) + str(rng.randint(1, 40)))
    return _typed(rng, rng.choice((names.coined(rng), names.coined(rng).title(), names.invented(rng))))


def _line(rng: random.Random, language: Language) -> Pair:
    said = rng.choice((str(rng.randint(1, 199)), f"{rng.choice('ABMNSUX')}{rng.randint(1, 99)}"))
    return said, said


def _what(rng: random.Random, language: Language) -> Pair:
    """Any noun; often one that has another name, at times with a quality."""
    thing = meant.value(rng, language) if rng.random() < 0.5 else rng.choice(nouns(language))
    if rng.random() < 0.15:
        thing = meant.within(rng, thing, language)
    return thing, thing


def _goods(rng: random.Random, language: Language) -> Pair:
    """Several of a thing."""
    thing = _what(rng, language)[0]
    if language == "en" and thing[-1] not in "sxyhf":
        thing += "s"
    return thing, thing


def _day(rng: random.Random, language: Language) -> Pair:
    number = rng.randrange(7)
    name = DAYS[number] if rng.random() < 0.75 else DAYS[number].lower()
    if language == "zh":
        name = rng.choice(("星期", "星期", "周", "礼拜")) + DAYS_ZH[number]
    return name, name


_DRAWS: dict[str, Callable[[random.Random, Language], Pair]] = {
    "where": _where,
    "who": _who,
    "word": _word,
    "line": _line,
    "what": _what,
    "goods": _goods,
    "day": _day,
}
