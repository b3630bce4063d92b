"""A GitHub and a GitLab on 127.0.0.1, as far as comments on one request go."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

TOKEN = "t0p-s3cr3t"  # noqa: S105
US, STRANGER = 5, 6
LOGINS = {US: "github-actions[bot]", STRANGER: "stranger"}


class Fault(NamedTuple):
    """An answer that comes instead, once."""

    method: str
    status: int
    body: bytes = b'{"message": "no"}'
    headers: Mapping[str, str] = {}
    obeyed: bool = False  #: whether what was asked for is done all the same
    cut: int = 0  #: bytes that are promised and not sent


class Forge:
    """Serves until the ``with`` ends; comments are (id, author, body)."""

    def __init__(self, kind: str, *, user_answers: bool = True) -> None:
        self.kind = kind
        self.comments: list[tuple[int, int, str]] = []
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.tokens: list[str | None] = []
        self.user_answers = user_answers
        self._next = 100
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def respond(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size) or b"null")
                outer.asked.append(f"{self.command} {urlsplit(self.path).path}")
                told = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN")
                outer.tokens.append(told)
                fault = next((f for f in outer.faults if f.method in (self.command, "*")), None)
                if fault is not None:
                    outer.faults.remove(fault)
                    if fault.obeyed:
                        outer.answer(self.command, self.path, body)
                    self.reply(fault.status, fault.body, fault.headers, fault.cut)
                    return
                status, value, headers = outer.answer(self.command, self.path, body)
                data = b"" if value is None else json.dumps(value).encode()
                self.reply(status, data, headers)

            def reply(
                self, status: int, data: bytes, headers: Mapping[str, str], cut: int = 0
            ) -> None:
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) - cut])
                self.wfile.flush()
                self.close_connection = bool(cut)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = respond  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/api"

    @property
    def changes(self) -> list[str]:
        """The methods that changed something, in order."""
        return [one.split()[0] for one in self.asked if not one.startswith("GET")]

    def say(self, author: int, body: str) -> int:
        self._next += 1
        self.comments.append((self._next, author, body))
        return self._next

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any, dict[str, str]]:
        parts = urlsplit(target)
        path, query = parts.path.removeprefix("/api"), parse_qs(parts.query)
        if path == "/user":
            if not self.user_answers:
                return 403, {"message": "Resource not accessible by integration"}, {}
            return 200, {"id": US, "login": LOGINS[US]}, {}
        if self.kind == "github":
            all_, one, change = "/repos/shop/shop/issues/7/comments", "/comments/", "PATCH"
        else:
            all_ = "/projects/11/merge_requests/7/notes"
            one, change = all_ + "/", "PUT"
        if path == all_ and method == "GET":
            return self._page(query)
        if path == all_ and method == "POST":
            self.say(US, body["body"])
            return 201, {"id": self._next}, {}
        number = int(path.rpartition("/")[2]) if one in path else 0
        place = next((n for n, c in enumerate(self.comments) if c[0] == number), None)
        if place is not None and method == change:
            self.comments[place] = (number, US, body["body"])
            return 200, {"id": number}, {}
        if place is not None and method == "DELETE":
            del self.comments[place]
            return 204, None, {}
        return 404, {"message": "Not Found"}, {}

    def _page(self, query: dict[str, list[str]]) -> tuple[int, Any, dict[str, str]]:
        size, page = int(query["per_page"][0]), int(query["page"][0])
        size = min(size, 20)  # a server may give fewer than it is asked for
        chosen = self.comments[(page - 1) * size : page * size]
        more = len(self.comments) > page * size
        headers = {"Link": f'<{self.url}?page={page + 1}>; rel="next"'} if more else {}
        if self.kind == "gitlab":
            headers = {"X-Next-Page": str(page + 1) if more else ""}
            found = [{"id": i, "body": b, "author": {"id": a}, "system": False}
                     for i, a, b in chosen]  # fmt: skip
        else:
            found = [{"id": i, "body": b, "user": {"login": LOGINS[a]}} for i, a, b in chosen]
        return 200, found, headers

    def __enter__(self) -> Forge:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
