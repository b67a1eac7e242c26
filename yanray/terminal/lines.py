"""A turn as plain lines: the answer on stdout as it streams, everything else on stderr.

For pipes, one-shot questions and terminals that can do nothing else; the full screen is drawn elsewhere.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from yanray.events import Call, End, Event, Notice, Progress, Result, Text
from yanray.terminal.status import Status
from yanray.terminal.words import Words

LONGEST = 400  # characters of a result that the trace shows


class Lines:
    """Prints the events of a turn. words: the language. answer: print the text at all. value: the text is one
    JSON value, before which a model may write a blank that nobody asked for."""

    def __init__(self, words: Words, *, answer: bool = True, value: bool = False) -> None:
        self._words = words
        self._answer = answer
        self._before = " \n" if value else "\n"  # what is not printed where the answer begins
        self._open = False  # the answer's last line has no newline yet
        self._said = False
        self._status = Status(words)
        self._result = ""

    def show(self, event: Event) -> None:
        """Print EVENT."""
        if isinstance(event, Progress):
            self._status.show(event)
            return
        self._status.clear()
        if isinstance(event, Text):
            self._say(event.text)
        elif isinstance(event, Call):
            self._trace(f"> /{event.name} {event.argument}".rstrip())
        elif isinstance(event, Result):
            self._result = text = event.text if event.ok else self._words.told(event.text)
            shown = text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
            head = "<" if event.ok else f"< {self._words('error')}"
            self._trace(f"{head} {shown}  ({event.seconds:.2f} s)")
        elif isinstance(event, Notice):
            self._trace(f"! {self._words.told(event.text)}")
        elif isinstance(event, End):
            self._finish(event)

    def stopped(self) -> None:
        """The user stopped the turn."""
        self._status.clear()
        self._trace(f"! {self._words('stopped')}")

    def end(self) -> None:
        """The turn is over, however it ended: close the answer's line."""
        self._status.clear()
        if self._open:
            self._say("\n")

    def _finish(self, end: End) -> None:
        if not self._said and not end.usage.rounds and self._result:
            self._say(self._result)  # a command of the user's own: its result is the answer
        self.end()
        if end.reason == "cancelled":
            self._trace(f"! {self._words('stopped')}")
        if end.reason == "length":
            self._trace(f"! {self._words('broke-off-lines')}")

    def _say(self, text: str) -> None:
        if not self._answer:
            return
        if not self._said:
            text = text.lstrip(self._before)
        if text:
            sys.stdout.write(text)
            sys.stdout.flush()
            self._said, self._open = True, not text.endswith("\n")

    def _trace(self, text: str) -> None:
        if self._open and sys.stdout.isatty():
            self._say("\n")
        sys.stderr.write(f"{dim(text, sys.stderr)}\n")
        sys.stderr.flush()


def dim(text: str, stream: TextIO) -> str:
    """TEXT in a fainter colour where STREAM can show one."""
    plain = not stream.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain else f"\033[2m{text}\033[0m"
