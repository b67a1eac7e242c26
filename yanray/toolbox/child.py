"""The worker's process, started as `python -m yanray.toolbox.child MEMORY_MIB`.

It reads requests from its first pipe and writes answers to its second, one JSON object in ASCII on a line.
Both are moved away from descriptors 0 and 1 before any tool runs, so nothing that a tool prints can be
taken for an answer: what goes through `sys.stdout` is kept (the beginning of it) and sent along with the
answer; what goes to the descriptors themselves reaches the parent's third pipe.

    {"id", "load": {...}}                            -> {"id", "ok", "text"}
    {"id", "call": name, "argument", "settings", "seconds", "limit"}
                                                     -> {"id", "ok", "text", "length", "printed", "restart"}
    {"id", "ahead": [module, ...]}                   -> {"id", "ok"}, and the modules load in the background
"""

from __future__ import annotations

import importlib
import io
import json
import os
import queue
import signal
import sys
import threading
import traceback
import types
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, BinaryIO

from yanray.errors import ToolError
from yanray.toolbox.arguments import bind
from yanray.toolbox.spec import Parameter, ToolSpec
from yanray.toolbox.text import clean, readable

PRINTED = 2000  # bytes of a call's prints that are kept
PROCESSES = 64  # that the tools may start beside those that the user has
FILE_BYTES = 256 << 20  # that a tool may write to one file
_SPARE_CPU = 30  # seconds above a call's time limit, for libraries that load in the background


class _Prints(io.RawIOBase):
    """What tools print: the first PRINTED bytes, and the count of all."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = bytearray()
        self.total = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        size = memoryview(data).nbytes
        self.total += size
        if len(self.kept) < PRINTED:
            self.kept += bytes(memoryview(data).cast("B")[: PRINTED - len(self.kept)])
        return size

    def take(self) -> str:
        """What was printed since the last time."""
        text, left_out = readable(bytes(self.kept)), self.total - len(self.kept)
        self.kept.clear()
        self.total = 0
        return f"{text}\n[and {left_out:,} bytes more]" if left_out else text


class _Tool:
    """A tool that is loaded: its module, and what its file said."""

    def __init__(self, description: dict[str, Any]) -> None:
        parameters = tuple(Parameter(**parameter) for parameter in description["parameters"])
        examples = tuple((argument, result) for argument, result in description["examples"])
        self.spec = ToolSpec(description["name"], "", parameters, examples)
        self.path = description["path"]
        module = types.ModuleType(f"yanray_tool_{description['name'].replace('-', '_')}")
        module.__file__ = self.path
        sys.modules[module.__name__] = module  # dataclasses and typing look a function's module up there
        exec(compile(description["source"], self.path, "exec"), module.__dict__)
        self.run = module.run

    def call(self, argument: str, settings: dict[str, Any]) -> str:
        value = self.run(**bind(self.run, self.spec, argument, settings))
        if not isinstance(value, str):
            raise ToolError(
                f"{self.spec.name} returned {type(value).__name__}, not text: end run() with a string"
            )
        return value


class _Server:
    """The loop: one request, one answer."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self.process = os.getpid()
        self.answers = answers
        self.tools: dict[str, _Tool] = {}
        self.prints = _Prints()
        self.stream = io.TextIOWrapper(self.prints, "utf-8", "replace", write_through=True)  # type: ignore[type-var]
        self.requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(requests, self.requests), daemon=True).start()

    def serve(self) -> None:
        """Answer until the parent closes its end."""
        self._send({"ready": True})
        while True:
            request = json.loads(self.requests.get())
            sys.stdout = sys.stderr = self.stream
            answer = self._answer(request)
            if os.getpid() != self.process:
                os._exit(0)  # a tool has forked, and this is the copy
            self._send({"id": request["id"], **answer, "printed": clean(self.prints.take())})
            if answer.get("restart"):
                os._exit(0)

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if "ahead" in request:
            threading.Thread(target=_load_ahead, args=(request["ahead"],), daemon=True).start()
            return {"ok": True}
        path = request["load"]["path"] if "load" in request else self.tools[request["call"]].path
        try:
            if "load" in request:
                self.tools[request["load"]["name"]] = _Tool(request["load"])
                return {"ok": True, "text": ""}
            _limit_cpu(request["seconds"])
            text = self.tools[request["call"]].call(request["argument"], request["settings"])
            return {"ok": True, "length": len(text), "text": clean(text[: request["limit"]])}
        except MemoryError:
            return {
                "ok": False,
                "text": "it needed more memory than tools may use; ask for less",
                "restart": True,
            }
        except BaseException as error:  # noqa: BLE001 - whatever a tool raises is an answer; SystemExit too
            text = _explain(error, path)
            return {"ok": False, "length": len(text), "text": clean(text[: request.get("limit", 2000)])}

    def _send(self, answer: dict[str, Any]) -> None:
        self.answers.write(json.dumps(answer).encode("ascii") + b"\n")
        self.answers.flush()


def _read(pipe: BinaryIO, requests: queue.SimpleQueue[bytes]) -> None:
    for line in pipe:
        requests.put(line)
    os._exit(0)  # the parent is gone: so is whatever a tool still does


def _load_ahead(modules: Iterable[str]) -> None:
    for module in modules:
        with suppress(Exception):  # a call that needs it will say what is missing
            importlib.import_module(module)


def _explain(error: BaseException, path: str) -> str:
    """What the model reads: a ValueError speaks for itself, the rest is named with its line in the file."""
    if isinstance(error, ValueError | ToolError) and str(error):
        return str(error)
    if isinstance(error, SystemExit):
        return "it tried to end the program (SystemExit)"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = error.lineno if isinstance(error, SyntaxError) else (lines[-1] if lines else None)
    where = f" ({os.path.basename(path)} line {line})" if line else ""  # noqa: PTH119 - pathlib is slow to load
    return f"{type(error).__name__}: {error}{where}" if str(error) else f"{type(error).__name__}{where}"


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The protocol's two pipes, moved to descriptors that no program started here inherits."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _limit(memory_mib: int) -> None:
    """Limits for the whole process, where the system has them (not on Windows)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to decide on
    if sys.platform == "win32":
        return
    import resource

    wanted = {
        resource.RLIMIT_AS: memory_mib << 20,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: _tasks() + PROCESSES,
    }
    for kind, value in wanted.items():
        with suppress(ValueError, OSError):  # macOS refuses some
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))


def _tasks() -> int:
    """Processes and threads of this user: what RLIMIT_NPROC counts. 1024 where it cannot be seen."""
    count = 0
    try:
        for entry in os.scandir("/proc"):
            with suppress(OSError):
                if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                    count += sum(1 for _ in os.scandir(f"{entry.path}/task"))
    except OSError:
        return 1024
    return count


def _limit_cpu(seconds: float) -> None:
    """Should the parent die in a call that never ends, the system ends it."""
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    limit = int(sum(os.times()[:2]) + seconds) + _SPARE_CPU
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def main() -> None:
    """Serve one parent."""
    requests, answers = _take_pipes()
    _limit(int(sys.argv[1]))
    _Server(requests, answers).serve()


if __name__ == "__main__":
    main()
