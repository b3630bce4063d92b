"""The one way out: every request of every client library goes through this adapter.

It sends to one server only, gives each request a time and each answer a size, waits where it is
asked to, tries again what may pass, and turns whatever else goes wrong into one sentence.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as LateError

from bugguard.errors import TrackerError
from bugguard.trackers.body import MOST_READ, OversizedError, gathered
from bugguard.trackers.patience import MOST_LIMITED, Patience, is_limit, wanted
from bugguard.trackers.place import Words
from bugguard.trackers.reading import at, shown

CONNECT = 10.0  #: seconds
ANSWER = 300.0  #: seconds for a whole answer, however steadily it drips
RETRIES = 4  #: of what may pass, after 1, 2, 4 and 8 seconds
_CHUNK = 16 * 2**10  # compressed, it can become a thousand times as much
_SAID = 64 * 2**10  #: bytes that are read of an answer that is no good


class _PassingError(Exception):
    """Something that may be gone at the next try."""

    def __init__(self, error: TrackerError, most: int = RETRIES) -> None:
        super().__init__()
        self.error = error
        self.most = most


class _PutOffError(Exception):
    """Too many requests."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self.response = response


class Adapter(HTTPAdapter):
    """Sends to the server of ``words`` and to no other."""

    def __init__(
        self, words: Words, patience: Patience, ca_file: str | None, timeout: float
    ) -> None:
        super().__init__()
        self._words = words
        self._patience = patience
        self._ca_file = ca_file
        self._timeout = (min(CONNECT, timeout), timeout)
        self._answered = False

    def send(self, request: Any, *_: Any, **options: Any) -> requests.Response:
        """The answer, read whole: JSON that is well-formed, nothing, or a redirection.

        Raises TrackerError for everything else, and RefusedError for a status of the 400s.
        """
        if not self._words.place.owns(request.url):
            raise self._words.elsewhere(request.url)
        passing = limited = 0
        while True:
            try:
                return self._once(request, options)
            except _PassingError as fault:  # noqa: PERF203 a request takes longer than this
                # Before anything was ever answered the address is the likelier fault.
                if passing >= (fault.most if self._answered else min(fault.most, 1)):
                    raise fault.error from None
                self._patience.wait(2.0**passing)
                passing += 1
            except _PutOffError as fault:
                seconds = wanted(fault.response.headers, limited)
                if limited >= MOST_LIMITED:
                    raise self._words.impatient(seconds) from None
                self._patience.wait(seconds)
                limited += 1

    def _once(self, request: Any, options: dict[str, Any]) -> requests.Response:
        options |= {"stream": True, "timeout": self._timeout}
        if self._ca_file:
            options["verify"] = self._ca_file
        if self._words.place.is_here:
            options["proxies"] = {}
        try:
            response = super().send(request, **options)
            data = self._read(response)
        except (requests.RequestException, HTTPError) as error:
            raise self._fault(error) from None
        self._answered = True
        self._judge(response, data)
        response._content = data
        response.encoding = "utf-8"  # which JSON is, whatever the headers leave out
        return response

    def _read(self, response: requests.Response) -> bytes:
        """The answer's bytes; of one that is no good as much as its words may take."""
        try:
            if response.status_code < 300:
                return gathered(self._chunks(response))
            said = b""
            for chunk in self._chunks(response):
                said += chunk
                if len(said) > _SAID:
                    break
            return said[:_SAID]
        except OversizedError:
            raise self._words.oversized(MOST_READ // 10**6) from None
        finally:
            response.close()

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        until = time.monotonic() + ANSWER
        # What has come is taken at once, else an answer that drips would never be late. Before
        # urllib3 2 that cannot be asked for, and a chunk is waited for.
        read = getattr(response.raw, "read1", response.raw.read)
        while chunk := read(_CHUNK, decode_content=True):
            if time.monotonic() > until:
                raise _PassingError(self._words.silent())
            yield chunk

    def _judge(self, response: requests.Response, data: bytes) -> None:
        """Lets through what is an answer."""
        status, headers = response.status_code, response.headers
        if status in (204, 304) or response.is_redirect:
            return
        found = _parsed(data)
        if is_limit(status, headers, data, found):
            raise _PutOffError(response)
        if status >= 500 or status in (202, 408, 425):
            raise _PassingError(self._words.broken(status))
        if status >= 400:
            raise self._words.refused(status, _said(found))
        if status >= 300 or found is _DAMAGED:
            kind = headers.get("Content-Type", "").lower()
            if "html" in kind or data[:200].lstrip()[:1] == b"<":
                raise self._words.page()
            raise _PassingError(self._words.damaged(), most=1)

    def _fault(self, error: Exception) -> _PassingError | TrackerError:
        words, kinds = self._words, requests.exceptions
        if isinstance(error, kinds.ProxyError):
            return _PassingError(words.behind())
        if isinstance(error, kinds.SSLError):
            return _tls(error, words)
        if isinstance(error, (kinds.Timeout, LateError)):
            return _PassingError(words.silent())
        if isinstance(error, HTTPError):  # while the answer was being read
            return _PassingError(words.damaged(), most=1)
        if isinstance(error, kinds.ConnectionError):
            return _PassingError(words.unreachable())
        return words.odd()


class Session(requests.Session):
    """Stays on one server, and knows no credentials but those that each request is given."""

    def __init__(self, words: Words, adapter: Adapter) -> None:
        super().__init__()
        self._words = words
        self.max_redirects = 5
        self.auth = _as_it_is  # else ~/.netrc would take the place of a token
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def send(self, request: Any, **options: Any) -> requests.Response:
        try:
            return super().send(request, **options)
        except requests.TooManyRedirects:
            raise self._words.circling() from None
        except requests.RequestException:
            raise self._words.odd() from None

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """On this host the address that was given is kept: a server behind a proxy that ends TLS
        may believe that it is http, or on another port."""
        target = super().get_redirect_target(resp)
        if not target:
            return None
        place = self._words.place
        try:
            parts = urlsplit(urljoin(place.url, target))
        except ValueError:
            raise self._words.odd() from None
        if parts.hostname != place.host:
            raise self._words.elsewhere(target)
        return parts._replace(scheme=place.scheme, netloc=place.netloc).geturl()

    def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
        """What was sent is kept, since the server is the same."""


class _Damaged:
    """What could not be read as JSON."""


_DAMAGED = _Damaged()


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return _DAMAGED


def _said(found: Any) -> str:
    """The server's own words for an error, where its API has a place for them."""
    for name in ("message", "error_description", "error", "errorMessages", "errors"):
        if said := at(found, name):
            return shown(said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))
    return ""


def _tls(error: Exception, words: Words) -> TrackerError:
    if "doesn't match" in str(error):  # as urllib3 1.26 says it
        return words.misnamed()
    cause: Any = error
    for _ in range(10):  # requests wraps urllib3, which wraps ssl
        if isinstance(cause, ssl.SSLCertVerificationError):
            other_name = "ostname mismatch" in cause.verify_message
            other_name = other_name or "IP address mismatch" in cause.verify_message
            return words.misnamed() if other_name else words.unverified()
        inner = getattr(cause, "reason", None) or (cause.args[0] if cause.args else None)
        cause = inner if isinstance(inner, Exception) else cause.__cause__ or cause.__context__
        if cause is None:
            break
    return words.insecure()


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
