"""What a turn looks at does not grow with the conversation."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from yanray.agent.conversation import Conversation
from yanray.cores.scripted import ScriptedCore
from yanray.messages import Message

TURNS = 60


class Watched(Message):
    """A message that counts how often its content is looked at."""

    __slots__ = ()
    looks = 0

    def __getattribute__(self, name: str) -> Any:
        if name == "content":
            Watched.looks += 1
        return super().__getattribute__(name)


class WatchedConversation(Conversation):
    """A conversation of such messages."""

    __slots__ = ()

    def add(self, message: Message) -> None:
        super().add(Watched(**{each.name: getattr(message, each.name) for each in fields(message)}))


def test_a_turn_looks_at_what_is_new(talk) -> None:
    def script():
        for number in range(TURNS):
            yield f"/calculate {number + 13}*{number + 14}"
            yield f"That makes {(number + 13) * (number + 14)}."

    made = talk()
    made.core, made.conversation = (
        ScriptedCore(list(script()), context=1 << 20),
        WatchedConversation("A test."),
    )
    looks = []
    for number in range(TURNS):
        Watched.looks = 0
        made.ask(f"What is {number + 13}*{number + 14}?")
        looks.append(Watched.looks)
        assert made.results == [(f"{(number + 13) * (number + 14)}", True)]
    assert max(looks[30:]) <= max(looks[:10]), looks
