"""The conversations that the model learns from: their shape, and what must hold in every one of them."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from yanray.train.document import Document
from yanray.train.mixture import KINDS, Mixture, show, sources

LONGEST = (
    9000  # characters of a document; a row has 1,024 tokens, at 3 to 4 characters each, and may be longer
)


def drawn(count: int, seed: int = 7) -> list[Document]:
    mixture, rng = Mixture(), random.Random(seed)
    return [mixture(rng, number / count) for number in range(count)]


def test_one_seed_draws_one_corpus() -> None:
    assert drawn(60) == drawn(60)
    assert drawn(60) != drawn(60, seed=8)


def test_roles_follow_each_other_as_in_a_conversation() -> None:
    allowed = {
        "system": ("user",),
        "user": ("assistant",),
        "assistant": ("user", "tool"),
        "tool": ("assistant",),
    }
    for document in drawn(400):
        roles = [message.role for message in document.messages]
        assert roles[0] in ("system", "user") and roles[-1] == "assistant", document
        for before, after in pairwise(roles):
            assert after in allowed[before], document


def test_a_call_is_one_line_that_names_a_tool_of_the_list() -> None:
    calls = 0
    for document in drawn(400):
        listed = document.messages[0].content
        for before, after in pairwise(document.messages):
            if after.role == "tool":
                calls += 1
                name = before.content[1:].split(" ")[0]
                assert before.content.startswith("/") and "\n" not in before.content, document
                assert name == after.name and f": /{name}" in listed, document
            elif before.role == "assistant":
                assert not before.content.startswith("/"), document
    assert calls > 300


def test_no_message_is_empty_or_has_a_hole_or_a_marker() -> None:
    for document in drawn(600):
        for message in document.messages:
            assert message.content.strip(), document
            assert "<|" not in message.content and "{{" not in message.content, document
        assert sum(len(message.content) for message in document.messages) < LONGEST


@pytest.mark.parametrize("name", sorted(sources(None)))
def test_each_source_gives_documents_of_a_known_kind(name: str) -> None:
    rng = random.Random(name)
    generate = sources(None)[name].generate
    assert {generate(rng).kind for _ in range(20)} <= set(KINDS)


def test_show_gives_each_kind() -> None:
    assert {document.kind for document in show(40)} == {show(1)[0].kind} | {d.kind for d in show(200)}
