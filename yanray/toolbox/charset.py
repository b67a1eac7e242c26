"""Bytes of a web page or file as text: what the bytes show goes before what is claimed.

Order: byte order mark; a stateful charset that is claimed (its bytes look like ASCII); UTF-8 when the bytes
are that; what the server, then the page, claims; then the usual ones of Chinese pages; last Windows-1252.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})|<\?xml[^>]{0,100}encoding=[\"']([\w.-]{1,40})",
    re.I,
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_WIDER = {  # as browsers read them: https://encoding.spec.whatwg.org/#names-and-labels
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_STATEFUL = ("iso2022_jp", "hz", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
_GUESSES = ("gb18030", "big5hkscs", "cp1252")
_META_BYTES = 4096


def decode(data: bytes, content_type: str = "") -> str:
    """DATA as text. content_type: the server's header, which may name a charset. Never an error."""
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(charset, errors="replace")
    claims = [charset for charset in (_claimed(content_type), _meta(data)) if charset]
    first = [charset for charset in claims if charset in _STATEFUL]
    candidates = [*first, "utf-8", *claims, *_GUESSES]
    for charset in candidates:
        text = _strict(data, charset)
        if text is not None:
            return text
    return data.decode(claims[0] if claims else "utf-8", errors="replace")


def _strict(data: bytes, charset: str) -> str | None:
    """DATA in CHARSET, or None when it is not that; a character cut off at the end is left out."""
    try:
        return codecs.getincrementaldecoder(charset)().decode(data)
    except UnicodeError:
        return None


def _claimed(content_type: str) -> str | None:
    match = _HEADER.search(content_type)
    return _known(match[1]) if match else None


def _meta(data: bytes) -> str | None:
    match = _META.search(data[:_META_BYTES])
    return _known((match[1] or match[2]).decode("ascii", errors="replace")) if match else None


def _known(name: str) -> str | None:
    """Python's name of the text codec NAME, widened; None when there is none, or it is none for pages."""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not codec._is_text_encoding or codec.name in (
        "utf-7",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
    ):
        return None
    return _WIDER.get(codec.name, codec.name)
