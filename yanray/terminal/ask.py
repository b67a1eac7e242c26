"""`yanray ask`: one question, its answer alone on stdout as it streams, what the tools did on stderr."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from pathlib import Path

from yanray.agent.record import TurnRecord
from yanray.agent.session import Session
from yanray.agent.why import why
from yanray.cores.machine import peak_memory
from yanray.errors import UsageError
from yanray.options import add_session, read_settings
from yanray.store.conversations import open_conversations
from yanray.terminal.attach import attached
from yanray.terminal.batch import answer_all
from yanray.terminal.blocks import Blocks
from yanray.terminal.confirm import permission
from yanray.terminal.desk import Desk
from yanray.terminal.lines import Lines, dim
from yanray.terminal.schema import AnswerSchema
from yanray.terminal.words import Words

STOPPED = 130


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray ask` takes."""
    parser.add_argument("question", nargs="*", help="what to ask; files and stdin are put before it")
    parser.add_argument(
        "-f",
        "--file",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a text or PDF to ask about; may be given several times",
    )
    parser.add_argument("-c", "--continue", dest="last", action="store_true", help="go on with the last one")
    parser.add_argument(
        "-x", "--extract", action="store_true", help="print only the first code block of the answer"
    )
    parser.add_argument(
        "--schema",
        metavar="FILE",
        type=Path,
        help="answer in JSON that keeps the JSON schema in FILE; without tools",
    )
    parser.add_argument("--batch", metavar="FILE", type=Path, help="answer every question in a JSONL file")
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="append a batch's answers here; goes on where it stopped"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object when the turn is over")
    parser.add_argument("--verbose", action="store_true", help="say on stderr where the time went")
    add_session(parser)


def _explain(record: TurnRecord, words: Words) -> None:
    """Where the time went and how much memory it took, on stderr."""
    lines = why(record)
    if peak := peak_memory():
        lines.append(f"memory   {peak / 2**20:.1f} MiB at most")
    for line in lines:
        sys.stderr.write(f"{dim(words.told(line), sys.stderr)}\n")


def run(options: argparse.Namespace) -> int:
    """Ask; 0 when it was answered, 1 when -x finds no code or --schema no value, 130 when it was stopped."""
    question = "" if options.batch else _question(options)
    settings = read_settings(options)
    words = Words(settings.spoken)
    lines = Lines(words, answer=not (options.json or options.extract), value=options.schema is not None)
    schema = AnswerSchema(options.schema, words) if options.schema else None
    with Session(
        settings,
        tools=not options.no_tools,
        schema=schema.text if schema else "",
        on_progress=lines.show,
    ) as session:
        if options.batch:
            return answer_all(session, options.batch, options.output, permission(options.yes, words), schema)
        with closing(open_conversations()) as store:
            desk = Desk(session, store, words)
            if options.last:
                _continue(desk)
            record = _ask(desk, schema.asked(question) if schema else question, lines, options)
        if options.verbose:
            _explain(record, words)
        found = _print(record, desk, options)
    if record.end.reason == "cancelled":
        return STOPPED
    return 0 if found and _keeps(record, schema) else 1


def _keeps(record: TurnRecord, schema: AnswerSchema | None) -> bool:
    """Whether the answer keeps SCHEMA; else why not, on stderr."""
    problem = schema.problem(record.answer) if schema else ""
    if problem:
        print(f"yanray: {problem}", file=sys.stderr)
    return not problem


def _ask(desk: Desk, question: str, lines: Lines, options: argparse.Namespace) -> TurnRecord:
    record = TurnRecord()
    try:
        for event in desk.ask(question, allow=permission(options.yes, desk.words)):
            record.events.append(event)
            lines.show(event)
    except KeyboardInterrupt:
        lines.stopped()
    lines.end()
    return record


def _continue(desk: Desk) -> None:
    last = desk.store.last()
    if last is None:
        raise UsageError("there is no conversation to go on with; leave -c out")
    desk.resume(last)


def _print(record: TurnRecord, desk: Desk, options: argparse.Namespace) -> bool:
    """What is printed when the turn is over; False when there was to be code and there is none."""
    if options.json:
        name = desk.session.core.name if desk.session.loaded else ""
        print(json.dumps(record.as_json(name), ensure_ascii=False))
    if not options.extract:
        return True
    code = first_code(record.answer)
    if code is None:
        print(f"yanray: {desk.words.told('the answer holds no code block')}", file=sys.stderr)
        return False
    print(code)
    return True


def first_code(answer: str) -> str | None:
    """The first code block of ANSWER, its fences left out; None without one."""
    blocks = Blocks()
    found: list[str] = []
    for block in [*blocks.feed(answer), *blocks.finish()]:
        if block.kind == "code":
            found.append(block.source)
            if block.closes:
                break
    return "\n".join(found) if found else None


def _question(options: argparse.Namespace) -> str:
    if options.output:
        raise UsageError("--output belongs to --batch; here, redirect stdout")
    given = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    files = [attached(path) for path in options.file]
    parts = [*files, given.strip("\n"), " ".join(options.question).strip()]
    parts = [part for part in parts if part.strip()]
    if not parts:
        raise UsageError('ask what? write yanray ask "what is 6.5*7.5", or give the question on stdin')
    return "\n\n".join(parts)
