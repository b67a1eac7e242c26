"""`yanray chat` as plain lines: for pipes, dumb terminals, and whoever likes it so."""

from __future__ import annotations

import argparse
import sys

from yanray.agent.session import Session
from yanray.agent.turn import Allow
from yanray.errors import YanrayError
from yanray.options import add_session, read_settings
from yanray.terminal.confirm import permission
from yanray.terminal.lines import Lines

PROMPT = "> "


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray chat` takes."""
    add_session(parser)


def run(options: argparse.Namespace) -> int:
    """Talk until the input ends."""
    at_terminal = sys.stdin.isatty()
    if at_terminal:
        import readline  # noqa: F401  (arrow keys and history in input(), where the platform has it)

        print("Yanray. Ctrl-C stops an answer, Ctrl-D leaves, /NAME runs a tool.", file=sys.stderr)
    with Session(read_settings(options), tools=not options.no_tools, on_progress=Lines().show) as session:
        allow = permission(options.yes)
        while True:
            try:
                line = input(PROMPT if at_terminal else "")
            except EOFError:
                return 0
            except KeyboardInterrupt:
                print("\n(Ctrl-D leaves)", file=sys.stderr)
                continue
            if line.strip():
                _turn(session, line, allow)


def _turn(session: Session, line: str, allow: Allow | None) -> None:
    """One turn. An error ends it, not the chat."""
    lines = Lines()
    try:
        for event in session.ask(line, allow=allow):
            lines.show(event)
    except KeyboardInterrupt:
        lines.stopped()
    except YanrayError as error:
        print(f"yanray: {error}", file=sys.stderr)
    finally:
        lines.end()
