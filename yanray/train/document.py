"""One training document, and the exchanges that conversations are put together from.

A document is kept whole: a row of the training never begins inside one, so that a tool list is never cut from
its question. The trainer renders it with the template that inference uses (`yanray/nano/template.jinja`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from yanray.agent.prompt import system_prompt
from yanray.messages import Message
from yanray.paths import shipped
from yanray.toolbox.spec import ToolSpec

Language: TypeAlias = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    messages: the system message first (it may be absent). A document of kind `text` is one assistant message,
              which is rendered without any role marker.
    kind:     its family, for the mixture and the samples.
    """

    messages: tuple[Message, ...]
    kind: str


Generator: TypeAlias = Callable[[random.Random], Document]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn (a user message and all that follows until the answer ends), or a few that belong together."""

    messages: tuple[Message, ...]


def text(content: str) -> Document:
    """A plain text to learn the language from."""
    return Document((Message("assistant", content),), "text")


def user(content: str) -> Message:
    return Message("user", content)


def assistant(content: str) -> Message:
    return Message("assistant", content)


def command(name: str, argument: str) -> Message:
    """The assistant's round that is a call and nothing else."""
    return Message("assistant", f"/{name} {argument}" if argument else f"/{name}")


def result(name: str, content: str) -> Message:
    return Message("tool", content, name=name)


def said(question: str, answer: str) -> Exchange:
    """An exchange without a call."""
    return Exchange((user(question), assistant(answer)))


def called(question: str, name: str, argument: str, output: str, answer: str) -> Exchange:
    """An exchange with one call."""
    return Exchange(
        (user(question), command(name, argument), result(name, output), assistant(answer)),
    )


def reworded(question: str, exchange: Exchange) -> Exchange:
    """EXCHANGE, asked for by QUESTION."""
    return Exchange((user(question), *exchange.messages[1:]))


def outcome(exchange: Exchange) -> tuple[str, str]:
    """What the tool of an exchange with one call printed, and what was said of it."""
    _, _, printed, answer = exchange.messages
    return printed.content, answer.content


def joined(*parts: Exchange) -> Exchange:
    """PARTS, one after another, as one that is never taken apart."""
    return Exchange(tuple(message for part in parts for message in part.messages))


def conversation(
    tools: Iterable[ToolSpec], exchanges: Iterable[Exchange], *, language: Language, kind: str
) -> Document:
    """The document for EXCHANGES under one tool list, with the system prompt that inference would show."""
    system = Message("system", system_prompt(tools, language=language, folder=shipped("prompts")))
    messages = [system]
    for exchange in exchanges:
        messages.extend(exchange.messages)
    return Document(tuple(messages), kind)
