"""The record of a conversation: what was said, called and given back, whole and in order.

What the core gets to read is a view of it, in which old results may be folded and old turns left out
(`agent.fitting`); the record itself loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from yanray.messages import Message

SPAN = 12  # characters of a tool's text that make a later argument suspect; a Chinese character counts twice
WIDE = re.compile(r"([⺀-￯])")


@dataclass(slots=True)
class Conversation:
    """A conversation.

    system:   the system prompt, tools included; "" for none.
    messages: everything since, oldest first. A turn is a user message and all that follows it up to the next.
    start:    index of the first message that the core still reads; always a turn's beginning.
    folded:   index of a tool message -> what the core reads in place of its content.
    summary:  of what stands before `start`, for the core to read; "" for none.
    """

    system: str = ""
    messages: list[Message] = field(default_factory=list)
    start: int = 0
    folded: dict[int, str] = field(default_factory=dict)
    summary: str = ""

    def add(self, message: Message) -> None:
        """Append MESSAGE."""
        self.messages.append(message)

    def view(self) -> list[Message]:
        """The messages as the core reads them."""
        seen = self.messages[self.start :]
        for index, text in self.folded.items():
            if index >= self.start:
                seen[index - self.start] = replace(self.messages[index], content=text)
        if self.summary and self.start > 0 and seen:
            seen[0] = replace(seen[0], content=f"[{self.summary}]\n\n{seen[0].content}")
        return [Message("system", self.system), *seen] if self.system else seen

    def turns(self) -> list[int]:
        """Index of each turn's first message that the core still reads."""
        users = [i for i in range(self.start, len(self.messages)) if self.messages[i].role == "user"]
        return users or [self.start]

    def results(self, first: int, end: int) -> Iterator[int]:
        """Indices of the tool messages in first <= index < end that are not folded yet."""
        for index in range(first, end):
            if self.messages[index].role == "tool" and index not in self.folded:
                yield index

    def origin(self, argument: str) -> str:
        """The tool from whose text ARGUMENT repeats a span that the user did not write; "" when there is
        none.
        """
        wanted = _spans(argument)
        for message in self.messages:
            if message.role == "user":
                wanted -= _spans(message.content)
        if not wanted:
            return ""
        marked = (m for m in reversed(self.messages) if m.role == "tool")
        return next((m.name for m in marked if not wanted.isdisjoint(_spans(m.content))), "")


def _spans(text: str) -> set[str]:
    """Every run of SPAN characters in TEXT, case and white space folded."""
    folded = WIDE.sub(r"\1\1", " ".join(text.casefold().split()))
    return {folded[i : i + SPAN] for i in range(len(folded) - SPAN + 1)}
