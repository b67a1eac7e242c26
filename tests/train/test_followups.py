"""What is asked next: for each shipped tool, in both languages, in several ways."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import pairwise

import pytest

from yanray.train import shipped
from yanray.train.conversations import LANGUAGES
from yanray.train.document import Language
from yanray.train.everyday import aftersums, followups
from yanray.train.question import evaluate, shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_tool_is_asked_on_in_several_ways(language: Language) -> None:
    ways: dict[str, set[str]] = defaultdict(set)
    for make, _ in followups.ALL:
        rng = random.Random(1)
        for _ in range(30):
            messages = make(rng, language).messages
            assert [message.role for message in messages].count("user") > 1, make
            last = [message.name for message in messages if message.role == "tool"][-1]
            ways[str(last)].add(f"{make.__module__}.{make.__qualname__}")
    once = {name for name in shipped.specs() if len(ways[name]) < 2}
    assert once <= {"recall", "remember"}, ways  # both kinds of them stand in one maker


@pytest.mark.parametrize("language", LANGUAGES)
def test_sums_that_follow_are_right(language: Language) -> None:
    rng = random.Random(2)
    for _ in range(400):
        messages = aftersums.exchange(rng, language).messages
        for command, result in pairwise(messages):
            expression = command.content.removeprefix("/calculate ")
            if result.role == "tool" and set(expression) <= set("0123456789.+-*/()"):
                assert result.content.rpartition("= ")[2].removeprefix("about ") == shown(
                    evaluate(expression)
                )
