"""Lists that never come twice: what is asked for stands in the list, what is refused does not."""

from __future__ import annotations

import itertools
import json
import lzma
import random
from pathlib import Path

import pytest

from yanray.train.mixture import sources
from yanray.train.unbounded import Matching, things

SUBJECTS = 40


def _write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    letters = [f"{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(SUBJECTS)]
    articles = [
        {
            "title": f"Plant {mark}wort",
            "text": f"Plant {mark}wort. "
            + " ".join(f"It grows in valley {mark}{n} where the soil is deep and wet." for n in range(4)),
        }
        for mark in letters
    ]
    _write(tmp_path, "enwiki2015_core", articles)
    chinese = [
        {"title": f"{mark}山", "context": f"{mark}山", "qas": [{"question": f"{mark}山有多高？"}]}
        for mark in letters
    ]
    _write(tmp_path, "cmrc2018_zh_devtrial", chinese)
    return tmp_path


def test_a_subject_is_asked_for_without_its_name_and_found(data: Path) -> None:
    matching = Matching(data)
    rng = random.Random(3)
    called = refused = 0
    for _ in range(60):
        system, *rest = matching(rng).messages
        for user, answer in itertools.pairwise(rest):
            if user.role != "user":
                continue
            mark = user.content.split("valley ")[-1][:2] if "valley" in user.content else ""
            listed = [line for line in system.content.splitlines() if mark and f"{mark}wort:" in line]
            if answer.content.startswith("/") and mark:
                assert [line.rpartition("/")[2] for line in listed] == [answer.content[1:]]
                assert "wort" not in user.content
                called += 1
            elif mark:
                assert not listed
                refused += 1
    assert called > 30 and refused > 3


def test_without_articles_there_is_nothing_to_match(data: Path) -> None:
    assert "match" in sources(data)
    assert "match" not in sources(None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_things_make_lists_with_names_of_their_own(language: str) -> None:
    rng = random.Random(1)
    seen = set()
    for _ in range(40):
        stock = things(rng, language, language)  # type: ignore[arg-type]
        names = [tool.spec.name for tool in stock.tools]
        assert len(set(names)) == len(names) > 0
        seen.update(tool.spec.summary for tool in stock.tools)
    assert len(seen) > 200
