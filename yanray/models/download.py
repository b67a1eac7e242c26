"""One file from a web server onto the disk: whole and verified, or an error that says what is wrong.

The bytes are written to `NAME.part`, with `NAME.part.json` saying which file they belong to; a cut is taken
up where it happened, by Range and If-Range (RFC 9110, sections 13 and 14). The finished file is checked
against its size and SHA-256, synced, and renamed. Two pulls of one file exclude each other by a lock; the
second finds the file there.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from yanray.errors import DataError, ModelError
from yanray.models.places import RemoteFile
from yanray.models.progress import PATIENT, Patience, Step, Tell

if TYPE_CHECKING:
    import httpx

PIECE = 1 << 20  # bytes


class _Cut(Exception):
    """The connection brought less than the whole."""


class _Changed(Exception):
    """The server has another file now than the one that was begun."""


@dataclass(slots=True)
class _Expected:
    """Which file the part belongs to."""

    url: str
    size: int = 0
    version: str = ""  # strong ETag, else Last-Modified: what If-Range takes
    sha256: str = ""


def download(
    file: RemoteFile,
    target: Path,
    tell: Tell,
    *,
    headers: dict[str, str] | None = None,
    patience: Patience = PATIENT,
) -> Path:
    """Fetch FILE to TARGET and return TARGET; at once when it is there, whole, already. Raises ModelError.

    headers: sent along, e.g. a token. While another process fetches the same file, this one waits for it.
    """
    from filelock import FileLock, Timeout

    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell(f"{target.name}: another pull is fetching it; waiting for that")
        lock.acquire()
    try:
        if not _there(file, target):
            _Download(file, target, tell, headers, patience).run()
    finally:
        lock.release()
    return target


def sha256_of(path: Path, tell: Tell | None = None) -> str:
    """SHA-256 of the file at PATH, in hex."""
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            done += len(piece)
            if tell:
                tell(Step("check", path.name, done, size))
    return digest.hexdigest()


class _Download:
    """One download, its retries and its part on the disk."""

    def __init__(
        self,
        file: RemoteFile,
        target: Path,
        tell: Tell,
        headers: dict[str, str] | None,
        patience: Patience,
    ) -> None:
        self._file, self._target, self._tell, self._headers = file, target, tell, headers
        self._patience = patience
        self._part = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")
        self._expected = _Expected(file.url, file.size, "", file.sha256)
        self._url = file.url
        self._begun = time.monotonic()
        self._received = 0

    def run(self) -> None:
        """Fetch, check, rename. Raises ModelError."""
        self._take_up()
        for last in (False, True):
            self._fetch()
            wrong = self._wrong()
            if not wrong:
                break
            self._start_over()
            if last:
                raise ModelError(f"{self._url}: {wrong}, twice; nothing was kept: try another source")
            self._tell(f"{self._target.name}: {wrong}; fetching it again")
        self._settle()

    def _take_up(self) -> None:
        """Keep what an earlier pull of the same file left, else start over."""
        try:
            found = _Expected(**json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self._start_over()
            return
        stated = (self._file.size or found.size, self._file.sha256 or found.sha256)
        if found.url != self._file.url or (found.size, found.sha256) != stated or not self._part.is_file():
            self._start_over()
            return
        self._expected = found

    @property
    def _have(self) -> int:
        return self._part.stat().st_size if self._part.is_file() else 0

    def _start_over(self) -> None:
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self._expected = _Expected(self._file.url, self._file.size, "", self._file.sha256)

    def _fetch(self) -> None:
        """Attempts until the part has its size. Raises ModelError when several in a row bring nothing."""
        import httpx

        from yanray.models.web import open_client

        vain = changes = 0
        with open_client(self._headers, self._patience.stall) as client:
            while True:
                before = self._have
                try:
                    self._attempt(client)
                    return
                except (httpx.HTTPError, _Cut) as error:
                    why = f"the transfer failed: {str(error) or type(error).__name__}"
                except _Changed as change:
                    why, changes = str(change), changes + 1
                    self._start_over()
                    self._tell(f"{self._target.name}: {change}; starting over")
                vain = 0 if self._have > before else vain + 1
                if max(vain, changes) >= self._patience.attempts:
                    again = "the same command goes on from there" if self._have else "try later"
                    raise ModelError(
                        f"{self._url}: {why}; {self._have} bytes are kept: {again}, or try another mirror"
                    )
                if vain:
                    time.sleep(self._patience.pause * 2 ** (vain - 1))

    def _attempt(self, client: httpx.Client) -> None:
        """One request, and its body written. Raises _Cut, _Changed, httpx.HTTPError or ModelError."""
        from yanray.models.web import check

        have = self._have if self._expected.version or self._expected.sha256 else 0
        if have and have == self._expected.size:
            return
        asked = {"range": f"bytes={have}-"} if have else {}
        if have and self._expected.version:
            asked["if-range"] = self._expected.version
        with client.stream("GET", self._url, headers=asked) as answer:
            if answer.status_code == 416:
                raise _Changed(f"the server has no byte {have} of this file")
            if answer.status_code >= 500:
                raise _Cut(f"the server answers {answer.status_code} {answer.reason_phrase}")
            check(answer, self._url)
            start = have if answer.status_code == 206 else 0
            self._meet(answer, start)
            self._write(answer, start)
        if self._have < self._expected.size:
            raise _Cut(f"it ended at byte {self._have} of {self._expected.size}")

    def _meet(self, answer: httpx.Response, start: int) -> None:
        """Compare ANSWER, which begins at byte START, with what was begun, and note what it says of the
        file."""
        from yanray.models.web import content_range

        size, known = int(answer.headers.get("content-length") or 0), self._expected
        if answer.status_code == 206:
            begins, size = content_range(answer, self._url)
            if begins != start:
                raise _Changed(f"the server sent bytes from {begins} on instead of {start}")
        version = _version(answer)
        if start and known.version and version and version != known.version:
            raise _Changed("the file has changed on the server")
        if known.size and size and size != known.size:
            if self._file.size:
                raise _Cut(f"it offers {size} bytes where the listing says {known.size}")
            raise _Changed(f"the file has changed: it has {size} bytes instead of {known.size}")
        self._expected = _Expected(known.url, size or known.size, version, known.sha256 or _linked(answer))
        self._note.write_text(json.dumps(asdict(self._expected)), encoding="utf-8")

    def _write(self, answer: httpx.Response, start: int) -> None:
        """Append the body from START on, never beyond the file's size."""
        size, done = self._expected.size, start
        with self._part.open("r+b" if start else "wb") as part:
            part.seek(start)
            part.truncate()
            for piece in answer.iter_raw():
                done += len(piece)
                if size and done > size:
                    raise _Changed(f"the server sends more than the {size} bytes it announced")
                part.write(piece)
                self._tell(Step("fetch", self._target.name, done, size, self._rate(len(piece))))

    def _rate(self, more: int) -> float:
        """Bytes/s since the pull began, with MORE that came now."""
        self._received += more
        gone = time.monotonic() - self._begun
        return self._received / gone if gone > 0 else 0.0

    def _wrong(self) -> str:
        """What is wrong with the part, or ""."""
        size, known = self._have, self._expected
        if known.size and size != known.size:
            return f"{size} bytes came instead of {known.size}"
        if known.sha256 and sha256_of(self._part, self._tell) != known.sha256:
            return "its SHA-256 is not the one that was announced"
        try:
            _read_through(self._part, self._target.name)
        except DataError as error:
            return str(error).removeprefix(f"{self._part}: ")
        return ""

    def _settle(self) -> None:
        """On the disk for good, then under its name."""
        with self._part.open("rb") as part:
            os.fsync(part.fileno())
        self._part.replace(self._target)
        self._note.unlink(missing_ok=True)
        if hasattr(os, "O_DIRECTORY"):  # elsewhere a rename is durable by itself
            folder = os.open(self._target.parent, os.O_DIRECTORY)
            os.fsync(folder)
            os.close(folder)


def _there(file: RemoteFile, target: Path) -> bool:
    """Whether TARGET is already what FILE states. Raises ModelError when it is another file."""
    if not target.is_file():
        return False
    other = bool(file.size and target.stat().st_size != file.size)
    if other or (file.sha256 and sha256_of(target) != file.sha256):
        raise ModelError(
            f"{target}: is there already, but is another file; remove it first (yanray models rm)"
        )
    return True


def _version(answer: httpx.Response) -> str:
    """What tells this content from a later one: a strong ETag, else the time of the last change."""
    etag = str(answer.headers.get("etag", ""))
    return etag if etag and not etag.startswith("W/") else str(answer.headers.get("last-modified", ""))


def _linked(answer: httpx.Response) -> str:
    """The SHA-256 that the Hub states for a file kept by LFS: the ETag of what it links to."""
    for step in (*answer.history, answer):
        tag = step.headers.get("x-linked-etag", "").strip('"')
        if len(tag) == 64 and all(letter in "0123456789abcdef" for letter in tag):
            return str(tag)
    return ""


def _read_through(part: Path, name: str) -> None:
    """Raise DataError when the header of a model file says that it is not whole."""
    from yanray.models.gguf_header import read_gguf
    from yanray.models.safetensors_header import read_safetensors
    from yanray.models.source import Opened

    with Opened(part) as source:
        if name.endswith(".gguf"):
            read_gguf(source)
        elif name.endswith(".safetensors"):
            read_safetensors(source)
