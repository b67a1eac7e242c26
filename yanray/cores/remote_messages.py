"""A conversation as messages for a server, and a guess at how many tokens that makes there."""

from __future__ import annotations

from collections.abc import Sequence

from yanray.messages import Message

BYTES_PER_TOKEN = 3.0  # UTF-8; between English (4) and what small vocabularies make of Chinese
FRAME = 4  # tokens of a message's role markers


def spelled(messages: Sequence[Message], tool_role: str) -> list[dict[str, str]]:
    """MESSAGES as the server takes them; results in the role TOOL_ROLE.

    As user text, a result joins a user's message that stands next to it: many templates want turns to
    alternate.
    """
    found: list[dict[str, str]] = []
    for number, message in enumerate(messages):
        if message.role == "tool" and tool_role == "tool":
            call = {"tool_call_id": f"call_{number}", "name": message.name or "tool"}
            found.append({"role": "tool", "content": message.content, **call})
            continue
        role = "user" if message.role == "tool" else message.role
        if tool_role == "user" and role == "user" and found and found[-1]["role"] == "user":
            found[-1]["content"] += "\n\n" + message.content
        else:
            found.append({"role": role, "content": message.content})
    return found


def estimate(messages: Sequence[Message]) -> int:
    """Tokens that MESSAGES may take, by their bytes."""
    data = sum(len(message.content.encode("utf-8", "replace")) for message in messages)
    return round(data / BYTES_PER_TOKEN) + FRAME * (len(messages) + 1)
