"""A server on this machine that speaks like OpenAI's, or misbehaves as it is told to.

    with Server(say("{}"), hang()) as server:
        ...  # ask at server.url; server.received says what came

The n-th request meets the n-th behaviour, and every later one the last. A behaviour is any
function of an :class:`Exchange`; ``choose`` finds one by what is asked. Everything is written on
raw sockets, so that what is not HTTP can be sent too.
"""

from __future__ import annotations

import email.utils
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

Json = dict[str, Any]
Content = str | Callable[["Received"], str]


class Received:
    """One request as it came."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.at = time.monotonic()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def messages(self) -> list[dict[str, str]]:
        return [*self.json["messages"]]

    @property
    def text(self) -> str:
        """What all messages say."""
        return "\n".join(message["content"] for message in self.messages)


class EndedError(Exception):
    """The server ends while a behaviour is at work."""


class Exchange:
    """A request with the connection that it came on."""

    def __init__(self, request: Received, connection: socket.socket, ending: threading.Event):
        self.request, self.connection, self.ending = request, connection, ending
        self.keep = True  #: whether the connection serves another request

    def write(self, data: bytes) -> None:
        self.connection.sendall(data)

    def wait(self, seconds: float) -> None:
        """Sleep, but not longer than the server lives."""
        if self.ending.wait(seconds):
            raise EndedError

    def answer(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None, reason: str = "X"
    ) -> None:
        told = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"{name}: {value}" for name, value in {**told, **(headers or {})}.items()]
        head = "\r\n".join([f"HTTP/1.1 {status} {reason}", *lines, "", ""])
        self.write(head.encode() + body)

    def end(self) -> None:
        self.keep = False


Behaviour = Callable[[Exchange], None]


class Server:
    """Serves on 127.0.0.1 while it is entered. tls: the context of a server that speaks TLS."""

    def __init__(self, *behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self._behaviours = behaviours
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._socket.getsockname()[1])
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._at_work = 0
        self.received: list[Received] = []
        self.connections = 0  #: how many were accepted
        self.most_at_once = 0  #: how many requests were under way at the same time

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self.host}/v1"

    def __enter__(self) -> Server:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        with suppress(OSError):  # closing alone does not wake who accepts
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._socket.close()
        with self._lock:
            left = [*self._connections]
        for connection in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                if self._ending.is_set():
                    connection.close()
                    return
                self.connections += 1
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            if self._tls:
                connection = self._tls.wrap_socket(plain, server_side=True)
                with self._lock:
                    self._connections.add(connection)
            stream = connection.makefile("rb")
            while not self._ending.is_set():
                first = stream.peek(1)[:1]
                if not first.isalpha():  # the end, or TLS to a server that speaks none
                    if first:
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    return
                request = _read(stream)
                if request is None:
                    return
                with self._lock:
                    place = len(self.received)
                    self.received.append(request)
                    self._at_work += 1
                    self.most_at_once = max(self.most_at_once, self._at_work)
                exchange = Exchange(request, connection, self._ending)
                try:
                    self._behaviours[min(place, len(self._behaviours) - 1)](exchange)
                finally:
                    with self._lock:
                        self._at_work -= 1
                if not exchange.keep:
                    return
        except (OSError, ValueError, EndedError):
            pass  # who asked went away, or we do
        finally:
            with self._lock:
                self._connections -= {plain, connection}
            connection.close()


def _read(stream: Any) -> Received | None:
    """The next request; None where there is none."""
    line = stream.readline(65_536).decode("latin-1").split()
    if len(line) < 2:
        return None
    headers = {}
    while (header := stream.readline(65_536).decode("latin-1").strip()) != "":
        name, _, value = header.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    return Received(line[0], line[1], headers, body)


def completion(content: object, **more: Any) -> Json:
    """The body of a chat completion. more: ``usage``, ``finish_reason``, parts of the message."""
    usage = more.pop("usage", {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110})
    finish = more.pop("finish_reason", "stop")
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    made = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted"}
    return {**made, "choices": [choice], **({} if usage is None else {"usage": usage})}


def say(content: Content, **more: Any) -> Behaviour:
    """A completion. content: what it says, or a function of the request that does."""

    def behave(exchange: Exchange) -> None:
        said = content if isinstance(content, str) else content(exchange.request)
        exchange.answer(200, json.dumps(completion(said, **more)).encode())

    return behave


def choose(by: Callable[[Received], Behaviour]) -> Behaviour:
    return lambda exchange: by(exchange.request)(exchange)


def slow(seconds: float, then: Behaviour) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        exchange.wait(seconds)
        then(exchange)

    return behave


def body(data: object, status: int = 200, **headers: str) -> Behaviour:
    """Any body: bytes as they are, anything else as JSON. ``retry_after`` becomes Retry-After."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return lambda exchange: exchange.answer(status, raw, named)


def error(status: int, message: str = "no", **more: Any) -> Behaviour:
    """An error in OpenAI's shape. more: ``code``, ``param``, ``type``; and ``headers``."""
    headers = more.pop("headers", {})
    told = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    raw = json.dumps({"error": {**told, **more}}).encode()
    return lambda exchange: exchange.answer(status, raw, headers)


def busy(retry_after: str | None, message: str = "slow down") -> Behaviour:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return error(429, message, code="rate_limit_exceeded", headers=headers)


def http_date(seconds: float) -> str:
    """The moment in so many seconds, as Retry-After writes it."""
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


def html(status: int = 502) -> Behaviour:
    page = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    return lambda exchange: exchange.answer(status, page, {"Content-Type": "text/html"})


def hang() -> Behaviour:
    """Takes the request and never answers."""
    return lambda exchange: exchange.wait(600)


def reset() -> Behaviour:
    def behave(exchange: Exchange) -> None:
        exchange.end()
        linger = struct.pack("ii", 1, 0)  # closing sends RST
        exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    return behave


def hang_up() -> Behaviour:
    """Closes the connection in good order and says nothing."""
    return Exchange.end


def raw(data: bytes) -> Behaviour:
    """Any bytes, and the connection's end."""

    def behave(exchange: Exchange) -> None:
        exchange.end()
        exchange.write(data)

    return behave


def garbage() -> Behaviour:
    return raw(b"\x00\x01SSH-2.0-no \xff\xfe\r\n\r\nnothing of this is HTTP\r\n")


def half() -> Behaviour:
    """A body that ends before its length."""
    data = json.dumps(completion("{}")).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    return raw(head + data[: len(data) // 2])


def cut_chunk() -> Behaviour:
    """A chunked body that ends within a chunk."""
    return raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{"choices": [')


def trickle(seconds: float = 1.0, status: int = 200) -> Behaviour:
    """A right answer, a byte at a time."""

    def behave(exchange: Exchange) -> None:
        data = json.dumps(completion("{}")).encode()
        exchange.write(f"HTTP/1.1 {status} OK\r\nContent-Length: {len(data)}\r\n\r\n".encode())
        for place in range(len(data)):
            exchange.write(data[place : place + 1])
            exchange.wait(seconds)

    return behave


def endless(status: int = 200) -> Behaviour:
    """A body without end, as fast as it goes."""

    def behave(exchange: Exchange) -> None:
        exchange.end()
        exchange.write(f"HTTP/1.1 {status} OK\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        while not exchange.ending.is_set():
            exchange.write(chunk)

    return behave


def redirect(url: str, status: int = 307) -> Behaviour:
    return body(b"", status, location=url)


def refusal() -> Behaviour:
    refused = completion(None, refusal="I will not.")
    return body(refused)


def overflow(whose: str) -> Behaviour:
    """A request that is more than the context holds: ``openai``, ``llama.cpp`` or ``vllm``."""
    if whose == "openai":
        text = (
            "This model's maximum context length is 8192 tokens. However, your messages resulted "
            "in 9000 tokens. Please reduce the length of the messages."
        )
        return error(400, text, code="context_length_exceeded", param="messages")
    if whose == "llama.cpp":
        told: Json = {
            "code": 400,
            "message": "request (9000 tokens) exceeds the available context size (8192 tokens), "
            "try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 9000,
            "n_ctx": 8192,
        }
        return body({"error": told}, 400)
    told = {
        "object": "error",
        "message": "The decoder prompt (length 9000) is longer than the maximum model length of "
        "8192. Make sure that `max_model_len` is no smaller than the number of text tokens.",
        "type": "BadRequestError",
        "param": None,
        "code": 400,
    }
    return body(told, 400)


def knows_no(*names: str, then: Behaviour, status: int = 400) -> Behaviour:
    """Refuses requests with any of these parameters, and serves the others by ``then``.

    ``response_format=json_schema`` stands for one value of a parameter.
    """

    def behave(exchange: Exchange) -> None:
        asked = exchange.request.json
        for name in names:
            key, _, kind = name.partition("=")
            if key in asked and (not kind or asked[key].get("type") == kind):
                text = f"Unsupported parameter: '{key}' is not supported with this model."
                error(status, text, param=key, code="unsupported_parameter")(exchange)
                return
        then(exchange)

    return behave


@contextmanager
def closed_port() -> Iterator[str]:
    """The address of a port at which nobody listens, and nobody else comes to."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/v1"
