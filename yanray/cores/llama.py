"""llama.cpp's library: imported when a model is opened, its log kept off the terminal.

What it says as warnings and errors is remembered, so that a failure can name its reason.
"""

from __future__ import annotations

import collections
import ctypes
from functools import cache
from types import ModuleType
from typing import Any

WARNING = 3  # enum ggml_log_level: 1 debug, 2 info, 3 warning, 4 error, 5 continuation

_said: collections.deque[str] = collections.deque(maxlen=20)
_kept: list[Any] = []  # callbacks that C holds on to


@cache
def library() -> ModuleType:
    """The `llama_cpp` module, silent."""
    import llama_cpp

    def remember(level: int, text: bytes | None, _: Any) -> None:
        if level in (WARNING, WARNING + 1) and text:
            _said.append(text.decode("utf-8", "replace").strip())

    callback = llama_cpp.llama_log_callback(remember)
    _kept.append(callback)
    llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    module: ModuleType = llama_cpp
    return module


def reason(fallback: str) -> str:
    """The last error that llama.cpp reported, and forget it; FALLBACK when there was none."""
    errors = [line for line in _said if "error" in line.lower() or "fail" in line.lower()]
    _said.clear()
    return errors[0] if errors else fallback
