"""What a session command asks of the screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """text: to show. ask: a line to answer as if the user had said it. prefill: for the input line.

    clear: empty the screen. replay: show the conversation so far. reload: the core must be loaded (again).
    leave: end the chat.
    """

    text: str = ""
    ask: str = ""
    prefill: str = ""
    clear: bool = False
    replay: bool = False
    reload: bool = False
    leave: bool = False
