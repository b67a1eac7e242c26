"""Arguments read off real people's requests, and times as people say them."""

from __future__ import annotations

import json
import lzma
import random
from pathlib import Path

import pytest

from yanray.train.everyday import moments
from yanray.train.everyday.search import needle
from yanray.train.people import People, people
from yanray.train.readings import argument, read_span, read_time


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("seven thirty pm", "19:30"),
        ("7:05 a.m.", "7:05"),
        ("twelve am", "0:00"),
        ("noon", "12:00"),
        ("ten", "10:00"),
        ("half past never", None),
        ("99:99", None),
    ],
)
def test_times_are_read(said: str, written: str | None) -> None:
    assert read_time(said) == written


def test_times_that_are_said_with_their_half_of_the_day_are_read_back() -> None:
    rng = random.Random(3)
    read = 0
    for _ in range(500):
        said, written = moments.clock_time(rng, "en")
        if said.endswith(("m", "m.")) or ":" in said:
            read += 1
            assert read_time(said) == written, said
    assert read > 300


def test_spans_that_are_said_are_read_back() -> None:
    rng = random.Random(4)
    spans = [moments.span(rng, "en") for _ in range(400)]
    plain = [(said, written) for said, written in spans if " min" not in said or "minute" in said]
    assert len(plain) > 300
    for said, written in plain:
        assert read_span(said) == written, said


@pytest.mark.parametrize(
    ("tool", "intent", "text", "slots", "written"),
    [
        ("remind", "alarm_set", "wake me up at six am tomorrow",
         (("time", "six am"), ("date", "tomorrow")), "at 6:00 tomorrow: wake up"),
        ("remind", "alarm_set", "set an alarm for two hours from now",
         (("time", "two hours from now"),), "in 2 hours: alarm"),
        ("remind", "alarm_set", "set an alarm", (), "alarm"),
        ("remind", "alarm_query", "what alarms are on", (), "show"),
        ("remind", "timer", "set a timer for five minutes please", (), "in 5 minutes: timer"),
        ("todo", "lists_createoradd", "add eggs to my grocery list",
         (("list_name", "grocery"),), "add eggs to grocery"),
        ("todo", "lists_createoradd", "add eggs to the list", (), "add eggs"),
        ("todo", "lists_query", "what is on my shopping list",
         (("list_name", "shopping"),), "show shopping"),
        ("todo", "lists_remove", "take milk off the shopping list", (), "remove milk from shopping"),
        ("clock", "datetime_query", "what time is it in dubai", (("place_name", "dubai"),), "dubai"),
        ("clock", "datetime_query", "what time is it", (), ""),
        ("weather", "weather_query", "will it rain on friday in rome",
         (("date", "friday"), ("place_name", "rome")), "rome friday"),
        ("convert", "qa_currency", "how many euros for one dollar",
         (("currency_name", "euros"), ("currency_name", "dollar")), "1 dollar to euros"),
        ("convert", "measurement_conversion", "how many inches are in 5 feet", (), "5 feet to inches"),
        ("search", "qa_factoid", "tell me how old is the moon", (), "how old is the moon"),
        ("random", "roll_dice", "roll two twelve sided dice", (), "2d12"),
        ("convert", "qa_currency", "what are the exchange rates", (), None),
    ],
)  # fmt: skip
def test_arguments_are_read(
    tool: str, intent: str, text: str, slots: tuple[tuple[str, str], ...], written: str | None
) -> None:
    assert argument(tool, intent, text, slots, "en") == written


def test_what_is_searched_for_stands_without_its_question_words() -> None:
    assert needle("what is the capital of Peru?") == "capital of Peru"
    assert needle("what is glass made of") == "what is glass made of"
    assert needle("who invented the zipper") == "who invented the zipper"


def write(folder: Path, name: str, *rows: dict[str, object]) -> None:
    with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


def test_rows_are_sorted_by_the_tool_that_serves_them(tmp_path: Path) -> None:
    rows = [
        ("datetime_query", "olly what time is it in [place_name : lima]"),
        ("iot_coffee", "make me a coffee"),
        ("general_praise", "well done"),
    ]
    plain = [(intent, text.replace("[place_name : ", "").replace("]", ""), text) for intent, text in rows]
    write(
        tmp_path,
        "hwu64_fold1_train",
        *({"intent": intent, "text": text, "annotated": marked} for intent, text, marked in plain),
    )
    found = people(tmp_path)
    assert found.served == {("clock", "en"): [("what time is it in lima", "lima")]}
    assert found.vain["en"] == ["make me a coffee"]
    assert found.texts("hwu64:general_praise", "en") == ["well done"]


def test_without_a_folder_there_are_no_requests(tmp_path: Path) -> None:
    assert people(None) == People() == people(tmp_path)
