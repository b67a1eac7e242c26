"""A chat server on loopback that behaves, or misbehaves, as a test says."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

Reply = Callable[["Request"], None]


class Request:
    """One question. `body` is what was asked; `gone` is set once nobody listens."""

    def __init__(self, handler: http.server.BaseHTTPRequestHandler, server: ChatServer, body: Any) -> None:
        self._handler = handler
        self.server = server
        self.body = body

    def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self._handler.send_response(status)
        self._handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def send(self, data: bytes) -> None:
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def say(self, *texts: str, reason: str | None = "stop", usage: Any = None, done: bool = True) -> None:
        """TEXTS as chunks, then how the round ends."""
        for text in texts:
            self.chunk({"choices": [{"delta": {"content": text}}]})
        if reason:
            self.chunk({"choices": [{"delta": {}, "finish_reason": reason}]})
        if usage:
            self.chunk({"choices": [], "usage": usage})
        if done:
            self.send(b"data: [DONE]\n\n")

    def chunk(self, value: Any) -> None:
        self.send(b"data: " + json.dumps(value).encode() + b"\n\n")

    def refuse(self, status: int, message: str, **headers: str) -> None:
        self.head(status, "application/json", **headers)
        self.send(json.dumps({"error": {"message": message}}).encode())


class ChatServer:
    """Answers each question with the next of its REPLIES, the last one again and again."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.asked: list[Any] = []
        self.keys: list[str] = []
        self.models: Any = {"data": [{"id": "parrot", "max_model_len": 1000}]}
        self.stopped = threading.Event()  # the test is over
        self.gone = threading.Event()  # whoever asked has hung up
        self.asking = threading.Event()  # a question is here
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._list(self)

            def do_POST(self) -> None:
                outer._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def reply(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def close(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait_for_hang_up(self, request: Request) -> None:
        """Read until the other side closes the connection."""
        while request._handler.connection.recv(1):
            pass
        self.gone.set()

    def _list(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        self.keys.append(handler.headers.get("Authorization", ""))
        request = Request(handler, self, None)
        if callable(self.models):
            self.models(request)
            return
        request.head(kind="application/json")
        request.send(json.dumps(self.models).encode())

    def _answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.asked.append(body)
        self.asking.set()
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        try:
            reply(Request(handler, self, body))
        except OSError:
            self.gone.set()


def says(*texts: str, **options: Any) -> Reply:
    """A server that answers properly."""

    def reply(request: Request) -> None:
        request.head()
        request.say(*texts, **options)

    return reply


def sends(pieces: Iterable[bytes], kind: str = "text/event-stream") -> Reply:
    """A server that sends PIECES, whatever they are."""

    def reply(request: Request) -> None:
        request.head(kind=kind)
        for piece in pieces:
            request.send(piece)

    return reply


def refuses(status: int, message: str, **headers: str) -> Reply:
    """A server that answers with STATUS."""
    return lambda request: request.refuse(status, message, **headers)
