"""The parent's end of the worker: one warm child process that can be killed at any moment.

The time limit is kept here, not in the child, so that nothing a tool does can outlast it. After a kill the
next request starts a fresh child. Works without select, signals or rlimits, so on Windows too.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from yanray.paths import PACKAGE
from yanray.toolbox.text import readable

POLL = 0.04  # seconds between looks at `cancelled`
START_SECONDS = 60.0  # for Python to start on a slow card
_LONGEST = 16 << 20  # bytes of one answer
_LAST_WORDS = 1000  # bytes of what the child wrote by itself that are kept
_INHERITED = frozenset(
    "PATH HOME USER LOGNAME LANG LANGUAGE TZ TMPDIR TEMP TMP SSL_CERT_FILE SSL_CERT_DIR "
    "XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS "
    "SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT APPDATA LOCALAPPDATA USERPROFILE".split()
)

Answer = dict[str, Any]


class WorkerError(Exception):
    """A request got no answer; the child is dead. The message goes on from `it ...`."""


class Cancelled(WorkerError):
    """`cancelled()` said so."""


class Worker:
    """One child at a time. Not for several threads at once: the toolbox holds a lock.

    told: variables for the child's environment beside the few that it inherits.
    loaded: what the living child has loaded, name -> source; empty after each start.
    """

    def __init__(self, memory_mib: int, told: Mapping[str, str] | None = None) -> None:
        self.memory_mib = memory_mib
        self.told = dict(told or {})
        self.loaded: dict[str, str] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="yanray-tools-"))
        self._ids = 0
        self._closed = False
        self._children: list[_Child] = []
        self._finalizer = weakref.finalize(self, _clear, self._children, self.folder)

    def request(
        self, message: Answer, *, seconds: float, cancelled: Callable[[], bool] | None = None
    ) -> Answer:
        """Send MESSAGE and wait for its answer; raises WorkerError with the reason when there is none."""
        child = self._living()
        self._ids += 1
        try:
            child.send({"id": self._ids, **message})
            answer = child.receive(seconds, cancelled)
        except BaseException:
            self.kill()
            raise
        if answer.get("id") != self._ids:
            self.kill()
            raise WorkerError("wrote over the worker's own pipe, and was stopped")
        answer["printed"] = answer.get("printed", "") + child.take_noise()
        if answer.get("restart"):
            self.kill()
        return answer

    def kill(self) -> None:
        """End the child and all that it started. The next request starts a fresh one."""
        self.loaded = {}
        while self._children:
            self._children.pop().kill()

    def close(self) -> None:
        """End the child, remove its folder; no other starts."""
        self._closed = True
        self._finalizer()

    @property
    def pid(self) -> int | None:
        """The living child's process id."""
        return self._children[0].process.pid if self._children else None

    def _living(self) -> _Child:
        if self._children and self._children[0].process.poll() is not None:
            self.kill()
        if self._closed:
            raise WorkerError("cannot run: the toolbox is closed")
        if not self._children:
            self.folder.mkdir(exist_ok=True)
            self._children.append(_Child(self.memory_mib, self.folder, self.told))
            try:
                self._children[0].receive(START_SECONDS, None)
            except BaseException:
                self.kill()
                raise
        return self._children[0]


class _Child:
    """A started process, with a thread for each pipe that it writes."""

    def __init__(self, memory_mib: int, folder: Path, told: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-X",
                "utf8",
                "-X",
                "faulthandler",
                "-m",
                "yanray.toolbox.child",
                str(memory_mib),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**environment(), **told},
            start_new_session=True,  # its own group: killed as one, and out of Ctrl-C's reach
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.noise = bytearray()
        self.threads = [
            threading.Thread(target=_read_answers, args=(self.process.stdout, self.answers), daemon=True),
            threading.Thread(target=_read_noise, args=(self.process.stderr, self.noise), daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def send(self, message: Answer) -> None:
        assert self.process.stdin is not None
        with suppress(OSError):  # dead already: `receive` says how
            self.process.stdin.write(json.dumps(message).encode("ascii") + b"\n")
            self.process.stdin.flush()

    def receive(self, seconds: float, cancelled: Callable[[], bool] | None) -> Answer:
        deadline = time.monotonic() + seconds
        while True:
            if cancelled is not None and cancelled():
                raise Cancelled("was stopped")
            left = deadline - time.monotonic()
            if left <= 0:
                raise WorkerError(f"took longer than {seconds:g} s and was stopped; ask for less")
            try:
                line = self.answers.get(timeout=left if cancelled is None else min(left, POLL))
            except queue.Empty:
                continue
            return self._read(line)

    def take_noise(self) -> str:
        """The end of what programs that a tool started wrote since the last time."""
        noise = readable(bytes(self.noise))
        self.noise.clear()
        return noise

    def _read(self, line: bytes) -> Answer:
        if not line:
            raise WorkerError(self._death())
        try:
            answer = json.loads(line)
        except ValueError:
            raise WorkerError("wrote over the worker's own pipe, and was stopped") from None
        return answer if isinstance(answer, dict) else {}

    def _death(self) -> str:
        try:
            code = self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "closed the worker's own pipe, and was stopped"
        self.threads[1].join(timeout=1)
        words = self.take_noise().strip()
        how = f"exit code {code}"
        if code < 0:
            with suppress(ValueError):
                how = signal.Signals(-code).name
        return f"ended its own process ({how})" + (f": {words}" if words else "")

    def kill(self) -> None:
        assert self.process.stdin is not None
        for pid in [*_descendants(self.process.pid), self.process.pid]:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with suppress(OSError):
            self.process.stdin.close()
        for thread in self.threads:
            thread.join(timeout=1)


def environment() -> dict[str, str]:
    """What a tool sees of the parent's environment: nothing that is not on the list, so no secret."""
    kept = {key: value for key, value in os.environ.items() if key.upper() in _INHERITED or key[:3] == "LC_"}
    if os.environ.get("YANRAY_HOME"):
        kept["YANRAY_HOME"] = str(Path(os.environ["YANRAY_HOME"]).expanduser().resolve())
    elsewhere = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    kept["PYTHONPATH"] = os.pathsep.join([str(PACKAGE.parent), *(os.path.abspath(e) for e in elsewhere)])  # noqa: PTH100
    return {**kept, "YANRAY_TOOL": "1", "MALLOC_ARENA_MAX": "2"}


def _read_answers(pipe: IO[bytes], answers: queue.SimpleQueue[bytes]) -> None:
    with pipe:
        while line := pipe.readline(_LONGEST):
            answers.put(line)
    answers.put(b"")


def _read_noise(pipe: IO[bytes], kept: bytearray) -> None:
    with pipe:
        while data := os.read(pipe.fileno(), 65536):
            kept += data
            del kept[:-_LAST_WORDS]


def _descendants(pid: int) -> list[int]:
    """Processes started below PID, also those that left its group."""
    import psutil  # only here: a kill is rare, and 30 ms of loading are not

    try:
        return [process.pid for process in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def _clear(children: list[_Child], folder: Path) -> None:
    while children:
        children.pop().kill()
    shutil.rmtree(folder, ignore_errors=True)
