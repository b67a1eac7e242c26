"""A web server on loopback, which answers as a test says and keeps what was asked of it."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

Body = bytes | Iterable[bytes] | Callable[[dict[str, str]], Any]


class Web:
    """Pages by their paths. stopped: set when the server ends, for bodies that drip."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.hosts: list[str] = []
        self.stopped = threading.Event()
        self._pages: dict[str, tuple[Body, int, dict[str, str]]] = {}
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web._answer(self)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def page(
        self, path: str, body: Body = b"", *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> str:
        """Answer at PATH: with bytes, with pieces as they come, or with what a function of the query says."""
        self._pages[path] = (body, status, dict(headers or {"Content-Type": "text/html"}))
        return self.url + path

    def close(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        where = urlsplit(request.path)
        self.seen.append(request.path)
        self.hosts.append(request.headers.get("Host", ""))
        size = int(request.headers.get("Content-Length", 0))
        query = parse_qs(where.query) | parse_qs(request.rfile.read(size).decode())
        body, status, headers = self._pages.get(where.path, (b"nothing here", 404, {}))
        if callable(body):
            said = body({key: values[-1] for key, values in query.items()})
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        try:
            for piece in [body] if isinstance(body, bytes) else body:
                request.wfile.write(piece)
                request.wfile.flush()
        except OSError:
            pass  # whoever asked has heard enough
