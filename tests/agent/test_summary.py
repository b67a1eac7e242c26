"""The summary of turns that no longer fit: optional, bounded, and never in place of the record."""

from __future__ import annotations

import pytest

from yanray.agent.conversation import Conversation
from yanray.agent.summary import INSTRUCTIONS, LONGEST
from yanray.agent.turn import run_turn
from yanray.cores.base import Sampling
from yanray.cores.scripted import ScriptedCore
from yanray.events import End, Notice
from yanray.messages import Message

TELL = INSTRUCTIONS["en"]
SAMPLING = Sampling(max_tokens=100)


@pytest.fixture
def conversation():
    talk = Conversation("Be kind.")
    for n in range(12):
        talk.messages += [
            Message("user", f"question {n} " + "q" * 60),
            Message("assistant", f"answer {n} " + "a" * 60),
        ]
    return talk


def ask(core, conversation, text="And now?", *, summary=TELL, **more):
    return list(run_turn(core, None, conversation, text, sampling=SAMPLING, summary=summary, **more))


def test_what_is_left_out_is_summed_up_before_the_oldest_message(conversation):
    core = ScriptedCore(["They spoke of\nnumbers.", "Yes."], context=1400)
    record = list(conversation.messages)
    events = ask(core, conversation)
    kinds = [event.kind for event in events if isinstance(event, Notice)]
    assert kinds[-1] == "summary" and set(kinds) == {"dropped", "summary"}
    asked, answered = core.prompts
    assert asked[0].content.startswith(TELL) and "question 0" in asked[0].content
    assert "question 11" not in asked[0].content
    oldest = answered[1].content
    assert oldest.startswith("[They spoke of numbers.]\n\nquestion ")
    assert conversation.messages[: len(record)] == record
    assert core.prompt_tokens(conversation.view()) <= 1400
    assert len(events[-1].usage.rounds) == 2


def test_the_next_one_sums_up_the_last_along(conversation):
    core = ScriptedCore(["First summary.", "Yes.", "Second summary.", "Yes again."], context=1400)
    ask(core, conversation)
    ask(core, conversation, "x" * 900)
    assert "before: First summary." in core.prompts[2][0].content
    assert conversation.view()[1].content.startswith("[Second summary.]")


def test_without_the_setting_nothing_is_summed_up(conversation):
    core = ScriptedCore(["Yes."], context=1400)
    events = ask(core, conversation, summary="")
    assert "summary" not in [event.kind for event in events if isinstance(event, Notice)]
    assert conversation.summary == ""


def test_one_that_is_stopped_is_not_used(conversation):
    core = ScriptedCore([["They ", "spoke."], "Yes."], context=1400)
    events = ask(core, conversation, cancelled=lambda: bool(core.prompts))
    assert conversation.summary == "" and isinstance(events[-1], End) and events[-1].reason == "cancelled"


def test_it_is_bounded(conversation):
    conversation.messages[0] = Message("user", "w" * 5000)
    core = ScriptedCore(["s" * 5000, "Yes."], context=1400)
    ask(core, conversation)
    assert len(core.prompts[0][0].content) <= 1050 + len(TELL) + 2
    assert len(conversation.summary) <= min(LONGEST, 1400 // 8)
