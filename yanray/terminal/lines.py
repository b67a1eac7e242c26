"""A turn as plain lines: the answer on stdout as it streams, everything else on stderr.

For pipes, one-shot questions and terminals that can do nothing else; the full screen is drawn elsewhere.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from yanray.events import Call, End, Event, Notice, Progress, Result, Text, Usage

LONGEST = 400  # characters of a result that the trace shows


class Lines:
    """Prints the events of a turn. answer: print the text at all; usage: print the counts at the end."""

    def __init__(self, *, answer: bool = True, usage: bool = False) -> None:
        self._answer = answer
        self._usage = usage
        self._open = False  # the answer's last line has no newline yet
        self._said = False
        self._progress = False
        self._result = ""

    def show(self, event: Event) -> None:
        """Print EVENT."""
        if isinstance(event, Progress):
            self._show_progress(event)
            return
        self._clear_progress()
        if isinstance(event, Text):
            self._say(event.text)
        elif isinstance(event, Call):
            self._trace(f"> /{event.name} {event.argument}".rstrip())
        elif isinstance(event, Result):
            self._result = event.text
            shown = event.text if len(event.text) <= LONGEST else f"{event.text[:LONGEST]} ..."
            self._trace(f"{'<' if event.ok else '< error:'} {shown}  ({event.seconds:.2f} s)")
        elif isinstance(event, Notice):
            self._trace(f"! {event.text}")
        elif isinstance(event, End):
            self._finish(event)

    def stopped(self) -> None:
        """The user stopped the turn."""
        self._clear_progress()
        self._trace("! stopped")

    def end(self) -> None:
        """The turn is over, however it ended: close the answer's line."""
        self._clear_progress()
        if self._open:
            self._say("\n")

    def _finish(self, end: End) -> None:
        if not self._said and not end.usage.rounds and self._result:
            self._say(self._result)  # a command of the user's own: its result is the answer
        self.end()
        if end.reason == "cancelled":
            self._trace("! stopped")
        if end.reason == "length":
            self._trace("! the answer broke off: sampling.max_tokens or the context was used up")
        if self._usage:
            self._trace(_counts(end.usage))

    def _say(self, text: str) -> None:
        if not self._answer:
            return
        if not self._said:
            text = text.lstrip("\n")
        if text:
            sys.stdout.write(text)
            sys.stdout.flush()
            self._said, self._open = True, not text.endswith("\n")

    def _trace(self, text: str) -> None:
        if self._open and sys.stdout.isatty():
            self._say("\n")
        sys.stderr.write(f"{dim(text, sys.stderr)}\n")
        sys.stderr.flush()

    def _show_progress(self, event: Progress) -> None:
        if not sys.stderr.isatty():
            return
        unit = {"read": "reading", "load": "loading"}[event.phase]
        left = f", {event.seconds_left:.0f} s left" if event.seconds_left else ""
        sys.stderr.write(f"\r\033[K{unit} {event.done}/{event.total}{left}")
        sys.stderr.flush()
        self._progress = True

    def _clear_progress(self) -> None:
        if self._progress:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
            self._progress = False


def dim(text: str, stream: TextIO) -> str:
    """TEXT in a fainter colour where STREAM can show one."""
    plain = not stream.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain else f"\033[2m{text}\033[0m"


def _counts(usage: Usage) -> str:
    rows = [
        f"round {number}: prompt {r.prompt_tokens} (reused {r.reused_tokens}, read {r.evaluated_tokens}"
        + (f", reuse ended at token {r.broke}" if r.broke is not None else "")
        + f") in {r.prefill_seconds:.2f} s, generated {r.generated_tokens} in {r.decode_seconds:.2f} s"
        for number, r in enumerate(usage.rounds, 1)
    ]
    return "\n".join([*rows, f"loading {usage.load_seconds:.2f} s, tools {usage.tool_seconds:.2f} s"])
