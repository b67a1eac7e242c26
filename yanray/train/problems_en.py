"""English word problems: elementary stories of one to six steps, each with the expression that answers it.

The stories come from `change` (things come and go), `compare` (who has how many) and the tables of `frames`; here their
sentences are put together as people tell them, with now and then a number that has no part in the answer.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

from yanray.train import change, compare
from yanray.train.frames import Frame, Told, load, tell
from yanray.train.phrasing import lines, pick
from yanray.train.quantity import Story
from yanray.train.question import Question
from yanray.train.scene_en import scene
from yanray.train.tables import compare_en

_TABLES = Path(__file__).parent / "tables"
_STARTERS = frozenset(
    "There The He She They Each It Its Every In On At A An After Before One Half Both All Some This That From For During "
    "His Her Their Another Of To Then Later Today Yesterday How What Which Now Out Altogether Together By With".split()
)
_ASIDES = lines(
    """
    {A} is {z} years old
    It is the {z}th of {month}
    {A} lives at number {z}
    {B} has {z} {ooo}
    {B} bought {z} {ooo} last week
    {A} also has {z} {ooo} at home
    The {o} weigh {z} grams each
    The bus to {place} leaves at {z} minutes past the hour
    {A} walked {z} minutes to get there
    There are {z} houses in {his} street
    {A} has been doing this for {z} years
    {C}, who is {z}, helps {him}
    {A} read {z} pages of a book the evening before
    {z} people were waiting outside
    {A} has {z} cousins
    It was {z} degrees outside
    {A} has known {B} for {z} years
    {B} lives {z} kilometres away
    The trip took {z} minutes
    Last {month}, {A} had counted {z} {oo}
    {A}'s family has {z} pets
    {A} paid {z} dollars for the {ooo}
    {B} gave {C} {z} {ooo}
    The shop opens at {z} o'clock
    """
)


def question(rng: Random) -> Question:
    """One problem."""
    while True:
        story = Story(rng, "en")
        draw = rng.random()
        try:
            if draw < 0.24:
                told = change.tell(_settings("change_en.txt"), rng, story, scene)
            elif draw < 0.42:
                told = compare.tell(compare_en, rng, story, scene)
            else:
                frame = rng.choice(_frames())
                told = tell(frame, rng, story, slots := scene(rng, frame.use))
                told = _led(told, slots)
                told = _with_aside(rng, story, told, slots)
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


def _led(told: Told, slots: dict[str, object]) -> Told:
    """A story does not begin with a pronoun."""
    if not told.setting and told.sentences:
        words = told.sentences[0].split(" ")
        for pronoun, name in (("he", slots["A"]), ("his", f"{slots['A']}'s")):
            words = [str(name) if word == slots[pronoun] else word for word in words[:2]] + words[2:]
        told.sentences[0] = " ".join(words)
    return told


def _with_aside(rng: Random, story: Story, told: Told, slots: dict[str, object]) -> Told:
    if rng.random() > 0.1:
        return told
    slots["z"] = story.tell(rng.randint(4, 30), wordy=False)
    sentences = list(told.sentences)
    sentences.insert(rng.randint(0, len(sentences)), pick(rng, _ASIDES, slots))
    return Told(told.setting, sentences, told.question, told.asked, told.say)


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
