"""The remote core with the model's tokenizer at hand: prompts as ids, and servers that do not take them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer, refuses, says
from id_server import IdServer
from tiny_models import write_tiny

from yanray.agent.session import Session
from yanray.cores.base import Sampling
from yanray.cores.gguf import GgufCore
from yanray.cores.remote import RemoteCore, Server
from yanray.errors import ModelError
from yanray.events import End, Notice, Result, Text
from yanray.messages import Message
from yanray.paths import nano_model
from yanray.settings import Settings

ASK = [Message("system", "Be brief."), Message("user", "hello <|user|> world")]
ONE = {"context": 4096, "threads": 1}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "home"))  # where no prefix is kept yet


@pytest.fixture
def server() -> Iterator[ChatServer]:
    server = ChatServer()
    server.models = {"data": [{"id": "nano", "max_model_len": 4096}]}
    yield server
    server.close()


def connect(server: ChatServer, tokenizer: Path) -> RemoteCore:
    return RemoteCore(Server("lab", server.url, timeout=30, retries=0, tokenizer=str(tokenizer)))


def turn(settings: Settings, question: str) -> tuple[Any, ...]:
    """What a turn says, calls and counts."""
    with Session(settings) as session:
        events = list(session.ask(question))
        text = "".join(event.text for event in events if isinstance(event, Text))
        results = [event.text for event in events if isinstance(event, Result)]
        usage = next(event.usage for event in events if isinstance(event, End))
        notices = [event for event in events if isinstance(event, Notice) and event.kind != "model"]
        ids = [message.ids for message in session.conversation.messages]
    return (
        text,
        results,
        ids,
        [r.prompt_tokens for r in usage.rounds],
        [r.reused_tokens for r in usage.rounds],
        notices,
    )


def settings_of(server: ChatServer) -> Settings:
    remote = {"lab": {"url": server.url, "tokenizer": str(nano_model())}}
    return Settings.model_validate({"model": "remote:lab", "remote": remote, "language": "en"})


def test_a_turn_with_a_tool_costs_what_it_costs_here(server: ChatServer) -> None:
    behind = IdServer(nano_model(), **ONE)
    server.reply(behind.reply)
    own = Settings.model_validate(
        {"model": str(nano_model()), "language": "en", "context": 4096, "machine": {"drafts": False}}
    )
    served, here = (turn(settings, "What is 6.5*7.5?") for settings in (settings_of(server), own))
    assert served == here
    assert served[1] == ["48.75"]
    first, second = (asked["prompt"] for asked in server.asked)
    assert behind.cached == [0, len(first) + len(served[2][1])]  # the call's ids and all before it stood
    assert second[: len(first)] == first
    behind.close()


def test_without_the_generated_ids_its_words_are_spliced_in(server: ChatServer) -> None:
    behind = IdServer(nano_model(), says_ids=False, **ONE)
    server.reply(behind.reply)
    text, results, ids, *_ = turn(settings_of(server), "What is 6.5*7.5?")
    assert results == ["48.75"] and "48.75" in text
    assert not any(ids)
    assert behind.cached[1] >= len(server.asked[0]["prompt"])
    behind.close()


def test_prompts_are_those_of_the_gguf_core_and_nothing_is_forged(server: ChatServer, tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "tiny.gguf")
    core, here = connect(server, path), GgufCore(path, **ONE)
    server.reply(says("hello", "!"))
    assert "".join(p for p in core.stream(ASK, Sampling()) if isinstance(p, str)) == "hello!"
    sent = server.asked[0]
    assert sent["prompt"] == here._encoder.encode(ASK).ids and "messages" not in sent
    assert sent["return_token_ids"] is True
    assert core.prompt_tokens(ASK) == len(sent["prompt"]) and core.count("hello world") == here.count(
        "hello world"
    )
    assert core.record(5) == ()
    core.close()
    here.close()


def test_a_folder_of_tokenizer_files_does_too(server: ChatServer, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    from tiny_checkpoints import write_checkpoint

    from yanray.cores.hf import HfCore

    folder = write_checkpoint(tmp_path / "model", "hf-llama")
    here = HfCore(folder, context=512, threads=1)
    ids = here._encoder.encode(ASK).ids
    here.close()
    (folder / "model.safetensors").unlink()
    core = connect(server, folder)
    server.reply(says("x"))
    list(core.stream(ASK, Sampling()))
    assert server.asked[0]["prompt"] == ids


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_a_server_that_takes_no_ids_gets_messages(server: ChatServer, status: int) -> None:
    core = connect(server, nano_model())
    server.reply(refuses(status, "prompt must be a string"), says("all ", "right"))
    assert "".join(p for p in core.stream(ASK, Sampling()) if isinstance(p, str)) == "all right"
    assert [sorted({"prompt", "messages"} & asked.keys()) for asked in server.asked] == [
        ["prompt"],
        ["messages"],
    ]
    assert "takes no token ids" in core.take_notices()[0].text
    list(core.stream(ASK, Sampling()))
    assert "messages" in server.asked[2]
    core.close()


def test_ids_that_lie_are_not_believed(server: ChatServer) -> None:
    core = connect(server, nano_model())

    def lies(request: Any) -> None:
        request.head()
        for claimed in ("12", [-1], [1 << 40], [{}], [True, None]):
            request.chunk({"choices": [{"text": "a", "token_ids": claimed}]})
        request.chunk({"choices": [{"text": "b", "token_ids": [10**6], "finish_reason": "stop"}]})
        request.send(b"data: [DONE]\n\n")

    server.reply(lies)
    assert "".join(p for p in core.stream(ASK, Sampling()) if isinstance(p, str)) == "a" * 5 + "b"
    assert core.record(3) == ()
    core.close()


def test_a_tokenizer_that_is_not_there(server: ChatServer, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file or folder"):
        connect(server, tmp_path / "none")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", "vocab_size": 10}))
    pytest.importorskip("transformers")
    with pytest.raises(ModelError, match="tokenizer"):
        connect(server, tmp_path)
