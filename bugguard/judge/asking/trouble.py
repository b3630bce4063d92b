"""What went wrong between us and a server, in a clause, and whether to try again."""

from __future__ import annotations

import math
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from bugguard.judge.asking.completion import TOO_SMALL
from bugguard.judge.asking.dialect import Complaint, complaint, overflows
from bugguard.judge.asking.exchange import Fault

PAUSE = 0.25  #: seconds before another try, where the server does not say how many
_LONGEST = 10_000_000.0  # seconds; who asks for more need not be quoted
_PASSING = (408, 500, 502, 503, 504, 529)
_FINAL = {
    401: "refused the key (401)",
    403: "refused access (403)",
    404: "knows no such model or address (404)",
}


class RefusedError(Exception):
    """A response that is no answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(status)
        self.status, self.headers, self.body = status, headers, body


class UnusableError(Exception):
    """A response that is not read to its end; its text is the clause that says why."""


class Trouble(NamedTuple):
    """One try that failed."""

    fault: Fault
    tries: int = 0  #: how often it is worth trying again
    pause: float = PAUSE  #: seconds to wait before that
    late: Fault | None = None  #: what to say where there is no time for the pause
    final: bool = False  #: whether every other request will fare the same
    complaint: Complaint | None = None  #: what may be a matter of the server's dialect
    was_read: bool = True  #: whether a model may have read the question, which is to be paid
    was_answered: bool = True  #: whether it may have written an answer, which is to be paid too


def of(error: BaseException, name: str, quote: Callable[[str], str]) -> Trouble:
    """What an exception of the client means.

    name: the server's, for people. quote: makes a server's words safe to show.
    """
    causes = list(_chain(error))
    kinds = {type(cause).__name__ for cause in causes}  # httpx and httpx2 have the same names
    for cause in causes:
        if isinstance(cause, RefusedError):
            return _refused(cause, quote)
        if isinstance(cause, UnusableError):
            return Trouble(Fault(str(cause)))
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _unreached(
                f"could not be trusted: nobody known vouches for {name} (see judge.ca_file)"
            )
        if isinstance(cause, socket.gaierror):
            return _unreached(f"could not be found: there is no address for {name}")
        if isinstance(cause, ssl.SSLError) and "ConnectError" in kinds:
            return _unreached(f"could not be reached: {name} speaks no TLS that we do")
    if "ProxyError" in kinds:
        return _unreached("could not be reached through the proxy of the environment")
    if "ConnectError" in kinds and not any(isinstance(c, ConnectionResetError) for c in causes):
        return _unreached(f"could not be reached at {name}")
    if any("Timeout" in kind for kind in kinds):
        return Trouble(Fault("did not answer in time"))
    if any(_broke_off(cause) for cause in causes):
        return Trouble(Fault("broke off the connection"), tries=1)
    if "RemoteProtocolError" in kinds:
        return Trouble(Fault("sent something that is not HTTP"))
    return Trouble(Fault(f"could not be asked ({type(causes[-1]).__name__})"))


def _unreached(reason: str) -> Trouble:
    return Trouble(Fault(reason), final=True, was_read=False, was_answered=False)


def _broke_off(cause: BaseException) -> bool:
    """Whether the connection ended early. Its class says the same of what is not HTTP at all."""
    if type(cause).__name__ == "RemoteProtocolError":
        return "disconnected" in str(cause) or "closed connection" in str(cause)
    return isinstance(cause, (ConnectionError, ssl.SSLError)) or type(cause).__name__ in (
        "ConnectError",
        "ReadError",
        "WriteError",
        "CloseError",
        "EndOfStream",
    )


def _refused(error: RefusedError, quote: Callable[[str], str]) -> Trouble:
    status = error.status
    said = complaint(error.body)
    detail = quote(said.text)
    wait = retry_after(error.headers)
    done = Trouble(Fault(""), was_read=False, was_answered=False)  # nobody is paid for that
    if overflows(said) or status == 413:
        return done._replace(fault=Fault(TOO_SMALL, detail))
    if status in _FINAL:
        return done._replace(fault=Fault(_FINAL[status], detail), final=True)
    if status == 429 and "insufficient_quota" in said.code:
        return done._replace(fault=Fault("has no credit left (429)", detail), final=True)
    if status == 429 and wait is not None:
        late = Fault(f"is too busy (429) and asks to wait for {math.ceil(wait):,} s", detail)
        busy = Fault("is too busy (429)", detail)
        return done._replace(fault=busy, tries=2, pause=wait, late=late)
    if status == 429:
        return done._replace(fault=Fault("is too busy (429)", detail), tries=1, pause=1.0)
    if 300 <= status < 400:
        return done._replace(fault=Fault(f"sends us elsewhere ({status}), where we do not go"))
    if status in _PASSING:
        pause = PAUSE if wait is None else wait
        fault = Fault(f"failed ({status})", detail)
        return done._replace(fault=fault, tries=1, pause=pause, was_read=True)
    if status >= 500:
        return done._replace(fault=Fault(f"failed ({status})", detail), was_read=True)
    fault = Fault(f"refused the request ({status})", detail)
    return done._replace(fault=fault, complaint=said if status in (400, 422) else None)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, at least 0; None: it does not say that clearly."""
    given = headers.get("retry-after", "")
    if not given.isascii() or len(given) > 60:
        return None
    try:
        if given.strip().replace(".", "", 1).isdigit():
            return min(float(given), _LONGEST)
        wait = parsedate_to_datetime(given).timestamp() - time.time()
        return min(max(0.0, wait), _LONGEST)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception with all that led to it."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
