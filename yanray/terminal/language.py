"""The language of the commands that have no conversation: their lines, and the command line's errors."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from yanray.errors import YanrayError
from yanray.terminal.words import Words

_followed: list[Words] = []  # of what --config named, in place of the owner's settings


def follow(config: Path) -> None:
    """Speak the language that the file CONFIG sets, from now on. Raises ConfigError."""
    from yanray.settings import load

    _followed[:] = [Words(load(config).spoken)]
    words.cache_clear()


@lru_cache(maxsize=1)
def words() -> Words:
    """The words in the owner's language; the locale's where the settings do not read."""
    from yanray.settings import Settings, load

    if _followed:
        return _followed[0]
    try:
        return Words(load().spoken)
    except YanrayError:
        return Words(Settings().spoken)


def told(text: str) -> str:
    """TEXT, which was written in English, in the owner's language."""
    return words().told(text)


def say(text: str, stream: TextIO | None = None) -> None:
    """Print TEXT, which was written in English, in the owner's language; on stdout unless told otherwise."""
    print(told(text), file=stream or sys.stdout)


def padded(text: str, cells: int, *, right: bool = False) -> str:
    """TEXT with spaces up to so many CELLS of the screen, of which a Chinese sign takes two."""
    space = " " * (cells - width(text))
    return space + text if right else text + space


def width(text: str) -> int:
    """How many cells of the screen TEXT takes."""
    if text.isascii():
        return len(text)  # rich costs what English need not wait for
    from rich.cells import cell_len

    return cell_len(text)
