"""Making a conversation fit the core's context, before each round.

System prompt and tools are pinned. The oldest tool results are folded first, then whole oldest turns are left
out, then the turn at hand gives up its own results; each loss is a notice. When something must go, more goes
than strictly must, because each change makes the core read everything after it again.
"""

from __future__ import annotations

from collections.abc import Iterator

from yanray.agent.conversation import Conversation
from yanray.cores.base import ChatCore
from yanray.errors import ModelError
from yanray.events import Notice

SPARE = 0.75  # share of the room that is left filled once something had to go
SHORTEST = 200  # characters below which a result is not cut


class TooLongError(ModelError):
    """System prompt, tools and the user's message alone are more than the context holds."""


def fit(core: ChatCore, conversation: Conversation, reserve: int) -> Iterator[Notice]:
    """Fit CONVERSATION to CORE, leaving RESERVE tokens (at most a quarter of the context) for the answer.

    Raises TooLongError.
    """
    room = core.context - min(reserve, core.context // 4)

    def over(share: float = 1.0) -> bool:
        return core.prompt_tokens(conversation.view()) > room * share

    if not over():
        return
    current = conversation.turns()[-1]
    if core.count(conversation.system) + core.count(conversation.messages[current].content) > room:
        raise TooLongError(_too_long(core, conversation, current, room))  # in vain would all else be given up
    for index in list(conversation.results(conversation.start, current)):
        if over(SPARE):
            yield _fold(conversation, index)
    if not over():
        return
    while over(SPARE) and conversation.start < current:
        yield _drop(conversation)
    for index in list(conversation.results(current, len(conversation.messages) - 1)):
        if over():
            yield _fold(conversation, index)
    for index in list(conversation.results(current, len(conversation.messages))):
        shown = len(conversation.messages[index].content)
        while over() and shown > SHORTEST:
            shown //= 2
            _cut(conversation, index, shown)
        if index in conversation.folded:
            yield Notice(
                "shortened", f"a result of /{conversation.messages[index].name} was cut to {shown} characters"
            )
    if over():
        raise TooLongError(_too_long(core, conversation, current, room))


def _fold(conversation: Conversation, index: int) -> Notice:
    message = conversation.messages[index]
    conversation.folded[index] = f"[result of /{message.name} left out: {len(message.content)} characters]"
    return Notice("folded", f"an old result of /{message.name} was folded to make room")


def _drop(conversation: Conversation) -> Notice:
    """Leave the oldest turn out."""
    turns = conversation.turns()
    words = " ".join(conversation.messages[conversation.start].content.split())
    conversation.start = turns[1]
    return Notice("dropped", f"the oldest turn was left out to make room: {words[:60]}")


def _cut(conversation: Conversation, index: int, length: int) -> None:
    content = conversation.messages[index].content
    conversation.folded[index] = f"{content[:length]}\n[cut: {length} of {len(content)} characters]"


def _too_long(core: ChatCore, conversation: Conversation, current: int, room: int) -> str:
    pinned = core.count(conversation.system)
    said = core.count(conversation.messages[current].content)
    remedy = "shorten the message, enable fewer tools (toolbox.enabled), or raise `context`"
    return (
        f"the context of {core.name} holds {core.context} tokens, {room} of them for the prompt; "
        f"system prompt and tools take {pinned}, your message {said}: {remedy}"
    )
