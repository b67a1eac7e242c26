"""Conversations on disk: written as a turn goes, found again by words, resumed with their token ids.

A message that was undone or answered anew is not deleted but put aside (`dropped`): marks on it may
still teach.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import threading
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from yanray.errors import DataError
from yanray.messages import Message
from yanray.paths import home
from yanray.store.database import ClosedError, open_database, transaction

Mark: TypeAlias = Literal["good", "bad", "fix"]

TITLE = 60  # characters of a conversation's first line that become its title
RUN = 3  # characters of a run in FTS5's trigram index
MOST_RUNS = 500  # beginning alike; a word that begins more is common, so reading the newest messages finds it


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation in a list. changed: seconds since 1970. count: its messages."""

    id: int
    title: str
    model: str
    changed: float
    count: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that a search found."""

    conversation: int
    title: str
    role: str
    content: str
    at: float


@dataclass(frozen=True, slots=True)
class Teaching:
    """An answer that may teach. id: of its message. mark: "" for a mended command that nobody marked."""

    id: int
    conversation: int
    mark: Literal["", "good", "bad", "fix"]
    fix: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A conversation read back."""

    id: int
    title: str
    model: str
    system: str
    created: float
    messages: tuple[Message, ...]


def database_path() -> Path:
    """Where the owner's conversations are."""
    return home("data") / "conversations.db"


class Conversations:
    """The conversations at PATH; None: in memory only. May be used from several threads. Raises DataError.

    unkept: why they are in memory though the owner wants them kept; "" else.
    """

    def __init__(self, path: Path | None, *, unkept: str = "") -> None:
        self.path = path
        self.unkept = unkept
        self._lock = threading.RLock()
        self._connection = open_database(path)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    # -- writing

    def begin(self, *, system: str = "", model: str = "", parent: int | None = None) -> int:
        """A new conversation; its id."""
        now = time.time()
        with self._lock, transaction(self._connection) as db:
            cursor = db.execute(
                "INSERT INTO conversations (model, system, parent, created, changed) VALUES (?, ?, ?, ?, ?)",
                (model, system, parent, now, now),
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def replace(
        self, conversation: int, first: int, messages: Sequence[Message], *, model: str = "", draft: str = ""
    ) -> None:
        """From position FIRST on, CONVERSATION consists of MESSAGES; what stood there is put aside.

        model: the model that answers now; "": as before. draft: what the round in flight has said so far.
        """
        now = time.time()
        with self._lock, transaction(self._connection) as db:
            db.execute(
                "UPDATE messages SET dropped = 1 WHERE conversation = ? AND position >= ? AND NOT dropped",
                (conversation, first),
            )
            for position, message in enumerate(messages, first):
                _insert(db, conversation, position, message, now)
            db.execute(
                "UPDATE conversations SET changed = ?, model = coalesce(nullif(?, ''), model),"
                " title = coalesce(nullif(title, ''), ?) WHERE id = ?",
                (now, model, _storable(_title(messages)), conversation),
            )
            _put_draft(db, conversation, draft)

    def draft(self, conversation: int, text: str) -> None:
        """The round in flight has said TEXT so far; "" when there is none."""
        with self._lock, transaction(self._connection) as db:
            _put_draft(db, conversation, text)

    def rename(self, conversation: int, title: str) -> None:
        """Give CONVERSATION another title. Raises DataError when there is none such."""
        with self._lock, transaction(self._connection) as db:
            cursor = db.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation))
            if not cursor.rowcount:
                raise _missing(conversation)

    def fork(self, conversation: int, length: int) -> int:
        """A new conversation with the first LENGTH messages of CONVERSATION; its id."""
        stored = self.load(conversation)
        new = self.begin(system=stored.system, model=stored.model, parent=conversation)
        self.replace(new, 0, stored.messages[:length])
        self.rename(new, stored.title)
        return new

    def remove(self, conversation: int) -> None:
        """Delete CONVERSATION for good. Raises DataError when there is none such."""
        with self._lock, transaction(self._connection) as db:
            if not db.execute("DELETE FROM conversations WHERE id = ?", (conversation,)).rowcount:
                raise _missing(conversation)

    def mark(self, conversation: int, position: int, mark: Mark, fix: str = "") -> None:
        """Note that the message at POSITION was good, bad, or should have been FIX: it is to teach."""
        with self._lock, transaction(self._connection) as db:
            db.execute(
                "UPDATE messages SET mark = ?, fix = ?"
                " WHERE conversation = ? AND position = ? AND NOT dropped",
                (mark, fix, conversation, position),
            )

    # -- reading

    def load(self, conversation: int) -> Stored:
        """CONVERSATION, with what an interrupted round had said. Raises DataError when there is none such."""
        with self._lock:
            self._settle_draft(conversation)
            row = self._connection.execute(
                "SELECT * FROM conversations WHERE id = ?", (conversation,)
            ).fetchone()
            if row is None:
                raise _missing(conversation)
            rows = self._connection.execute(
                "SELECT * FROM messages WHERE conversation = ? AND NOT dropped ORDER BY position",
                (conversation,),
            ).fetchall()
        messages = tuple(_message(each) for each in rows)
        return Stored(row["id"], row["title"], row["model"], row["system"], row["created"], messages)

    def recent(self, limit: int = 20) -> list[Entry]:
        """The conversations, the last changed first."""
        rows = self._read(
            "SELECT id, title, model, changed, (SELECT count(*) FROM messages m"
            " WHERE m.conversation = c.id AND NOT dropped) AS count"
            " FROM conversations c ORDER BY changed DESC LIMIT ?",
            (limit,),
        )
        return [Entry(**dict(row)) for row in rows]

    def search(self, words: str, limit: int = 20) -> list[Hit]:
        """Messages that hold every one of WORDS (case aside), the newest first."""
        phrases: list[str] = []
        patterns: list[str] = []
        for word in words.split():
            runs = [word] if len(word) >= RUN else self._runs(word)
            if runs is None:
                patterns.append(_pattern(word))
            elif not runs:
                return []
            else:
                phrases.append(f"({' OR '.join(map(_phrase, runs))})")
        tests = ["words MATCH ?"] * bool(phrases) + ["m.content LIKE ? ESCAPE '\\'"] * len(patterns)
        if not tests:
            return []
        source = "words JOIN messages m ON m.id = words.rowid" if phrases else "messages m"
        rows = self._read(
            f"SELECT m.conversation, c.title, m.role, m.content, m.at FROM {source}"
            f" JOIN conversations c ON c.id = m.conversation WHERE {' AND '.join(tests)} AND NOT m.dropped"
            f" ORDER BY {'words.rowid' if phrases else 'm.id'} DESC LIMIT ?",
            (*([" AND ".join(phrases)] * bool(phrases)), *patterns, limit),
        )
        return [Hit(**dict(row)) for row in rows]

    def last(self) -> int | None:
        """The conversation that changed last; None when there is none."""
        newest = self.recent(1)
        return newest[0].id if newest else None

    def marked(self) -> list[tuple[int, int, Mark, str]]:
        """Every mark: conversation, position, mark, and what should have been said."""
        rows = self._read(
            "SELECT conversation, position, mark, fix FROM messages WHERE mark != '' ORDER BY id", ()
        )
        return [(row["conversation"], row["position"], row["mark"], row["fix"]) for row in rows]

    def teaching(self) -> list[Teaching]:
        """The answers that may teach, in the order in which they were written: those marked, and the commands
        that were not in the form itself and were kept in it (no core generated them as they stand)."""
        rows = self._read(
            "SELECT id, conversation, mark, fix FROM messages WHERE role = 'assistant' AND NOT stopped"
            " AND (mark != '' OR (ids IS NULL AND core = '' AND NOT dropped)) ORDER BY id",
            (),
        )
        return [Teaching(**dict(row)) for row in rows]

    def leading_to(self, message: int) -> tuple[str, list[Message]]:
        """The system prompt and the messages that stood when the message with the id MESSAGE was written, it
        being the last; what was undone later stood then."""
        rows = self._read(
            "SELECT m.*, c.system FROM messages m JOIN conversations c ON c.id = m.conversation"
            " JOIN messages last ON last.id = ? AND last.conversation = m.conversation"
            " WHERE m.id <= last.id AND m.position <= last.position ORDER BY m.position, m.id",
            (message,),
        )
        newest = {row["position"]: row for row in rows}  # a position written anew: the later row wins
        return rows[0]["system"], [_message(row) for row in newest.values()]

    # -- whether anything is kept

    @property
    def keeping(self) -> bool:
        """Whether conversations are kept on disk (`yanray logs off` says no)."""
        rows = self._read("SELECT value FROM options WHERE name = 'keeping'", ())
        return not rows or rows[0]["value"] == "on"

    def keep(self, keep: bool) -> None:
        """Keep conversations from now on, or not."""
        with self._lock, transaction(self._connection) as db:
            db.execute("INSERT OR REPLACE INTO options VALUES ('keeping', ?)", ("on" if keep else "off",))

    def _read(self, query: str, values: Sequence[object]) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def _runs(self, word: str) -> list[str] | None:
        """The runs in the index that begin with WORD, which is shorter than one; None when they are many."""
        first = word.lower()
        rows = self._read(
            "SELECT term FROM runs WHERE term >= ? AND term < ? LIMIT ?",
            (first, first + chr(0x10FFFF), MOST_RUNS + 1),
        )
        return None if len(rows) > MOST_RUNS else [row["term"] for row in rows]

    def _settle_draft(self, conversation: int) -> None:
        """Make a message of what a process that is gone was saying."""
        rows = self._read("SELECT * FROM drafts WHERE conversation = ?", (conversation,))
        if not rows or _alive(rows[0]["process"]):
            return
        with transaction(self._connection) as db:
            if not db.execute("DELETE FROM drafts WHERE conversation = ?", (conversation,)).rowcount:
                return  # another process was quicker
            (position,) = db.execute(
                "SELECT coalesce(max(position) + 1, 0) FROM messages WHERE conversation = ? AND NOT dropped",
                (conversation,),
            ).fetchone()
            spoken = Message("assistant", rows[0]["content"], stopped=True)
            _insert(db, conversation, position, spoken, time.time())


def open_conversations() -> Conversations:
    """The owner's; in memory only when YANRAY_NOHISTORY is set or `yanray logs off` was said, and when the
    disk does not let them be kept: a question has an answer on a full disk too."""
    if os.environ.get("YANRAY_NOHISTORY"):
        return Conversations(None)
    try:
        kept = Conversations(database_path())
    except ClosedError as error:
        return Conversations(None, unkept=f"nothing of this conversation is kept: {error}")
    if kept.keeping:
        return kept
    kept.close()
    return Conversations(None)


def _insert(db: sqlite3.Connection, conversation: int, position: int, message: Message, now: float) -> None:
    ids = None if message.ids is None else _packed(message.ids)
    db.execute(
        "INSERT INTO messages (conversation, position, role, name, content, ids, core, stopped, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            conversation,
            position,
            message.role,
            message.name,
            _storable(message.content),
            ids,
            message.core,
            message.stopped,
            now,
        ),
    )


def _put_draft(db: sqlite3.Connection, conversation: int, text: str) -> None:
    if text:
        values = (conversation, _storable(text), _process())
        db.execute("INSERT OR REPLACE INTO drafts (conversation, content, process) VALUES (?, ?, ?)", values)
    else:
        db.execute("DELETE FROM drafts WHERE conversation = ?", (conversation,))


def _message(row: sqlite3.Row) -> Message:
    ids = None if row["ids"] is None else _unpacked(row["ids"])
    return Message(row["role"], row["content"], row["name"], ids, row["core"], bool(row["stopped"]))


def _storable(text: str) -> str:
    """TEXT without lone surrogates, which SQLite cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _packed(ids: Sequence[int]) -> bytes:
    packed = array("i", ids)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _unpacked(blob: bytes) -> tuple[int, ...]:
    ids = array("i")
    ids.frombytes(blob)
    if sys.byteorder == "big":
        ids.byteswap()
    return tuple(ids)


def _title(messages: Sequence[Message]) -> str:
    said = next((message.content for message in messages if message.role == "user"), "")
    line = " ".join(said.split())
    return line if len(line) <= TITLE else f"{line[: TITLE - 1]}…"


def _phrase(word: str) -> str:
    """WORD as FTS5 takes it literally."""
    return '"' + word.replace('"', '""') + '"'


def _pattern(word: str) -> str:
    """WORD anywhere, as LIKE takes it literally."""
    for sign in "\\%_":
        word = word.replace(sign, f"\\{sign}")
    return f"%{word}%"


def _process() -> str:
    return f"{socket.gethostname()} {os.getpid()}"


def _alive(process: str) -> bool:
    """Whether PROCESS, as `_process` names it, still runs. One on another host is taken to."""
    host, _, number = process.rpartition(" ")
    if host != socket.gethostname():
        return True
    import psutil

    return int(number) == os.getpid() or bool(psutil.pid_exists(int(number)))


def _missing(conversation: int) -> DataError:
    return DataError(
        f"there is no conversation {conversation}; `yanray logs list` shows those that there are"
    )
