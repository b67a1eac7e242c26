"""A web server on loopback that goes wrong where it is told to: real sockets, real resets."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal["reset", "stall", "short", "changed", "416", "wrong length", "503", "none"]


@dataclass
class Site:
    """What is served: content by path, and the faults of the requests for bodies to come, one each.

    A fault is (kind, byte of the file at which it happens). later: content that takes the place of
    `content` once a `changed` fault has happened. ranges: whether Range is understood. listing: JSON by path.
    """

    content: bytes
    faults: list[tuple[Fault, int]] = field(default_factory=list)
    later: bytes | None = None
    ranges: bool = True
    tagged: bool = True
    linked: bool = False
    listing: dict[str, bytes] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class Server:
    """`with Server(site) as address`."""

    def __init__(self, site: Site) -> None:
        self.site = site
        handler = type("Handler", (_Handler,), {"site": site})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.site.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        self.close_connection = True
        self.site.requests.append({name.lower(): value for name, value in self.headers.items()})
        path = self.path
        if path in self.site.listing:
            self._answer(200, self.site.listing[path], {})
            return
        if not path.endswith((".gguf", ".bin", ".safetensors")):
            self.send_error(404)
            return
        fault, place = self.site.faults.pop(0) if self.site.faults else ("none", 0)
        if fault == "503":
            self.send_error(503)
        elif fault == "416":
            self.send_error(416)
        else:
            self._send_file(fault, place)

    def _send_file(self, fault: Fault, place: int) -> None:
        content = self.site.content
        tag = f'"{hashlib.sha256(content).hexdigest()}"'
        begin, end = self._range(len(content), tag)
        whole = begin is None
        body = content if whole else content[begin : end + 1]
        extra = {"etag": tag} if self.site.tagged else {}
        if self.site.linked:
            extra["x-linked-etag"] = tag
        if not whole:
            extra["content-range"] = f"bytes {begin}-{begin + len(body) - 1}/{len(content)}"
        length = len(body) + (7 if fault == "wrong length" else 0)
        self._answer(200 if whole else 206, None, {**extra, "content-length": str(length)})
        cut = len(body) if fault == "none" else max(0, min(len(body), place - (begin or 0)))
        try:
            self.wfile.write(body[:cut])
            self.wfile.flush()
            self._go_wrong(fault)
        except OSError:
            return  # the reader has gone

    def _go_wrong(self, fault: Fault) -> None:
        if fault == "stall":
            self.site.released.wait(60)
        elif fault == "changed" and self.site.later is not None:
            self.site.content = self.site.later
        if fault == "reset":  # no lingering: closing sends RST
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _range(self, size: int, tag: str) -> tuple[int | None, int]:
        asked = self.headers.get("range")
        held = self.headers.get("if-range", tag)
        if not asked or not self.site.ranges or held != tag:
            return None, size - 1
        begin, _, end = asked.removeprefix("bytes=").partition("-")
        return int(begin), min(size - 1, int(end) if end else size - 1)

    def _answer(self, code: int, body: bytes | None, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if body is not None:
            self.wfile.write(body)

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            return  # closed by a reset

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
