"""Sums of school, amounts in words and long results: the shipped calculator prints what the corpus says."""

from __future__ import annotations

import random
import re
from types import ModuleType

import pytest
from shipped_tools import load

from yanray.train import amounts, repeats, school


@pytest.fixture(scope="module")
def calculate() -> ModuleType:
    return load("calculate")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("made", "count"), [(school, 700), (repeats, 400)])
def test_the_shipped_calculator_prints_what_is_taught_at_school(
    lang: str, made: ModuleType, count: int, calculate: ModuleType
) -> None:
    rng = random.Random(6)
    for question in (made.question(rng, lang) for _ in range(count)):
        assert calculate.run(question.expression) == question.answer, question
        assert not re.search(r"[{}|\[\]]", question.text), question


@pytest.mark.parametrize(
    ("words", "digits"),
    [("对折", "0.5"), ("半斤", "0.5"), ("九折", "0.9"), ("九五折", "0.95"), ("七十亿", "7000000000")],
)
def test_chinese_amounts(words: str, digits: str) -> None:
    rng = random.Random(2)
    drawn = {draw(rng) for draw in amounts.CHINESE.values() for _ in range(6000)}
    assert {worth for said, worth in drawn if said == words} == {digits}


def test_long_results_are_said_to_the_last_digit() -> None:
    rng = random.Random(4)
    for question in (repeats.question(rng, "en") for _ in range(300)):
        assert question.answer.rpartition(" = ")[2] in question.say
