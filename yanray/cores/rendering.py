"""A conversation as segments, message by message.

What a message adds never depends on what follows it. So of a conversation that grew only the new messages are
rendered, and of one that was changed only what comes after the first change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from yanray.cores.ledger import common_prefix
from yanray.cores.template import ChatTemplate, Content, Marker, Own, Refusal, Segment
from yanray.errors import ModelError
from yanray.messages import Message


def segments(template: ChatTemplate, messages: Sequence[Message], identity: str) -> tuple[list[Segment], int]:
    """What MESSAGES are made of, ending with the generation prompt, and how many segments the prefix takes.

    identity: of the core whose ids may be spliced in. Raises ModelError when the template refuses the
    conversation.
    """
    rendering = Rendering(template, identity)
    rendering.follow(messages)
    found = [*rendering.segments, *rendering.closing()]
    return found, len(found) if rendering.prefix is None else rendering.prefix


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a message ends. waiting: the system's words that the next message takes along."""

    segments: int
    roles: int
    waiting: Content | None


class Rendering:
    """The segments of the conversation that `follow` was given last, without the generation prompt."""

    def __init__(self, template: ChatTemplate, identity: str) -> None:
        self.segments: list[Segment] = []
        self._template = template
        self._identity = identity
        self._messages: list[Message] = []
        self._roles: list[str] = []  # of the template's turns; several messages may be joined in one
        self._waiting: Content | None = None
        self._marks: list[_Mark] = []

    @property
    def prefix(self) -> int | None:
        """How many segments stand before the first content that is not the system's; None without one."""
        system = 1 if self._messages and self._messages[0].role == "system" else 0
        contents = (index for index, part in enumerate(self.segments) if not isinstance(part, Marker))
        return next(islice(contents, system, None), None)

    def follow(self, messages: Sequence[Message]) -> int:
        """Make `segments` those of MESSAGES; how many of them stood already.

        Raises ModelError when the template refuses the conversation.
        """
        keep = common_prefix(self._messages, list(messages))
        self._cut(keep)
        stood = len(self.segments)
        try:
            for message in messages[keep:]:
                self._add(message)
        except Refusal as refusal:
            raise _refused(refusal) from None
        return stood

    def closing(self) -> list[Segment]:
        """What stands behind `segments` for the assistant to go on from.

        Raises ModelError when the template refuses the conversation.
        """
        try:
            if self._waiting is None:
                return [Marker(self._template.generation(self._roles))]
            lead, tail = self._template.lead(["user"]), self._template.generation(["user"])
        except Refusal as refusal:
            raise _refused(refusal) from None
        return [Marker(lead), self._waiting, Marker(tail)]

    def _cut(self, length: int) -> None:
        """Keep the first LENGTH messages."""
        mark = self._marks[length - 1] if length else _Mark(0, 0, None)
        del self._messages[length:], self._marks[length:]
        del self.segments[mark.segments :], self._roles[mark.roles :]
        self._waiting = mark.waiting

    def _add(self, message: Message) -> None:
        template = self._template
        if message.role == "system" and not self._roles and not template.has_system:
            self._waiting = Content(template.stripped("system", message.content) + "\n\n")
        else:
            role = template.tool_role if message.role == "tool" else message.role
            self._say(role, self._part(role, message))
        # Marks are never fewer than messages, so an interruption here leaves nothing that is out of step.
        self._marks.append(_Mark(len(self.segments), len(self._roles), self._waiting))
        self._messages.append(message)

    def _say(self, role: str, part: Content | Own) -> None:
        """Add PART, which ROLE said."""
        roles = self._roles
        if roles and roles[-1] == role and not self._template.may_repeat:
            self.segments += [Content("\n\n"), part]
            return
        parts = [part] if self._waiting is None else [self._waiting, part]
        if isinstance(parts[0], Own) and roles:
            lead = self._template.generation(roles)
            roles.append(role)
        else:
            roles.append(role)
            lead = self._template.lead(roles)
        self.segments += [Marker(lead), *parts]
        self._waiting = None

    def _part(self, role: str, message: Message) -> Content | Own:
        if message.ids is not None and message.core == self._identity:
            return Own(message.ids)
        return Content(self._template.stripped(role, message.content))


def _refused(refusal: Refusal) -> ModelError:
    return ModelError(f"the model's chat template refuses this conversation: {refusal}")
