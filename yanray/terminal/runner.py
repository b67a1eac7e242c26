"""Loading and turns on threads of their own, so that the keyboard is always heard.

Everything they have to say is posted, in order: the events of the turn, then `Failure` when it failed, then
`Done`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from yanray.agent.turn import Allow
from yanray.errors import YanrayError
from yanray.events import Event
from yanray.terminal.desk import Desk

LOOK_SECONDS = 0.05  # how often a turn that waits for the model looks whether it was stopped


@dataclass(frozen=True, slots=True)
class Failure:
    """The turn, or loading the model, failed. text: why. crash: it was not an error that Yanray foresaw."""

    text: str
    crash: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """The model is there, and has read what every conversation begins with."""


@dataclass(frozen=True, slots=True)
class Done:
    """The turn is over. unheard: what the user had said, when it was stopped before it reached the model."""

    unheard: str = ""


Post: TypeAlias = Event | Failure | Loaded | Done


class Runner:
    """Runs one turn at a time. post: told everything, from any thread."""

    def __init__(self, desk: Desk, post: Callable[[Post], None]) -> None:
        self._desk = desk
        self._post = post
        self._stop = threading.Event()
        self._loader: threading.Thread | None = None
        self._turn: threading.Thread | None = None

    @property
    def loading(self) -> bool:
        """Whether the model is being loaded."""
        return self._loader is not None and self._loader.is_alive()

    def load(self) -> None:
        """Begin to load the model, and to read the system prompt."""
        self._loader = threading.Thread(target=self._load, name="yanray-load", daemon=True)
        self._loader.start()

    def ask(self, line: str, allow: Allow | None) -> None:
        """Begin a turn."""
        self._stop.clear()
        self._turn = threading.Thread(target=self._ask, args=(line, allow), name="yanray-turn", daemon=True)
        self._turn.start()

    def stop(self) -> None:
        """Stop the turn, soon."""
        self._stop.set()
        if self._desk.session.loaded:
            self._desk.session.core.cancel()

    def join(self, seconds: float) -> bool:
        """Wait until nothing runs; False when something still does."""
        for thread in (self._turn, self._loader):
            if thread is not None:
                thread.join(seconds)
        return not any(thread is not None and thread.is_alive() for thread in (self._turn, self._loader))

    def _load(self) -> None:
        session = self._desk.session
        try:
            core = session.load()
            self._desk.weigh()
            if self._desk.restore_state():
                return
            for progress in core.warm(session.conversation.view()):
                self._post(progress)
        except YanrayError as error:
            self._post(Failure(str(error)))
        except Exception as error:  # noqa: BLE001  the model's code failed: the chat goes on without it
            self._post(Failure(f"{type(error).__name__}: {error}", crash=True))
        finally:
            self._post(Loaded())

    def _ask(self, line: str, allow: Allow | None) -> None:
        heard = False
        try:
            heard = self._desk.is_tool(line) or self._await_model()
            if heard:
                for event in self._desk.ask(line, allow=allow, cancelled=self._stop.is_set):
                    self._post(event)
        except YanrayError as error:
            heard = bool(self._desk.conversation.messages)
            self._post(Failure(str(error)))
        except Exception as error:  # noqa: BLE001  a crash of the core is told, and the chat goes on
            self._post(Failure(f"{type(error).__name__}: {error}", crash=True))
        self._post(Done("" if heard else line))

    def _await_model(self) -> bool:
        """Wait for the loader; False when the turn was stopped meanwhile."""
        while self.loading:
            assert self._loader is not None
            self._loader.join(LOOK_SECONDS)
            if self._stop.is_set():
                return False
        return True
