"""llama.cpp's library: imported when a model is opened, its log kept off the terminal.

While it loads, what it says as warnings and errors is listened to, so that a failure can name its reason.
At all other times its log goes to a C function that does nothing: Python code called from inside an
evaluation would be where a Ctrl-C is raised, and lost. """

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any, TypeAlias

WARNING, ERROR = 3, 4  # enum ggml_log_level

Said: TypeAlias = list[tuple[int, str]]


@cache
def library() -> ModuleType:
    """The `llama_cpp` module, silent."""
    import llama_cpp

    llama_cpp.llama_log_set(_nothing(llama_cpp), ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    module: ModuleType = llama_cpp
    return module


def c_library() -> Any:
    """The C library of this process."""
    return ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)


@contextmanager
def listening() -> Iterator[Said]:
    """Gathers what llama.cpp says as warnings and errors."""
    said: Said = []
    lib = library()

    def remember(level: int, text: bytes | None, _: Any) -> None:
        if level in (WARNING, ERROR) and text:
            said.append((level, text.decode("utf-8", "replace").strip()))

    callback = lib.llama_log_callback(remember)
    lib.llama_log_set(callback, ctypes.c_void_p(0))
    try:
        yield said
    finally:
        lib.llama_log_set(_nothing(lib), ctypes.c_void_p(0))


def reason(said: Said, fallback: str) -> str:
    """The first error in SAID, else the last warning, else FALLBACK."""
    errors = [text for level, text in said if level == ERROR]
    return (errors[:1] or [text for _, text in said][-1:] or [fallback])[0]


def _nothing(lib: Any) -> Any:
    """C's `abs` as the log's callback: it reads the level and has no effect."""
    return ctypes.cast(c_library().abs, lib.llama_log_callback)
