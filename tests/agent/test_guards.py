"""The guards: repeated calls, numbers from nowhere, misquoted results."""

from __future__ import annotations

import pytest

from yanray.agent.guards import Guards, numbers, strangers
from yanray.events import Call, Notice
from yanray.messages import Message


def user(text):
    return [Message("user", text)]


class TestRepeats:
    def test_the_second_time_comes_from_memory(self, talk):
        talk = talk("/counter a", "/counter  a\n", "done")
        assert talk.ask("go") == "done"
        assert talk.results == [("call 1 a", True)] * 2 or talk.results[0] == talk.results[1]
        assert talk.notices == ["repeat"]

    def test_the_third_time_the_answer_is_asked_for(self, talk):
        talk = talk(*["/counter a"] * 3, "done")
        assert talk.ask("go") == "done"
        assert talk.notices == ["repeat", "repeat"]
        text, ok = talk.results[2]
        assert ok and text.endswith("Answer now, without a command.") and talk.results[0][0] in text
        assert talk.core.grammars[-1] is None and all(talk.core.grammars[:-1])

    def test_after_that_nothing_is_recognised(self, talk):
        talk = talk(*["/counter a"] * 4)
        assert talk.ask("go") == "/counter a"
        assert len(talk.calls) == 3 and talk.events[-1].reason == "rounds"

    def test_taking_turns_does_not_help(self, talk):
        talk = talk(*["/counter a", "/counter b"] * 2, "/counter a", "done")
        assert talk.ask("go") == "done"
        assert talk.notices == ["repeat"] * 3
        a, b, again_a, again_b, last = (text for text, _ in talk.results)
        assert (again_a, again_b) == (a, b) and a in last

    def test_a_tool_with_side_effects_makes_other_calls_new(self, talk):
        talk = talk("/counter a", "/keep this", "/counter a", "done")
        talk.ask("go", allow=lambda *_: True)
        first, _, second = (text for text, _ in talk.results)
        assert first != second and talk.notices == []

    def test_a_side_effect_itself_is_not_repeated(self, talk):
        talk = talk("/keep this", "/keep this", "done")
        asked = []
        talk.ask("go", allow=lambda *a: asked.append(a) or True)
        assert talk.notices == ["repeat"] and len(asked) == 1 and talk.results[0] == talk.results[1]

    def test_the_next_turn_begins_anew(self, talk):
        talk = talk("/counter a", "done", "/counter a", "done")
        talk.ask("go")
        first = talk.results[0][0]
        talk.ask("go")
        assert talk.results[0][0] != first and talk.notices == []

    def test_an_error_that_is_repeated_is_not_run_again(self, talk):
        talk = talk("/calculate x", "/calculate x", "sorry")
        talk.ask("go")
        assert [ok for _, ok in talk.results] == [False, False] and talk.notices == ["repeat"]


class TestNumbersBefore:
    @pytest.mark.parametrize(
        "question, expression, strange",
        [
            ("what is 211-185?", "21-185", ["21"]),
            ("what is 211-185?", "211-185", []),
            ("3.50 for each of 18", "3.5*18", []),
            ("1,250 and 1，250", "1250+1250", []),
            ("15% of 68", "68*15/100", []),
            ("15% of 68", "68*0.15", []),
            ("how many hours in 17 weeks", "17*7*24", []),
            ("１２８除以１６", "128/16", []),
            ("128除以16是多少", "128/61", ["61"]),
            ("a hundred and twelve plus 5", "112+5", []),
            ("三百二十加 5", "320+5", []),
            ("sell 5k of them at 19", "5000*19", []),
            ("算一下211-185", "21-185", ["21"]),
            ("17 + 1000", "17+1000", []),
            ("6卷纸4块5，一卷多少钱", "4.5/6", []),
            ("6卷纸45块，一卷多少钱", "4.5/6", ["4.5"]),
        ],
    )
    def test_which_numbers_are_strange(self, question, expression, strange):
        assert strangers(expression, user(question)) == strange

    def test_one_retry_with_the_mismatch_shown(self, talk):
        talk = talk("/calculate 21*185", "/calculate 211*185", "39035")
        assert talk.ask("211*185?") == "39035"
        assert talk.notices == ["numbers"] and talk.calls == [("calculate", "211*185")]
        assert talk.said[2][1].startswith("21 stands nowhere in the conversation")

    def test_the_second_time_it_runs(self, talk):
        talk = talk("/calculate 21*185", "/calculate 21*185", "3885")
        talk.ask("211*185?")
        assert talk.results == [("3885", True)]

    def test_results_and_what_the_model_said_before_count(self, talk):
        talk = talk("/calculate 17*19", "There are 44 of them.\n/calculate 323*44", "done")
        talk.ask("17*19 and so on")
        assert talk.notices == [] and len(talk.results) == 2

    def test_other_tools_are_not_looked_at(self, talk):
        talk = talk("/counter 98765", "done")
        talk.ask("go")
        assert talk.notices == []


class TestNumbersAfter:
    def notice(self, answer, result="48.75", question="6.5*7.5"):
        guards = Guards()
        guards.after(Call("calculate", question, ""), result, ok=True, changes=False)
        return guards.misquoted(answer, [*user(question), Message("tool", result, name="calculate")])

    @pytest.mark.parametrize(
        "answer",
        [
            "It is 48.75.",
            "about 49",
            "48.7 or so",
            "48.8",
            "roughly 50",
            "It is done.",
            "6.5*7.5 it is",
            "123",
        ],
    )
    def test_exact_rounded_or_unrelated_numbers_pass(self, answer):
        assert self.notice(answer) is None

    @pytest.mark.parametrize("answer", ["48.57", "It is 47.", "That makes 48.25, sir"])
    def test_close_but_unlike_is_shown(self, answer):
        assert self.notice(answer) == Notice("result", "the exact result is 48.75")

    def test_the_whole_line_is_shown(self):
        assert self.notice("1.51", "sqrt(2) = 1.41421356237\nand more", "sqrt(2)") is None
        assert self.notice("1.44", "sqrt(2) = 1.41421356237", "sqrt(2)").text.endswith(
            "sqrt(2) = 1.41421356237"
        )

    def test_large_integers_are_exact(self):
        assert self.notice("it is 39,305", "39035", "211*185") is not None
        assert self.notice("it is 39,035", "39035", "211*185") is None

    def test_through_the_loop(self, talk):
        talk = talk("/calculate 6.5*7.5", "It is 48.57.")
        talk.ask("6.5*7.5?")
        assert talk.of(Notice) == [Notice("result", "the exact result is 48.75")]


def test_numbers_are_read_in_any_dress():
    text = "1,234.50 ３６ 1,2 .5 ² 7. 1.2.3"
    assert [str(n) for n in numbers(text)][:2] == ["1234.50", "36"]
    assert list(numbers("no digits")) == []
