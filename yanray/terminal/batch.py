"""`yanray ask --batch FILE.jsonl`: many questions, each in a conversation of its own, answered in order.

A line of the file is a JSON string, or an object with a `question`; what else the object holds comes back
with the answer. The answers are JSON lines too, as of `ask --json`, on stdout or in `--output`; what stands
there already is not asked again, so that a batch that was stopped goes on where it ended.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from yanray.agent.record import TurnRecord
from yanray.agent.session import Session
from yanray.agent.turn import Allow
from yanray.errors import DataError, YanrayError
from yanray.terminal.schema import AnswerSchema

BAR = 30  # columns


def answer_all(
    session: Session,
    path: Path,
    output: Path | None,
    allow: Allow | None,
    schema: AnswerSchema | None = None,
) -> int:
    """Answer the questions at PATH; 1 when one could not be answered, or not by SCHEMA. Raises DataError."""
    rows = read_questions(path)
    done = _whole_lines(output) if output is not None and output.exists() else 0
    if done > len(rows):
        raise DataError(
            f"{output}: holds {done} answers, {path} {len(rows)} questions; is it of another batch?"
        )
    failed = 0
    with _opened(output) as file:
        for number in range(done, len(rows)):
            _show_bar(number, len(rows))
            answer = _answer(session, rows[number], allow, schema)
            failed += "error" in answer
            file.write(json.dumps(answer, ensure_ascii=False) + "\n")
            file.flush()
    _show_bar(len(rows), len(rows))
    return 1 if failed else 0


def read_questions(path: Path) -> list[dict[str, Any]]:
    """The questions at PATH. Raises DataError, which names the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {getattr(error, 'strerror', error)}") from None
    return [_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _question(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(f"{path} line {number}: not JSON: {error}") from None
    if isinstance(row, str):
        row = {"question": row}
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        raise DataError(f'{path} line {number}: write "a question" or {{"question": "..."}}')
    return row


def _answer(
    session: Session, row: dict[str, Any], allow: Allow | None, schema: AnswerSchema | None
) -> dict[str, Any]:
    session.new()
    record = TurnRecord()
    question = schema.asked(row["question"]) if schema else row["question"]
    try:
        record.events.extend(session.ask(question, allow=allow))
    except YanrayError as error:
        return {**row, "error": str(error)}
    answer = {**row, **record.as_json(session.core.name if session.loaded else "")}
    problem = schema.problem(record.answer) if schema else ""
    return {**answer, "error": problem} if problem else answer


def _whole_lines(output: Path) -> int:
    """How many answers OUTPUT holds; half a line, of a process that was killed, is cut off."""
    data = output.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        with output.open("r+b") as file:
            file.truncate(len(whole))
    return whole.count(b"\n")


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        with output.open("a", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise DataError(f"{output}: cannot be written: {error.strerror}") from None


def _show_bar(done: int, total: int) -> None:
    if sys.stderr.isatty():
        filled = BAR * done // max(total, 1)
        sys.stderr.write(f"\r\033[K{'█' * filled}{'░' * (BAR - filled)} {done}/{total}")
        sys.stderr.write("\n" if done == total else "")
        sys.stderr.flush()
