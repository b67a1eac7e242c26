"""Rendering only what is new: the ids are those of a rendering from nothing, and the work does not grow with
the conversation."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_template import MISTRAL, QWEN
from tiny_models import FLAVOURS

from yanray.chatglm.templates import CHATGLM2
from yanray.cores.prompt import PromptEncoder
from yanray.cores.rendering import segments
from yanray.cores.scripted import TEMPLATE, Letters
from yanray.cores.template import ChatTemplate
from yanray.errors import ModelError
from yanray.messages import Message

TEMPLATES = [*(flavour.template for flavour in FLAVOURS.values()), QWEN, MISTRAL, CHATGLM2, TEMPLATE]
COUNTING = (  # a round's number, from the fifth on
    "{% for m in messages %}<{{ loop.index // 2 if loop.index > 9 }}{{ m.role }}>{{ m.content }}{% endfor %}"
)
SYSTEM = Message("system", "Be kind.")


def chat_of(source: str | None) -> ChatTemplate:
    return ChatTemplate(source, {"bos_token": "<s>", "eos_token": "</s>"})


def turn(number: int, calls: int = 1) -> list[Message]:
    """A question, CALLS calls with their results, and an answer."""
    messages = [Message("user", f"question {number}")]
    for call in range(calls):
        messages.append(Message("assistant", f"/add {call}", ids=(number, call), core="me"))
        messages.append(Message("tool", f"sum {number + call}", name="add"))
    return [*messages, Message("assistant", f"answer {number}", ids=(number,), core="me")]


def talk(*calls: int) -> list[Message]:
    return [SYSTEM, *(message for number, each in enumerate(calls) for message in turn(number, each))]


@pytest.mark.parametrize("source", [*TEMPLATES, COUNTING])
def test_what_stands_before_a_message_is_what_the_template_writes_in_the_whole_conversation(source) -> None:
    chat, plain = chat_of(source), chat_of(source)
    system = ["system"] if chat.has_system else []
    rounds = ["assistant", chat.tool_role] if chat.tool_role != "user" else []
    roles = list(system)
    for number in range(30):
        for role in ("user", *rounds * (number % 3), "assistant"):
            if role == "assistant":
                assert chat.generation(roles) == plain._last(tuple(roles), True), roles
            roles.append(role)
            assert chat.lead(roles) == plain._last(tuple(roles), False), roles


edits = st.lists(
    st.tuples(st.sampled_from(["grow", "edit", "trim", "cut", "tools", "other"]), st.integers(0, 40)),
    max_size=12,
)


@pytest.mark.parametrize("source", TEMPLATES)
@settings(deadline=None, max_examples=15)
@given(edits)
def test_a_conversation_changed_anyhow_has_the_ids_of_one_rendered_from_nothing(source, edits) -> None:
    chat = chat_of(source)
    kept = PromptEncoder(chat, Letters(), "me")
    messages = talk(1, 0, 2)
    for kind, at in edits:
        index = 1 + at % len(messages[1:]) if len(messages) > 1 else 0
        if kind == "grow":
            messages = [*messages, *turn(at, at % 3)]
        elif kind == "edit" and index:
            messages = [
                *messages[:index],
                Message(messages[index].role, f"edit {at}"),
                *messages[index + 1 :],
            ]
        elif kind == "trim":
            users = [i for i, message in enumerate(messages) if message.role == "user"]
            messages = [*messages[:1], *messages[users[1] :]] if len(users) > 1 else messages
        elif kind == "cut":
            users = [i for i, message in enumerate(messages) if message.role == "user" and i >= index]
            messages = messages[: users[0]] if users else messages
        elif kind == "tools":
            messages = [Message("system", f"Be kind. /tool{at}"), *messages[1:]]
        elif kind == "other":
            kept.encode([Message("user", f"sum up {at}")])
            kept.opening([SYSTEM])
        fresh = PromptEncoder(chat_of(source), Letters(), "me")
        try:
            expected = fresh.encode(messages)
        except ModelError:  # nobody has spoken yet
            with pytest.raises(ModelError):
                kept.encode(messages)
        else:
            assert kept.encode(messages) == expected


def test_a_refused_conversation_leaves_nothing_behind() -> None:
    chat = chat_of(FLAVOURS["gemma"].template)
    encoder = PromptEncoder(chat, Letters(), "me")
    expected = PromptEncoder(chat, Letters(), "me").encode(talk(1, 1))
    encoder.encode(talk(1))
    with pytest.raises(ModelError, match="refuses this conversation"):
        encoder.encode([SYSTEM, Message("assistant", "I begin")])
    assert encoder.encode(talk(1, 1)) == expected


class Counted(str):
    """A `bos_token` that counts how often a template writes it."""

    times = 0

    def __str__(self) -> str:
        self.times += 1
        return ""


@dataclass
class Counting(Letters):
    """Counts what is tokenised."""

    asked: list[str] = field(default_factory=list)

    def encode(self, text: str, *, special: bool, glued: bool) -> list[int]:
        self.asked.append(text)
        return super().encode(text, special=special, glued=glued)


def test_a_turn_costs_the_same_however_long_the_conversation_is() -> None:
    written, words = Counted(), Counting()
    source = TEMPLATE.replace("message.role", "bos_token ~ message.role")
    encoder = PromptEncoder(ChatTemplate(source, {"bos_token": written}), words, "me")
    messages = [SYSTEM]
    costs, tokenised = [], []
    for number in range(200):
        written.times, words.asked = 0, []
        for message in turn(number):
            messages = [*messages, message]
            encoder.encode(messages)
        costs.append(written.times)
        tokenised.append(words.asked)
    # Turns in an order that was seen before cost nothing, but where the conversation is twice as long as when
    # all of it was rendered last.
    assert sum(cost == 0 for cost in costs) > 180 and sum(costs) < 8 * len(messages), costs
    assert {len(asked) for asked in tokenised[1:]} == {len(tokenised[1])}
    assert [text for text in tokenised[150] if "1" in text] == ["question 150", "sum 150"]


def test_a_changed_message_costs_what_comes_after_it() -> None:
    words = Counting()
    encoder = PromptEncoder(ChatTemplate(TEMPLATE), words, "me")
    messages = talk(*[1] * 50)
    encoder.encode(messages)
    words.asked = []
    messages[-7] = Message("tool", "left out", name="add")
    encoder.encode(messages)
    assert [text for text in words.asked if "<|" not in text] == ["left out"]  # the rest was known


def test_a_template_that_counts_its_rounds_is_rendered_whole() -> None:
    chat = chat_of(CHATGLM2)
    found, _ = segments(chat, talk(*[0] * 9), "me")
    assert "[Round 9]" in "".join(getattr(segment, "text", "") for segment in found)
