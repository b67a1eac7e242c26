"""Keeping the database in step with a conversation while a turn goes on."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from yanray.messages import Message
from yanray.store.conversations import Conversations

FLUSH_SECONDS = 1.0  # at most so much of the round in flight is lost when the process is killed


class Recorder:
    """Writes one conversation. It is made in the database with its first message.

    conversation: its id when it stands there already, with MESSAGES. problem: why it could not be written the
    last time, "" when it was; what is missing is written as soon as that works again.
    """

    def __init__(
        self,
        store: Conversations,
        *,
        system: str = "",
        conversation: int | None = None,
        messages: Sequence[Message] = (),
    ) -> None:
        self.id = conversation
        self.problem = ""
        self._store = store
        self._system = system
        self._written = list(messages)
        self._draft = ""
        self._draft_written = ""
        self._flushed = 0.0

    def asked(self, messages: Sequence[Message], text: str) -> None:
        """The user said TEXT after MESSAGES: it is written before anything else is done with it."""
        self.sync([*messages, Message("user", text)])

    def said(self, text: str) -> None:
        """The round in flight went on with TEXT; written at least every FLUSH_SECONDS."""
        self._draft += text
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what the round in flight has said so far."""
        self._flushed = time.monotonic()
        if self.id is not None and self._draft != self._draft_written:
            with self._trying():
                self._store.draft(self.id, self._draft)
                self._draft_written = self._draft

    def sync(self, messages: Sequence[Message], *, model: str = "") -> None:
        """Make the database hold exactly MESSAGES; a message that was not there before ends the draft."""
        common = len(self._written)
        if messages[:common] != self._written:  # compared in C: most of the time it has only grown
            pairs = enumerate(zip(self._written, messages, strict=False))
            common = next((at for at, (old, new) in pairs if old != new), min(common, len(messages)))
        if common == len(messages) == len(self._written):
            return
        with self._trying():
            self._write(common, messages, model)
            self._written = list(messages)
            self._draft = self._draft_written = ""

    def _write(self, common: int, messages: Sequence[Message], model: str) -> None:
        if self.id is not None:
            try:
                self._store.replace(self.id, common, messages[common:], model=model)
                return
            except sqlite3.IntegrityError:  # somebody removed it meanwhile; here it goes on
                self.id = None
        conversation = self._store.begin(system=self._system, model=model)
        self._store.replace(conversation, 0, messages, model=model)
        self.id = conversation

    @contextmanager
    def _trying(self) -> Iterator[None]:
        """A full disk, or a database that another program holds, must not cost the answer."""
        try:
            yield
        except sqlite3.Error as error:
            self.problem = f"this conversation could not be written ({error}); the next turn tries again"
        else:
            self.problem = ""
