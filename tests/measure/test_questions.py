"""The questions that measure the embedded model: they read, none stands twice, their answers are right."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from shipped_tools import load

from yanray.measure.rows import read_rows

DATA = Path(__file__).parent.parent / "data"
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
