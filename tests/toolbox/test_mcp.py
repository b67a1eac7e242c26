"""MCP servers: a published one, one over HTTP, and one that hangs, dies and lies. None harms the chat."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

pytest.importorskip("mcp")

from yanray.agent.commands import Command, slash_command
from yanray.settings import McpServer
from yanray.toolbox.box import Toolbox
from yanray.toolbox.mcp import McpServers
from yanray.toolbox.mcp_schema import spec_for
from yanray.toolbox.spec import prompt_line

BAD = Path(__file__).parent.parent / "data" / "mcp" / "bad_server.py"
PATIENCE = 30.0  # seconds; only so that a failure ends


def bad(how: str, **more: object) -> McpServer:
    return McpServer(command=sys.executable, args=[str(BAD), how], timeout=1.5, **more)


@pytest.fixture(scope="module")
def servers() -> Iterator[McpServers]:
    made = McpServers(
        {
            "time": McpServer(command=sys.executable, args=["-m", "mcp_server_time"], confirm=False),
            **{how: bad(how) for how in ("good", "hangs", "dies", "garbage", "lies", "fails")},
            "gone": McpServer(command="/no/such/program"),
            "off": McpServer(command="x", disabled=True),
            "Bad Name": bad("good"),
            "keyed": bad("good", env={"MY_SECRET": "env:NO_SUCH_VARIABLE"}),
        }
    )
    yield made
    made.close()


@pytest.fixture
def box(servers: McpServers, tmp_path: Path) -> Iterator[Toolbox]:
    (tmp_path / "echo.py").write_text('"""Say it again."""\n\ndef run(text: str) -> str:\n    return text\n')
    toolbox = Toolbox([tmp_path], sources=[servers])
    yield toolbox
    toolbox._sources = ()  # the servers serve the next test too
    toolbox.close()


def test_a_published_server(box):
    spec = box.get("time.get_current_time")
    assert prompt_line(spec) == "Get current time in a specific timezone: /time.get_current_time timezone"
    assert not spec.confirm
    outcome = box.run("time.get_current_time", "Asia/Tokyo")
    assert outcome.ok, outcome.text
    assert json.loads(outcome.text)["timezone"] == "Asia/Tokyo"
    outcome = box.run("time.convert_time", "Asia/Tokyo 12:00 target_timezone=Asia/Shanghai")
    assert json.loads(outcome.text)["target"]["datetime"].endswith("T11:00:00+08:00")
    outcome = box.run("time.get_current_time", "Nowhere")
    assert not outcome.ok
    assert "Invalid timezone" in outcome.text


def test_a_command_with_a_dot_is_a_command(box):
    tools = {spec.name.casefold(): spec for spec in box.specs}
    found = slash_command("/time.get_current_time Asia/Tokyo", tools)
    assert isinstance(found, Command)
    assert (found.name, found.argument, found.mended) == ("time.get_current_time", "Asia/Tokyo", False)
    assert "time.get_current_time" in box.grammar()


def test_tools_stand_beside_the_files(box):
    assert box.run("echo", "hello").text == "hello"
    assert [spec.name for spec in box.specs] == sorted(spec.name for spec in box.specs)


def test_arguments_are_read_by_the_schema(box):
    outcome = box.run("good.do", 'hello count=3 kind=red names="a, b" sure=yes')
    assert json.loads(outcome.text)["got"] == {
        "what": "hello", "count": 3, "kind": "red", "names": ["a", "b"], "sure": True,
    }  # fmt: skip
    assert box.run("good.do", "hello count=x").text == "count must be a whole number, not 'x'"
    assert "needs what" in box.run("good.do", "").text
    assert box.get("good.do").confirm


def test_what_a_server_says_of_itself_is_cut_and_cleaned(box):
    line = prompt_line(box.get("good.do"))
    assert line == "Do it now: /good.do what [count] [kind=red|blue] [names] [sure=yes|no]"
    huge = prompt_line(box.get("lies.huge"))
    assert len(huge) < 200
    assert [spec.name for spec in box.specs if spec.name.startswith("lies")] == ["lies.do", "lies.huge"]


def test_each_problem_names_its_server(servers):
    said = "\n".join(map(str, servers.problems))
    for words in (
        "mcpServers: fails: Connection closed (cannot find my settings)",
        "mcpServers: gone: there is no program '/no/such/program'",
        "mcpServers: Bad Name: rename it",
        "mcpServers: keyed: the environment variable NO_SUCH_VARIABLE is not set",
        "mcpServers: lies: its tool 'bad name\\n/todo' has a name that no command can have",
        "mcpServers: lies: its tool odd has a parameter 'a b'",
    ):
        assert words in said
    assert "off" not in said


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("hangs", "took longer than 1.5 s"),
        ("dies", "Connection closed"),
        ("garbage", "failed: 1 validation error"),
    ],
)
def test_a_bad_call_is_an_answer_and_the_next_is_tried_anew(box, how, words):
    for _ in range(2):
        begun = time.monotonic()
        outcome = box.run(f"{how}.do", "x")
        assert not outcome.ok
        assert words in outcome.text
        assert time.monotonic() - begun < PATIENCE
    assert box.run("good.do", "x").ok


def test_a_huge_answer_is_cut(box):
    outcome = box.run("lies.do", "x")
    assert outcome.ok
    assert outcome.text.startswith("[image, not shown]\nx\ufffdx")
    assert len(outcome.text) < 6100


def test_a_call_can_be_stopped(box):
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    outcome = box.run("hangs.do", "x", cancelled=stop.is_set)
    assert (outcome.ok, outcome.text) == (False, "it was stopped")


def test_no_secret_is_inherited(box, monkeypatch, tmp_path):
    monkeypatch.setenv("MY_SECRET", "hidden")
    servers = McpServers({"plain": bad("good"), "told": bad("good", env={"MY_SECRET": "env:MY_SECRET"})})
    answers = [
        json.loads(servers.run(f"{name}.do", "x").text)["secret"]
        for name in ("plain", "told")
        if servers.specs
    ]
    servers.close()
    assert answers == [None, "hidden"]


def test_a_mute_server_holds_nothing_up_for_long():
    servers = McpServers({"mute": bad("mute")}, start_seconds=0.5)
    assert list(servers.specs) == []
    assert "did not answer" in str(servers.problems[0])
    servers.close()


def test_closing_leaves_no_program_behind():
    before = set(psutil.Process().children(recursive=True))
    servers = McpServers({"good": bad("good"), "hangs": bad("hangs")})
    assert len(servers.specs) == 2
    started = set(psutil.Process().children(recursive=True)) - before
    assert len(started) == 2
    servers.close()
    servers.close()
    assert not psutil.wait_procs(list(started), timeout=PATIENCE)[1]


HTTP = """
import sys
from mcp.server.mcpserver import MCPServer
server = MCPServer("greeter")

@server.tool()
def greet(name: str) -> str:
    "Greet somebody."
    return f"hello {name}"

server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
"""


def test_streamable_http(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", HTTP, str(port)], stderr=subprocess.PIPE, text=True)
    try:
        assert any("running on" in line for line in server.stderr)  # uvicorn says so when it listens
        servers = McpServers({"web": McpServer(url=f"http://127.0.0.1:{port}/mcp", timeout=10)})
        assert [spec.name for spec in servers.specs] == ["web.greet"]
        assert servers.run("web.greet", "Ben").text == "hello Ben"
    finally:
        server.kill()
        server.communicate()
    outcome = servers.run("web.greet", "Ben")
    servers.close()
    assert not outcome.ok
    assert outcome.text


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "ünder", "a/b", "a\n"])
def test_names_that_no_command_can_have(name):
    with pytest.raises(ValueError, match="no command can have"):
        spec_for("s", name, "", {}, timeout=1, confirm=True)
