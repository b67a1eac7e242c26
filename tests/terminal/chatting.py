"""A chat in a real pseudo-terminal, and the screen that it shows, kept by a terminal emulator (pyte)."""

from __future__ import annotations

import json
import os
import re
import select
import sys
import time
from pathlib import Path

import pexpect
import pyte

YANRAY = str(Path(sys.executable).with_name("yanray"))
PATIENCE = 20.0  # seconds after which a screen that does not come counts as never coming


class Shown(pyte.HistoryScreen):
    """A screen that gives back its whole scroll-back."""

    def everything(self) -> list[str]:
        top = ["".join(line[x].data for x in range(self.columns)).rstrip() for line in self.history.top]
        return [*top, *(line.rstrip() for line in self.display)]


class Chat:
    """`yanray chat` with a script. Keys go in by `type`; `until` waits for the screen to show something."""

    def __init__(self, folder: Path, script: dict, *, columns=80, rows=24, words=(), **environment):
        self.folder = folder
        path = folder / "script.json"
        path.write_text(json.dumps(script), encoding="utf-8")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("YANRAY_", "LC_", "NO_COLOR"))}
        self.environment = {
            **kept,
            "YANRAY_HOME": str(folder / "home"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHONUTF8": "1",
            **environment,
        }
        self.screen = Shown(columns, rows, history=5000, ratio=0.5)
        self.stream = pyte.ByteStream(self.screen)
        self.sent = b""
        self.child = pexpect.spawn(
            YANRAY,
            ["chat", "-m", f"scripted:{path}", "-o", "max_tokens=100000", *words],
            env=self.environment,
            dimensions=(rows, columns),
            timeout=PATIENCE,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)

    def type(self, keys: str) -> None:
        self.child.send(keys)

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def read(self, seconds: float) -> bool:
        """Take in what the chat wrote within SECONDS; False when it is over."""
        if not select.select([self.child.child_fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.child.child_fd, 65536)
        except OSError:
            return False
        self.sent += data
        self.stream.feed(data)
        return bool(data)

    def until(self, pattern: str, *, scrolled: bool = False) -> list[str]:
        """Wait until PATTERN stands on the screen, or in what was SCROLLED off it too; the screen then."""

        def text() -> str:
            return self.everything if scrolled else "\n".join(self.lines)

        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, text(), re.MULTILINE):
            alive = self.read(0.2)
            shown = text()
            assert alive or re.search(pattern, shown, re.MULTILINE), f"over before {pattern!r}:\n{shown}"
            assert time.monotonic() < deadline, f"no {pattern!r} in:\n{shown}"
        return self.lines

    def over(self) -> int:
        """Wait until the chat ended; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.read(0.2):
            assert time.monotonic() < deadline, "it does not end:\n" + "\n".join(self.lines)
        self.child.wait()
        return self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus

    def ready(self) -> list[str]:
        """Wait until the model is loaded and the input line is empty."""
        return self.until(r"(?s)^>\s*\n.*(of|/) \d")

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def everything(self) -> str:
        """Scroll-back and screen."""
        return "\n".join(self.screen.everything())
