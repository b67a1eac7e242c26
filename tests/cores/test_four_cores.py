"""One conversation in the four cores, with a sampler that follows a script: the same events, the same reuse.

The remote core asks a server whose KV cache is a ledger of its own, and which reports what it reused.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer, Request
from forced import forced
from tiny_checkpoints import write_checkpoint
from tiny_models import EXACT, write_tiny

from yanray.agent.conversation import Conversation
from yanray.agent.session import tool_folders
from yanray.agent.turn import run_turn
from yanray.cores.base import Sampling
from yanray.cores.gguf import GgufCore
from yanray.cores.remote import RemoteCore, Server
from yanray.cores.scripted import ScriptedCore
from yanray.events import Call, End, Notice, Progress, Result, RoundUsage, Text
from yanray.messages import Message
from yanray.toolbox.box import Toolbox

QUESTIONS = ("What is 6*7?", "And 7*8, and 56+1?", "Thank you!")
SCRIPT = (
    "/calculate 6*7",
    "6*7 is 42.",
    "First the product.\n/calculate 7*8",
    "/calculate 56+1",
    "56, and **57**.\n\nAnything else?",
    "You are welcome.",
)
EXPECTED = [
    [("call", "6*7"), ("result", "42"), ("text", "6*7 is 42."), ("end", "stop")],
    [
        ("text", "First the product.\n"),
        ("call", "7*8"),
        ("result", "56"),
        ("call", "56+1"),
        ("result", "57"),
        ("text", "56, and **57**.\n\nAnything else?"),
        ("end", "stop"),
    ],
    [("text", "You are welcome."), ("end", "stop")],
]


@pytest.fixture(scope="module")
def toolbox() -> Iterator[Toolbox]:
    box = Toolbox(tool_folders(), enabled=["calculate"])
    yield box
    box.close()


@pytest.fixture(params=["scripted", "gguf", "hf", "remote"])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    made: Any
    if request.param == "remote":
        server = ChatServer()
        answers = ScriptedCore(SCRIPT)
        server.reply(lambda asked: _answer(asked, answers))
        try:
            made = RemoteCore(Server("lab", server.url))
            yield made
            made.close()
        finally:
            server.close()
        return
    if request.param == "scripted":
        made = ScriptedCore(SCRIPT)
    elif request.param == "gguf":
        made = forced(GgufCore, write_tiny(tmp_path / "tiny.gguf"), SCRIPT, "<|user|>", **EXACT)
    else:
        pytest.importorskip("transformers")
        from yanray.cores.hf import HfCore

        folder = write_checkpoint(tmp_path / "llama", "hf-llama")
        made = forced(HfCore, folder, SCRIPT, "<|user|>", context=2048, threads=1)
    yield made
    made.close()


def _answer(asked: Request, core: ScriptedCore) -> None:
    """One round of CORE, as a server sends it."""
    messages = [Message(each["role"], each["content"]) for each in asked.body["messages"]]
    asked.head()
    for piece in core.stream(messages, Sampling()):
        if isinstance(piece, str):
            asked.say(piece, reason=None, done=False)
    assert core.finish is not None
    usage = core.finish.usage
    counts = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.generated_tokens}
    asked.say(usage={**counts, "prompt_tokens_details": {"cached_tokens": usage.reused_tokens}})


def told(events: list[Any]) -> list[tuple[str, str]]:
    """EVENTS as pairs, neighbouring texts joined, without progress and times."""
    found: list[tuple[str, str]] = []
    for event in events:
        match event:
            case Text(text) if found and found[-1][0] == "text":
                found[-1] = ("text", found[-1][1] + text)
            case Text(text):
                found.append(("text", text))
            case Call(argument=argument):
                found.append(("call", argument))
            case Result(text=text):
                found.append(("result", text))
            case Notice(kind=kind):
                found.append(("notice", kind))
            case End(reason=reason):
                found.append(("end", reason))
            case other:
                assert isinstance(other, Progress)
    return found


def test_one_conversation_has_the_same_events_and_the_same_reuse(core: Any, toolbox: Toolbox) -> None:
    conversation = Conversation("You are the assistant.")
    seen, rounds = [], list[RoundUsage]()
    for question in QUESTIONS:
        events = list(run_turn(core, toolbox, conversation, question, sampling=Sampling()))
        seen.append(told(events))
        rounds += events[-1].usage.rounds
    assert seen == EXPECTED
    assert [message.content for message in conversation.messages if message.role == "assistant"] == [*SCRIPT]
    assert rounds[0].reused_tokens == 0 and len(rounds) == len(SCRIPT)
    for before, after in pairwise(rounds):  # nothing that stood in the cache was evaluated again
        assert after.reused_tokens == before.prompt_tokens + before.generated_tokens
        assert after.evaluated_tokens == after.prompt_tokens - after.reused_tokens > 0
