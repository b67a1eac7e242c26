"""The questions that measure the embedded model: they read, none stands twice, their answers are right."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from shipped_tools import load

from yanray.measure.rows import read_rows, stands_in
from yanray.toolbox.box import Toolbox

DATA = Path(__file__).parent.parent / "data"
ROOT = DATA.parent.parent
FILES = sorted(DATA.rglob("*.jsonl"))


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(DATA)) for file in FILES])
def test_a_set_reads_and_asks_nothing_twice(file: Path) -> None:
    rows = read_rows(file)
    assert len({row.id for row in rows}) == len(rows) >= 20
    asked = Counter((*row.before, row.prompt) for row in rows)
    assert max(asked.values()) == 1, asked.most_common(1)


def test_the_calculator_gives_the_answers_that_are_wanted() -> None:
    calculate = load("calculate")
    rows = [json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]
    told = [row for row in rows if "formula" in row]
    assert len(told) == 460
    for row in told:
        printed = calculate.run(row["formula"]).replace(",", "").split()
        assert float(printed[-1]) == pytest.approx(float(row["answer"]), rel=2e-3), row


@pytest.mark.parametrize(
    ("name", "tools"), [("errors_2", DATA / "held_out" / "faulty_2"), ("followups_2", ROOT / "tools")]
)
def test_the_tools_say_what_the_answers_must_hold(name: str, tools: Path) -> None:
    file = DATA / "held_out" / f"{name}.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 48
    box = Toolbox([tools])
    try:
        assert not box.problems
        for row in rows:
            if "call" in row:  # as it is right in the end
                assert stands_in(row["answer"], box.run(row["tool"], row["call"]).text), row
    finally:
        box.close()
