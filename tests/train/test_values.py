"""Bare values, other names for what is meant, and requests without a word of the right line."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from yanray.train import bare, meant
from yanray.train.articles import written
from yanray.train.attributes import read
from yanray.train.conversations import LANGUAGES
from yanray.train.document import Language
from yanray.train.mixture import sources
from yanray.train.samewords import groups
from yanray.train.synonyms import _TABLES, others, wishes
from yanray.train.values import values


@pytest.mark.parametrize(
    ("parameter", "said", "line"),
    [
        ("day", "on Tuesday", "Tuesday"),
        ("room", "the kitchen", "kitchen"),
        ("what", "an umbrella", "umbrella"),
        ("text", "the train is late", "the train is late"),
        ("span", "an hour", "an hour"),
        ("book", "The Odyssey", "The Odyssey"),
        ("reason", "the beds are single", "the beds are single"),
    ],
)
def test_a_value_loses_its_preposition_and_article(parameter: str, said: str, line: str) -> None:
    assert written(parameter, said) == line


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_value_is_drawn_and_amounts_are_digits(language: Language) -> None:
    kinds = {part.split(":")[1] for frame in read(_TABLES / "values.txt") for part in frame.key.split()[1:]}
    rng = random.Random(3)
    for kind in sorted(kinds):
        for said, line in (bare.draw(rng, kind, language) for _ in range(200)):
            assert said and line
            if kind in bare._AMOUNTS:
                float(line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_known_is_no_other_thing_of_the_list(language: Language) -> None:
    rng = random.Random(4)
    for _ in range(400):
        word = meant.value(rng, language)
        right = meant.other(rng, word)
        known = meant.listed(rng, right, word, 4) if right else []
        assert right != word and right not in known and word not in known


def test_a_second_call_writes_what_the_error_names() -> None:
    generate = sources(None)["values"].generate
    rng = random.Random(5)
    mended = 0
    for document in (generate(rng) for _ in range(300)):
        for error, again in pairwise(document.messages):
            if error.role == "tool" and again.content.startswith("/"):
                mended += 1
                line = again.content.partition(" ")[2]
                assert line in error.content or line.isdigit(), document
    assert mended > 30


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("make", [others, values])
def test_shelves_hold_only_what_can_be_asked(make: object, language: Language) -> None:
    assert callable(make)
    rng = random.Random(6)
    for shown in LANGUAGES:
        for _ in range(60):
            shelf = make(rng, language, shown)
            assert shelf.tools
            for concept in (*shelf.missing, *(tool.concept for tool in shelf.tools)):
                assert concept.asks[language] and concept.results[language] and concept.summaries[shown]
                assert not any("[x]" in ask for ask in concept.asks[language])


def test_things_have_several_names_and_wishes_both_languages() -> None:
    for group in groups():
        assert len(group["en"]) > 1 and len(group["zh"]) > 1, group
    for wish in wishes():
        for language in LANGUAGES:
            assert len(wish.summaries[language]) > 1 and len(wish.asks[language]) > 2, wish.key
