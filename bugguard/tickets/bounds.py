"""What a tracker or a file may give, cut down to what is kept. All of it is hostile input.

Control characters are kept, as the record is to be verbatim: whoever prints escapes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord
from bugguard.tickets.homes import home

MOST_TEXT = 64 * 1024  #: bytes of UTF-8 of a ticket's text
MOST_TITLE = 1_000  #: characters
MOST_LABELS, MOST_PEOPLE, MOST_LINKS = 100, 50, 1_000
_WORD, _URL, _PROJECT, _ID = 200, 2_000, 500, 100  #: characters
_LAST = 253_402_300_799  #: seconds since the epoch until the year 9999 ends
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def bounded(record: TicketRecord) -> TicketRecord:
    """The record as it may be kept. ValueError, in a clause, where it names no ticket."""
    return replace(
        record,
        key=key(record.key),
        source=_text(record.source, _WORD),
        title=_text(record.title, MOST_TITLE),
        text=cut(record.text),
        url=link(record.url),
        labels=_words(record.labels, MOST_LABELS),
        type=_text(record.type, _WORD),
        state=_text(record.state, _WORD),
        resolution=_text(record.resolution, _WORD),
        created=_time(record.created),
        closed=_time(record.closed),
        updated=_time(record.updated),
        people=_words(record.people, MOST_PEOPLE),
        confidential=bool(record.confidential),
    )


def key(given: TicketKey) -> TicketKey:
    """The key with its project's name as :func:`bugguard.tickets.homes.home` writes it."""
    project, name = home(_text(given.project, _PROJECT)), _text(given.id, _ID).strip()
    if not project or len(given.project) > _PROJECT:
        raise ValueError("it names no project")
    if not name or len(given.id) > _ID:
        raise ValueError("it has no number or key")
    return TicketKey(project, name)


def links(given: Iterable[TicketLink]) -> list[TicketLink]:
    """Those that lead somewhere: a whole sha, or the words that name a merge request."""
    kept: list[TicketLink] = []
    for one in given:
        commit, why = one.commit.strip().lower(), _text(one.why, _WORD)
        if len(kept) < MOST_LINKS and (_SHA.fullmatch(commit) or (not commit and why)):
            with suppress(ValueError):
                kept.append(TicketLink(key(one.ticket), commit, why))
    return kept


def cut(text: str) -> str:
    """As much of it as is kept."""
    # No character has less than a byte: what is far too long is not even looked at.
    data = _text(text, MOST_TEXT).encode("utf-8")
    return data[:MOST_TEXT].decode("utf-8", "ignore")


def link(url: str) -> str:
    """A web address without a password, or nothing."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    except ValueError:
        good = False
    plain = len(url) <= _URL and all(one > " " and one != "\x7f" for one in url)
    return _text(url, _URL) if good and plain else ""


def _text(text: str, most: int) -> str:
    """At most that many characters, with no lone surrogate among them: UTF-8 has none."""
    text = text[:most]
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _words(words: Iterable[str], most: int) -> tuple[str, ...]:
    kept = dict.fromkeys(_text(word, _WORD) for word in words if word.strip())
    return tuple(kept)[:most]


def _time(seconds: int | None) -> int | None:
    return seconds if seconds is not None and -_LAST <= seconds <= _LAST else None
