"""Which language the interface speaks where no settings are at hand: errors of the command line, doctor."""

from __future__ import annotations

from yanray.errors import YanrayError
from yanray.terminal.words import Words


def words() -> Words:
    """The words in the owner's language; the locale's where the settings do not read."""
    from yanray.settings import Settings, load

    try:
        return Words(load().spoken)
    except YanrayError:
        return Words(Settings().spoken)


def told(text: str) -> str:
    """TEXT, which was written in English, in the owner's language."""
    return words().told(text)
