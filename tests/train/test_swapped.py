"""Concepts about other things: the noun is exchanged everywhere, and nothing that lacks it is left."""

from __future__ import annotations

import random

import pytest

from yanray.train.document import Language
from yanray.train.nouns import nouns
from yanray.train.swapped import about, patterns, swapped


@pytest.mark.parametrize("language", ["en", "zh"])
def test_descriptions_and_requests_speak_of_the_new_thing_alone(language: Language) -> None:
    rng = random.Random(3)
    assert len(patterns(language)) > 300
    for pattern in rng.sample(patterns(language), 100):
        noun = rng.choice([each for each in nouns(language) if pattern.noun not in each.lower()])
        made = about(rng, pattern, noun, language)
        assert made.summaries[language] and made.asks[language] and made.names
        for line in (*made.summaries[language], *made.asks[language]):
            assert noun in line
        if language == "zh":
            assert not any(pattern.noun in line for line in made.asks[language])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_refused_is_about_a_thing_of_no_tool(language: Language) -> None:
    rng = random.Random(5)
    for _ in range(60):
        stock = swapped(rng, language, language)
        assert len({tool.spec.name for tool in stock.tools}) == len(stock.tools) > 0
        told = {line for tool in stock.tools for line in tool.concept.summaries[language]}
        for concept in stock.missing:
            assert not told & set(concept.summaries[language])
