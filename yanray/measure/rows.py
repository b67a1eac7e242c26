"""The questions that a model is measured on, and when an answer to one is right.

A file has one JSON object in a line:
    {"id", "prompt", "tool": name or null, "argument"?: text, "answer"?: number or text, "before"?: [text,
    ...]}
Without "tool" the row says nothing about tools. "before" are lines that the user says first, in the same
conversation. Other keys are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from yanray.agent.guards import numbers
from yanray.agent.record import TurnRecord
from yanray.errors import DataError

NEAR_SHARE, NEAR = Decimal("0.001"), Decimal("0.005")  # how far a number may be off
KINDS: dict[str, tuple[type, ...]] = {
    "prompt": (str,),
    "tool": (str, type(None)),
    "argument": (str,),
    "answer": (str, int, float),
    "before": (list,),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One question. says_tool: whether `tool` is to be compared at all; answer: as in the file."""

    id: str
    prompt: str
    says_tool: bool
    tool: str | None
    argument: str | None
    answer: str | int | float | None
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model did with a row. None where the row does not say what is right."""

    row: Row
    called: str | None
    argument: str | None
    answer: str
    tool_right: bool | None
    argument_right: bool | None
    answer_right: bool | None

    @property
    def right(self) -> bool:
        """Whether nothing was wrong."""
        return False not in (self.tool_right, self.argument_right, self.answer_right)


def read_rows(path: Path) -> list[Row]:
    """The rows of PATH; a DataError names the first line that is broken."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}; give a JSONL file in UTF-8") from None
    rows = list(_rows(path, text))
    if not rows:
        raise DataError(f'{path}: holds no questions; write one {{"id": ..., "prompt": ...}} in each line')
    return rows


def judge(row: Row, record: TurnRecord) -> Verdict:
    """Compare the turn in RECORD with what ROW asks for."""
    call = record.calls[0] if record.calls else None
    called, argument = (call.name, call.argument) if call else (None, None)
    answer = record.answer
    return Verdict(
        row,
        called,
        argument,
        answer,
        tool_right=called == row.tool if row.says_tool else None,
        argument_right=None if row.argument is None else _folded(argument) == _folded(row.argument),
        answer_right=None if row.answer is None else stands_in(row.answer, answer),
    )


def stands_in(wanted: str | int | float, answer: str) -> bool:
    """Whether ANSWER has WANTED: a number within 0.1 % or 0.005 of it, or the text, case aside."""
    if isinstance(wanted, str):
        return _folded(wanted) in _folded(answer)
    exact = Decimal(str(wanted))
    given = {sign * value for value in numbers(answer) for sign in (1, -1)}
    # The sign of a number in prose is not looked at: "-" is also a dash, and "5 below zero" is right for -5.
    return any(abs(value - exact) <= max(abs(exact) * NEAR_SHARE, NEAR) for value in given)


def _folded(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def _rows(path: Path, text: str) -> Iterator[Row]:
    # Only "\n" ends a line: JSON may hold U+2028 and its kin, which str.splitlines would cut at.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield _row(json.loads(line, parse_constant=_not_a_number), number)
        except ValueError as error:
            raise DataError(f"{path} line {number}: {error}; mend the line or take it out") from None


def _not_a_number(name: str) -> float:
    raise ValueError(f"{name} is no number that JSON knows")


def _row(values: Any, number: int) -> Row:
    """Raises ValueError with what is wrong."""
    if not isinstance(values, dict):
        raise ValueError('not an object; write {"id": ..., "prompt": ..., "tool": ...}')
    if not isinstance(values.get("prompt"), str) or not values["prompt"].strip():
        raise ValueError('"prompt" is missing')
    for key, kinds in KINDS.items():
        if key in values and (not isinstance(values[key], kinds) or isinstance(values[key], bool)):
            raise ValueError(f'"{key}" is {json.dumps(values[key], ensure_ascii=False)}, which it cannot be')
    if not all(isinstance(line, str) for line in values.get("before", [])):
        raise ValueError('"before" must be a list of texts')
    return Row(
        id=str(values.get("id", number)),
        prompt=values["prompt"],
        says_tool="tool" in values,
        tool=values.get("tool"),
        argument=values.get("argument"),
        answer=values.get("answer"),
        before=tuple(values.get("before", [])),
    )
