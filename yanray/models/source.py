"""Bytes by position: of a local file, or of one on a web server, whose header then costs no download."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from yanray.errors import DataError, ModelError

if TYPE_CHECKING:
    import httpx

AHEAD = 1 << 20  # bytes fetched at once: a header is read from front to back in small steps


class Source(Protocol):
    """Where a header is read from."""

    name: str
    size: int  # bytes

    def read(self, offset: int, length: int) -> bytes:
        """Exactly LENGTH bytes from OFFSET on. Raises DataError when the source ends before."""
        ...

    def close(self) -> None:
        """Free what is held open."""
        ...


class FileSource:
    """A local file. Raises DataError when it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror}; check the path") from None
        self.size = self._file.seek(0, 2)

    def read(self, offset: int, length: int) -> bytes:
        """See `Source`."""
        check_end(self, offset, length)
        self._file.seek(offset)
        return self._file.read(length)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class HttpSource:
    """A file behind an http(s) URL whose server answers Range requests (RFC 9110, section 14).

    Raises ModelError when the server cannot be reached, has no such file, or knows no ranges.
    """

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        from yanray.models.web import open_client

        self.name = url
        self._client: httpx.Client = open_client(headers)
        self._start = 0
        self._held = b""
        self.size = 0
        self._fetch(0, AHEAD)

    def read(self, offset: int, length: int) -> bytes:
        """See `Source`."""
        check_end(self, offset, length)
        if offset < self._start or offset + length > self._start + len(self._held):
            self._fetch(offset, max(length, AHEAD))
        begin = offset - self._start
        return self._held[begin : begin + length]

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _fetch(self, offset: int, length: int) -> None:
        from yanray.models.web import get_range

        self._held, self.size = get_range(self._client, self.name, offset, length)
        self._start = offset
        if self.size and len(self._held) < min(length, self.size - offset):
            raise ModelError(f"{self.name}: the server sent less than it was asked for; try again")


class Cursor:
    """Reads a source from front to back."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.position = 0

    def take(self, length: int) -> bytes:
        """The next LENGTH bytes."""
        data = self._source.read(self.position, length)
        self.position += length
        return data


class Opened:
    """`with Opened(where) as source`: WHERE is a path or an http(s) URL."""

    def __init__(self, where: str | Path, headers: dict[str, str] | None = None) -> None:
        remote = isinstance(where, str) and is_url(where)
        self._source: Source = HttpSource(str(where), headers) if remote else FileSource(Path(where))

    def __enter__(self) -> Source:
        return self._source

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.close()


def is_url(text: str) -> bool:
    """Whether TEXT is an address that HttpSource reads."""
    return text.startswith(("http://", "https://"))


def check_end(source: Source, offset: int, length: int) -> None:
    """Raise DataError unless LENGTH bytes from OFFSET on lie inside SOURCE."""
    if offset + length > source.size:
        raise DataError(
            f"{source.name}: cut short: {source.size} bytes, but its header goes on to {offset + length}; "
            "fetch it again"
        )
