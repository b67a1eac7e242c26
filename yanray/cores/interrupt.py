"""Stopping an evaluation that runs inside llama.cpp.

llama.cpp asks a callback between the nodes of its graph whether to go on. While a prompt is read, that
callback is Python, so that the interpreter gets to run the process's signal handlers; between single tokens
it is C's `strlen` on a two-byte buffer (0 when nothing was asked, 1 after `request`), which needs neither
the interpreter nor its lock. """

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from yanray.cores.llama import c_library, library


class Breaker:
    """A request to stop, seen from C and from Python. `request` may be called from anywhere."""

    def __init__(self) -> None:
        self._flag = ctypes.create_string_buffer(2)
        kind = library().ggml_abort_callback
        self._in_python = kind(lambda _: self.requested)
        self._in_c = ctypes.cast(c_library().strlen, kind)

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
def ctrl_c_asks(stop: Callable[[], None]) -> Iterator[None]:
    """While C runs that calls back into Python, turn Ctrl-C into STOP, and raise KeyboardInterrupt at the
    end.

    Only where Python's own handler stands, in the main thread: an exception that it raised inside a callback
    would be lost there. A program with a handler of its own asks for the stop itself.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    pressed = False

    def on_ctrl_c(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        stop()

    signal.signal(signal.SIGINT, on_ctrl_c)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if pressed:
            raise KeyboardInterrupt from None
