"""The turn loop: what it does with a command, what it leaves in the conversation, and how it ends."""

from __future__ import annotations

import pytest

from yanray.cores.base import Sampling
from yanray.events import Call, End, Notice, Result, Text


def test_an_answer_without_a_command(talk):
    talk = talk("Hello there.")
    assert talk.ask("hi") == "Hello there."
    assert talk.events[-1].reason == "stop"
    assert talk.said == [("user", "hi"), ("assistant", "Hello there.")]
    answer = talk.conversation.messages[-1]
    assert answer.ids is not None and answer.core == talk.core.identity and not answer.stopped


def test_a_call_its_result_and_the_answer(talk):
    talk = talk("Let me see.\n/calculate 6.5*7.5\nIt is 12", "6.5*7.5 is 48.75.")
    assert talk.ask("what is 6.5*7.5?") == "Let me see.\n6.5*7.5 is 48.75."
    assert [type(e) for e in talk.events] == [Text, Call, Result, Text, End]
    assert talk.calls == [("calculate", "6.5*7.5")] and talk.results == [("48.75", True)]
    assert talk.said == [
        ("user", "what is 6.5*7.5?"),
        ("assistant", "Let me see.\n/calculate 6.5*7.5"),
        ("tool", "48.75"),
        ("assistant", "6.5*7.5 is 48.75."),
    ]
    assert talk.conversation.messages[2].name == "calculate"
    assert talk.events[-1].usage.tool_seconds > 0


def test_a_tool_round_evaluates_the_result_and_its_role_markers_only(talk):
    talk = talk("/calculate 6*7\nahead", "42")
    talk.ask("6*7?")
    first, second = talk.events[-1].usage.rounds
    messages = talk.conversation.messages
    core = talk.core
    after_call = core.prompt_tokens([talk.conversation.view()[0], *messages[:2]])
    with_result = core.prompt_tokens([talk.conversation.view()[0], *messages[:3]])
    assert second.evaluated_tokens - (with_result - after_call) <= 1  # the marker that opens the next round
    assert second.prompt_tokens == second.reused_tokens + second.evaluated_tokens == with_result
    assert second.reused_tokens >= first.prompt_tokens


def test_several_calls_in_a_row(talk):
    talk = talk("/calculate 2*3", "/calculate 6*4\n", "24")
    talk.ask("2*3*4, in two steps: 2*3, then times 4")
    assert talk.calls == [("calculate", "2*3"), ("calculate", "6*4")]
    assert len(talk.events[-1].usage.rounds) == 3


def test_a_tools_error_is_a_result_that_the_model_reads(talk):
    talk = talk("/calculate nonsense", "That did not work.")
    assert talk.ask("go") == "That did not work."
    assert [ok for _, ok in talk.results] == [False]
    assert talk.conversation.messages[2].content == talk.results[0][0]


def test_a_mended_command_is_kept_in_the_right_form_without_its_ids(talk):
    talk = talk("So:\ncalculate(6*7)\n", "42")
    talk.ask("6*7?")
    assert talk.calls == [("calculate", "6*7")] and talk.notices == ["mended"]
    assert talk.said[1] == ("assistant", "So:\n/calculate 6*7")
    assert talk.conversation.messages[1].ids is None
    assert talk.of(Call)[0].raw == "calculate(6*7)"


def test_an_unknown_name_gets_the_nearest_ones(talk):
    talk = talk("/calculat 6*7\n", "/calculate 6*7\n", "42")
    assert talk.ask("6*7?") == "42"
    assert talk.notices == ["unknown-tool"] and talk.calls == [("calculate", "6*7")]
    assert talk.said[1][1] == "/calculat 6*7" and "did you mean: /calculate expression" in talk.said[2][1]


def test_in_the_last_round_nothing_is_recognised_and_no_grammar_holds(talk):
    talk = talk("/counter a", "/counter b", "/counter c")
    assert talk.ask("go", rounds=3) == "/counter c"
    assert talk.calls == [("counter", "a"), ("counter", "b")]
    assert talk.events[-1].reason == "rounds" and talk.notices == ["rounds"]


def test_the_grammar_knows_every_tool_and_is_off_in_the_last_round(talk):
    talk = talk("/counter a", "done")
    talk.ask("go", rounds=2)
    first, last = talk.core.grammars
    assert set(first.commands) == {"calculate", "counter", "items", "keep", "page", "sleep"} and last is None


def test_without_a_toolbox_everything_is_text(talk):
    talk = talk("/calculate 6*7\nmore")
    talk.toolbox = None
    assert talk.ask("/calculate 6*7") == "/calculate 6*7\nmore"
    assert talk.calls == [] and talk.events[-1].reason == "stop"


class TestOwnCommands:
    def test_run_at_once_without_the_core(self, talk):
        talk = talk()
        talk.core = None
        talk.ask("/calculate 6*7")
        assert [type(e) for e in talk.events] == [Call, Result, End] and talk.results == [("42", True)]
        assert talk.said == [("user", "/calculate 6*7"), ("assistant", "/calculate 6*7"), ("tool", "42")]

    def test_need_no_permission(self, talk):
        talk = talk()
        talk.ask("/keep the date")
        assert talk.results == [("kept the date", True)]

    def test_near_misses_too(self, talk):
        talk = talk()
        talk.ask("／Calculate(6*7)")
        assert talk.calls == [("calculate", "6*7")]

    def test_two_slashes_say_a_literal_one(self, talk):
        talk = talk("Yes.")
        assert talk.ask("//calculate is a command?") == "Yes."
        assert talk.said[0] == ("user", "/calculate is a command?")

    def test_a_wrong_name_is_told_to_the_user(self, talk):
        talk = talk()
        talk.ask("/calclate 6*7")
        assert talk.notices == ["unknown-tool"] and "/calculate" in talk.of(Notice)[0].text
        assert talk.said == []

    def test_a_path_goes_to_the_core(self, talk):
        talk = talk("A list of users.")
        assert talk.ask("/etc/passwd is what?") == "A list of users."


class TestPermission:
    def test_without_anybody_to_ask_it_is_refused(self, talk):
        talk = talk("/keep the date", "I could not.")
        assert talk.ask("save the date") == "I could not."
        assert talk.notices == ["refused"] and talk.results[0][1] is False and "-y" in talk.results[0][0]
        assert talk.said[2][1] == talk.results[0][0]

    @pytest.mark.parametrize(
        "answer, result", [(True, "kept the date"), (False, "not run: it was not allowed")]
    )
    def test_the_answer_counts(self, talk, answer, result):
        asked = []
        talk = talk("/keep the date", "Done.")
        talk.ask(
            "save the date", allow=lambda call, spec, reason: asked.append((call, spec, reason)) or answer
        )
        assert [(c.name, c.argument, s.name, r) for c, s, r in asked] == [
            ("keep", "the date", "keep", "confirm")
        ]
        assert talk.results[0][0].startswith(result)

    def test_an_edited_argument_is_what_runs_and_what_is_kept(self, talk):
        talk = talk("Saving.\n/keep the date", "Done.")
        talk.ask("save it", allow=lambda call, spec, reason: "the day")
        assert talk.calls == [("keep", "the day")] and talk.results == [("kept the day", True)]
        assert talk.said[1] == ("assistant", "Saving.\n/keep the day")
        assert talk.conversation.messages[1].ids is None

    def test_a_harmless_tool_is_not_asked_about(self, talk):
        talk = talk("/calculate 6*7", "42")
        talk.ask("6*7", allow=lambda *_: pytest.fail("asked"))
        assert talk.results == [("42", True)]

    def test_a_tool_may_ask_about_some_arguments_only(self, talk):
        asked = []
        talk = talk("/items add tea", "/items remove tea", "Done.")
        talk.ask("go", allow=lambda call, spec, reason: asked.append(call.argument) or True)
        assert asked == ["remove tea"] and len(talk.results) == 2

    def test_text_that_came_from_a_tool_is_asked_about_whatever_the_argument(self, talk):
        talk = talk("/page a", "/items sail at dawn please", "Done.")
        talk.ask("read page a and act")
        assert [ok for _, ok in talk.results] == [True, False]

    def test_text_that_came_from_a_tool_is_said_to_be_so(self, talk):
        reasons = []
        talk = talk("/page a", "/keep sail at dawn please", "Done.")
        talk.ask("read page a and act", allow=lambda call, spec, reason: reasons.append(reason) or True)
        assert reasons == ["tool-text"]

    def test_what_the_user_wrote_too_is_not_suspect(self, talk):
        reasons = []
        talk = talk("/page a", "/keep sail at dawn", "Done.")
        talk.ask("save 'sail at dawn'", allow=lambda call, spec, reason: reasons.append(reason) or True)
        assert reasons == ["confirm"]


class TestStopping:
    def test_what_was_said_is_kept_and_marked(self, talk):
        talk = talk(["One ", "two ", "three"], "Again.")
        events = talk.turn("count")
        texts = (event.text for event in events if isinstance(event, Text))
        assert [next(texts), next(texts)] == ["One ", "two "]
        events.close()
        assert talk.said == [("user", "count"), ("assistant", "One two ")]
        kept = talk.conversation.messages[-1]
        assert kept.stopped and kept.ids is not None
        assert talk.ask("go on") == "Again."
        assert talk.events[-1].usage.rounds[0].reused_tokens > len("One two ")

    def test_at_any_event(self, talk):
        rounds = (["Let me ", "see.\n", "/calculate 6*7\n"], ["It ", "is 42."])
        whole = list(talk(*rounds).turn("6*7?"))
        for stop in range(1, len(whole)):
            part = talk(*rounds)
            events = part.turn("6*7?")
            seen = [next(events) for _ in range(stop)]
            events.close()
            messages = part.conversation.messages
            roles = [m.role for m in messages]
            assert roles == ["user", "assistant", "tool", "assistant"][: len(roles)] and len(roles) > 1
            kept = "".join(m.content for m in messages if m.role == "assistant")
            assert kept.replace("/calculate 6*7", "") == "".join(e.text for e in seen if isinstance(e, Text))
            if roles[-1] == "assistant":
                assert messages[-1].stopped

    def test_the_next_turn_is_right(self, talk):
        talk = talk(["Let me see.\n", "/calculate 6*7\n"], "You are welcome.")
        events = talk.turn("6*7?")
        while not isinstance(next(events), Text):
            pass
        events.close()
        assert talk.ask("thanks") == "You are welcome."
        usage = talk.events[-1].usage.rounds[0]
        assert usage.evaluated_tokens == len("thanks") + 2  # and two role markers; the rest was reused

    def test_a_cancelled_turn_ends_by_itself(self, talk):
        said = []
        talk = talk(["a", "b", "c"])
        for event in talk.turn("go", cancelled=lambda: len(said) == 2):
            if isinstance(event, Text):
                said.append(event.text)
        assert isinstance(event, End) and event.reason == "cancelled"
        assert talk.said[-1] == ("assistant", "ab") and talk.conversation.messages[-1].stopped

    def test_in_a_tool(self, talk):
        talk = talk("/sleep 60", "never said")
        called = []
        for event in talk.turn("sleep", cancelled=lambda: bool(called)):
            if isinstance(event, Call):
                called.append(event)
        assert isinstance(event, End) and event.reason == "cancelled"
        assert [role for role, _ in talk.said] == ["user", "assistant", "tool"]
        assert len(talk.core.finish.ids) > 0

    def test_between_call_and_result_the_result_says_so(self, talk):
        talk = talk("/calculate 6*7", "42")
        events = talk.turn("6*7?")
        while not isinstance(next(events), Call):
            pass
        events.close()
        assert talk.said[-1] == ("tool", "stopped by the user before it was done")


@pytest.mark.parametrize("again", ["6, ", "no, it is not, ", "不是，", "-"])
def test_a_model_that_says_the_same_over_and_over_is_stopped(talk, again):
    talk = talk(["Well. ", *[again] * 1000], "I see.")
    said = talk.ask("go", sampling=Sampling(max_tokens=100_000))
    assert talk.notices == ["loop"] and talk.events[-1].reason == "stop"
    assert 600 <= len(said) <= 700 and ("Well. " + again * 1000).startswith(said)
    assert talk.ask("on") == "I see."


def test_a_long_list_or_table_is_no_repetition(talk):
    rows = [f"| row {n} | {n * n} | {'-' * 90} |\n" for n in range(30)]
    talk = talk(rows)
    assert talk.ask("go", sampling=Sampling(max_tokens=100_000)) == "".join(rows) and talk.notices == []


@pytest.mark.parametrize("text, said", [("abcdef", "abc"), ("/calculate 6*7\n", "/ca")])
def test_an_answer_cut_for_length_says_so_and_half_a_command_is_text(talk, text, said):
    talk = talk(text)
    assert talk.ask("go", sampling=Sampling(max_tokens=3)) == said
    assert talk.events[-1].reason == "length" and talk.said[-1] == ("assistant", said)
