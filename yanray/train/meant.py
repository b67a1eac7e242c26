"""What somebody means that a tool knows under another name: `kitchen` and Kitchen, 星期二 and tuesday.

An error lists what the tool knows. The right one may differ from what was asked for in its case, its article,
its number, its spelling, its language, or be a part of it.
"""

from __future__ import annotations

import random
import re
from functools import cache

from yanray.train.concepts import words
from yanray.train.document import Language
from yanray.train.everyday.moments import DAYS_ZH
from yanray.train.nouns import nouns
from yanray.train.samewords import DAYS, WEEK, groups, other_names, translations

_QUALITIES = {
    "en": "old new big small red spare broken second front back wooden blue upper lower main".split(),
    "zh": "旧 新 大 小 备用 坏了的 第二个 前面的 后面的 木头 蓝色 上面的 下面的 家里的".split(),
}


def value(rng: random.Random, language: Language) -> str:
    """A thing with other names, for a request whose call will meet an error."""
    word = rng.choice(_known(language))
    return word.title() if word.title() in DAYS else word


@cache
def _known(language: Language) -> tuple[str, ...]:
    known = dict.fromkeys([*translations(), *other_names()])
    return tuple(word for word in known if word.isascii() == (language == "en") and len(word) < 24)


def other(rng: random.Random, line: str) -> str:
    """How a tool may know what LINE means, in other letters; empty where nothing is known of it."""
    plain = line.lower()
    if len(plain) < 2 or len(plain) > 30 or any(letter.isdigit() for letter in plain):
        return ""
    found = [*translations().get(plain, ()), *other_names().get(plain, ())]
    if found and rng.random() < 0.7:
        return rng.choice(found)
    if line.isascii():
        found = [line.upper(), line.title(), line.capitalize()]
        found += [line.replace(" ", "_"), line.replace(" ", "-")] if " " in line else []
        found += [f"the {line}", f"a {line}", *_in_number(line)] if line == plain else []
        if " " in line and re.fullmatch(r"[a-z ]+", line):
            found += [line.split()[-1]] * 2
    else:
        found = [each for each in (line.removesuffix("子"), f"{line}子") if each in nouns("zh")]
    found = [each for each in found if each != line and len(each) > 1]
    return rng.choice(found) if found else ""


def _in_number(line: str) -> list[str]:
    """LINE in the singular or plural."""
    if not re.fullmatch(r"[A-Za-z ]+[a-z]", line):
        return []
    if line.endswith("s"):
        return [] if line.endswith("ss") else [line[:-1]] * 2
    if line[-1] == "y" and line[-2] not in "aeiou":
        return [f"{line[:-1]}ies"]
    return [f"{line}es" if line.endswith(("x", "ch", "sh")) else f"{line}s"] * 2


def within(rng: random.Random, word: str, language: Language) -> str:
    """WORD inside a longer phrase."""
    quality = rng.choice(_QUALITIES[language])
    return f"{quality} {word}" if language == "en" else f"{quality}{word}"


def listed(rng: random.Random, right: str, wrong: str, count: int) -> list[str]:
    """COUNT things that a tool knows, written as RIGHT is, none of them RIGHT or WRONG."""
    language: Language = "en" if right.isascii() else "zh"
    pool: tuple[str, ...]
    if right.lower() in map(str.lower, (*DAYS, *(day[:3] for day in DAYS))):
        pool = tuple(day[: len(right)] for day in DAYS) if len(right) == 3 else tuple(DAYS)
    elif right[:-1] in WEEK:
        pool = tuple(right[:-1] + day for day in DAYS_ZH)
    else:
        kind = rng.random()
        pool = tuple(group[language][0] for group in groups()) if kind < 0.6 else nouns(language)
        pool = pool if kind < 0.9 else tuple(words()["city"][language])
    same = {wrong.lower(), right.lower(), *map(str.lower, translations().get(wrong.lower(), ()))}
    same |= {name.lower() for name in other_names().get(right.lower(), ())}
    same |= {name.lower() for name in other_names().get(wrong.lower(), ())}
    chosen = [_like(right, each) for each in rng.sample(pool, min(len(pool), count + 6))]
    return [each for each in dict.fromkeys(chosen) if each.lower() not in same][:count]


def _like(right: str, word: str) -> str:
    """WORD in the case and with the article of RIGHT."""
    for article in ("the ", "a "):
        if right.startswith(article):
            return article + word
    if right.isupper():
        return word.upper()
    return word.title() if right.istitle() else word.lower() if right.islower() else word
