"""Stories in which something comes and goes: what was there first, each change, what is there at the end.

A setting is a block of a plain text table, in either language:

    == bus
    use                            kinds of things for {o} (may be left out: any)
    size 5..60                     how many there are at first, and how much comes and goes at once
    start: There were {n} ...      tells the first number
    start? How many ... at first?  asks for it; start! answers
    some: There were some ...      opens a story whose first number is asked for
    up: {n} people got on          a change to more; up? asks for it, up! answers
    down: ...                      a change to fewer
    end: Now there are {n} ...     tells the last number; end? and end!
    ups? downs? net?               ask for all that came, all that went, the difference of the two

Any one of the numbers is asked for; numbers that have no part in the answer may be told all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from yanray.train.frames import Told
from yanray.train.phrasing import pick
from yanray.train.quantity import Quantity, Story
from yanray.train.question import shown

Slots = dict[str, object]


@dataclass
class Setting:
    """One block: templates by `start:`, `start?`, `start!` and so on; `size` is the range of the numbers."""

    name: str
    use: str = ""
    low: int = 5
    high: int = 90
    unit: str = ""
    lines: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Change:
    up: bool
    amount: Quantity
    sentence: str


def load(path: Path) -> tuple[Setting, ...]:
    """All settings of the table at PATH. Raises ValueError, with the line, for a line that is none."""
    settings: list[Setting] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip()
        word, _, rest = line.partition(" ")
        if line.startswith("=="):
            settings.append(Setting(rest))
        elif word == "use":
            settings[-1].use = rest
        elif word == "size":
            low, _, high = rest.partition("..")
            settings[-1].low, settings[-1].high = int(low), int(high)
        elif word and word[-1] in ":?!":
            settings[-1].lines.setdefault(word, []).append(rest)
        elif line and not line.startswith("#"):
            raise ValueError(f"{path.name}, line {number}: {line!r} is no line of a setting")
    return tuple(settings)


def tell(
    settings: Sequence[Setting], rng: Random, story: Story, scene: Callable[[Random, str], Slots]
) -> Told:
    """One story. SCENE makes the slots for the kinds of things that a setting allows."""
    setting = rng.choice(settings)
    slots = scene(rng, setting.use)
    count = rng.choices((1, 2, 3, 4), (48, 34, 14, 4))[0]
    first = story.tell(_size(rng, setting.low, setting.high))
    now = first
    changes: list[_Change] = []
    for _ in range(count):
        change, now = _change(setting, rng, story, slots, now, first=not changes)
        changes.append(change)
    kinds = ["end"] * 4 + ["start"] * 3 + ["change"] * 4 + ["ups", "downs", "net"] * 2
    kind = rng.choice(
        [kind for kind in kinds if kind in ("end", "start", "change") or _fits(setting, kind, changes)]
    )
    if kind == "change":
        return _asked_change(setting, rng, story, slots, first, changes, now)
    last = story.tell(now.value) if kind == "start" or rng.random() < 0.15 else None
    return _asked(setting, rng, slots, kind, first, changes, now, last)


def _size(rng: Random, low: int, high: int) -> int:
    return rng.randint(low, max(low + 3, high // 6)) if rng.random() < 0.45 else rng.randint(low, high)


def _change(
    setting: Setting, rng: Random, story: Story, slots: Slots, now: Quantity, first: bool
) -> tuple[_Change, Quantity]:
    """A change, and what is there after it. Half of all that is there may go at once."""
    value = int(now.value)
    kinds = [kind for kind in ("up:", "down:") if kind in setting.lines]
    up = rng.choice(kinds) == "up:" or (value < 6 and "up:" in setting.lines)
    if value < 3 and not up:
        raise ValueError("nothing is left to go")
    if not up and "half:" in setting.lines and value % 2 == 0 and value > 6 and rng.random() < 0.12:
        half = now / 2
        return _Change(False, half, pick(rng, setting.lines["half:"], slots)), half
    amount = story.tell(_size(rng, 2, max(3, setting.high * 2 // 3)) if up else rng.randint(2, value - 1))
    slots["n"] = amount
    sentence = pick(rng, setting.lines["up:" if up else "down:"], slots)
    if first:
        sentence = sentence.removeprefix("又")
    return _Change(up, amount, sentence), now + amount if up else now - amount


def _fits(setting: Setting, kind: str, changes: list[_Change]) -> bool:
    ups = [change for change in changes if change.up]
    downs = [change for change in changes if not change.up]
    if kind + "?" not in setting.lines or any(change.amount.sign for change in changes):
        return False
    if kind == "net":
        return len(ups) == len(downs) == 1 and ups[0].amount.value > downs[0].amount.value
    return len(ups if kind == "ups" else downs) > 1


def _asked(
    setting: Setting,
    rng: Random,
    slots: Slots,
    kind: str,
    first: Quantity,
    changes: list[_Change],
    now: Quantity,
    last: Quantity | None,
) -> Told:
    ups = [change.amount for change in changes if change.up]
    downs = [change.amount for change in changes if not change.up]
    sentences = [change.sentence for change in changes]
    if kind != "start":
        slots["n"] = first
        sentences.insert(0, pick(rng, setting.lines["start:"], slots))
    if kind == "start":
        assert last is not None
        asked = _undone(changes, last)
        slots["n"] = last
        sentences.insert(0, pick(rng, setting.lines["some:"], slots))
        sentences.append(pick(rng, setting.lines["end:"], slots))
    elif kind == "end":
        asked = now
    elif kind == "net":
        asked = ups[0] - downs[0]
    else:
        asked = _sum(ups if kind == "ups" else downs)
    return _told(setting, rng, slots, kind, asked, sentences)


def _sum(amounts: list[Quantity]) -> Quantity:
    total = amounts[0]
    for amount in amounts[1:]:
        total = total + amount
    return total


def _undone(changes: list[_Change], last: Quantity) -> Quantity:
    """What was there at first, from what is there at last, backwards."""
    before = last
    for change in reversed(changes):
        if change.amount.sign:
            before = before * 2
        else:
            before = before - change.amount if change.up else before + change.amount
    return before


def _asked_change(
    setting: Setting,
    rng: Random,
    story: Story,
    slots: Slots,
    first: Quantity,
    changes: list[_Change],
    now: Quantity,
) -> Told:
    """The last change is asked for: from what was there before it and after it."""
    *earlier, change = changes
    if change.amount.sign or any(each.amount.sign or each.up == change.up for each in earlier):
        raise ValueError("it would not be plain which change is asked for")
    before = first
    for each in earlier:
        before = before + each.amount if each.up else before - each.amount
    after = story.tell(now.value)
    asked = after - before if change.up else before - after
    if change.up and earlier:  # what a person writes for 30 - (12 - 5) is 30 + 5 - 12
        asked = _undone(earlier, after) - first
    slots["n"] = first
    sentences = [pick(rng, setting.lines["start:"], slots), *(each.sentence for each in earlier)]
    slots["n"] = after
    kind = "up" if change.up else "down"
    vague = setting.lines.get(f"some{kind}:")
    if vague:
        sentences.append(pick(rng, vague, slots))
    sentences.append(pick(rng, setting.lines["end:"], slots))
    return _told(setting, rng, slots, kind, asked, sentences)


def _told(
    setting: Setting, rng: Random, slots: Slots, kind: str, asked: Quantity, sentences: list[str]
) -> Told:
    question = pick(rng, setting.lines[f"{kind}?"], slots)
    slots["n"] = shown(asked.value)
    return Told("", sentences, question, asked, pick(rng, setting.lines[f"{kind}!"], slots), slots)
