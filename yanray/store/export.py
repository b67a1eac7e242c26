"""A conversation as a file for people (Markdown) or for programs (JSON)."""

from __future__ import annotations

import json
import time
from pathlib import Path

from yanray.errors import DataError
from yanray.messages import Message
from yanray.store.conversations import Stored

FENCE = "```"


def export(stored: Stored, path: Path) -> None:
    """Write STORED to PATH, as its ending says: .md or .json. Raises DataError."""
    forms = {".md": as_markdown, ".json": as_json}
    if path.suffix.lower() not in forms:
        raise DataError(f"{path}: cannot tell the form from the name; end it in .md or .json")
    try:
        path.write_text(forms[path.suffix.lower()](stored), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from None


def as_markdown(stored: Stored) -> str:
    """STORED for people: what was said under its speaker, results in fences."""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(stored.created))
    head = f"# {stored.title}\n\n{when}" + (f", {stored.model}" if stored.model else "")
    return "\n\n".join([head, *map(_section, stored.messages)]) + "\n"


def as_json(stored: Stored) -> str:
    """STORED for programs; the messages are in the form in which the trainer reads them too."""
    system = [{"role": "system", "content": stored.system}] if stored.system else []
    document = {
        "id": stored.id,
        "title": stored.title,
        "model": stored.model,
        "created": stored.created,
        "messages": [*system, *map(_plain, stored.messages)],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _section(message: Message) -> str:
    if message.role == "tool":
        return f"**/{message.name}**\n\n{_fenced(message.content)}"
    stopped = "\n\n*(stopped)*" if message.stopped else ""
    return f"**{message.role}**\n\n{message.content.strip()}{stopped}"


def _fenced(text: str) -> str:
    fence = FENCE
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _plain(message: Message) -> dict[str, object]:
    plain: dict[str, object] = {"role": message.role, "content": message.content}
    if message.name:
        plain["name"] = message.name
    if message.stopped:
        plain["stopped"] = True
    return plain
