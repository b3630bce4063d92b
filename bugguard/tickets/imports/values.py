"""Times, names and texts as exports write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_JIRA = re.compile(
    r"(\d{1,2})/([A-Za-z]{3})/(\d{2}|\d{4})(?: (\d{1,2}):(\d{2}) ?(AM|PM)?)?", re.ASCII
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br\s{0,3}/?|/p|/li|/h\d)>\n?", re.IGNORECASE)
_LONGEST = 100  #: characters of a time


def when(text: object) -> int | None:
    """Seconds since the epoch; None: it is no time that could be told for certain.

    ISO 8601 and what spreadsheets make of it, RFC 2822, and Jira's ``12/Mar/21 4:05 PM``. Without
    a zone it is taken for UTC.
    """
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST:
        return None
    text = text.strip()
    try:
        moment = _iso(text) or _jira(text)
        if moment is None and text[:1].isalpha():
            moment = parsedate_to_datetime(text)
        if moment is None:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return int(aware.timestamp())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def text_of(value: object) -> str:
    """A text, or an empty one for whatever is none."""
    return value if isinstance(value, str) else ""


def names_of(value: object) -> tuple[str, ...]:
    """The names of people or labels: texts, or objects with a name in one of the usual places."""
    if isinstance(value, (str, dict)):
        value = [value]
    if not isinstance(value, list):
        return ()
    found = []
    for one in value:
        if isinstance(one, dict):
            places = ("name", "title", "login", "username", "displayName")
            one = next((one[place] for place in places if text_of(one.get(place))), "")
        if isinstance(one, str) and one.strip():
            found.append(one.strip())
    return tuple(dict.fromkeys(found))


def items(value: object) -> list[dict[str, Any]]:
    """The objects of a list, whatever else it holds."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def plain_text(markup: str) -> str:
    """HTML as text."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", markup))).strip()


def _iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    zone = found[7]
    offset = timedelta(0)
    if zone and zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        offset = -offset if zone[0] == "-" else offset
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset))


def _jira(text: str) -> datetime | None:
    found = _JIRA.fullmatch(text)
    if not found or found[2].lower() not in _MONTHS:
        return None
    year, hour = int(found[3]), int(found[4] or 0)
    year += 2000 if year < 100 else 0
    if found[6]:
        hour = hour % 12 + (12 if found[6] == "PM" else 0)
    month = _MONTHS.index(found[2].lower()) + 1
    return datetime(year, month, int(found[1]), hour, int(found[5] or 0), tzinfo=timezone.utc)
