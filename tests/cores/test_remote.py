"""The remote core: against a server that behaves as a test says, and against llama.cpp's own."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from chat_server import ChatServer, Request, refuses, says, sends

from yanray.agent.session import Session, open_core
from yanray.cores.base import CommandGrammar, Sampling
from yanray.cores.ledger import ContextError
from yanray.cores.remote import RemoteCore, Server
from yanray.errors import ConfigError, ModelError
from yanray.events import Progress, Result, Text
from yanray.messages import Message
from yanray.models.choice import choose_model
from yanray.paths import nano_model
from yanray.settings import Settings

ASK = [Message("system", "Be brief."), Message("user", "hello")]
CHUNK = b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n'


@pytest.fixture
def server() -> Iterator[ChatServer]:
    server = ChatServer()
    yield server
    server.close()


def connect(server: ChatServer, **options: Any) -> RemoteCore:
    return RemoteCore(Server("lab", server.url, **{"timeout": 5, "retries": 0, **options}))


def say(core: RemoteCore, messages: list[Message] = ASK, **sampling: Any) -> str:
    return "".join(p for p in core.stream(messages, Sampling(**sampling)) if isinstance(p, str))


def test_a_round_streams_and_counts_what_the_server_reports(server: ChatServer) -> None:
    usage = {"prompt_tokens": 40, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 30}}
    server.reply(says("你", "好", "!", usage=usage))
    core = connect(server)
    pieces = list(core.stream(ASK, Sampling()))
    assert [p for p in pieces if isinstance(p, str)] == ["你", "好", "!"]
    assert isinstance(pieces[0], Progress)
    assert core.finish is not None and core.finish.reason == "stop"
    counts = core.finish.usage
    assert (counts.prompt_tokens, counts.reused_tokens, counts.evaluated_tokens) == (40, 30, 10)
    assert counts.generated_tokens == 3
    assert core.prompt_tokens(ASK) == 40  # the estimate has learned
    assert core.context == 1000 and core.name.startswith("parrot at 127.0.0.1")
    assert server.asked[0]["messages"][0] == {"role": "system", "content": "Be brief."}
    core.close()


def test_length_is_passed_on_and_enforced(server: ChatServer) -> None:
    server.reply(says("a", "b", reason="length"))
    core = connect(server)
    say(core)
    assert core.finish and core.finish.reason == "length"
    server.reply(sends(itertools.repeat(CHUNK)))  # one that never ends
    assert say(core, max_tokens=7) == "x" * 7
    assert core.finish and core.finish.reason == "length"
    assert server.gone.wait(20)


def test_closing_the_stream_hangs_up(server: ChatServer) -> None:
    def reply(request: Request) -> None:
        request.head()
        request.say("/clock\n", reason=None, done=False)
        server.wait_for_hang_up(request)

    server.reply(reply)
    core = connect(server)
    stream = core.stream(ASK, Sampling())
    assert [type(next(stream)) for _ in range(2)] == [Progress, str]
    stream.close()
    assert core.finish and core.finish.reason == "closed" and core.finish.usage.generated_tokens == 1
    assert core.record(6) == ()
    assert server.gone.wait(20)


@pytest.mark.parametrize("headers", [False, True], ids=["before it answers", "after its headers"])
def test_cancel_reaches_a_server_that_says_nothing(server: ChatServer, headers: bool) -> None:
    sent = threading.Event()

    def reply(request: Request) -> None:
        if headers:
            request.head()
        sent.set()
        server.wait_for_hang_up(request)

    server.reply(reply)
    core = connect(server, timeout=60)

    def cancel() -> None:
        sent.wait(20)
        core.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    assert say(core) == ""
    thread.join()
    assert core.finish and core.finish.reason == "closed"
    assert server.gone.wait(20)


def test_cancel_ends_a_pause_between_two_tries(server: ChatServer) -> None:
    server.reply(refuses(503, "loading", Retry_After="30"))
    core = connect(server, retries=1)

    def cancel() -> None:
        server.asking.wait(20)
        core.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    assert say(core) == ""
    thread.join()
    assert len(server.asked) == 1


def test_what_fails_before_the_first_word_is_tried_again(server: ChatServer) -> None:
    server.reply(refuses(503, "loading"), says("well"))
    core = connect(server, retries=2)
    assert say(core) == "well"
    assert len(server.asked) == 2
    assert [notice.kind for notice in core.take_notices()] == ["remote-retry"]
    assert core.take_notices() == []


def test_what_breaks_after_the_first_word_is_not(server: ChatServer) -> None:
    server.reply(says("half an", reason=None, done=False))
    core = connect(server, retries=2)
    with pytest.raises(ModelError, match="broke off in the answer, after 7 characters"):
        say(core)
    assert len(server.asked) == 1
    assert core.finish and core.finish.reason == "closed"


def test_a_server_cut_off_at_each_byte_gives_the_whole_or_an_error(server: ChatServer) -> None:
    whole = b"".join([CHUNK, CHUNK, b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\r\n\r\n'])
    core = connect(server)
    said = 0
    for end in range(0, len(whole) - 4, 9):
        server.reply(sends([whole[:end]]))
        with pytest.raises(ModelError):
            say(core)
    for cut in range(0, len(whole), 9):
        server.reply(sends([whole[:cut], whole[cut:]]))
        said += say(core) == "xx"
    assert said == len(range(0, len(whole), 9))


def test_chatter_without_progress_runs_into_the_time_limit(server: ChatServer) -> None:
    def reply(request: Request) -> None:
        request.head()
        while not server.stopped.wait(0.02):
            request.send(b": still here\n\n")

    server.reply(reply)
    core = connect(server, timeout=0.3)
    with pytest.raises(ModelError, match=r"nothing of use for 0\.3 s"):
        say(core)
    assert server.gone.wait(20)


@pytest.mark.parametrize(
    "reply, said",
    [
        (sends([b"<html>"], "text/html"), "text/html, not with an event stream"),
        (sends([b"data: {no json\n\n"]), "no JSON object: {no json"),
        (sends([b"data: [1, 2]\n\n"]), "no JSON object"),
        (sends([b'data: {"error": {"message": "out of memory"}}\n\n']), "reports: out of memory"),
        (sends([b"x" * (1 << 20), b"yz"]), "a line of more than"),
        (refuses(401, "who are you?"), "who are you.*remote.lab.key"),
        (refuses(404, "no such model"), "remote.lab.url"),
        (refuses(400, "maximum context length is 512 tokens"), "remote.lab.context"),
    ],
)
def test_a_server_that_lies_is_an_error_that_says_so(server: ChatServer, reply: Any, said: str) -> None:
    server.reply(reply)
    with pytest.raises(ModelError, match=said) as caught:
        say(connect(server))
    assert server.url in str(caught.value)


def test_counts_that_cannot_be_true_are_not_believed(server: ChatServer) -> None:
    core = connect(server)
    before = core.prompt_tokens(ASK)
    for usage in (
        {"prompt_tokens": -5, "completion_tokens": 1},
        {"prompt_tokens": "9"},
        {"prompt_tokens": 1},
    ):
        server.reply(says("a", "b", usage=usage))
        say(core)
        assert core.finish and core.finish.usage.prompt_tokens == before
        assert core.finish.usage.generated_tokens == 2
    server.reply(
        says(
            "a",
            usage={
                "prompt_tokens": 9,
                "completion_tokens": 1,
                "prompt_tokens_details": {"cached_tokens": 99},
            },
        )
    )
    say(core)
    assert core.finish and core.finish.usage.evaluated_tokens == 0


def test_a_character_in_two_halves_arrives_whole(server: ChatServer) -> None:
    server.reply(says("a\ud83d", "\ude00b"))
    core = connect(server)
    pieces = [piece for piece in core.stream(ASK, Sampling()) if isinstance(piece, str)]
    assert pieces == ["a", "😀b"]


def test_settings_that_the_server_refuses_are_left_out_and_named(server: ChatServer) -> None:
    server.reply(refuses(400, "unknown field: top_k"), refuses(422, "min_p, seed: extra"), says("fine"))
    core = connect(server)
    assert say(core, temperature=0.5) == "fine"
    assert [{"top_k", "min_p"} & set(body) for body in server.asked] == [{"top_k", "min_p"}, {"min_p"}, set()]
    assert [notice.kind for notice in core.take_notices()] == ["remote-setting"] * 2
    say(core, temperature=0.5)
    assert len(server.asked) == 4  # it remembers


def test_a_schema_is_asked_of_the_server(server: ChatServer) -> None:
    server.reply(says("true"), refuses(400, "unknown field: response_format"), says("yes"))
    core = connect(server)
    grammar = CommandGrammar({}, '{"type": "boolean"}')
    said = [
        "".join(p for p in core.stream(ASK, Sampling(), grammar=grammar) if isinstance(p, str)) for _ in "ab"
    ]
    assert said == ["true", "yes"]
    held = [body.get("response_format", {}).get("json_schema", {}).get("schema") for body in server.asked]
    assert held == [{"type": "boolean"}, {"type": "boolean"}, None]
    assert ["response_format" in notice.text for notice in core.take_notices()] == [True]


def test_results_have_the_tool_role_where_the_server_takes_it(server: ChatServer) -> None:
    talk = [*ASK, Message("assistant", "/clock", ids=(), core="any"), Message("tool", "12:00", name="clock")]

    def reply(request: Request) -> None:
        if any(message["role"] == "tool" for message in request.body["messages"]):
            request.refuse(400, "no role tool here")
        else:
            says("noon")(request)

    server.reply(says("noon"))
    assert say(connect(server), talk) == "noon"
    told = server.asked[0]["messages"][-1]
    assert (told["role"], told["content"], told["name"]) == ("tool", "12:00", "clock")
    server.reply(reply)
    core = connect(server)
    assert say(core, talk) == say(core, talk) == "noon"
    assert server.asked[-1]["messages"][-1] == {"role": "user", "content": "12:00"}
    assert len(server.asked) == 4  # tool; tool, user; user
    with pytest.raises(ModelError, match="no role tool"):
        say(connect(server, tool_role="tool"), talk)


def test_a_prompt_beyond_the_context_is_not_sent(server: ChatServer) -> None:
    core = connect(server, context=100)
    with pytest.raises(ContextError) as caught:
        say(core, [Message("user", "hello " * 300)])
    assert caught.value.tokens > caught.value.context == 100
    assert server.asked == []


def test_the_key_comes_from_the_environment(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.model_validate({"remote": {"lab": {"url": server.url, "key": "env:LAB_KEY"}}})
    monkeypatch.delenv("LAB_KEY", raising=False)
    path = choose_model(settings, "remote:lab")
    with pytest.raises(ConfigError, match="LAB_KEY"):
        open_core(path, settings)
    monkeypatch.setenv("LAB_KEY", "sesame")
    open_core(path, settings).close()
    assert server.keys == ["Bearer sesame"]
    with pytest.raises(ModelError, match="there are: lab"):
        choose_model(settings, "remote:elsewhere")


def test_the_model_is_named_where_the_server_has_several(server: ChatServer) -> None:
    server.models = {"data": [{"id": "one", "meta": {"n_ctx_train": 512}}, {"id": "two"}]}
    with pytest.raises(ModelError, match=r"lists one, two; name one as `remote\.lab\.model`"):
        connect(server)
    assert connect(server, model="one").context == 512
    assert connect(server, model="two").context == 8192
    server.models = refuses(404, "no list here")
    assert connect(server, model="any").identity.endswith(":any")
    server.models = refuses(403, "keep out")
    with pytest.raises(ModelError, match=r"keep out.*remote\.lab\.key"):
        connect(server)


def test_a_server_that_is_away_is_an_error_with_a_remedy(server: ChatServer) -> None:
    core = connect(server)
    server.close()
    for attempt in (lambda: say(core), lambda: connect(server)):
        with pytest.raises(ModelError, match=r"cannot be reached.*start the server"):
            attempt()


@pytest.fixture(scope="module")
def llama_server() -> Iterator[str]:
    """llama.cpp's own server on the embedded model: its address."""
    command = [sys.executable, "-m", "llama_cpp.server", "--host", "127.0.0.1", "--port", "0"]
    command += ["--model", str(nano_model()), "--n_ctx", "4096", "--n_threads", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = next((line for line in process.stderr if "Uvicorn running" in line), "it ended")
    drain = threading.Thread(target=process.stderr.read)  # or the server would stop at a full pipe
    drain.start()
    yield said.split("running on ")[1].split()[0] + "/v1"
    process.terminate()
    process.wait(20)
    drain.join()
    process.stderr.close()


def test_a_whole_turn_on_llama_cpps_server_goes_as_in_the_gguf_core(llama_server: str) -> None:
    remote = {"lab": {"url": llama_server}}
    served = Settings.model_validate({"model": "remote:lab", "remote": remote, "language": "en"})
    own = Settings.model_validate({"model": str(nano_model()), "language": "en", "context": 4096})
    turns = []
    for settings in (served, own):
        with Session(settings) as session:
            events = list(session.ask("What is 6.5*7.5?"))
            text = "".join(event.text for event in events if isinstance(event, Text))
            results = [event.text for event in events if isinstance(event, Result)]
            turns.append((text, results, [m.content for m in session.conversation.messages]))
    assert turns[0] == turns[1]
    assert turns[0][1] == ["48.75"]


def test_llama_cpps_server_is_left_in_the_middle_and_asked_again(llama_server: str) -> None:
    core = RemoteCore(Server("lab", llama_server, timeout=60))
    stream = core.stream(ASK, Sampling(max_tokens=200))
    while not isinstance(next(stream), str):
        pass
    stream.close()
    first = say(core, max_tokens=20)
    assert first and say(core, max_tokens=20) == first


def test_llama_cpps_server_takes_no_ids_and_is_asked_with_messages(llama_server: str) -> None:
    core = RemoteCore(Server("lab", llama_server, timeout=60, tokenizer=str(nano_model())))
    plain = RemoteCore(Server("lab", llama_server, timeout=60))
    assert say(core, max_tokens=20) == say(plain, max_tokens=20)
    assert any("takes no token ids" in notice.text for notice in core.take_notices())
    core.close()
