"""Lists that never come twice: what is asked for stands in the list, what is refused does not."""

from __future__ import annotations

import itertools
import json
import lzma
import random
from pathlib import Path

import pytest

from yanray.train.attributes import GROUP, attributes
from yanray.train.document import Language
from yanray.train.mixture import sources
from yanray.train.overlap import fragment, wording
from yanray.train.unbounded import Matching, _apart, things

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
    for _ in range(120):
        system, *rest = matching(rng).messages
        if "wort:" not in system.content:  # another exercise
            continue
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


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("In the valley, barley and older kinds of wheat are grown on terraces.", "en"),
        ("这里的居民，世代种植水稻和茶叶。", "zh"),
    ],
)
def test_a_fragment_is_asked_for_with_its_own_words(sentence: str, language: Language) -> None:
    rng = random.Random(4)
    piece = fragment(rng, sentence, language)
    assert piece.lower() in sentence.lower()
    for _ in range(50):
        asked = wording(rng, piece, language)
        shared = [
            part for part in (piece.lower().split() if language == "en" else piece) if part[:4] in asked
        ]
        assert shared and asked != piece


def test_attributes_have_every_part_in_both_languages_and_their_groups_exist() -> None:
    keys = {attribute.key for attribute in attributes()}
    assert len(keys) == len(attributes()) > 90
    assert set(GROUP) <= keys
    for attribute in attributes():
        for language in ("en", "zh"):
            assert len(attribute.summaries[language]) > 1 and len(attribute.asks[language]) > 2
            assert all("[x]" in line for line in attribute.summaries[language] + attribute.asks[language])
            assert all(output and say for output, say in attribute.results[language])


def test_of_one_thing_a_list_shows_nothing_twice() -> None:
    rng = random.Random(2)
    for _ in range(200):
        found = _apart(rng, 3)
        groups = [GROUP[each.key] for each in found if each.key in GROUP]
        assert len(groups) == len(set(groups))


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
