"""All that a tool's file may import of Yanray.

data_folder()                where a tool keeps what must last
chinese(text)                whether to answer in Chinese
plain(text)                  full-width signs and Chinese numerals as ASCII digits and signs
fetch(url, ...) -> Page      the one way to the web: checks addresses, limits sizes
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanray.paths import home
from yanray.toolbox.numerals import arabic, chinese, halfwidth, plain

if TYPE_CHECKING:
    from yanray.toolbox.fetch import Page, fetch
    from yanray.toolbox.formula import FUNCTIONS, plain_formula, read_formula

__all__ = [
    "FUNCTIONS",
    "Page",
    "arabic",
    "chinese",
    "data_folder",
    "fetch",
    "halfwidth",
    "plain",
    "plain_formula",
    "read_formula",
]
_LATE = {  # loaded when a tool asks for it, so that the others do not pay
    "Page": "fetch",
    "fetch": "fetch",
    "FUNCTIONS": "formula",
    "plain_formula": "formula",
    "read_formula": "formula",
}


def data_folder() -> Path:
    """The owner's folder for what tools keep; made when it is not there."""
    folder = home("data") / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"yanray.toolbox.api offers {', '.join(__all__)}; not {name}")
    return getattr(importlib.import_module(f"yanray.toolbox.{_LATE[name]}"), name)
