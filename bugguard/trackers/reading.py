"""What a tracker says, made into what is kept. Nothing here trusts the shape of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

TEXT_BYTES = 64 * 1024  #: of UTF-8 that are kept of a ticket's text
TITLE_BYTES = 2 * 1024  #: no tracker allows more than 256 characters
WORD_BYTES = 512  #: of a label, a type or a name
MOST_WORDS = 100  #: labels of a ticket, or people
CUT = " […cut]"  #: ends what was cut

_URL_LENGTH = 2_000
# Lone surrogates have no UTF-8, and no database keeps a NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# ISO 8601 as the trackers write it: 2024-01-15T09:30:00.000+0900, or with Z, or with +09:00.
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?\s*(?:Z|UTC|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)


def text(value: Any, most: int = TEXT_BYTES) -> str:
    """A string as it stands, of at most ``most`` bytes of UTF-8; anything else is none.

    What is longer ends with :data:`CUT`. A NUL and a lone surrogate become U+FFFD.
    """
    if not isinstance(value, str):
        return ""
    whole = _UNSTORABLE.sub("\ufffd", value[: most + 1])
    data = whole.encode("utf-8")
    if len(data) <= most:
        return whole
    return data[: most - len(CUT.encode())].decode("utf-8", "ignore") + CUT


def word(value: Any) -> str:
    """A label, a type or a name."""
    return text(value, WORD_BYTES).strip()


def words(values: Any) -> tuple[str, ...]:
    """Each once, at most :data:`MOST_WORDS`; what is no list of words has none."""
    if not isinstance(values, Iterable) or isinstance(values, (str, bytes, dict)):
        return ()
    found = dict.fromkeys(filter(None, map(word, values)))
    return tuple(found)[:MOST_WORDS]


def title(value: Any) -> str:
    return text(value, TITLE_BYTES)


def moment(value: Any) -> float | None:
    """Seconds since the epoch of an ISO 8601 time (without an offset: UTC); None if it is none."""
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    day, time, fraction, sign, hours, minutes = match.groups()
    try:
        whole = datetime.fromisoformat(f"{day}T{time}+00:00").timestamp() + float(fraction or 0)
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)).total_seconds()
        return whole + (offset if sign == "-" else -offset)
    except (ValueError, OverflowError):
        return None


def seconds(value: Any) -> int | None:
    """Likewise, whole."""
    found = moment(value)
    return None if found is None else int(found // 1)


def iso(moment: float) -> str:
    """``2024-01-15T00:30:00.000Z``."""
    whole = datetime.fromtimestamp(moment, timezone.utc)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{whole.microsecond // 1000:03}Z"


def sha(value: Any) -> str:
    """A commit's full name, or nothing."""
    name = value.lower() if isinstance(value, str) else ""
    return name if _SHA.fullmatch(name) else ""


def address(value: Any) -> str:
    """A web address without a password, or nothing."""
    if not isinstance(value, str) or len(value) > _URL_LENGTH:
        return ""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    except ValueError:
        return ""
    printable = all(one >= "!" and one not in "\x7f\"'<>\\^`{|}" for one in value)
    return value if good and printable and value.isprintable() else ""


def at(value: Any, *path: str) -> Any:
    """What stands at ``path`` in nested objects; None where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def number(value: Any) -> int:
    """A ticket's or a project's number, or 0."""
    return value if type(value) is int and 0 < value < 10**10 else 0


def named(value: dict[str, Any], *names: str) -> str:
    """What tells one object from another, whatever these fields hold."""
    return repr([value.get(name) for name in names])[:1000]


def shown(value: Any, most: int = 200) -> str:
    """What a server said, on one line and short, so that it can stand in a sentence."""
    plain = "".join(one if one.isprintable() else " " for one in str(value)[: 4 * most])
    line = " ".join(plain.split())
    return line if len(line) <= most else line[: most - 1] + "…"
