"""The toolbox: every tool that there is, and the way to run one.

A tool's fault is an `Outcome`, never an exception: the model reads it and tries something else. A file that
does not load is a `Problem`, and the rest work.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from yanray.toolbox import ALLOWED_HOSTS, loading
from yanray.toolbox.grammar import argument_grammar
from yanray.toolbox.loading import Problem, ToolFile
from yanray.toolbox.spec import ToolSpec
from yanray.toolbox.text import capped, clean
from yanray.toolbox.worker import POLL, Cancelled, Worker, WorkerError

__all__ = ["Outcome", "Problem", "Source", "Toolbox"]

LOAD_SECONDS = 60.0  # for a tool's file and what it imports, on a slow card


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call gave: `text` for the model; ok is False when it is an error. printed: what the tool
    printed."""

    text: str
    ok: bool
    seconds: float
    printed: str = ""


class Source(Protocol):
    """Tools that are not files, such as an MCP server's."""

    @property
    def specs(self) -> Sequence[ToolSpec]: ...

    @property
    def problems(self) -> Sequence[Problem]: ...

    def run(self, name: str, argument: str, *, cancelled: Callable[[], bool] | None = None) -> Outcome: ...

    def close(self) -> None: ...


class Toolbox:
    """The tools in FOLDERS (a later folder wins by name) and of SOURCES.

    enabled: "all", or the names to offer. timeout: seconds for a call where the file does not say.
    memory_mib: for the worker. output_chars: of a result. settings: tool name -> its keyword-only
    parameters; "env:NAME" reads NAME from this process's environment at each call. allow_hosts: in private
    networks, that the tools of the web may reach nevertheless.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        enabled: Literal["all"] | Sequence[str] = "all",
        timeout: float = 10.0,
        memory_mib: int = 1024,
        output_chars: int = 6000,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        sources: Sequence[Source] = (),
        allow_hosts: Sequence[str] = (),
    ) -> None:
        self._folders = [Path(folder) for folder in folders]
        self._enabled = None if enabled == "all" else set(enabled)
        self._timeout = timeout
        self._output = output_chars
        self._settings = dict(settings or {})
        self._sources = tuple(sources)
        self._tools: dict[str, ToolFile] = {}
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._broken: dict[Path, Problem] = {}
        self._news: list[str] = []
        self._lock = threading.Lock()
        self._worker = Worker(memory_mib, {ALLOWED_HOSTS: ",".join(allow_hosts)})
        self._scan()
        self._news.clear()  # what is wrong at the start stands in `problems`

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """Every tool on offer, sorted by name."""
        own = [tool.spec for tool in self._tools.values()]
        others = [spec for source in self._sources for spec in source.specs if self._offers(spec.name)]
        return tuple(sorted([*own, *others], key=lambda spec: spec.name))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Files that did not load, and settings that no tool reads."""
        others = [problem for source in self._sources for problem in source.problems]
        return (*self._broken.values(), *self._settings_problems(), *others)

    def get(self, name: str) -> ToolSpec | None:
        """The tool of that NAME."""
        return next((spec for spec in self.specs if spec.name == name), None)

    def grammar(self) -> dict[str, str]:
        """For `CommandGrammar.commands`: tool name -> GBNF of what follows it."""
        return {spec.name: argument_grammar(spec) for spec in self.specs}

    def run(self, name: str, argument: str, *, cancelled: Callable[[], bool] | None = None) -> Outcome:
        """Run the tool NAME. cancelled: looked at every few hundredths of a second; True stops the call."""
        tool = self._tools.get(name)
        begun = time.perf_counter()
        if tool is None:
            return self._run_elsewhere(name, argument, cancelled)
        try:
            self._take_lock(cancelled)
            try:
                answer = self._load(tool) or self._call(tool, argument, cancelled)
            finally:
                self._lock.release()
        except WorkerError as error:
            answer = {"ok": False, "text": f"{name} {error}"}
        text = capped(answer["text"], self._output, answer.get("length"))
        return Outcome(text, answer["ok"], time.perf_counter() - begun, answer.get("printed", ""))

    def refresh(self) -> list[str]:
        """Read files that are new or changed since the last time; one sentence for each change or problem."""
        before = dict(self._tools)
        self._scan()
        for name, tool in list(self._tools.items()):
            old = before.get(name)
            if old is not tool and self._try_out(tool, old):
                self._news.append(f"/{name} is loaded again" if old else f"/{name} is new")
        for name in before.keys() - self._tools.keys():
            self._news.append(f"/{name} is gone")
        news, self._news = self._news, []
        return news

    def warm(self) -> threading.Thread:
        """Start the worker and load every tool in the background, then the libraries they import late.

        For a chat, where somebody is still typing; a single question is answered sooner without.
        """
        thread = threading.Thread(target=self._warm, name="yanray-warm-tools", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """End the worker and the sources."""
        for source in self._sources:
            source.close()
        self._worker.close()

    # -- reading files

    def _offers(self, name: str) -> bool:
        return self._enabled is None or name in self._enabled

    def _scan(self) -> None:
        found = {name: path for name, path in loading.find(self._folders).items() if self._offers(name)}
        self._tools = {name: tool for name, tool in self._tools.items() if name in found}
        self._broken = {path: problem for path, problem in self._broken.items() if path in found.values()}
        for name, path in found.items():
            self._read(name, path)
        self._tools = dict(sorted(self._tools.items()))

    def _read(self, name: str, path: Path) -> None:
        try:
            status = path.stat()
        except OSError:
            return
        stamp = (status.st_mtime_ns, status.st_size)
        old = self._tools.get(name)
        if self._stamps.get(path) == stamp and (path in self._broken or (old and old.spec.path == path)):
            return
        self._stamps[path] = stamp
        read = loading.read(path, timeout=self._timeout)
        if isinstance(read, Problem):
            self._report(read, kept=old is not None)
        else:
            self._broken.pop(path, None)
            self._tools[name] = read

    def _report(self, problem: Problem, *, kept: bool) -> None:
        self._broken[problem.path] = problem
        self._news.append(f"{problem}; the version from before still serves" if kept else str(problem))

    def _settings_problems(self) -> Iterable[Problem]:
        for name, values in self._settings.items():
            tool = self._tools.get(name)
            for key in values:
                if tool and key not in tool.settings:
                    known = ", ".join(tool.settings) or "none"
                    yield Problem(
                        Path("config.yaml"), None, f"tools: {name}: no setting {key!r}; it has: {known}"
                    )

    # -- running

    def _run_elsewhere(self, name: str, argument: str, cancelled: Callable[[], bool] | None) -> Outcome:
        for source in self._sources:
            if self._offers(name) and any(spec.name == name for spec in source.specs):
                return source.run(name, argument, cancelled=cancelled)
        names = [spec.name for spec in self.specs]
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5) or names
        return Outcome(
            f"there is no tool {clean(name)[:60]!r}; there is: {', '.join(near) or 'none'}", False, 0.0
        )

    def _take_lock(self, cancelled: Callable[[], bool] | None) -> None:
        while not self._lock.acquire(timeout=POLL):
            if cancelled is not None and cancelled():
                raise Cancelled("was stopped")

    def _load(self, tool: ToolFile) -> dict[str, Any] | None:
        """Load TOOL where the worker has not; its answer when that failed."""
        name, path = tool.spec.name, tool.spec.path
        if self._worker.pid is not None and self._worker.loaded.get(name) == tool.source:
            return None
        description = {
            "name": name,
            "path": str(path),
            "source": tool.source,
            "parameters": [dataclasses.asdict(parameter) for parameter in tool.spec.parameters],
            "examples": tool.spec.examples[:1],
        }
        answer = self._worker.request({"load": description}, seconds=LOAD_SECONDS)
        if answer["ok"]:
            self._worker.loaded[name] = tool.source
            return None
        return {**answer, "text": f"{path} does not load: {answer['text']}; its owner must mend the file"}

    def _call(self, tool: ToolFile, argument: str, cancelled: Callable[[], bool] | None) -> dict[str, Any]:
        spec = tool.spec
        settings: dict[str, Any] = {}
        for key, value in self._settings.get(spec.name, {}).items():
            if key in tool.settings:
                settings[key] = _from_environment(value)
                if settings[key] is None and value is not None:
                    text = f"{spec.name} needs the environment variable {value[4:]}, which is not set"
                    return {"ok": False, "text": f"{text}; its owner must set it (tools: {spec.name}: {key})"}
        message = {
            "call": spec.name,
            "argument": clean(argument),
            "settings": settings,
            "seconds": spec.timeout,
            "limit": self._output,
        }
        return self._worker.request(message, seconds=spec.timeout, cancelled=cancelled)

    def _try_out(self, tool: ToolFile, old: ToolFile | None) -> bool:
        """Load TOOL in the worker; when that fails, its old version stays, or none."""
        name, path = tool.spec.name, tool.spec.path
        try:
            with self._lock:
                failed = self._load(tool)
        except WorkerError as error:
            failed = {"text": f"{path} does not load: it {error}"}
        if failed is None:
            return True
        assert path is not None
        self._report(Problem(path, None, failed["text"].removeprefix(f"{path} ")), kept=old is not None)
        if old is not None:
            self._tools[name] = old
        elif self._tools.get(name) is tool:
            del self._tools[name]
        return False

    def _warm(self) -> None:
        late: dict[str, None] = {}
        for tool in list(self._tools.values()):
            if self._try_out(tool, None):
                late.update(dict.fromkeys(tool.late))
        with self._lock, suppress(WorkerError):  # the next call starts another worker
            self._worker.request({"ahead": list(late)}, seconds=LOAD_SECONDS)


def _from_environment(value: Any) -> Any:
    return os.environ.get(value[4:]) if isinstance(value, str) and value.startswith("env:") else value
