"""What the conversations teach, as rows of a dataset that people can read and edit.

    /good      every answer of the turn is taught, its calls too
    /fix TEXT  TEXT is taught: in place of the turn when it is a command, else in place of its last answer
    /bad       nothing of the turn is taught
    a command that had to be mended is taught in the form itself

A row is a conversation in the form `yanray.train.lora.forms` reads, with `"train": true` on what is taught.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from yanray.errors import DataError
from yanray.messages import Message
from yanray.store.conversations import Conversations, Teaching

HELD_OUT = 5  # every so many-th lesson is not taught but asked


def gather(store: Conversations) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The rows that STORE's conversations make, and how many answers bear which mark (`mended`: none)."""
    # By conversation and turn: a later mark replaces what was there.
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    counts: Counter[str] = Counter()
    bad: set[tuple[int, int]] = set()
    for each in store.teaching():
        system, messages = store.leading_to(each.id)
        first = max((i for i, message in enumerate(messages) if message.role == "user"), default=None)
        if first is None or (not each.mark and not _mended(messages, first)):
            continue
        counts[each.mark or "mended"] += 1
        turn = (each.conversation, first)
        if each.mark == "bad":
            bad.add(turn)
        elif each.mark or turn not in rows:
            rows[turn] = row_of(system, *_taught(messages, first, each), f"{each.conversation}/{each.id}")
            bad.discard(turn)
    return [row for turn, row in rows.items() if turn not in bad], counts


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """ROWS to PATH, one in a line. Raises DataError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from None


def split(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """ROWS to teach and rows to ask: every HELD_OUT-th of those that call the same tool first."""
    taught: list[dict[str, Any]] = []
    asked: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for row in rows:
        said = next((m["content"] for m in row["messages"] if m.get("train")), "")
        kind = said.split(maxsplit=1)[0] if said.startswith("/") else ""
        seen[kind] += 1
        (asked if seen[kind] % HELD_OUT == 0 else taught).append(row)
    return taught, asked


def row_of(system: str, messages: Sequence[Message], taught: Sequence[int], name: str) -> dict[str, Any]:
    """The row of MESSAGES, of which those at TAUGHT are learnt."""
    head = [{"role": "system", "content": system}] if system else []
    return {"id": name, "messages": [*head, *(_plain(m, i in taught) for i, m in enumerate(messages))]}


def _mended(messages: Sequence[Message], first: int) -> bool:
    """Whether the last of MESSAGES is a command of the model's; the user's own stand in the turn alike."""
    own = messages[first].content.startswith(("/", "／"))
    return not own and messages[-1].content.rpartition("\n")[2].startswith("/")


def _taught(messages: list[Message], first: int, each: Teaching) -> tuple[list[Message], list[int]]:
    """The messages of the lesson, and which of them are learnt."""
    if each.mark == "fix" and each.fix.startswith("/"):
        return [*messages[: first + 1], Message("assistant", each.fix)], [first + 1]
    if each.mark == "fix":
        return [*messages[:-1], Message("assistant", each.fix)], [len(messages) - 1]
    if not each.mark:
        return messages, [len(messages) - 1]
    return messages, [i for i in range(first, len(messages)) if messages[i].role == "assistant"]


def _plain(message: Message, taught: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.name:
        plain["name"] = message.name
    return {**plain, "train": True} if taught else plain
