"""Talking to a server over HTTP: one request at a time, its answer read by a thread of its own.

The thread puts what it reads into an inbox, so that whoever waits there can be woken at any time, from a
signal handler too; closing an exchange shuts its socket down, which ends the thread and tells the server
that nobody listens any more.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from socket import SHUT_RDWR
from typing import Any, TypeAlias

import httpx

CONNECT = 10.0  # seconds until a connection stands
LONGEST_LINE = 1 << 20  # bytes; a server that sends more without a line's end is not speaking our protocol
EXCERPT = 300  # characters of a server's own words in an error
PASSING = (408, 425, 429, 500, 502, 503, 504)  # statuses that may be gone a moment later


class Failure(Exception):
    """The server could not be reached, refused, or broke off.

    status: of HTTP, 0 without one. passing: worth trying again. after: seconds that the server asks for.
    """

    def __init__(self, text: str, *, status: int = 0, passing: bool = False, after: float = 0.0) -> None:
        super().__init__(text)
        self.status = status
        self.passing = passing
        self.after = after


@dataclass(frozen=True, slots=True)
class Item:
    """Something read: a line, the failure that ended the reading, or None at its regular end.

    exchange: whose it is; None stands for a cancel.
    """

    exchange: Exchange | None
    value: bytes | Failure | None = None


Inbox: TypeAlias = "SimpleQueue[Item]"


class Wire:
    """The way to the server at URL. headers: sent with each request. timeout: seconds without a byte.

    Connections are not kept: each exchange has its own socket, which can be shut down with it.
    """

    def __init__(self, url: str, headers: dict[str, str], timeout: float) -> None:
        self.url = url.rstrip("/")
        self._client = httpx.Client(
            headers={"user-agent": "yanray", **headers},
            timeout=httpx.Timeout(timeout, connect=CONNECT),
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def get(self, path: str) -> Any:
        """The JSON at PATH. Raises Failure."""
        try:
            answer = self._client.get(self.url + path)
            if answer.status_code != 200:
                raise _refusal(answer)
            return answer.json()
        except httpx.HTTPError as error:
            raise _unreachable(error) from None
        except ValueError:
            raise Failure(f"answers {path} with something that is not JSON") from None

    def post(self, path: str, body: dict[str, Any], inbox: Inbox) -> Exchange:
        """Send BODY to PATH; the lines of the answer come to INBOX."""
        return Exchange(self._client, self.url + path, body, inbox)

    def close(self) -> None:
        """Give up all connections."""
        self._client.close()


class Exchange:
    """One request, and the thread that reads its answer."""

    def __init__(self, client: httpx.Client, url: str, body: dict[str, Any], inbox: Inbox) -> None:
        self._client = client
        self._url = url
        self._body = body
        self._inbox = inbox
        self._stream: Any = None  # httpcore's, as soon as there is a connection
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        socket = self._stream.get_extra_info("socket") if self._stream else None
        if socket is not None:
            try:
                socket.shutdown(SHUT_RDWR)
            except OSError:
                return  # the other side was faster

    def _run(self) -> None:
        try:
            self._read()
            end: Failure | None = None
        except httpx.HTTPError as error:
            end = _unreachable(error)
        except Failure as failure:
            end = failure
        self._inbox.put(Item(self, end))

    def _read(self) -> None:
        asked = self._client.stream("POST", self._url, json=self._body, extensions={"trace": self._trace})
        with asked as answer:
            if answer.status_code != 200:
                answer.read()
                raise _refusal(answer)
            kind = answer.headers.get("content-type", "")
            if "event-stream" not in kind:
                raise Failure(f"answers with {kind or 'an unknown type'}, not with an event stream")
            for line in lines(answer.iter_bytes()):
                self._inbox.put(Item(self, line))

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        """Keep the connection at hand (httpcore's `trace` extension)."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._stream = info["return_value"]
            if self._closed:
                self.close()


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """PIECES cut at line ends, which are left out. Raises Failure when a line does not end."""
    held = b""
    for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        yield from (line.rstrip(b"\r") for line in whole)
        if len(held) > LONGEST_LINE:
            raise Failure(f"sends a line of more than {LONGEST_LINE} bytes")
    if held:
        yield held


def excerpt(data: bytes) -> str:
    """The beginning of DATA for people: the message in it where it is an error as JSON."""
    text = data[:100_000].decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    for key in ("error", "message", "detail"):
        if isinstance(found, dict) and key in found:
            found = found[key]
    if found is not None:
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return " ".join(text.split())[:EXCERPT]


def _refusal(answer: httpx.Response) -> Failure:
    code = answer.status_code
    words = excerpt(answer.content) or answer.reason_phrase
    after = answer.headers.get("retry-after", "")
    return Failure(
        f"answers {code}: {words}",
        status=code,
        passing=code in PASSING,
        after=float(after) if after.isascii() and after.isdigit() else 0.0,
    )


def _unreachable(error: httpx.HTTPError) -> Failure:
    stalled = isinstance(error, httpx.ReadTimeout)
    why = "says nothing any more" if stalled else f"cannot be reached ({error or type(error).__name__})"
    return Failure(why, passing=not isinstance(error, httpx.UnsupportedProtocol))
