"""The concept bank: what the reader makes of a block, and the faults that it names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yanray.train.concepts import bank, bank_files, fill, parse, read, words
from yanray.train.neighbours import TWIN, likeness

WHOLE = """
== lamp
names: lamp light_switch
en: Switch a lamp
en: Turn a light on or off
zh: 开关灯
zh: 控制电灯
slot mode choice: on|off
slot mode zh: 开=on; 关=off
slot room en: kitchen; hall
slot room zh: 厨房; 走廊
slot when? en: at noon; at dusk
slot when zh: 中午; 傍晚
ask en: {room} light {mode} {when}
ask en: turn {mode} the {room} light
ask zh: {mode}{room}的灯
result en: {room} is {mode}
say en: The {room} light is {mode} now.
"""


def write(folder: Path, text: str, name: str = "bank.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_concept_is_read(tmp_path: Path) -> None:
    (concept,), faults = read([write(tmp_path, WHOLE)])
    assert faults == []
    assert concept.names == ["lamp", "light_switch"]
    assert [slot.name for slot in concept.slots] == ["mode", "room", "when"]
    mode, _, when = concept.slots
    assert mode.choices == ("on", "off") and mode.values["zh"] == [("开", "on"), ("关", "off")]
    assert when.optional and when.values["zh"] == [("中午", "中午"), ("傍晚", "傍晚")]
    assert concept.results["en"] == [("{room} is {mode}", "The {room} light is {mode} now.")]


def test_a_value_may_be_written_otherwise_than_said(tmp_path: Path) -> None:
    text = WHOLE.replace(
        "slot when? en: at noon; at dusk", "slot when? en: a quarter past five=17:15; at dusk"
    )
    (concept,), faults = read([write(tmp_path, text)])
    assert faults == []
    assert concept.slots[2].values["en"] == [("a quarter past five", "17:15"), ("at dusk", "dusk")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("en: Switch a lamp\n", "", "fewer than two `en:`"),
        ("{mode}{room}的灯", "{mode}的灯", "lacks {room}"),
        ("turn {mode} the {room}", "turn {mode} the {place} {room}", "no slot place"),
        ("开=on", "开=onn", "none of its choices"),
        ("names: lamp", "names: Lamp", "small letters"),
        ("result en: {room} is {mode}\n", "", "without a `result en`"),
        ("slot room zh: 厨房; 走廊\n", "", "no values for zh"),
        ("names: lamp", "nams: lamp", "is no part of a concept"),
        ("slot room en: kitchen; hall", "slot room builtin", "no built-in list `room`"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in WHOLE
    _, faults = read([write(tmp_path, WHOLE.replace(old, new))])
    assert any(said in fault.text for fault in faults)


def test_a_key_that_stands_twice_is_named(tmp_path: Path) -> None:
    paths = [write(tmp_path, WHOLE, "one.txt"), write(tmp_path, WHOLE, "two.txt")]
    assert [fault.text for fault in read(paths)[1]] == ["lamp: stands in one.txt too"]


def test_the_bank_has_no_fault_and_no_hole_stays() -> None:
    assert bank_files()
    for concept in bank():
        for language in ("en", "zh"):
            values = {slot.name: slot.values.get(language, [("?", "?")])[0][0] for slot in concept.slots}
            for ask in concept.asks[language]:
                assert "{" not in fill(ask, values), (concept.key, ask)


def test_every_word_list_speaks_both_languages() -> None:
    for name, lists in words().items():
        assert set(lists) == {"en", "zh"}, name
        assert min(map(len, lists.values())) >= 10, name


def test_digits_are_kept_apart_where_values_meet_text() -> None:
    assert fill("{case}5 月开庭", {"case": "K12"}) == "K12 5 月开庭"
    assert fill("{a} and {a}, {b}", {"a": "x", "b": "2"}) == "x and x, 2"
    assert fill("{n}{n}", {"n": "7"}) == "7 7"


@pytest.mark.parametrize(
    ("name", "limit"),
    # Everyday kinds may be near misses of the bank's, but no twins; the others have nothing to do with it.
    [("unseen.txt", 0.4), ("held_out/unseen_2.txt", 0.4), ("held_out/values_2.txt", TWIN)],
)
def test_the_kinds_that_measure_the_model_are_not_in_the_bank(name: str, limit: float) -> None:
    path = Path(__file__).parent.parent / "data" / name
    held_out = parse(path.read_text(encoding="utf-8"), path)
    alike = likeness(bank(), held_out)
    nearest = [(bank()[int(row)].key, held.key) for row, held in zip(alike.argmax(0), held_out, strict=True)]
    assert alike.max() < limit, [
        pair for pair, value in zip(nearest, alike.max(0), strict=True) if value >= limit
    ]


@pytest.mark.parametrize("name", ["unseen_2.txt", "values_2.txt"])
def test_the_second_sets_ask_thrice_in_each_language_and_hold_no_kind_twice(name: str) -> None:
    path = Path(__file__).parent.parent / "data" / "held_out" / name
    held_out = parse(path.read_text(encoding="utf-8"), path)
    assert len(held_out) == len({kind.names[0] for kind in held_out}) == 36
    assert {len(kind.asks[language]) for kind in held_out for language in ("en", "zh")} == {3}
    assert np.triu(likeness(held_out, held_out), 1).max() < 0.4
