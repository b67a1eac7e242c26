"""All that a tool's file may import of Yanray.

data_folder()                where a tool keeps what must last
chinese(text)                whether to answer in Chinese
plain(text)                  full-width signs and Chinese numerals as ASCII digits and signs
fetch(url, ...) -> Page      the one way to the web: checks addresses, limits sizes (loaded when first used)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanray.paths import home
from yanray.toolbox.numerals import chinese, plain

if TYPE_CHECKING:
    from yanray.toolbox.fetch import Page, fetch

__all__ = ["Page", "chinese", "data_folder", "fetch", "plain"]


def data_folder() -> Path:
    """The owner's folder for what tools keep; made when it is not there."""
    folder = home("data") / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def __getattr__(name: str) -> Any:
    if name in ("Page", "fetch"):
        from yanray.toolbox import fetch as module  # httpx: only tools that go to the web pay for it

        return getattr(module, name)
    raise AttributeError(f"yanray.toolbox.api offers {', '.join(__all__)}; not {name}")
