"""Asking before a tool that writes, sends or spends."""

from __future__ import annotations

import sys

from yanray.agent.turn import Allow, Reason
from yanray.events import Call
from yanray.terminal.words import NO, YES, Words
from yanray.toolbox.spec import ToolSpec


def permission(yes: bool, words: Words) -> Allow | None:
    """Who decides: -y (YES), the user at the terminal, or, without one, nobody. words: the language."""
    at_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    if not yes and not at_terminal:
        return None
    return Confirm(words, yes=yes, at_terminal=at_terminal)


class Confirm:
    """Asks `[Y/n/e/a/?]`, and remembers which tools it need not ask about.

    Text that came from a tool is asked about whatever was allowed: a web page could have put it there.
    """

    def __init__(self, words: Words, *, yes: bool, at_terminal: bool) -> None:
        self._words = words
        self._yes = yes
        self._at_terminal = at_terminal
        self._always: set[str] = set()

    def __call__(self, call: Call, spec: ToolSpec, reason: Reason) -> bool | str:
        """Whether CALL may run, or its argument as the user changed it."""
        if reason == "confirm" and (self._yes or call.name in self._always):
            return True
        return self._at_terminal and self._ask(call, reason)

    def _ask(self, call: Call, reason: Reason) -> bool | str:
        key = "confirm-tool-text" if reason == "tool-text" else "confirm"
        question = self._words(key, command=f"/{call.name} {call.argument}".rstrip())
        while True:
            try:
                choice = _read(f"{question} ").strip().casefold()
            except EOFError:
                return False
            if choice in YES:
                return True
            if choice in NO:
                return False
            if choice == "a" and reason == "confirm":
                self._always.add(call.name)
                return True
            if choice == "e":
                return _read(f"/{call.name} ").strip()
            print(self._words("confirm-help"), file=sys.stderr)


def _read(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")
