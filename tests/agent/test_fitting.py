"""Fitting a conversation to the context: what goes first, what is told, what never goes."""

from __future__ import annotations

import pytest

from yanray.agent.conversation import Conversation
from yanray.agent.fitting import TooLongError, fit
from yanray.cores.scripted import ScriptedCore
from yanray.messages import Message

SYSTEM = "You are a test."


def conversation(*turns):
    """Turns of (question, result or None, answer)."""
    talk = Conversation(SYSTEM)
    for question, result, answer in turns:
        talk.add(Message("user", question))
        if result is not None:
            talk.add(Message("assistant", "/page 1"))
            talk.add(Message("tool", result, name="page"))
        if answer:
            talk.add(Message("assistant", answer))
    return talk


def fitted(talk, context, reserve=0):
    core = ScriptedCore([], context=context)
    notices = list(fit(core, talk, reserve))
    assert core.prompt_tokens(talk.view()) <= context
    return [notice.kind for notice in notices]


def contents(talk):
    return [message.content for message in talk.view()]


def test_what_fits_is_left_alone():
    talk = conversation(("q", "r" * 50, "a"), ("q2", None, ""))
    before = talk.view()
    assert fitted(talk, 500) == [] and talk.view() == before


def test_old_results_are_folded_first_and_the_record_keeps_them():
    talk = conversation(("first", "r" * 400, "a1"), ("second", "s" * 400, "a2"), ("now", None, ""))
    assert fitted(talk, 800) == ["folded"]
    assert contents(talk)[3] == "[result of /page left out: 400 characters]" and "s" * 400 in contents(talk)
    assert talk.messages[2].content == "r" * 400


def test_then_whole_oldest_turns_go():
    talk = conversation(
        *[(f"question {n} " + "q" * 100, None, "a" * 100) for n in range(5)], ("now", None, "")
    )
    kinds = fitted(talk, 800)
    assert set(kinds) == {"dropped"}
    seen = contents(talk)
    assert seen[0] == SYSTEM and seen[-1] == "now" and talk.view()[1].role == "user"
    assert len(seen) == 2 * (5 - len(kinds)) + 2


def test_once_something_goes_there_is_room_for_a_while():
    talk = conversation(*[("q" * 100, None, "a" * 100) for _ in range(9)], ("now", None, ""))
    core = ScriptedCore([], context=1000)
    list(fit(core, talk, 0))
    assert core.prompt_tokens(talk.view()) <= 750
    assert list(fit(core, talk, 0)) == []


def test_the_turn_at_hand_gives_up_its_older_results_then_part_of_the_last():
    talk = conversation(("now", "r" * 300, ""))
    talk.add(Message("assistant", "/page 2"))
    talk.add(Message("tool", "s" * 2000, name="page"))
    assert fitted(talk, 800) == ["folded", "shortened"]
    last = contents(talk)[-1]
    assert last.startswith("ssss") and last.endswith("of 2000 characters]") and len(last) > 200


def test_a_quarter_at_most_is_kept_for_the_answer():
    talk = conversation(("q" * 600, None, ""))
    assert fitted(talk, 1000, reserve=10_000) == []


def test_what_can_never_fit_is_an_error_with_the_numbers():
    talk = conversation(("old", None, "a"), ("q" * 900, None, ""))
    with pytest.raises(TooLongError, match=r"holds 500 tokens.* take 15, your message 900: shorten"):
        fitted(talk, 500)


def test_through_the_loop_the_message_is_taken_back(talk):
    talk = talk("Fine.", context=400)
    with pytest.raises(TooLongError):
        list(talk.turn("q" * 900))
    assert talk.said == []
    assert talk.ask("hi") == "Fine."


def test_through_the_loop_a_long_result_is_cut_and_told(talk):
    talk = talk("/page 3000", "It is a plan.", context=1000)
    assert talk.ask("show it") == "It is a plan."
    assert talk.notices == ["shortened"]
    assert len(talk.results[0][0]) > 3000 and talk.conversation.messages[2].content == talk.results[0][0]


def test_a_message_that_can_never_fit_costs_no_old_turn():
    talk = conversation(("first", "r" * 100, "a1"), ("second", None, "a2"), ("x" * 900, None, ""))
    before = talk.view()
    with pytest.raises(TooLongError):
        list(fit(ScriptedCore([], context=500), talk, 0))
    assert talk.view() == before and talk.start == 0 and not talk.folded
