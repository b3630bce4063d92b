"""How long to wait before a request is made again, and when to give up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from bugguard.trackers.place import Words
from bugguard.trackers.reading import at, moment, objects

MOST_LIMITED = 10  #: times in a row that one request may be put off
UNSAID = 60.0  #: seconds: GitHub asks for at least a minute where it says nothing else

# Seconds until the limit is lifted, if small; the moment when it is, since the epoch or ISO 8601.
_RESETS = ("RateLimit-Reset", "X-RateLimit-Reset")
_EPOCH = 1_000_000_000


class Patience:
    """Waits, as long as it may in all."""

    def __init__(
        self,
        seconds: float,
        words: Words,
        tell: Callable[[str], None],
        sleep: Callable[[float], None],
    ) -> None:
        self._left = seconds
        self._words = words
        self._tell = tell
        self._sleep = sleep

    def wait(self, seconds: float) -> None:
        """Raises TrackerError, at once, where that would be more than is left."""
        if seconds > self._left:
            raise self._words.impatient(seconds)
        self._left -= seconds
        if seconds >= 5:
            self._tell(f"{self._words.where} asks to wait {seconds:.0f} seconds.")
        self._sleep(seconds)


def wanted(headers: Mapping[str, str], times: int) -> float:
    """Seconds to wait for after a refusal for too many requests, the ``times``-th in a row.

    ``Retry-After`` (RFC 9110: seconds or a date) goes before the time of a reset. Moments are
    measured by the server's own clock (``Date``), so that ours may be wrong.
    """
    now = _date(headers.get("Date")) or time.time()
    after = headers.get("Retry-After", "").strip()
    seconds = _number(after)
    if seconds is None and (date := _date(after)) is not None:
        seconds = date - now
    for name in _RESETS:
        if seconds is not None:
            break
        reset = headers.get(name, "").strip()
        seconds = _number(reset)
        then = seconds if seconds is not None and seconds >= _EPOCH else moment(reset)
        seconds = then - now if then is not None else seconds
    if seconds is None:
        return UNSAID * 2.0**times
    # A reset is told in whole seconds; a server that always says "now" is not asked without pause.
    return max(seconds, 0.0) + 1.0 * (1 + times)


def is_limit(status: int, headers: Mapping[str, str], said: bytes, data: Any) -> bool:
    """Whether an answer puts off for too many requests.

    GitHub says so with 429, or with 403 and a header or a word (primary and secondary limits), and
    in GraphQL with 200 and an error's type.
    """
    if status == 429:
        return True
    if status == 403:
        spent = headers.get("X-RateLimit-Remaining", "").strip() == "0"
        words = said[:2000].lower()
        told = b"rate limit" in words or b"abuse detection" in words
        return spent or told or "Retry-After" in headers
    errors = objects(at(data, "errors")) if status == 200 else []
    return any(one.get("type") == "RATE_LIMITED" for one in errors)


def _number(text: str) -> float | None:
    return float(text) if text.isdecimal() and text.isascii() and len(text) <= 12 else None


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
