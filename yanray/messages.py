"""One message of a conversation, as the cores read it and the agent keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message. One round of generation is one assistant message; a call's result is one tool message.

    content: exactly what the user wrote, the model generated, or the tool gave back.
    name:    of a tool message: the tool.
    ids:     of an assistant message: the token ids that `core` generated for `content`. They are the record:
             the same core never tokenises the text again. None when no core generated the text as it stands.
    core:    the identity (`ChatCore.identity`) of the core that generated `ids`.
    stopped: of an assistant message: it was ended from outside, so `content` is only what had been said.
    """

    role: Role
    content: str
    name: str = ""
    ids: tuple[int, ...] | None = None
    core: str = ""
    stopped: bool = False
