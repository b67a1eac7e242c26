"""Stopping an evaluation that runs inside llama.cpp.

llama.cpp asks a callback between the nodes of its graph whether to go on. While a prompt is read, that
callback is Python, so that the interpreter gets to run the process's signal handlers; between single tokens
it is C's `strlen` on a two-byte buffer (0 when nothing was asked, 1 after `request`), which needs neither the
interpreter nor its lock.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from yanray.cores.llama import library


class Breaker:
    """A request to stop, seen from C and from Python. `request` may be called from anywhere."""

    def __init__(self) -> None:
        self._flag = ctypes.create_string_buffer(2)
        self._ctrl_c = False
        kind = library().ggml_abort_callback
        self._in_python = kind(lambda _: self.requested)
        libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
        self._in_c = ctypes.cast(libc.strlen, kind)

    @property
    def requested(self) -> bool:
        """Whether a stop was asked for since the last `clear`."""
        return self._flag.raw[0] != 0

    def request(self) -> None:
        """Stop what runs now, as soon as it can."""
        self._flag[0] = b"\x01"

    def clear(self) -> None:
        """Forget earlier requests."""
        self._flag[0] = b"\x00"

    def callback(self, *, long: bool) -> tuple[Any, ctypes.c_void_p]:
        """What llama_set_abort_callback takes, for an evaluation that may last LONG or for a single token."""
        return self._in_python if long else self._in_c, ctypes.cast(self._flag, ctypes.c_void_p)

    @contextmanager
    def catching_ctrl_c(self) -> Iterator[None]:
        """Turn Ctrl-C into a request, and raise KeyboardInterrupt at the end.

        Only where Python's own handler stands, in the main thread: an exception that it raised inside the
        callback would be lost there. A program with a handler of its own calls `request` itself.
        """
        ours = threading.current_thread() is threading.main_thread()
        if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        self._ctrl_c = False
        signal.signal(signal.SIGINT, self._on_ctrl_c)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._ctrl_c:
            raise KeyboardInterrupt

    def _on_ctrl_c(self, number: int, frame: FrameType | None) -> None:
        self._ctrl_c = True
        self.request()
