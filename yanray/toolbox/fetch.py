"""The one way of tools to the web: `fetch(url) -> Page`. It runs in the worker.

Only http and https; every address is checked (see `toolbox.addresses`) at the first request and after each
redirect, and the connection goes to the address that was checked. Limits on time, size, redirects and on how
far a page may unpack. No cookies, no proxies, no credentials in the address.
"""

from __future__ import annotations

import functools
import json
import re
import ssl
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from yanray.toolbox.addresses import (
    AwayError,
    FetchError,
    Resolve,
    allowed_by_owner,
    checked,
    look_up,
)
from yanray.toolbox.charset import decode

__all__ = ["AwayError", "FetchError", "Page", "fetch"]

LONGEST = 4 << 20  # bytes of a page, unpacked
SECONDS = 15.0  # for a page, redirects and all
REDIRECTS = 5
UNPACKS_TO = 200  # times its size on the way; text reaches 20, a bomb 1000
_FREE = 1 << 20  # bytes that may unpack from anything
_AGENT = "Mozilla/5.0 (compatible; Yanray; a personal assistant)"
_STATUS = {
    401: "it asks for a password",
    403: "it refuses",
    404: "there is no such page",
    410: "the page is gone",
    429: "too many requests; try again later",
}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """What a server gave. url: after redirects. cut: it was longer than the limit."""

    url: str
    type: str
    data: bytes
    cut: bool = False

    @property
    def text(self) -> str:
        """The text, from whatever charset it is in."""
        return decode(self.data, self.type)

    def json(self) -> Any:
        """The JSON value. Raises FetchError when it is none."""
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError):
            host = httpx.URL(self.url).host
            raise FetchError(f"{host} did not answer as it should; try again later") from None


def fetch(
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    limit: int = LONGEST,
    seconds: float = SECONDS,
    allow: Collection[str] = (),
    resolve: Resolve = look_up,
) -> Page:
    """Get the page at URL; `https://` is added where no scheme stands.

    params: for the query. form: fields to send, so that it is a POST. limit: bytes that are read.
    seconds: for everything. allow: `host` or `host:port` of servers that the tool's own settings name, and
    which may therefore be in a private network. Raises FetchError; AwayError when the network is away.
    """
    where = _parsed(url)
    if params:
        where = where.copy_merge_params(dict(params))
    method, body = (
        ("POST", httpx.Request("POST", "http://x", data=dict(form)).content) if form else ("GET", b"")
    )
    carrier = _Carrier({*allow, *allowed_by_owner()}, resolve, time.monotonic() + seconds)
    for _ in range(REDIRECTS + 1):
        page, onward = carrier.get(method, where, body, limit)
        if page is not None:
            return page
        where = _parsed(str(where.join(onward)))
        method, body = "GET", b""
    raise FetchError(
        f"{where.host} redirects more than {REDIRECTS} times: give the address of the page itself"
    )


def _parsed(url: str) -> httpx.URL:
    """URL as an address of the web, or FetchError."""
    scheme = _SCHEME.match(url.strip())
    text = url.strip() if scheme else f"https://{url.strip()}"
    try:
        where = httpx.URL(text)
        host = where.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError) as error:
        raise FetchError(f"{url[:80]!r} is not the address of a page: {error}") from None
    if where.scheme not in ("http", "https"):
        raise FetchError(f"{where.scheme}: is not of the web: give an address with http:// or https://")
    if where.userinfo:
        raise FetchError("the address holds a user's name or password: leave out what stands before the @")
    if where.port is not None and not 0 < where.port < 65536:
        raise FetchError(f"there is no port {where.port}")
    if not host or not re.fullmatch(r"[a-z0-9._:\[\]-]+", host, re.IGNORECASE):
        raise FetchError(f"{url[:80]!r} is not the address of a page; write e.g. https://example.org/page")
    return where


class _Carrier:
    """Requests of one fetch: what is allowed, and until when."""

    def __init__(self, allowed: Collection[str], resolve: Resolve, deadline: float) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates(),
            max_keepalive_connections=0,
            network_backend=_Backend(allowed, resolve, deadline),
        )

    def get(self, method: str, where: httpx.URL, body: bytes, limit: int) -> tuple[Page | None, str]:
        """The page, or None and where it has moved to."""
        try:
            with self._pool.stream(
                method, _parts(where), headers=_headers(where, body), content=body or None
            ) as answer:
                headers = {
                    name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers
                }
                if answer.status in (301, 302, 303, 307, 308) and "location" in headers:
                    return None, headers["location"]
                if answer.status >= 400:
                    raise FetchError(f"{where.host} answered {answer.status}{_meaning(answer.status)}")
                data, cut = self._read(
                    answer.iter_stream(), headers.get("content-encoding", ""), limit, where.host
                )
        except (httpcore.TimeoutException, TimeoutError):
            raise AwayError(f"{where.host} does not answer in time; try again later") from None
        except (httpcore.ConnectError, OSError) as error:
            raise AwayError(
                f"the network is away: {where.host} cannot be reached ({_reason(error)})"
            ) from None
        except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.UnsupportedProtocol) as error:
            raise FetchError(f"{where.host} broke off: {_reason(error)}") from None
        return Page(str(where), headers.get("content-type", ""), data, cut), ""

    def _read(self, chunks: Iterable[bytes], coding: str, limit: int, host: str) -> tuple[bytes, bool]:
        data = bytearray()
        for piece in _unpacked(chunks, coding, host):
            data += piece
            if len(data) > limit:
                return bytes(data[:limit]), True
            if time.monotonic() > self._deadline:
                raise AwayError(f"{host} is too slow; try again later")
        return bytes(data), False


@functools.lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Whom to trust; read once, since that takes 20 ms."""
    return httpx.create_ssl_context()


def _parts(where: httpx.URL) -> httpcore.URL:
    """WHERE for httpcore, in parts: it must not read the address again, perhaps in another way."""
    return httpcore.URL(scheme=where.raw_scheme, host=where.raw_host, port=where.port, target=where.raw_path)


def _headers(where: httpx.URL, body: bytes) -> list[tuple[str, str]]:
    headers = [
        ("Host", where.netloc.decode("ascii")),
        ("User-Agent", _AGENT),
        ("Accept", "text/html,application/json,application/pdf,text/plain,*/*;q=0.5"),
        ("Accept-Encoding", "gzip"),
        ("Accept-Language", "en,zh;q=0.9,*;q=0.5"),
        ("Connection", "close"),
    ]
    if body:
        headers += [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(body)))]
    return headers


def _meaning(status: int) -> str:
    text = _STATUS.get(status, "it is out of order; try again later" if status >= 500 else "")
    return f": {text}" if text else ""


def _reason(error: Exception) -> str:
    return str(error).replace("\n", " ")[:120] or type(error).__name__


def _unpacked(chunks: Iterable[bytes], coding: str, host: str) -> Iterator[bytes]:
    """CHUNKS without their compression. Raises FetchError when they grow beyond reason or are broken."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        yield from chunks
        return
    if coding not in ("gzip", "x-gzip"):
        raise FetchError(f"{host} packs its pages in a way that was not asked for ({coding[:20]})")
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    packed = unpacked = 0
    for chunk in chunks:
        packed += len(chunk)
        while chunk:
            try:
                piece = reader.decompress(chunk, 1 << 16)
            except zlib.error:
                raise FetchError(f"{host} sent a page that is packed wrongly") from None
            unpacked += len(piece)
            if unpacked > max(_FREE, packed * UNPACKS_TO):
                raise FetchError(f"{host} sent a page that unpacks to far more than it is: not read")
            yield piece
            chunk = reader.unconsumed_tail
    yield reader.flush()


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and lets nothing take longer than is left."""

    def __init__(self, allowed: Collection[str], resolve: Resolve, deadline: float) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._deadline = deadline
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = checked(host, port, self._allowed, self._resolve)
        failure: Exception = httpcore.ConnectError("it has no address")
        for address in addresses:
            try:
                stream = self._system.connect_tcp(
                    address, port, _left(self._deadline), local_address, socket_options
                )
                return _Stream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection that ends at the deadline, however slowly its other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    """Seconds until DEADLINE, or the timeout that it is."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
