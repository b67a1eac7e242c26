"""The text after a command's name becomes arguments; what is wrong is said so that a model can mend it."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanray.errors import ToolError
from yanray.toolbox.arguments import bind, words
from yanray.toolbox.spec import Parameter, ToolSpec

ONE = ToolSpec("say", "", (Parameter("what"),))
MAYBE = ToolSpec("say", "", (Parameter("what", required=False, default=""),))
TWO = ToolSpec("add", "", (Parameter("item"), Parameter("to", required=False, default="list")))
DICE = ToolSpec(
    "dice",
    "",
    (
        Parameter("sides", "integer"),
        Parameter("count", "integer", False, "1"),
        Parameter("way", "sum|list", False, "sum"),
    ),
    (("6 2", "7"),),
)
NOTE = ToolSpec(
    "note", "", (Parameter("name"), Parameter("text"), Parameter("tag", required=False, default=""))
)


def dice(sides: int, count: int = 1, way: Literal["sum", "list"] = "sum", *, seed: int = 0) -> str:
    return repr((sides, count, way, seed))


@given(st.text())
def test_one_text_parameter_gets_the_text_as_it_stands(text):
    assert words(MAYBE, text) == ({"what": text.strip()} if text.strip() else {})


@pytest.mark.parametrize(
    ("text", "given_values"),
    [
        ("milk", {"item": "milk"}),
        ("milk shopping", {"item": "milk", "to": "shopping"}),
        ('"oat milk" shopping', {"item": "oat milk", "to": "shopping"}),
        ("'oat milk'  to=shopping", {"item": "oat milk", "to": "shopping"}),
        ("to=shopping milk", {"item": "milk", "to": "shopping"}),
        ('to="my list" item=milk', {"item": "milk", "to": "my list"}),
        ("milk my long list", {"item": "milk", "to": "my long list"}),
        (r'"a \"b\" c:\d"', {"item": r'a "b" c:\d'}),
        ("it's 5'3\"", {"item": "it's", "to": "5'3\""}),
        ('"open', {"item": '"open'}),
        ("https://a.b/c?d=e", {"item": "https://a.b/c?d=e"}),
        ('"x=3"', {"item": "x=3"}),
        ("牛奶 to=购物", {"item": "牛奶", "to": "购物"}),
        ('""', {"item": ""}),
    ],
)
def test_several_parameters_are_words(text, given_values):
    assert words(TWO, text) == given_values


def test_lines_below_the_command_are_the_text():
    assert words(NOTE, "plan\n  one\ntwo") == {"name": "plan", "text": "  one\ntwo"}
    assert words(NOTE, "plan tag=home\none") == {"name": "plan", "text": "one", "tag": "home"}
    assert words(NOTE, "plan home\none") == {"name": "plan", "text": "one", "tag": "home"}
    assert words(NOTE, 'plan "one line"') == {"name": "plan", "text": "one line"}


@pytest.mark.parametrize(
    ("spec", "text", "message"),
    [
        (ONE, "  ", "say needs what: write /say what"),
        (TWO, "", "add needs item: write /add item [to]"),
        (NOTE, "plan", "note needs text"),
        (NOTE, "", "note needs name and text"),
        (TWO, "milk colour=red", "add has no parameter colour"),
        (TWO, "milk item=bread to=x", "'milk' is one word too many"),
        (TWO, "item=a item=b", "item is given twice"),
        (
            DICE,
            "6 2 sum 9",
            "'9' is one word too many: write /dice sides [count] [way=sum|list], e.g. /dice 6 2",
        ),
    ],
)
def test_what_is_wrong_is_said(spec, text, message):
    with pytest.raises(ToolError) as caught:
        words(spec, text)
    assert message in str(caught.value)


def test_values_are_checked_against_the_annotations():
    assert dice(**bind(dice, DICE, "6 count=2 way=list", {"seed": 4})) == "(6, 2, 'list', 4)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("six", "sides must be a whole number, not 'six'"),
        ("6 1.5", "count must be a whole number, not '1.5'"),
        ("6 2 product", "way must be one of sum, list, not 'product'"),
    ],
)
def test_a_wrong_value_names_its_parameter(text, message):
    with pytest.raises(ToolError) as caught:
        bind(dice, DICE, text, {})
    assert message in str(caught.value)
    assert "e.g. /dice 6 2" in str(caught.value)


def test_a_wrong_setting_names_itself():
    with pytest.raises(ToolError, match="seed must be right"):
        bind(dice, DICE, "6", {"seed": "often"})


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("no", False), ("true", True), ("0", False)])
def test_yes_and_no(text, value):
    spec = ToolSpec("lamp", "", (Parameter("on", "yes|no"),))

    def lamp(on: bool) -> str:
        return str(on)

    assert bind(lamp, spec, text, {}) == {"on": value}
    with pytest.raises(ToolError, match="on must be yes or no, not 'perhaps'"):
        bind(lamp, spec, "perhaps", {})


def test_choices_that_are_numbers_and_values_that_may_be_none():
    def run(size: Literal[1, 2], part: float | None = None) -> str:
        return ""

    spec = ToolSpec("cut", "", (Parameter("size", "1|2"), Parameter("part", "number", False, "")))
    assert bind(run, spec, "2 0.5", {}) == {"size": 2, "part": 0.5}
    with pytest.raises(ToolError, match="size must be one of 1, 2"):
        bind(run, spec, "3", {})


@given(st.lists(st.text(min_size=1).filter(lambda text: "\\" not in text), min_size=3, max_size=3))
def test_quoted_words_come_back_whole(values):
    spec = ToolSpec("three", "", tuple(Parameter(name) for name in ("one", "two", "three")))
    quoted = [value.replace('"', '\\"') for value in values]
    assert list(words(spec, " ".join(f'"{value}"' for value in quoted)).values()) == values
    named = " ".join(f'{name}="{value}"' for name, value in zip(("two", "three", "one"), quoted, strict=True))
    assert words(spec, named) == dict(zip(("two", "three", "one"), values, strict=True))


@given(st.text())
def test_any_text_gives_values_or_a_tool_error(text):
    for spec in (ONE, TWO, DICE, NOTE):
        try:
            found = words(spec, text)
        except ToolError as error:
            assert "write /" in str(error)
        else:
            assert set(found) <= {parameter.name for parameter in spec.parameters}
            json.dumps(found)
