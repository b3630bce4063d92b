"""A server on 127.0.0.1 that answers as a test tells it, and notes what it was asked."""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Request:
    method: str
    target: str  #: path and query as they came
    headers: dict[str, str]  #: names in lower case
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    data: Any = None  #: what is sent as JSON; bytes are sent as they are
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0  #: bytes at the end that are promised and not sent
    hang: threading.Event | None = None  #: is waited for before anything is sent
    drip: float = 0.0  #: seconds before each byte

    @property
    def raw(self) -> bytes:
        return self.data if isinstance(self.data, bytes) else json.dumps(self.data).encode()


Answer = Callable[[Request], Reply]


class Loopback:
    """Serves until the ``with`` ends.

    answer: what is replied. faults: replies that come instead, once each, for requests whose
    path (decoded) a regex finds; the first that fits.
    """

    def __init__(self, answer: Answer, certificate: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.connections = 0
        self.faults: list[tuple[str, Reply]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body together, else the kernel waits between them

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def drip(self, raw: bytes, pause: float) -> None:
                with suppress(OSError):
                    self.wfile.flush()
                    for place in range(len(raw)):
                        time.sleep(pause)
                        self.wfile.write(raw[place : place + 1])
                        self.wfile.flush()
                self.close_connection = True

            def respond(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, body)
                outer.requests.append(request)
                reply = outer.reply(request)
                if reply.hang is not None:
                    reply.hang.wait(30)
                raw = b"" if reply.status in (204, 304) else reply.raw
                self.send_response_only(reply.status)
                usual = {"Content-Type": "application/json; charset=utf-8"}
                usual["Date"] = self.date_time_string()
                for name, value in {**usual, **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                if reply.drip:
                    self.drip(raw, reply.drip)
                with suppress(OSError):  # who asks may stop listening
                    self.wfile.write(b"" if reply.drip else raw[: len(raw) - reply.cut])
                    self.wfile.flush()
                if reply.cut:
                    self.close_connection = True

            do_GET = do_POST = respond  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "http"
        if certificate is not None:
            self._scheme = "https"
            self._server.socket = certificate.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def reply(self, request: Request) -> Reply:
        for place, (pattern, reply) in enumerate(self.faults):
            if re.search(pattern, unquote(request.path)):
                del self.faults[place]
                return reply
        return self.answer(request)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [unquote(one.path) for one in self.requests]

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
