"""Tools of MCP servers, as `server.tool`: programs that are started, or addresses (streamable HTTP).

All servers live in one thread with an event loop, so that none can hold up the chat: every wait has a limit,
and a server that hangs, dies or talks nonsense makes one call fail and is started afresh for the next.
What a server's program may do on this machine is not limited here: it is as trusted as any program.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib.util
import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanray.errors import ToolError
from yanray.toolbox.box import Outcome
from yanray.toolbox.loading import NAME, Problem
from yanray.toolbox.mcp_schema import arguments, shown, spec_for
from yanray.toolbox.spec import ToolSpec
from yanray.toolbox.text import capped, readable
from yanray.toolbox.worker import POLL

if TYPE_CHECKING:
    from yanray.settings import McpServer

CLOSE_SECONDS = 5.0
MOST_TOOLS, MOST_PAGES = 64, 16  # of one server
_WORDS = 300  # characters of what a server wrote before it died
_CONFIG = Path("config.yaml")


@dataclass(slots=True)
class _Server:
    """A server: what was asked for, and what it has said."""

    name: str
    settings: McpServer
    specs: dict[str, ToolSpec] = field(default_factory=dict)
    tools: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)  # its own name, schema
    problems: list[Problem] = field(default_factory=list)
    client: Any = None
    task: asyncio.Task[None] | None = None
    ending: bool = False
    known: threading.Event = field(default_factory=threading.Event)  # it has answered, or failed

    def problem(self, text: str) -> None:
        self.problems.append(Problem(_CONFIG, None, f"mcpServers: {self.name}: {text}"))


class McpServers:
    """The tools of SERVERS (name -> settings), for `Toolbox(sources=...)`.

    The servers start at once, in the background. output_chars: of a result. start_seconds: for a server to
    start and name its tools.
    """

    def __init__(
        self, servers: Mapping[str, McpServer], *, output_chars: int = 6000, start_seconds: float = 20.0
    ) -> None:
        self._output = output_chars
        self._patience = start_seconds
        self._servers = {
            name: _Server(name, settings) for name, settings in servers.items() if not settings.disabled
        }
        self._loop = asyncio.new_event_loop()
        self._closed = False
        self._thread = threading.Thread(target=self._loop.run_forever, name="yanray-mcp", daemon=True)
        self._thread.start()
        for server in self._servers.values():
            if reason := _unfit(server):
                server.problem(reason)
                server.known.set()
            else:
                self._submit(self._start(server))

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """The tools of the servers that have answered; waits for those that are still starting."""
        self._wait()
        return [spec for server in self._servers.values() for spec in server.specs.values()]

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with the servers."""
        self._wait()
        return [problem for server in self._servers.values() for problem in server.problems]

    def run(self, name: str, argument: str, *, cancelled: Callable[[], bool] | None = None) -> Outcome:
        """Call the tool NAME."""
        begun = time.perf_counter()
        server = next(each for each in self._servers.values() if name in each.specs)
        try:
            given = arguments(server.specs[name], server.tools[name][1], argument)
            future = self._submit(self._call(server, name, given))
            text, ok = self._result(future, server, cancelled)
        except ToolError as error:
            text, ok = str(error), False
        return Outcome(capped(text, self._output), ok, time.perf_counter() - begun)

    def close(self) -> None:
        """End the servers that were started here."""
        if self._closed:
            return
        self._closed = True
        with suppress(concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            self._submit(self._stop_all()).result(CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    # -- from other threads

    def _submit(self, coroutine: Any) -> concurrent.futures.Future[Any]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _wait(self) -> None:
        deadline = time.monotonic() + self._patience + 1
        for server in self._servers.values():
            server.known.wait(max(0.0, deadline - time.monotonic()))

    def _result(
        self,
        future: concurrent.futures.Future[tuple[str, bool]],
        server: _Server,
        cancelled: Callable[[], bool] | None,
    ) -> tuple[str, bool]:
        limit = time.monotonic() + server.settings.timeout + self._patience + CLOSE_SECONDS
        while True:
            try:
                return future.result(POLL if cancelled else limit - time.monotonic())
            except concurrent.futures.TimeoutError:
                if cancelled is not None and cancelled():
                    future.cancel()
                    self._submit(self._stop(server))
                    raise ToolError("it was stopped") from None
                if time.monotonic() > limit:
                    raise ToolError(f"the MCP server {server.name} does not answer") from None

    # -- in the loop

    async def _start(self, server: _Server) -> None:
        """Connect to SERVER and ask for its tools; what fails becomes its problem."""
        connected = asyncio.Event()
        server.problems.clear()
        server.ending = False
        server.task = asyncio.create_task(self._serve(server, connected))
        waiting = asyncio.create_task(connected.wait())
        await asyncio.wait(
            {server.task, waiting}, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        if not connected.is_set() and not server.task.done():
            server.problem(f"did not answer within {self._patience:g} s")
            _end(server)
        server.known.set()

    async def _serve(self, server: _Server, connected: asyncio.Event) -> None:
        """Hold the connection until this task, which must be the one that leaves it again, is cancelled."""
        with tempfile.TemporaryFile() as words:
            try:
                async with _connection(server.settings, words) as client:
                    await _list_tools(client, server)
                    server.client = client
                    connected.set()
                    await asyncio.Event().wait()
            except Exception as error:  # noqa: BLE001 - a server that dies or lies raises whatever mcp does
                server.problem(f"{_reason(error)}{_last_words(words)}")
            finally:
                server.client = None

    async def _call(self, server: _Server, name: str, given: dict[str, Any]) -> tuple[str, bool]:
        if server.client is None:
            await self._stop(server)
            await self._start(server)
        if server.client is None:
            raise ToolError(
                f"the MCP server {server.name} is away: {server.problems[-1].text if server.problems else ''}"
            )
        seconds = server.settings.timeout
        try:
            answer = await asyncio.wait_for(server.client.call_tool(server.tools[name][0], given), seconds)
            content = shown(answer.content, self._output)
            if not content and answer.structured_content:
                content = json.dumps(answer.structured_content, ensure_ascii=False)
            return content or "(nothing)", not answer.is_error
        except asyncio.TimeoutError:
            reason = f"{name} took longer than {seconds:g} s and was stopped; ask for less"
        except Exception as error:  # noqa: BLE001 - a server that dies or lies raises whatever its library does
            reason = f"{name} failed: {_reason(error)}"
            if _is_answer(error):
                raise ToolError(reason) from None
        await self._stop(server)
        raise ToolError(reason)

    async def _stop(self, server: _Server) -> None:
        if server.task is not None and not server.task.done():
            _end(server)
            await asyncio.wait({server.task}, timeout=CLOSE_SECONDS)

    async def _stop_all(self) -> None:
        await asyncio.gather(*(self._stop(server) for server in self._servers.values()))


def _end(server: _Server) -> None:
    """Cancel the server's task; once, for a second time would break off its tidying up."""
    if server.task is not None and not server.ending:
        server.ending = True
        server.task.cancel()


@asynccontextmanager
async def _connection(settings: McpServer, words: Any) -> AsyncIterator[Any]:
    """A client of the server that SETTINGS name, connected."""
    from mcp import Client, StdioServerParameters, stdio_client

    logging.getLogger("mcp").addHandler(logging.NullHandler())  # what it logs would stand in the chat
    if settings.command:
        program = StdioServerParameters(
            command=settings.command,
            args=settings.args,
            env=_resolved(settings.env),
            cwd=settings.cwd or None,
        )
        async with Client(stdio_client(program, errlog=words)) as client:
            yield client
        return
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    limits = httpx2.Timeout(settings.timeout, read=settings.timeout + 5)
    async with (
        httpx2.AsyncClient(headers=_resolved(settings.headers), timeout=limits) as web,
        Client(streamable_http_client(settings.url, http_client=web)) as client,
    ):
        yield client


async def _list_tools(client: Any, server: _Server) -> None:
    specs: dict[str, ToolSpec] = {}
    tools: dict[str, tuple[str, Mapping[str, Any]]] = {}
    cursor = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools[:MOST_TOOLS]:
            try:
                spec = spec_for(
                    server.name, tool.name, tool.description or "", tool.input_schema,
                    timeout=server.settings.timeout, confirm=server.settings.confirm,
                )  # fmt: skip
            except ValueError as error:
                server.problem(str(error))
                continue
            specs[spec.name], tools[spec.name] = spec, (tool.name, tool.input_schema)
        cursor = page.next_cursor
        if not cursor or len(specs) >= MOST_TOOLS:
            break
    if len(specs) > MOST_TOOLS:
        server.problem(f"has more than {MOST_TOOLS} tools; the first are offered")
    server.specs, server.tools = dict(list(specs.items())[:MOST_TOOLS]), tools


def _unfit(server: _Server) -> str:
    """Why SERVER cannot even be started."""
    if not NAME.fullmatch(server.name):
        return "rename it: a server's name is a lower-case letter, then a-z, 0-9, _ and -"
    if importlib.util.find_spec("mcp") is None:
        return "needs the package mcp: pip install 'yanray[mcp]'"
    values = [*server.settings.env.values(), *server.settings.headers.values()]
    missing = [value[4:] for value in values if value.startswith("env:") and value[4:] not in os.environ]
    return f"the environment variable {missing[0]} is not set" if missing else ""


def _resolved(values: Mapping[str, str]) -> dict[str, str]:
    """VALUES with each "env:NAME" read from the environment."""
    return {
        key: os.environ[value[4:]] if value.startswith("env:") else value for key, value in values.items()
    }


def _is_answer(error: Exception) -> bool:
    """Whether ERROR is the server's own refusal, so that it is alive and need not be started again."""
    from mcp import MCPError
    from mcp.types import CONNECTION_CLOSED

    return isinstance(error, MCPError) and error.code != CONNECTION_CLOSED


def _reason(error: BaseException) -> str:
    while inner := getattr(error, "exceptions", ()):  # a group, which Python 3.10 does not know by name
        error = inner[0]
    if isinstance(error, FileNotFoundError):
        return f"there is no program {error.filename!r}"
    return f"{' '.join(str(error).split())[:200] or type(error).__name__}"


def _last_words(file: Any) -> str:
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - _WORDS))
    text = " ".join(readable(file.read()).split())
    return f" ({text})" if text else ""
