"""What is asked after a look at the machine, a page, a search, a date or a die: the same of another."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

from yanray.train import names
from yanray.train.concepts import words
from yanray.train.document import Exchange, Language, called, joined, outcome, reworded
from yanray.train.everyday import clock, machine, search
from yanray.train.everyday.afterwards import another
from yanray.train.everyday.base import Maker

_ADDRESS = re.compile(r"(?m)^(?:www\.)?example\.\S+$")
_PART_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "battery": {"en": ("the battery", "battery"), "zh": ("电池", "电量")},
    "cpu": {"en": ("the processor", "the cpu", "cpu load"), "zh": ("处理器", "CPU")},
    "memory": {"en": ("memory", "the ram", "RAM"), "zh": ("内存",)},
    "disk": {"en": ("the disk", "disk space", "the hard drive"), "zh": ("硬盘", "磁盘", "磁盘空间")},
}
_HOW: dict[str, dict[str, tuple[str, ...]]] = {
    "battery": {"en": ("and how full is the battery?",), "zh": ("电还剩多少",)},
    "cpu": {"en": ("and how busy is the processor?", "and how hot is it?"), "zh": ("处理器忙不忙", "温度呢")},
    "memory": {"en": ("and how much memory is free?",), "zh": ("内存还剩多少",)},
    "disk": {
        "en": ("and how full is the disk?", "and how much room is on the drive?"),
        "zh": ("硬盘满不满",),
    },
}


def parts(rng: random.Random, language: Language) -> Exchange:
    """One part of the machine, then one or two others."""
    made = []
    for place, part in enumerate(rng.sample(tuple(_PART_NAMES), rng.choice((2, 2, 3)))):
        each = machine.part_of(rng, language, part)
        if place:
            text = another(rng, language, rng.choice(_PART_NAMES[part][language]))
            if rng.random() < 0.4:
                text = rng.choice(_HOW[part][language])
            each = reworded(text, each)
        made.append(each)
    return joined(*made)


def pages(rng: random.Random, language: Language) -> Exchange:
    """A page or a file, then another."""
    first, second = machine.read(rng, language), machine.read(rng, language)
    address = second.messages[1].content.removeprefix("/read ")
    text = another(rng, language, address if language == "en" else f" {address} ")
    return joined(first, reworded(" ".join(text.split()), second))


_PATTERNS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("population of {x}", "city"), ("mayor of {x}", "city"), ("capital of {x}", "country"),
        ("how far is {x} from here", "city"), ("who wrote {x}", "book"), ("who directed {x}", "movie"),
        ("life span of the {x}", "animal"), ("calories in {x}", "food"), ("rules of {x}", "sport"),
        ("history of {x}", "company"), ("origin of {x}", "food"), ("best time to visit {x}", "city"),
        ("how do you make {x}", "food"), ("currency of {x}", "country"), ("what does {x} mean", "word"),
    ),
    "zh": (
        ("{x}的人口", "city"), ("{x}的首都", "country"), ("{x}是谁写的", "book"), ("{x}的导演是谁", "movie"),
        ("{x}能活多久", "animal"), ("{x}的热量", "food"), ("{x}的规则", "sport"), ("{x}的来历", "food"),
        ("{x}怎么做", "food"), ("{x}是什么意思", "word"),
        ("{x}的货币", "country"),
    ),
}  # fmt: skip
_LOOK = {
    "en": ("{q}?", "search {q}", "look up {q}", "{q}", "can you find {q}?", "google {q}"),
    "zh": ("查一下{q}", "{q}", "搜{q}", "{q}？", "帮我查{q}"),
}


def searches(rng: random.Random, language: Language) -> Exchange:
    """Something looked up, then the same of something else."""
    pattern, kind = rng.choice(_PATTERNS[language])
    things = rng.sample(words()[kind][language], rng.choice((2, 2, 3)))
    if kind == "city" and rng.random() < 0.4:
        things[-1] = names.coined(rng).title()
    made = []
    for place, thing in enumerate(things):
        asked = pattern.replace("{x}", thing)
        text = another(rng, language, thing) if place else rng.choice(_LOOK[language]).replace("{q}", asked)
        output, answer = search.outcome(rng, language, asked, search.fact(rng, language, asked))
        made.append(called(text, "search", search.needle(asked), output, answer))
    return joined(*made)


_OPEN = {
    "en": (
        "open the first one",
        "read that page",
        "what does the first page say?",
        "open it",
        "read me that",
    ),
    "zh": ("打开第一个", "读一下那个网页", "第一个网页写了什么", "点开看看", "念给我听"),
}
_NARROW = {
    "en": ("in {x}", "only in {x}", "I mean in {x}", "the one in {x}", "near {x} please"),
    "zh": ("在{x}的", "只要{x}的", "我是说{x}的", "{x}那边的"),
}


def opened(rng: random.Random, language: Language) -> Exchange:
    """Something looked up, and the page that was found read."""
    first = search.exchange(rng, language)
    found = _ADDRESS.search(first.messages[2].content)
    if not found:  # the network was away
        return opened(rng, language)
    output, answer = outcome(machine.page(rng, language))
    return joined(first, called(rng.choice(_OPEN[language]), "read", found[0], output, answer))


def narrowed(rng: random.Random, language: Language) -> Exchange:
    """Something looked up, then the same in one place."""
    thing = rng.choice(words()[rng.choice(("food", "sport", "company", "product"))][language])
    thing = thing.removeprefix("a ").removeprefix("an ")
    place = rng.choice(words()["city"][language])
    texts = (rng.choice(_LOOK[language]).replace("{q}", thing), rng.choice(_NARROW[language]))
    space = " " if language == "en" else ""
    made = []
    for text, asked in zip(texts, (thing, f"{thing}{space}{place}"), strict=True):
        output, answer = search.outcome(rng, language, asked, search.fact(rng, language, asked))
        made.append(called(text.replace("{x}", place), "search", asked, output, answer))
    return joined(*made)


def overall(rng: random.Random, language: Language) -> Exchange:
    """One part of the machine, then all of them."""
    first = machine.system(rng, language)
    each = [outcome(machine.part_of(rng, language, part)) for part in _PART_NAMES]
    asks: tuple[str, ...] = (
        "and everything else?",
        "and the rest",
        "show me all of it",
        "the whole status please",
    )
    if language == "zh":
        asks = ("其他的呢", "全部看看", "整体状态怎么样", "都说一下")
    output = "\n".join(printed for printed, _ in each)
    answer = (" " if language == "en" else "").join(said for _, said in each)
    return joined(first, called(rng.choice(asks), "system", "", output, answer))


_SAME_DAY = {
    "en": ("the same day in {x}?", "and in {x}?", "what about {x}?", "and the same date in {x}"),
    "zh": ("{x}年的同一天呢", "{x}年呢", "那{x}年的这一天呢", "{x}年同一天是星期几"),
}
_NEXT = {
    "en": ("and the day after?", "and the day after that", "the next day?"),
    "zh": ("第二天呢", "后一天呢", "那再后一天呢"),
}


def dates(rng: random.Random, language: Language) -> Exchange:
    """The weekday of a date, then of the same in another year, or of the next day."""
    when = clock.day(rng)
    made = [clock.weekday_of(rng, language, when)]
    for _ in range(rng.choice((1, 1, 2))):
        year = when.year + rng.choice((-2, -1, 1, 2, 3, 5, 10))
        if rng.random() < 0.65 and (when.month, when.day) != (2, 29):
            when = date(year, when.month, when.day)
            text = rng.choice(_SAME_DAY[language]).replace("{x}", str(year))
        else:
            when += timedelta(days=1)
            text = rng.choice(_NEXT[language])
        made.append(reworded(text, clock.weekday_of(rng, language, when)))
    return joined(*made)


def waits(rng: random.Random, language: Language) -> Exchange:
    """Days until a date, then until another."""
    first, when = clock.until(rng, language, clock.day(rng)), clock.day(rng)
    second = clock.until(rng, language, when)
    text = another(rng, language, clock.spoken_date(rng, when, language))
    text = text.replace("and ", "and until ", 1) if language == "en" and rng.random() < 0.4 else text
    return joined(first, reworded(text, second))


def numbers(rng: random.Random, language: Language) -> Exchange:
    """A number or some dice, then within other bounds."""
    made = []
    for place in range(2):
        if rng.random() < 0.5:
            low, high = rng.choice((0, 1, 1, 5, 10)), rng.choice((12, 20, 50, 99, 100, 1000))
            line, output = f"{low}-{high}", str(rng.randint(low, high))
            asks: tuple[str, ...] = (
                f"a number from {low} to {high}",
                f"pick a number between {low} and {high}",
            )
            more: tuple[str, ...] = (
                f"and from {low} to {high}?",
                f"now between {low} and {high}",
                f"{low} to {high}?",
            )
            say = f"{output}."
            if language == "zh":
                asks = (f"{low}到{high}之间随机一个数", f"从{low}到{high}里挑个数")
                more = (f"{low}到{high}呢", f"换成{low}到{high}", f"再来一个{low}到{high}的")
                say = f"{output}。"
        else:
            count, sides = rng.choice((1, 2, 3, 4)), rng.choice((6, 6, 8, 12, 20))
            rolls = [rng.randint(1, sides) for _ in range(count)]
            line = f"{count}d{sides}"
            output = str(rolls[0]) if count == 1 else f"{' + '.join(map(str, rolls))} = {sum(rolls)}"
            asks = (
                f"roll {line}",
                f"throw {count} dice with {sides} sides" if count > 1 else f"roll a d{sides}",
            )
            more = (f"now {line}", f"and {count} with {sides} sides?", f"{line} this time")
            say = f"You rolled {sum(rolls)}."
            if language == "zh":
                asks = (f"掷{count}个{sides}面骰子", f"扔{count}颗{sides}面骰")
                more = (f"换{count}个{sides}面的", f"{count}颗{sides}面的呢", f"再掷{count}个{sides}面骰")
                say = f"掷出 {sum(rolls)}。"
        made.append(called(rng.choice(more if place else asks), "random", line, output, say))
    return joined(*made)


ALL: tuple[tuple[Maker, int], ...] = (
    (parts, 2), (overall, 1), (pages, 1), (opened, 2), (searches, 3), (narrowed, 1), (dates, 2), (waits, 1),
    (numbers, 1),
)  # fmt: skip
