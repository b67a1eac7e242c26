"""The filter: what is a command, what is text, and that the split of the stream never matters."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yanray.agent.commands import Command, Unknown
from yanray.agent.filter import CommandFilter
from yanray.events import Text
from yanray.toolbox.spec import Parameter, ToolSpec

TOOLS = (
    ToolSpec("calculate", "Work out arithmetic", (Parameter("expression"),)),
    ToolSpec("clock", "Tell the time", (Parameter("place", required=False),)),
    ToolSpec("convert", "Convert units", (Parameter("amount"), Parameter("to"))),
    ToolSpec("note", "Keep a note", (Parameter("title"), Parameter("text"))),
    ToolSpec("time.now", "Tell the time", ()),
    ToolSpec("weather", "Tell the weather", (Parameter("place"),)),
)


def run(chunks, *, alone=True, cut=False, named=False):
    """The outcome of a round: the text shown, and the command or None. What follows a command is not fed."""
    scan = CommandFilter(TOOLS, alone=alone, named=named)
    pieces = []
    for chunk in chunks:
        pieces += scan.feed(chunk)
        if scan.found:
            break
    else:
        pieces += scan.finish(cut=cut)
    commands = [piece for piece in pieces if not isinstance(piece, Text)]
    assert len(commands) <= 1 and (not commands or pieces[-1] is commands[0] is scan.found)
    return "".join(p.text for p in pieces if isinstance(p, Text)), commands[0] if commands else None


def named(text, **kwargs):
    shown, command = run([text], **kwargs)
    return shown, (type(command).__name__, command.name, command.argument) if command else None


COMMANDS = {
    "/calculate 6*7": ("", "calculate", "6*7", False),
    "/calculate 6*7\nrunning ahead": ("", "calculate", "6*7", False),
    "Let me see.\n/calculate 6*7\n": ("Let me see.\n", "calculate", "6*7", False),
    "   /calculate  6*7 \n": ("", "calculate", "6*7", False),
    "/calculate 6*7\r\n": ("", "calculate", "6*7", False),
    "/clock": ("", "clock", "", False),
    "/clock\n": ("", "clock", "", False),
    "/time.now": ("", "time.now", "", False),
    "/calculate (2+3)*4\n": ("", "calculate", "(2+3)*4", False),
    "/calculate\t6*7": ("", "calculate", "6*7", False),
    "／calculate 6*7": ("", "calculate", "6*7", True),
    "/Calculate 6*7": ("", "calculate", "6*7", True),
    "/Calculate: 6*7": ("", "calculate", "6*7", True),
    "/calculate：6*7": ("", "calculate", "6*7", True),
    "/calculate(6*7)": ("", "calculate", "6*7", True),
    "/calculate(2+3)*4": ("", "calculate", "(2+3)*4", True),
    "／calculate（6*7）": ("", "calculate", "6*7", True),
    'calculate("6*7")': ("", "calculate", "6*7", True),
    "calculate(6*7)\n": ("", "calculate", "6*7", True),
    "calculate(expression='6*(7+1)')": ("", "calculate", "6*(7+1)", True),
    'convert(amount="5 miles", to="km")': ("", "convert", 'amount="5 miles" to="km"', True),
    "Calculate: 6*7": ("", "calculate", "6*7", True),
    "Calculate：6*7\n\n": ("", "calculate", "6*7", True),
    '{"name": "calculate", "arguments": {"expression": "6*7"}}': ("", "calculate", "6*7", True),
    '{"name":"calculate","parameters":{"expression":"a \\"}\\" b"}}\n': ("", "calculate", 'a "}" b', True),
    '{\n  "name": "convert",\n  "arguments": {"amount": "5 miles", "to": "km"}\n}': (
        "",
        "convert",
        'amount="5 miles" to=km',
        True,
    ),
    '<tool_call>\n{"name": "calculate", "arguments": {"expression": "6*7"}}\n</tool_call>': (
        "",
        "calculate",
        "6*7",
        True,
    ),
    'Sure.\n<tool_call>{"name": "clock", "arguments": {}}</tool_call>\n': ("Sure.\n", "clock", "", True),
    "<think>I could write\n/calculate 1+1\n</think>\n/calculate 2+2": (
        "<think>I could write\n/calculate 1+1\n</think>\n",
        "calculate",
        "2+2",
        False,
    ),
    "```\n/calculate 1+1\n```\n/calculate 2+2": ("```\n/calculate 1+1\n```\n", "calculate", "2+2", False),
    "/note shopping\n```\nmilk\n/clock\n```\nmore": ("", "note", "shopping\nmilk\n/clock", False),
    "/note shopping\n~~~text\nmilk\n```\n~~~": ("", "note", "shopping\nmilk\n```", False),
    "/note shopping\n```\nmilk\ntea": ("", "note", "shopping\nmilk\ntea", False),
    "/note shopping\nmilk": ("", "note", "shopping", False),
    "/note shopping\n": ("", "note", "shopping", False),
}

TEXTS = [
    "",
    "\n",
    "6*7 is 42.",
    "Write /calculate 6*7 to work it out.",
    "- /calculate 6*7",
    "> /calculate 6*7",
    "`/calculate 6*7`",
    "    /calculate 6*7",
    "//calculate 6*7",
    "/ calculate 6*7",
    "/usr/bin/env python\n/etc/passwd\n/etc\n/tmp is full\n",
    "https://example.org/calculate 6*7\n",
    "/calculate/6 is a path",
    "/calculate, as I said",
    "/2 of them",
    "/me\n",
    "```\n/calculate 6*7\n```",
    "```python\n/calculate 6*7\n",
    "~~~\n/calculate 1\n```\n/calculate 2\n~~~",
    "````\n```\n/calculate 6*7\n````",
    "<think>\n/calculate 6*7\n",
    "so <think>no\n/clock\n</think> done",
    "calculate (6*7) is 42",
    "calculate(6*7) is 42",
    "calculate(6*7",
    "Calculate: 6*7\nThat is how.",
    "I say\nCalculate: 6*7",
    "Weather: ",
    '{"name": "Ann", "age": 3}',
    '{"name": "calculate"}',
    '{"name": "calculate", "arguments": {"expression": "6*7"}} is JSON',
    '{"names": []}',
    "{}\n{\n",
    "<tool_call>\nnot JSON\n</tool_call>",
    "<tool>\n",
    "<tool_call>",
    "a < b\n<b>bold</b>",
    "日期：/calculate 6*7",
    "\ud800 /calculate 1",
]

UNKNOWN = {
    "/calculat 6*7": ("calculat", "6*7", ("calculate",)),
    "/calculator\n": ("calculator", "", ("calculate",)),
    "/translate hello to French\n": ("translate", "hello to French", ()),
    "/計算 6*7": ("計算", "6*7", ()),
    '{"name": "get_weather", "arguments": {"city": "Paris"}}': (
        "get_weather",
        "{'city': 'Paris'}",
        ("weather",),
    ),
}


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_is_found(text):
    shown, name, argument, mended = COMMANDS[text]
    out, command = run([text])
    assert isinstance(command, Command)
    assert (out, command.name, command.argument, command.mended) == (shown, name, argument, mended)
    assert text.startswith(shown + command.raw)


@pytest.mark.parametrize("text", TEXTS)
def test_text_stays_text_to_the_letter(text):
    assert run([text]) == (text, None)


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_attempt_at_an_unknown_name_is_told_with_the_nearest_names(text):
    name, argument, near = UNKNOWN[text]
    shown, found = run([text])
    assert isinstance(found, Unknown)
    assert (shown, found.name, found.argument, found.near) == ("", name, argument, near)


def test_a_labelled_answer_after_a_result_is_text():
    assert run(["Weather: 14 degrees"], alone=False) == ("Weather: 14 degrees", None)


@pytest.mark.parametrize("text", ["/calculate 6*", "/note a\n```\nhalf", "Calculate: 6*", "<tool_call>{"])
def test_a_command_cut_off_for_want_of_room_is_text(text):
    assert run([text], cut=True) == (text, None)


def test_without_tools_everything_is_text():
    scan = CommandFilter()
    assert scan.feed("/calculate 6*7\n") == [Text("/calculate 6*7\n")]
    assert scan.finish() == []


@pytest.mark.parametrize("text", [*COMMANDS, *TEXTS, *UNKNOWN])
def test_every_split_of_a_short_text_has_one_outcome(text):
    whole = run([text])
    assert run(text) == whole
    for cuts in itertools.combinations(range(1, len(text)), 2) if len(text) < 40 else ():
        chunks = [text[a:b] for a, b in itertools.pairwise((0, *cuts, len(text)))]
        assert run(chunks) == whole


@pytest.mark.parametrize("text", [t for t in [*COMMANDS, *TEXTS, *UNKNOWN] if len(t) <= 14])
def test_all_splits_of_tiny_texts(text):
    whole = run([text])
    for cuts in itertools.product([False, True], repeat=max(len(text) - 1, 0)):
        assert run(_split(text, cuts)) == whole


def test_ten_thousand_random_splits_of_a_long_text():
    rng = random.Random(7)
    parts = [t for t in TEXTS if "<think>" not in t and "```python" not in t]
    long = "\n".join(parts) + "\nso\n/calculate 6.5*7.5\nnever read"
    whole = run([long])
    assert whole[1] is not None and whole[1].argument == "6.5*7.5"
    for _ in range(10_000):
        cuts = sorted(rng.sample(range(1, len(long)), rng.randint(1, 6)))
        chunks = [long[a:b] for a, b in itertools.pairwise((0, *cuts, len(long)))]
        assert run(chunks) == whole


WORDS = [
    *("/", "／", "calculate", "Clock", "note", "x", " ", "\n", "(", ")", ":", "6*7", "`", "```", "~~~", "文"),
    *("<think>", "</think>", "<tool_call>", "</tool_call>", '{"name":', '"clock"', ',"arguments":{}'),
    *("{", "}", '"', "\\"),
]
ALPHABET = st.sampled_from(WORDS)


@settings(max_examples=600, deadline=None)
@given(st.lists(ALPHABET, max_size=24).map("".join), st.randoms(use_true_random=False))
def test_any_split_of_any_text_has_one_outcome_and_loses_nothing(text, rng):
    whole = run([text])
    chunks = _split(text, [rng.random() < 0.4 for _ in text[1:]])
    assert run(chunks) == whole
    shown, command = whole
    assert text == shown if command is None else text.startswith(shown + command.raw)


GLM = "calculate\n ```python\ntool_call({})\n```"
NAMED = {
    GLM.format("expression='6*7'"): ("", ("Command", "calculate", "6*7")),
    GLM.format("expression='6*7'") + "\n": ("", ("Command", "calculate", "6*7")),
    GLM.format("expression='6*7'").removesuffix("\n```"): ("", ("Command", "calculate", "6*7")),
    "convert\n```python\ntool_call(amount=\"5 miles\", to='km')\n```": (
        "",
        ("Command", "convert", 'amount="5 miles" to=km'),
    ),
    'calculate\n{"expression": "6*7"}': ("", ("Command", "calculate", "6*7")),
    'Calculate\n{"expression": "6*7"}': ("", ("Command", "calculate", "6*7")),
    "time.now\n```python\ntool_call()\n```": ("", ("Command", "time.now", "")),
}
NEVER_RUN = (
    GLM.format("expression=__import__('os').getcwd()"),
    GLM.format("**{'expression': '6*7'}"),
    GLM.format("'6*7'"),
    GLM.format("expression='6*7') + tool_call(expression='1'"),
    GLM.format("expression=f'{6*7}'"),
    GLM.format("expression='6*7'").replace("tool_call", "system"),
    GLM.format("expression=" + "(" * 500 + "1" + ")" * 500),
    "calculate\n```python\nprint(6*7)\n```",
    "calculate\n```\nsome text\n```",
    "calculate\nis what I shall do",
    "calculate\n",
    "calculate\n" + " " * 200 + "{",
    'calculate\n{"expression": ',
    "Let me see.\n" + GLM.format("expression='6*7'"),
)


@pytest.mark.parametrize("text", NAMED)
def test_the_form_of_chatglm3_and_glm4_is_understood_and_kept(text):
    assert named(text) == named(text, named=True) == NAMED[text]
    _, command = run([text])
    assert command.raw == text and not command.mended


@pytest.mark.parametrize("text", NEVER_RUN)
def test_what_only_resembles_a_call_is_text(text):
    assert run([text], named=True) == (text, None)


def test_a_name_that_no_tool_has_is_an_error_for_a_model_that_names_its_calls():
    text = GLM.format("expression='6*7'").replace("calculate", "calculator")
    shown, command = run([text], named=True)
    assert not shown and isinstance(command, Unknown) and command.near == ("calculate",)
    assert run([text]) == (text, None)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["calculate", "\n", " ", "```python", "tool_call(", "expression=", "'6*7'", ")", "```", "{", "x"]
        )
    ).map("".join),
    st.randoms(use_true_random=False),
)
def test_any_split_of_a_named_call_has_one_outcome(text, rng):
    whole = run([text], named=True)
    assert run(_split(text, [rng.random() < 0.4 for _ in text[1:]]), named=True) == whole
    shown, command = whole
    assert text == shown if command is None else text.startswith(shown + command.raw)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abc 文.,(/:\n", max_size=60))
def test_text_outside_a_possible_command_is_shown_at_once(text):
    """Only the beginning of a line is ever held back."""
    scan = CommandFilter(TOOLS)
    shown = ""
    for char in text:
        shown += "".join(piece.text for piece in scan.feed(char) if isinstance(piece, Text))
        if scan.found:
            return
    held = text[len(shown) :]
    assert held == "" or shown == "" or shown.endswith("\n")
    assert "\n" not in held and (held.lstrip(" ")[:1] in "/abc" or not held.strip(" "))


def test_reading_costs_the_same_for_each_character():
    """A long command or a long line is not read again with every character."""
    import time

    def seconds(length):
        scan = CommandFilter(TOOLS)
        begun = time.process_time()
        for char in "/calculate " + "9" * length:
            scan.feed(char)
        return time.process_time() - begun

    short = min(seconds(10_000) for _ in range(5))
    long = min(seconds(100_000) for _ in range(3))
    assert long / short < 50  # 10 when the cost is linear, 100 when it is quadratic


def _split(text, cuts):
    chunks = [""]
    for char, cut in zip(text, [False, *cuts], strict=False):
        if cut:
            chunks.append("")
        chunks[-1] += char
    return chunks
