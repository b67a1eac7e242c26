"""Read a web page or a local file."""

from __future__ import annotations

import difflib
import io
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from yanray.toolbox.api import data_folder, decode, fetch

NETWORK = True
TIMEOUT = 30
EXAMPLES = {
    "example.org": "Example Domain",
    "notes.txt": "Buy milk.",
    "example.org page 2": "[page 2 of 3]",
}

LARGEST = 20 << 20  # bytes of a file
_PAGE = re.compile(r"[\s,]*(?:\bpage|\bp\.|第)\s*(\d{1,4})\s*页?$", re.IGNORECASE)
_QUOTES = "\"'`<>“”‘’「」《》"
_WEB = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)\S*|(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_FILES = frozenset(
    "txt md pdf csv html htm log json xml yaml yml toml ini cfg rst tex srt vtt eml py js c h java".split()
)
_BINARY = re.compile(rb"\x00|\x7fELF|PK\x03\x04|\x89PNG|\xff\xd8\xff|GIF8")


def run(address: str, *, folders: list[str] | None = None, window: int = 4000) -> str:
    """Read what is at ADDRESS, a window of it; the last line says how to ask for more.

    address: of a web page (example.org/news), or the name of a file; `page 2` behind it for what follows.
    folders: where files may be read. None: ~/Documents and the folder `files` beside the tools' data.
    window: characters at once.
    """
    text, page = _with_page(address)
    if not text:
        raise ValueError("name a web page or a file, e.g. example.org, or notes.txt")
    allowed = [_folder(each) for each in folders] if folders is not None else _default_folders()
    path = _file(text, allowed)
    whole = _from_file(path) if path else _from_web(text)
    return _window(whole, text, page, max(200, window))


def _with_page(address: str) -> tuple[str, int]:
    """The address, and the number of the window that is asked for."""
    text = address.strip().strip(_QUOTES).strip()
    match = _PAGE.search(text)
    if match is None:
        return text, 1
    return text[: match.start()].strip().strip(_QUOTES), max(1, int(match[1]))


def _window(whole: str, text: str, page: int, size: int) -> str:
    pages = list(_pages(whole, size))
    if not pages:
        raise ValueError(f"{text} holds no text that can be read")
    if page > len(pages):
        raise ValueError(f"{text} has {len(pages)} pages; write read {text} page {len(pages)}")
    if len(pages) == 1:
        return pages[0]
    follows = f"; for more write: read {text} page {page + 1}" if page < len(pages) else ""
    return f"{pages[page - 1]}\n[page {page} of {len(pages)}{follows}]"


def _pages(whole: str, size: int) -> Iterator[str]:
    """WHOLE in pieces of at most SIZE characters, cut at the ends of lines, sentences or words."""
    rest = whole.strip()
    while rest:
        end = len(rest)
        if end > size:
            marks = ("\n", ". ", "。", " ")
            end = next(
                (at + len(mark) for mark in marks if (at := rest.rfind(mark, size // 2, size)) > 0), size
            )
        yield rest[:end].strip()
        rest = rest[end:].strip()


# -- the web


def _from_web(text: str) -> str:
    if not _WEB.fullmatch(text):
        raise ValueError(
            f"{text[:80]!r} is neither a web page nor a file that is there; write e.g. example.org"
        )
    page = fetch(text)
    return _readable(page.data, page.type, page.text if _is_text(page.type) else "", page.url)


def _is_text(kind: str) -> bool:
    return not re.match(
        r"\s*(?:image|audio|video|font)/|application/(?:pdf|zip|octet-stream)", kind, re.IGNORECASE
    )


def _readable(data: bytes, kind: str, text: str, name: str) -> str:
    """What a person would read of DATA."""
    if data.startswith(b"%PDF-") or "application/pdf" in kind:
        return _pdf(data, name)
    if "html" in kind or re.match(r"\s*(?:<!doctype html|<html)", text[:200], re.IGNORECASE):
        return _html(text)
    if (
        not text
        or _BINARY.match(data[:4])
        or (b"\0" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")))
    ):
        raise ValueError(
            f"{name} is not text ({kind or 'a binary file'}); only web pages, PDF and text can be read"
        )
    return text


def _html(text: str) -> str:
    import trafilatura

    found = trafilatura.extract(text, include_comments=False, include_tables=True, favor_recall=True)
    title = re.search(r"<title[^>]*>(.*?)</title>", text[:20000], re.IGNORECASE | re.DOTALL)
    body = found or _stripped(text)
    heading = _stripped(title[1]) if title else ""
    return body if not heading or body.startswith(heading) else f"{heading}\n\n{body}"


def _stripped(text: str) -> str:
    """HTML without its marks, for pages in which no article is found."""
    from html import unescape

    text = re.sub(
        r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)", " ", text, flags=re.I | re.S
    )
    text = re.sub(r"<(?:br|/p|/div|/h\d|/li|/tr|/title)\b[^<>]*>", "\n", text, flags=re.IGNORECASE)
    lines = (" ".join(line.split()) for line in unescape(re.sub(r"<[^<>]*>", " ", text)).splitlines())
    return "\n".join(line for line in lines if line)


def _pdf(data: bytes, name: str) -> str:
    import pypdf

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError(f"{name} asks for a password")
        pages = [page.extract_text() for page in reader.pages]
    except (
        pypdf.errors.PyPdfError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        IndexError,
    ) as error:
        raise ValueError(f"{name} is not a PDF that can be read ({type(error).__name__})") from None
    text = "\n\n".join(page.strip() for page in pages if page.strip())
    if not text:
        raise ValueError(f"{name} holds pictures only, no text")
    return text


# -- files


def _default_folders() -> list[Path]:
    own = data_folder().parent / "files"
    own.mkdir(parents=True, exist_ok=True)
    return [own.resolve(), _folder("~/Documents")]


def _folder(name: str) -> Path:
    return Path(name).expanduser().resolve()


def _file(text: str, folders: list[Path]) -> Path | None:
    """The file that TEXT names, in one of FOLDERS; None for a web page, ValueError when it is neither."""
    if re.match(r"https?:|www\.", text, re.IGNORECASE) or "\0" in text or len(text) > 500:
        return None
    try:
        given = Path(re.sub("^file:(?://)?", "", text)).expanduser()
        tried = (
            [given.resolve()] if given.is_absolute() else [(folder / given).resolve() for folder in folders]
        )
        inside = [(path, folder) for path in tried for folder in folders if path.is_relative_to(folder)]
        found = next(((path, folder) for path, folder in inside if path.is_file()), None)
    except (OSError, ValueError, RuntimeError):
        return None
    if found is None:
        _refuse_missing(text, given, inside != [], folders)
        return None
    if any(part.startswith(".") for part in found[0].relative_to(found[1]).parts):
        raise ValueError(f"{text[:80]!r} is hidden, and hidden files are not read")
    return found[0]


def _refuse_missing(text: str, given: Path, inside: bool, folders: list[Path]) -> None:
    """Nothing when TEXT is a web page; else a ValueError that says what is there."""
    plain_name = given.suffix[1:].lower() in _FILES and len(given.parts) == 1
    if _WEB.fullmatch(text) and not plain_name and not text.lower().startswith("file:"):
        return
    where = ", ".join(map(str, folders)) or "no folder at all"
    if inside:
        raise ValueError(f"there is no file {text[:80]!r} in {where}{_near(given.name, folders)}")
    raise ValueError(
        f"{text[:80]!r} is outside the folders that may be read ({where}); "
        "its owner can add one in config.yaml (tools: read: folders:)"
    )


def _from_file(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{path.name} is not a plain file")
        if status.st_size > LARGEST:
            raise ValueError(f"{path.name} is larger than {LARGEST >> 20} MiB")
        data = file.read()
    kind = "text/html" if path.suffix.lower() in (".html", ".htm") else ""
    return _readable(data, kind, decode(data), path.name)


def _near(name: str, folders: list[Path]) -> str:
    """The files with a name like NAME."""
    names: list[str] = []
    for folder in folders:
        if folder.is_dir():
            names += [entry.name for entry in sorted(folder.iterdir())[:2000] if entry.name[0] != "."]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return f"; near it: {', '.join(near)}" if near else ""
