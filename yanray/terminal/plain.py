"""`yanray chat` as plain lines: for pipes, dumb terminals, and whoever likes it so (`--plain`)."""

from __future__ import annotations

import argparse
import sys
import threading

from yanray.agent.session import Session
from yanray.agent.turn import Allow
from yanray.errors import YanrayError
from yanray.settings import Settings
from yanray.store.conversations import Conversations
from yanray.terminal.commands import run_command
from yanray.terminal.confirm import permission
from yanray.terminal.desk import Desk
from yanray.terminal.lines import Lines
from yanray.terminal.remind import watch_beside
from yanray.terminal.words import Words

PROMPT = "> "


def talk(
    settings: Settings, options: argparse.Namespace, store: Conversations, conversation: int | None
) -> int:
    """Talk until the input ends or the user leaves; the exit code."""
    words = Words(settings.spoken)
    at_terminal = sys.stdin.isatty()
    if at_terminal:
        import readline  # noqa: F401  (arrow keys and history in input(), where the platform has it)

        print(f"Yanray. {words('greeting-keys')}", file=sys.stderr)
    allow = permission(options.yes, words)
    left = threading.Event()
    with Session(settings, tools=not options.no_tools, on_progress=Lines(words).show) as session:
        desk = Desk(session, store, words)
        if conversation is not None:
            desk.resume(conversation)
        if at_terminal:
            watch_beside(lambda line: print(f"! {words('reminder', text=line)}", file=sys.stderr), left)
        try:
            return _lines(desk, allow, PROMPT if at_terminal else "")
        finally:
            left.set()


def _lines(desk: Desk, allow: Allow | None, prompt: str) -> int:
    """Take lines until there are no more."""
    while True:
        try:
            line = input(prompt)
        except EOFError:
            return 0
        except KeyboardInterrupt:
            print(f"\n{desk.words('how-to-leave')}", file=sys.stderr)
            continue
        if line.strip() and not _take(desk, line, allow):
            return 0


def _take(desk: Desk, line: str, allow: Allow | None) -> bool:
    """Do what LINE says; False when it says to leave. An error ends the turn, not the chat."""
    try:
        reply = run_command(desk, line)
        if reply is None:
            _turn(desk, line, allow)
            return True
        for text in (reply.text, reply.prefill):
            if text:
                print(text, file=sys.stderr)
        if reply.ask:
            _turn(desk, reply.ask, allow)
        return not reply.leave
    except YanrayError as error:
        print(f"yanray: {desk.words.told(str(error))}", file=sys.stderr)
        return True


def _turn(desk: Desk, line: str, allow: Allow | None) -> None:
    lines = Lines(desk.words)
    try:
        for event in desk.ask(line, allow=allow):
            lines.show(event)
    except KeyboardInterrupt:
        lines.stopped()
    finally:
        lines.end()
