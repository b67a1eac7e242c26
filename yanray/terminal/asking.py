"""Asking, on the screen, before a tool that writes, sends or spends; the turn's thread waits."""

from __future__ import annotations

import queue

from yanray.agent.turn import Reason
from yanray.events import Call
from yanray.terminal.words import NO, YES, Words
from yanray.toolbox.spec import ToolSpec


class Asker:
    """An `Allow` whose `question` the screen shows and whose `answer` it calls. yes: allow without asking.

    Text that came from a tool is asked about whatever was allowed: a web page could have put it there.
    """

    def __init__(self, words: Words, *, yes: bool = False) -> None:
        self.question = ""
        self._words = words
        self._yes = yes
        self._always: set[str] = set()
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __call__(self, call: Call, spec: ToolSpec, reason: Reason) -> bool | str:
        """Whether CALL may run, or its argument as the user changed it."""
        if reason == "confirm" and (self._yes or call.name in self._always):
            return True
        key = "confirm-tool-text" if reason == "tool-text" else "confirm"
        command = f"/{call.name} {call.argument}".rstrip()
        question = self._words(key, command=command)
        while True:
            choice = self._ask(question).strip().casefold()
            if choice in YES:
                return True
            if choice in NO:
                return False
            if choice == "a" and reason == "confirm":
                self._always.add(call.name)
                return True
            if choice == "e":
                return self._ask(f"/{call.name} {call.argument} →").strip()
            question = f"{self._words(key, command=command)}\n{self._words('confirm-help')}"

    def answer(self, text: str) -> None:
        """The user's answer to `question`; nothing when none is asked."""
        if self.question:
            self.question = ""
            self._answers.put(text)

    def _ask(self, question: str) -> str:
        self.question = question
        return self._answers.get()
