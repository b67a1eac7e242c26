"""`yanray ask`: one question, its answer alone on stdout as it streams, what the tools did on stderr."""

from __future__ import annotations

import argparse
import json
import sys

from yanray.agent.record import TurnRecord
from yanray.agent.session import Session
from yanray.agent.why import why
from yanray.errors import UsageError
from yanray.options import add_session, read_settings
from yanray.terminal.confirm import permission
from yanray.terminal.lines import Lines, dim

STOPPED = 130


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray ask` takes."""
    parser.add_argument("question", nargs="*", help="what to ask; what stands on stdin is put before it")
    parser.add_argument("--json", action="store_true", help="print one JSON object when the turn is over")
    parser.add_argument("--verbose", action="store_true", help="say on stderr where the time went")
    add_session(parser)


def run(options: argparse.Namespace) -> int:
    """Ask; 0 when it was answered, 130 when it was stopped."""
    question = _question(options.question)
    record = TurnRecord()
    lines = Lines(answer=not options.json)
    settings = read_settings(options)
    with Session(settings, tools=not options.no_tools, on_progress=lines.show) as session:
        try:
            for event in session.ask(question, allow=permission(options.yes)):
                record.events.append(event)
                lines.show(event)
        except KeyboardInterrupt:
            lines.stopped()
        lines.end()
        if options.verbose:
            for line in why(record):
                sys.stderr.write(f"{dim(line, sys.stderr)}\n")
        if options.json:
            name = session.core.name if session.loaded else ""
            print(json.dumps(record.as_json(name), ensure_ascii=False))
    return STOPPED if record.end.reason == "cancelled" else 0


def _question(words: list[str]) -> str:
    given = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    parts = [part for part in (given.strip("\n"), " ".join(words).strip()) if part.strip()]
    if not parts:
        raise UsageError('ask what? write yanray ask "what is 6.5*7.5", or give the question on stdin')
    return "\n\n".join(parts)
