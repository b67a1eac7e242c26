"""English word problems: elementary stories of one to six steps, each with the expression that answers it.

They come from `stories`, `change` (things come and go), `compare` (who has how many) and the tables of
`frames`; here their sentences are put together as people tell them, with now and then a number that has no
part in the answer.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

from yanray.train import change, compare, stories
from yanray.train.frames import Frame, Told, load, tell
from yanray.train.phrasing import lines, pick
from yanray.train.quantity import Story
from yanray.train.question import Question
from yanray.train.scene_en import scene
from yanray.train.tables import compare_en

_TABLES = Path(__file__).parent / "tables"
_STARTERS = frozenset(
    "There The He She They Each It Its Every In On At A An After Before One Half Both All Some This "
    "That From For During His Her Their Another Of To Then Later Today Yesterday How What Which Now "
    "Out Altogether Together By With".split()
)
_ASIDES = lines(
    """
    {A} is {z} years old
    It is the 12th of {month}
    {A} lives at number {z}
    {B} has {z} {ooo}
    {B} bought {z} {ooo} last week
    {A} also [has|had] {z} {ooo}[ at home|]
    There are also {z} {ooo} [in the room|on the table|nearby]
    {C} has {z} {ooo} and no other things
    {A} gave {z} {ooo} to {C} [last week|the day before|too]
    {A} lost {z} {ooo} [in {month}|on the way]
    [Earlier|On {day}|Last {month}], {A} had [bought|sold|seen|found] {z} {ooo}
    {z} of {A}'s {ooo} are {colour}
    The {ooo} cost {z} dollars each
    {A} paid {z} dollars for the {ooo}
    {A} walked {z} minutes to get there
    There are {z} houses in {A}'s street
    {A} has been doing this for {z} years
    {C}, who is {z}, helps {A}
    {A} read {z} pages of a book the evening before
    {z} people were watching
    {A} has {z} cousins
    {A} has known {B} for {z} years
    {B} lives {z} kilometres away
    {A}'s family has {z} pets
    {B} gave {C} {z} {ooo}
    {C} has {z} {ooo} more than {B}
    The nearest shop opens at 9 o'clock
    This was on the 3rd of {month}
    """
)
_UNITS = ("year", "minute", "kilometre", "page", "dollar", "people", "house")
_POINTS_BACK = re.compile(
    r"\b(they|them|it|its|he|she|his|her|then|another|more|others?|rest|these|those|this|that|both|all|each)\b",
    re.I,
)


def question(rng: Random) -> Question:
    """One problem."""
    while True:
        story = Story(rng, "en")
        draw = rng.random()
        try:
            if draw < 0.5:
                told = stories.tell(rng, story, scene)
            elif draw < 0.62:
                told = change.tell(_settings("change_en.txt"), rng, story, scene)
            elif draw < 0.71:
                told = compare.tell(compare_en, rng, story, scene)
            else:
                frame = rng.choice(_frames())
                told = _led(tell(frame, rng, story, scene(rng, frame.use)))
            told = _with_aside(rng, story, told)
        except ValueError:
            continue
        made = story.finish(_joined(rng, told), told.asked, told.say + ".")
        if made.answer != "1" and told.asked.sign:
            return Question(_sentences(made.text), made.expression, made.answer, _sentences(made.say), "en")


@cache
def _frames() -> tuple[Frame, ...]:
    return tuple(frame for path in sorted(_TABLES.glob("en_*.txt")) for frame in load(path))


@cache
def _settings(name: str) -> tuple[change.Setting, ...]:
    return change.load(_TABLES / name)


def _led(told: Told) -> Told:
    """A story does not begin with a pronoun."""
    slots = told.slots
    if not told.setting and told.sentences:
        words = told.sentences[0].split(" ")
        for pronoun, name in (("he", slots["A"]), ("his", f"{slots['A']}'s")):
            words = [str(name) if word == slots[pronoun] else word for word in words[:2]] + words[2:]
        told.sentences[0] = " ".join(words)
    return told


def _with_aside(rng: Random, story: Story, told: Told) -> Told:
    """Now and then a sentence whose number has no part in the answer.

    It stands where it cannot be taken for what the next sentence speaks of, and measures nothing that the
    story does.
    """
    while rng.random() < 0.18:
        told.slots["z"] = story.tell(rng.randint(4, rng.choice((30, 30, 120))), wordy=False)
        aside = pick(rng, _ASIDES, told.slots)
        rest = " ".join([*told.sentences, told.question])
        if any(unit in aside and unit in rest for unit in _UNITS):
            continue
        place = rng.randrange(len(told.sentences)) if told.sentences else 0
        if place and _POINTS_BACK.search(told.sentences[place]):
            place = 0
        told.sentences.insert(place, aside)
    return told


def _joined(rng: Random, told: Told) -> str:
    """The sentences and the question, told plainly, as a condition, or with the question first."""
    sentences = [sentence for sentence in told.sentences if sentence]
    question = told.question
    draw = rng.random()
    simple = [". " not in sentence for sentence in sentences]
    if (
        draw < 0.07
        and sentences
        and len(sentences) <= 2
        and all(simple)
        and not told.setting
        and question[-1] == "?"
    ):
        return f"{question[:-1]} if {' and '.join(map(_lowered, sentences))}?"
    if (
        draw < 0.3
        and simple
        and simple[-1]
        and question.startswith(("How", "What", "Which", "At what", "In how"))
    ):
        count = 2 if len(simple) > 1 and simple[-2] and rng.random() < 0.5 else 1
        condition = " and ".join(map(_lowered, sentences[-count:]))
        question = f"If {condition}, {_lowered(question)}"
        sentences = sentences[:-count]
    elif draw < 0.45 and len(sentences) > 1 and simple[0] and simple[1]:
        glue = rng.choice((", and ", " and ", "; "))
        sentences = [sentences[0] + glue + _lowered(sentences[1]), *sentences[2:]]
    head = [told.setting] if told.setting else []
    return ". ".join([*head, *sentences, question])


def _lowered(sentence: str) -> str:
    first, _, rest = sentence.partition(" ")
    return f"{first.lower()} {rest}" if first in _STARTERS else sentence


_GAP = re.compile(r" ([,.;?])")
_START = re.compile(r"(?:^|(?<=[.?!] ))[a-z]")


def _sentences(text: str) -> str:
    """TEXT with a capital at the start of each sentence, and without the gaps that empty choices leave."""
    text = _GAP.sub(r"\1", " ".join(text.split()))
    return _START.sub(lambda match: match.group().upper(), text)
