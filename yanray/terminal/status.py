"""One line on stderr that says what keeps the user waiting, and is gone when the waiting is over."""

from __future__ import annotations

import sys
import threading

from yanray.events import Progress
from yanray.terminal.words import Words

PATIENCE = 0.5  # seconds before the line appears: what is over sooner is not worth a flicker


class Status:
    """Shows `Progress` where stderr is a terminal, nothing elsewhere. words: the language."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._text = ""
        self._visible = False

    def show(self, progress: Progress) -> None:
        """Tell of PROGRESS; work that is complete clears the line."""
        if progress.done >= progress.total:
            self.clear()
        elif sys.stderr.isatty():
            with self._lock:
                self._text = sentence(progress, self._words)
                if self._visible:
                    self._draw()
                elif self._timer is None:
                    self._timer = threading.Timer(PATIENCE, self._appear)
                    self._timer.daemon = True
                    self._timer.start()

    def clear(self) -> None:
        """Take the line away, or let it never appear."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._visible:
                sys.stderr.write("\r\033[K")
                sys.stderr.flush()
                self._visible = False

    def _appear(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._visible = True
                self._draw()

    def _draw(self) -> None:
        sys.stderr.write(f"\r\033[K{self._text}")
        sys.stderr.flush()


def sentence(progress: Progress, words: Words) -> str:
    """PROGRESS in words: `reading 312/980 tokens, 14 s left`."""
    if progress.phase == "load":
        return words("loading", percent=100 * progress.done // progress.total if progress.total else 0)
    left = ""
    if progress.seconds_left and progress.seconds_left >= 1:
        left = words("seconds-left", seconds=f"{progress.seconds_left:.0f}")
    return words("reading", done=progress.done, total=progress.total) + left
