"""Requests to one server's JSON API, with a token, within bounds.

It goes nowhere else: a redirection is an error, so that the token never reaches another server.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bugguard import __version__
from bugguard.errors import CommentError, CommentRefusedError

SILENCE = 20.0  #: seconds that a server may say nothing
ANSWER = 60.0  #: seconds for a whole answer, however steadily it drips
MOST_READ = 64 << 20  #: bytes of an answer
TRIES = 3  #: of one request
PATIENCE = 60.0  #: seconds to wait for a server, in all
_SAID = 200  #: characters of a server's own words that are shown
_PASSING = (500, 502, 503, 504)


class Answer(NamedTuple):
    """A 2xx answer."""

    value: Any  #: what its JSON holds; None: it was empty
    headers: Message


class UncertainError(CommentError):
    """A request that changes something may or may not have done so."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Leaves the redirection as the answer."""


class Client:
    """The API at ``url``.

    headers: with the token. sleep: for tests. Raises CommentError for an address that is none.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._url = url.rstrip("/")
        self.host = _host(self._url)
        self._headers = headers
        self._sleep = sleep
        self._left = PATIENCE
        handlers: list[Any] = [_NoRedirect]
        if self.host.partition(":")[0] in ("127.0.0.1", "localhost"):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """One request, made again where what went wrong may pass.

        Raises CommentRefusedError for 401, 403 and 404; UncertainError where a POST may have been
        obeyed, which is never simply made again; CommentError for anything else.
        """
        for attempt in range(1, TRIES + 1):
            status, headers, data, fault = self._once(method, path, body)
            limited = status == 429 or (status == 403 and _is_limit(headers))
            passing = limited or bool(fault) or status in _PASSING
            if passing and method == "POST" and not limited:
                raise UncertainError(self._told(status, data, fault))
            if not passing or attempt == TRIES or not self._wait(headers, attempt):
                return self._answer(status, headers, data, fault)
        raise AssertionError  # the last attempt returns or raises

    def _once(
        self, method: str, path: str, body: Mapping[str, object] | None
    ) -> tuple[int, Message, bytes, str]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, method=method)  # noqa: S310
        for name, value in self._headers.items():
            request.add_unredirected_header(name, value)
        request.add_header("User-Agent", f"bugguard/{__version__}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            try:
                with self._opener.open(request, timeout=SILENCE) as answer:
                    return answer.status, answer.headers, self._read(answer), ""
            except urllib.error.HTTPError as answer:
                with answer:
                    return answer.code, answer.headers, self._read(answer), ""
        except TimeoutError:
            return 0, Message(), b"", f"did not answer within {SILENCE:.0f} s"
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                return 0, Message(), b"", f"did not answer within {SILENCE:.0f} s"
            # Not the exception's own words: they may hold the request.
            return (
                0,
                Message(),
                b"",
                f"could not be reached, or broke off ({type(reason).__name__})",
            )

    def _read(self, answer: Any) -> bytes:
        until = time.monotonic() + ANSWER
        chunks, size = [], 0
        while chunk := answer.read1(1 << 16):
            chunks.append(chunk)
            size += len(chunk)
            if size > MOST_READ:
                raise CommentError(f"{self.host} sent an answer that is far too long.")
            if time.monotonic() > until:
                raise TimeoutError
        if answer.length:  # what read1 takes for the end may be a broken connection
            raise http.client.IncompleteRead(b"", answer.length)
        return b"".join(chunks)

    def _wait(self, headers: Message, attempt: int) -> bool:
        """Whether it was worth to wait."""
        seconds = _wanted(headers)
        seconds = 2.0**attempt if seconds is None else seconds
        if seconds > self._left:
            return False
        self._left -= seconds
        self._sleep(seconds)
        return True

    def _answer(self, status: int, headers: Message, data: bytes, fault: str) -> Answer:
        if fault or not 200 <= status < 300:
            refused = status in (401, 403, 404) and not _is_limit(headers)
            told = self._told(status, data, fault)
            raise CommentRefusedError(told, status) if refused else CommentError(told)
        if not data.strip():
            return Answer(None, headers)
        try:
            return Answer(json.loads(data), headers)
        except (ValueError, RecursionError):
            raise CommentError(self._told(status, data, "")) from None

    def _told(self, status: int, data: bytes, fault: str) -> str:
        """What went wrong, in one sentence."""
        if fault:
            return f"{self.host} {fault}."
        if 300 <= status < 400:
            return (
                f"{self.host} sends us elsewhere ({status}), where we do not go: "
                "see whether its address is right."
            )
        if 200 <= status < 300 or data.lstrip()[:1] == b"<":
            return (
                f"{self.host} sent something that is not JSON ({status}): "
                "see whether it is the API's address, and whether a proxy is in between."
            )
        says = {401: "refused the token", 403: "does not allow that", 404: "knows no such place",
                429: "is too busy for us"}.get(status, "failed")  # fmt: skip
        return f"{self.host} {says} ({status}{_said(data)})."


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise CommentError(f"{url.split('@')[-1]!r:.80} is not the address of an API.")
    return f"{parts.hostname}:{port}" if port else parts.hostname


def _is_limit(headers: Message) -> bool:
    """GitHub says 403 as well where there were too many requests."""
    return headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in headers


def _wanted(headers: Message) -> float | None:
    """Seconds that ``Retry-After`` asks for (RFC 9110: a number or a date)."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0) if text else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _said(data: bytes) -> str:
    """The server's own words, where its API has a place for them."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    for name in ("message", "error_description", "error"):
        said = value.get(name) if isinstance(value, dict) else None
        if said:
            text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
            return f": {text[:_SAID]}"
    return ""
