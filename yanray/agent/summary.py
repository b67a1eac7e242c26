"""A summary, by the model itself, of the turns that no longer fit (`summary: true` in config.yaml).

It stands before the oldest message that is still read. What the record holds is not touched by it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from yanray.agent.conversation import Conversation
from yanray.cores.base import ChatCore, Sampling
from yanray.events import Notice, Progress
from yanray.messages import Message

INSTRUCTIONS = {
    "en": "Sum up this conversation in at most four short sentences. Keep names, numbers and decisions.",
    "zh": "用不超过四个短句概括这段对话，保留人名、数字和决定。",
}
SHARE = 8  # the summary may take this part of the context; what is summed up, all but two such parts
LONGEST = 200  # tokens of a summary


def sum_up(
    core: ChatCore, conversation: Conversation, first: int, instruction: str, cancelled: Callable[[], bool]
) -> Generator[Progress | Notice, None, None]:
    """Put a summary of the messages from FIRST to where CONVERSATION is read from in its place.

    The summary so far is summed up along. A summary that was stopped half-way is not used.
    """
    text = _told(core, conversation, first)
    sampling = Sampling(max_tokens=min(LONGEST, core.context // SHARE))
    said = ""
    with closing(core.stream([Message("user", f"{instruction}\n\n{text}")], sampling)) as stream:
        for piece in stream:
            if cancelled():
                return
            if isinstance(piece, str):
                said += piece
            else:
                yield piece
    said = " ".join(said.split())
    if said:
        conversation.summary = said
        yield Notice("summary", f"what was left out is summed up: {said}")


def _told(core: ChatCore, conversation: Conversation, first: int) -> str:
    """What was said in the messages; of what is more than the room for it, the newest."""
    room = core.context * (SHARE - 2) // SHARE
    before = f"before: {conversation.summary}\n" if conversation.summary else ""
    spoken = [m for m in conversation.messages[first : conversation.start] if m.role in ("user", "assistant")]
    lines = [f"{message.role}: {message.content}" for message in spoken]
    while len(lines) > 1 and core.count(before + "\n".join(lines)) > room:
        del lines[0]
    text = "\n".join(lines)
    while core.count(before + text) > room:
        text = text[len(text) // 4 + 1 :]
    return before + text
