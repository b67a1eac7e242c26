"""Stories of who has how many, in English and Chinese: each tells a few numbers outright and the others by
comparison.

A comparison may be told from either side (`Ann has 5 more than Bo`, `Bo has 5 fewer than Ann`), so that the
word `more` does not say whether to add; a number may be told that is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from yanray.train.frames import Told
from yanray.train.phrasing import pick
from yanray.train.quantity import Quantity, Story, constant
from yanray.train.question import shown

Slots = dict[str, object]
Scene = Callable[[Random, str], Slots]


class Words(Protocol):
    """What a language's table holds.

    VERBS: past, base, kinds of things (`-`: any), a thing of its own. THINGS_AT_HAND: verbs whose things can
    be handed on. COLOURED: kinds of things that have colours. THEN: what is done with all of them: sentence,
    question, answer. STYLES: templates by what they tell.
    """

    @property
    def VERBS(self) -> Sequence[tuple[str, str, str, str]]: ...
    @property
    def THINGS_AT_HAND(self) -> frozenset[str]: ...
    @property
    def COLOURED(self) -> str: ...
    @property
    def KINDS(self) -> Sequence[str]: ...
    @property
    def GROUPS(self) -> Sequence[tuple[str, str, str]]: ...
    @property
    def STYLES(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]: ...
    @property
    def THEN(self) -> Mapping[str, Sequence[tuple[str, str, str]]]: ...


@dataclass
class _Tale:
    """What is told so far: of each subject its quantity; the sentences; the style's templates."""

    rng: Random
    story: Story
    style: Mapping[str, tuple[str, ...]]
    slots: Slots
    words: Words
    subjects: list[str]
    amounts: dict[str, Quantity] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    whole: bool = False  # whether all the things may be put together

    def write(self, key: str, **extra: object) -> str:
        """One of the style's templates for KEY."""
        return pick(self.rng, self.style[key], {**self.slots, **extra})


def tell(words: Words, rng: Random, story: Story, scene: Scene) -> Told:
    """One story. SCENE makes the slots for the kinds of things. Raises ValueError when the numbers do not
    work out.
    """
    tale = _begin(words, rng, story, scene)
    top = rng.choice((9, 20, 50, 100, 300))
    first, *others = tale.subjects
    tale.amounts[first] = story.tell(rng.randint(3, top))
    tale.sentences.append(tale.write("have", X=first, n=tale.amounts[first]))
    for subject in others:
        _add(tale, subject, top)
    if rng.random() < 0.25:
        tale.sentences.append(tale.sentences.pop(0))
    return _ask(tale, rng.choice(("one", "one", "all", "two", "gap", "all", "then", "mean")))


def _begin(words: Words, rng: Random, story: Story, scene: Scene) -> _Tale:
    style_name = rng.choice(("people", "people", "people", "days", "colours", "groups"))
    past, base, use, thing = rng.choice(words.VERBS)
    if style_name == "days" and base in ("have", "own", "有"):
        raise ValueError("what one has on two days does not add up")
    slots = scene(rng, use if use != "-" else "")
    if thing:
        slots["m"], _, slots["o"] = thing.rpartition(":")
    slots["past"], slots["base"] = past, base
    slots["bare"], slots["did"] = past.rstrip("了"), "" if past == "有" else past
    whole = style_name in ("people", "groups") and not thing and base in words.THINGS_AT_HAND
    count = rng.choice((2, 2, 2, 3, 3))
    if style_name == "people":
        subjects = [str(slots[key]) for key in "ABC"]
    elif style_name == "days":
        subjects = [str(slots[key]) for key in ("day", "day2", "day3")]
    elif style_name == "colours":
        slots.update(scene(rng, words.COLOURED))
        subjects = [str(slots[key]) for key in ("colour", "colour2", "colour3")]
        subjects = rng.sample(words.KINDS, 3) if rng.random() < 0.3 else subjects
    else:
        subjects = list(rng.choice(words.GROUPS))
    return _Tale(rng, story, words.STYLES[style_name], slots, words, subjects[:count], whole=whole)


def _add(tale: _Tale, subject: str, top: int) -> None:
    """SUBJECT's number, told outright or beside that of an earlier one."""
    rng, story = tale.rng, tale.story
    other = rng.choice(list(tale.amounts))
    base = tale.amounts[other]
    draw = rng.random()
    if draw < 0.3:
        amount = story.tell(rng.randint(3, top))
        sentence = tale.write("have", X=subject, n=amount)
    elif draw < 0.72:
        step = story.tell(rng.randint(2, max(3, top // 2)))
        more = rng.random() < 0.5
        amount = base + step if more else base - step
        high, low = (subject, other) if more else (other, subject)
        sentence = tale.write("more", X=high, Y=low, n=step)
    elif draw < 0.86:
        factor = rng.choice((2, 2, 3, 4, 5, 6))
        step = constant(2) if factor == 2 else story.tell(factor)
        amount = base * step
        sentence = _times(tale, subject, other, step)
    else:
        factor = rng.choice((2, 2, 3, 4, 5))
        step = constant(2) if factor == 2 else story.tell(factor)
        amount = base / step
        sentence = _times(tale, other, subject, step)
    if not isinstance(amount.value, int) or amount.value < 2:
        raise ValueError("the numbers do not work out")
    tale.amounts[subject] = amount
    tale.sentences.append(sentence)


def _times(tale: _Tale, high: str, low: str, factor: Quantity) -> str:
    if factor.mark:
        return tale.write("times", X=high, Y=low, n=factor)
    return tale.write("twice", X=high, Y=low)


def _ask(tale: _Tale, kind: str) -> Told:
    rng = tale.rng
    names = list(tale.amounts)
    if kind == "one":
        subject = rng.choice([name for name in names if tale.amounts[name].sign] or [""])
        if not subject:
            kind = "all"
        else:
            return _told(tale, "one", tale.amounts[subject], X=subject)
    if kind in ("two", "gap"):
        x, y = rng.sample(names, 2)
        a, b = tale.amounts[x], tale.amounts[y]
        if kind == "two" and len(names) > 2:
            return _told(tale, "two", a + b, X=x, Y=y)
        if a.value < b.value:
            x, y, a, b = y, x, b, a
        gap = a - b
        if any(number.value == gap.value for number in tale.story.told):
            raise ValueError("the difference is told")
        return _told(tale, "gap", gap, X=x, Y=y)
    total = tale.amounts[names[0]]
    for name in names[1:]:
        total = total + tale.amounts[name]
    if kind == "mean":
        return _told(tale, "mean", total / len(names))
    if kind == "then" and tale.whole:
        return _then(tale, total)
    return _told(tale, "all", total)


def _then(tale: _Tale, total: Quantity) -> Told:
    """What is done with all of them."""
    rng = tale.rng
    value = int(total.value)
    kind = rng.choice(("share", "pack", "lose", "sell"))
    if kind in ("share", "pack"):
        divisors = [n for n in range(2, 25) if value % n == 0 and value // n > 1]
        number = tale.story.tell(rng.choice(divisors or [0]) or _none())
        asked = total / number
    elif kind == "lose":
        number = tale.story.tell(rng.randint(2, value - 1))
        asked = total - number
    else:
        number = tale.story.tell(rng.randint(2, 12), wordy=False)
        asked = total * number
    then, question, say = rng.choice(tale.words.THEN[kind])
    slots = {**tale.slots, "n": number}
    tale.sentences.append(pick(rng, (then,), slots))
    asks = pick(rng, (question,), slots)
    return Told("", tale.sentences, asks, asked, pick(rng, (say,), {**slots, "n": shown(asked.value)}), slots)


def _none() -> int:
    raise ValueError("the numbers do not work out")


def _told(tale: _Tale, key: str, asked: Quantity, **extra: object) -> Told:
    if not asked.sign or asked.value <= 0 or not isinstance(asked.value, int):
        raise ValueError("nothing to work out")
    question = tale.write(key + "?", **extra)
    return Told(
        "", tale.sentences, question, asked, tale.write(key + "!", **extra, n=shown(asked.value)), tale.slots
    )
