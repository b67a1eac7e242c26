"""Measuring: what counts as right, and that each row has a conversation of its own."""

from __future__ import annotations

import pytest

from yanray.agent.record import TurnRecord
from yanray.agent.session import Session
from yanray.cores.scripted import ScriptedCore
from yanray.events import Call, End, Result, RoundUsage, Text, Usage
from yanray.measure.evaluate import evaluate, summary, table
from yanray.measure.rows import Row, judge, read_rows, stands_in
from yanray.settings import Settings

TOOL = '''"""Double a number."""

def run(number: float) -> str:
    return format(number * 2, "g")
'''


@pytest.mark.parametrize(
    "wanted, answer",
    [
        (48.75, "6.5*7.5 is 48.75."),
        (42, "It is 42.004"),
        (1000, "about 1,000.9 in all"),
        (1250, "结果是１２５０。"),
        (-5, "It is -5 degrees."),
        (0, "0"),
        (0.25, "0.25"),
        ("Fish Pie", "there is fish  pie today"),
        ("10:05", "The next bus leaves at 10:05."),
    ],
)
def test_right_answers(wanted, answer):
    assert stands_in(wanted, answer)


@pytest.mark.parametrize(
    "wanted, answer",
    [
        (48.75, "48.57"),
        (42, "142"),
        (1000, "1002"),
        (42, "forty-two"),
        (42, ""),
        ("fish", "meat"),
        (3, "3.1"),
    ],
)
def test_wrong_answers(wanted, answer):
    assert not stands_in(wanted, answer)


def record(*events, rounds=1):
    return TurnRecord([*events, End("stop", Usage((RoundUsage(1, 0, 1, 1),) * rounds))])


def row(**values):
    return Row(
        **{"id": "1", "prompt": "?", "says_tool": "tool" in values, "tool": None, **values}, **_open(values)
    )


def _open(values):
    return {key: None for key in ("argument", "answer") if key not in values}


CALL = Call("double", "21", "/double 21")
TURN = record(Text("It could be 7.\n"), CALL, Result(CALL, "42", True, 0.1), Text("42"), rounds=2)


def test_the_first_call_of_the_turn_is_what_counts():
    other = Call("clock", "", "/clock")
    turn = record(other, Result(other, "noon", True, 0.1), CALL, Result(CALL, "42", True, 0.1), Text("42"))
    assert judge(row(tool="clock"), turn).tool_right and not judge(row(tool="double"), turn).tool_right


def test_none_means_that_nothing_is_called():
    assert judge(row(tool=None), record(Text("hi"))).tool_right
    assert not judge(row(tool=None), TURN).tool_right


def test_what_a_row_does_not_say_is_not_judged():
    verdict = judge(row(), TURN)
    assert verdict.right and (verdict.tool_right, verdict.argument_right, verdict.answer_right) == (None,) * 3


def test_an_argument_is_compared_with_white_space_folded():
    assert judge(row(argument="  21 "), TURN).argument_right
    assert not judge(row(argument="2 1"), TURN).argument_right
    assert not judge(row(argument="21"), record(Text("42"))).argument_right


def test_only_the_final_answer_counts():
    assert judge(row(answer=42), TURN).answer_right and not judge(row(answer=7), TURN).answer_right


def test_rows_are_asked_in_conversations_of_their_own(tmp_path):
    (tmp_path / "double.py").write_text(TOOL, encoding="utf-8")
    core = ScriptedCore(["/double 21", "It is 42.", "Hello.", "And 84.", "lost"])
    rows = [
        row(tool="double", argument="21", answer=42),
        row(id="2", tool="double", answer=84, before=("hi",)),
        row(id="3", tool=None, answer="found"),
    ]
    with Session(Settings(), folders=[tmp_path], core=core) as session:
        verdicts = list(evaluate(session, rows))
    assert [v.right for v in verdicts] == [True, False, False]
    assert [[m.role for m in prompt] for prompt in core.prompts] == [
        ["system", "user"],
        ["system", "user", "assistant", "tool"],
        ["system", "user"],
        ["system", "user", "assistant", "user"],
        ["system", "user"],
    ]
    figures = summary(verdicts, 1.0)
    assert figures["tool"] == {"right": 2, "of": 3} and figures["answer"] == {"right": 2, "of": 3}
    assert [wrong["id"] for wrong in figures["wrong"]] == ["2", "3"]
    assert "wrong 2: ? -> no call; And 84." in table(figures)


def test_a_row_that_is_too_long_is_wrong_and_the_others_go_on(tmp_path):
    core = ScriptedCore(["Hello."], context=600)
    rows = [row(prompt="x" * 5000, answer="Hello"), row(id="2", answer="Hello")]
    with Session(Settings(), tools=False, core=core) as session:
        assert [v.right for v in evaluate(session, rows)] == [False, True]


def test_lines_and_blank_lines(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '\n{"prompt": "a\u2028b", "extra": 1}\n\n{"id": 7, "prompt": "c"}\n', encoding="utf-8-sig"
    )
    assert [(r.id, r.prompt, r.says_tool) for r in read_rows(path)] == [
        ("2", "a\u2028b", False),
        ("7", "c", False),
    ]
