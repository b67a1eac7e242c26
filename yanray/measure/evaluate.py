"""`yanray eval`: run each row of a file as a fresh conversation through the loop that chat uses, and count.

Tools run for real, but what they keep goes into a scratch folder, not among the owner's notes and lists.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from yanray.agent.fitting import TooLongError
from yanray.agent.record import TurnRecord
from yanray.agent.session import Session
from yanray.agent.turn import Allow, Reason
from yanray.errors import UsageError
from yanray.events import Call, Notice
from yanray.measure.rows import Row, Verdict, judge, read_rows
from yanray.options import add_session, read_settings
from yanray.paths import shipped
from yanray.toolbox.spec import ToolSpec

BAR = 30  # characters


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray eval` takes."""
    parser.add_argument("file", type=Path, help="questions, one JSON object in a line")
    parser.add_argument("--tools", metavar="DIR", type=Path, help="offer the tools in DIR and no others")
    parser.add_argument("--limit", metavar="N", type=int, help="only the first N rows")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_session(parser)


def run(options: argparse.Namespace) -> int:
    """Measure, and print the table."""
    if options.tools is not None and not options.tools.is_dir():
        raise UsageError(f"--tools {options.tools}: no such folder")
    if options.limit is not None and options.limit < 1:
        raise UsageError(f"--limit {options.limit}: must be 1 or more")
    rows = read_rows(options.file)[: options.limit]
    folders = [options.tools] if options.tools else None
    begun = time.perf_counter()
    with Session(read_settings(options), tools=not options.no_tools, folders=folders) as session:
        for problem in session.toolbox.problems if session.toolbox else ():
            sys.stderr.write(f"yanray: {problem}\n")
        session.load()
        with _scratch_home():
            allow = _Allow([options.tools] if options.tools else [shipped("tools")], everything=options.yes)
            verdicts, stopped = _collect(_with_bar(evaluate(session, rows, allow), len(rows)))
    figures = summary(verdicts, time.perf_counter() - begun)
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n" if options.json else table(figures))
    return 130 if stopped else 0


def _collect(verdicts: Iterable[Verdict]) -> tuple[list[Verdict], bool]:
    """The verdicts until the end or Ctrl-C, and whether it was Ctrl-C; what was measured till then counts."""
    done: list[Verdict] = []
    try:
        for verdict in verdicts:
            done.append(verdict)
    except KeyboardInterrupt:
        return done, True
    return done, False


def evaluate(session: Session, rows: Iterable[Row], allow: Allow | None = None) -> Iterator[Verdict]:
    """Ask each row in a conversation of its own; a verdict for each."""
    for row in rows:
        session.new()
        record = TurnRecord()
        for line in (*row.before, row.prompt):
            record = TurnRecord()
            try:
                record.events.extend(session.ask(line, allow=allow))
            except TooLongError as error:  # this row is wrong; the others can still be right
                record.events.append(Notice("too-long", str(error)))
        yield judge(row, record)


def summary(verdicts: Sequence[Verdict], seconds: float) -> dict[str, Any]:
    """The counts as `--json` prints them."""
    wanted = sorted({v.row.tool or "" for v in verdicts if v.row.says_tool})
    by_tool = {
        name or "none": _count(
            v.tool_right for v in verdicts if v.row.says_tool and (v.row.tool or "") == name
        )
        for name in wanted
    }
    return {
        "n": len(verdicts),
        "tool": _count(v.tool_right for v in verdicts),
        "argument": _count(v.argument_right for v in verdicts),
        "answer": _count(v.answer_right for v in verdicts),
        "by_tool": by_tool,
        "wrong": [_wrong(v) for v in verdicts if not v.right],
        "seconds": round(seconds, 3),
    }


def table(figures: dict[str, Any]) -> str:
    """The counts for people."""
    lines = [f"{figures['n']} questions in {figures['seconds']:.1f} s"]
    for key in ("tool", "argument", "answer"):
        lines += [_line(key, figures[key])] if figures[key]["of"] else []
    if len(figures["by_tool"]) > 1:
        lines += [_line(f"  {name}", counts) for name, counts in figures["by_tool"].items()]
    for wrong in figures["wrong"][:20]:
        called = f"/{wrong['called']} {wrong['argument']}" if wrong["called"] else "no call"
        lines.append(f"wrong {wrong['id']}: {wrong['prompt'][:60]} -> {called}; {wrong['answer'][:60]}")
    if len(figures["wrong"]) > 20:
        lines.append(f"... and {len(figures['wrong']) - 20} more: see --json")
    return "\n".join(lines) + "\n"


def _count(rights: Iterable[bool | None]) -> dict[str, int]:
    judged = [right for right in rights if right is not None]
    return {"right": sum(judged), "of": len(judged)}


def _wrong(verdict: Verdict) -> dict[str, Any]:
    row = verdict.row
    return {
        "id": row.id,
        "prompt": row.prompt,
        "called": verdict.called,
        "argument": verdict.argument,
        "answer": verdict.answer,
    }


def _line(name: str, counts: dict[str, int]) -> str:
    share = 100 * counts["right"] / counts["of"]
    return f"{name:<14} {counts['right']:>5} of {counts['of']:<5} {share:5.1f} %"


class _Allow:
    """Lets tools that write run where their writing goes into the scratch folder: those in FOLDERS."""

    def __init__(self, folders: Sequence[Path], *, everything: bool) -> None:
        self._folders = [folder.resolve() for folder in folders]
        self._everything = everything

    def __call__(self, call: Call, spec: ToolSpec, reason: Reason) -> bool:
        ours = spec.path is not None and spec.path.resolve().parent in self._folders
        return self._everything or ours


@contextmanager
def _scratch_home() -> Iterator[None]:
    before = os.environ.get("YANRAY_HOME")
    with tempfile.TemporaryDirectory(prefix="yanray-eval-") as folder:
        os.environ["YANRAY_HOME"] = folder
        try:
            yield
        finally:
            os.environ.pop("YANRAY_HOME")
            if before is not None:
                os.environ["YANRAY_HOME"] = before


def _with_bar(verdicts: Iterator[Verdict], total: int) -> Iterator[Verdict]:
    """Pass VERDICTS on, with a bar on stderr: redrawn in a terminal, one line at the end elsewhere."""
    begun = time.monotonic()
    live = sys.stderr.isatty()
    right = done = 0
    for done, verdict in enumerate(verdicts, 1):
        right += verdict.right
        if live or done == total:
            left = (time.monotonic() - begun) / done * (total - done)
            bar = "#" * (BAR * done // total)
            text = f"[{bar:<{BAR}}] {done}/{total}, right {right}, {left:.0f} s left"
            sys.stderr.write(f"\r\033[K{text}" if live else f"{text}\n")
            sys.stderr.flush()
        yield verdict
    if live:
        sys.stderr.write("\n")
