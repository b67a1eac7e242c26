"""Text that can go anywhere: decoded bytes, no lone surrogates, no NUL, no more than fits."""

from __future__ import annotations

import locale


def readable(data: bytes) -> str:
    """DATA as text: UTF-8, else the machine's own encoding (a console that speaks CP936), never an error."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(locale.getpreferredencoding(False), errors="replace")


def clean(text: str) -> str:
    """TEXT with what no terminal, file or database takes (lone surrogates, NUL) replaced by U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def capped(text: str, limit: int, total: int | None = None) -> str:
    """The first LIMIT characters, with a line that says so. total: the length when TEXT was cut before."""
    total = len(text) if total is None else total
    if total <= limit:
        return text
    return f"{text[:limit]}\n[cut: {limit:,} of {total:,} characters are shown]"
