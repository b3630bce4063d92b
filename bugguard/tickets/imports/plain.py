"""The plain form, for whatever else has tickets: JSON Lines, one object a ticket.

::

    {"id": "#12",                      as people write it in commit messages: #12, SHOP-12
     "title": "Wrong total",           verbatim
     "project": "gitlab.example/web/shop",   default: this repository's own
     "text": "...", "url": "https://...", "labels": ["bug"], "type": "bug",
     "state": "closed", "resolution": "duplicate",
     "created": "2024-01-31T12:00:00Z", "closed": ..., "updated": ...,
     "people": ["Ada"], "confidential": false, "source": "redmine",
     "links": [{"commit": "5333c352...", "why": "closed by !34"}]}

Only ``id`` and ``title`` are needed. A link's commit is a whole sha; without one its ``why`` names
a merge or pull request that commit messages name (``!34``, ``#56``). Times may be seconds since the
epoch too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timezone
from difflib import get_close_matches
from typing import Any

from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord, Tracked
from bugguard.tickets.homes import home
from bugguard.tickets.imports.record import Context, Row
from bugguard.tickets.imports.values import when

SOURCE = "import"
_TEXTS = ("text", "url", "type", "state", "resolution", "source")
_LISTS = ("labels", "people")
_TIMES = ("created", "closed", "updated")
_KEYS = ("id", "title", "project", "confidential", "links", *_TEXTS, *_LISTS, *_TIMES)


def is_ticket(value: dict[str, Any]) -> bool:
    return isinstance(value.get("id"), str) and "title" in value


def ticket(value: dict[str, Any], line: int, context: Context) -> Row:
    """ValueError, in a clause, where it is none that can be kept."""
    for name in value:
        if name not in _KEYS:
            near = get_close_matches(name[:40], _KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{name!r:.60} is not one of its fields{hint}")
    title = _text(value, "title").strip()
    if not title:
        raise ValueError("it has no title")
    project = context.project or _text(value, "project") or context.fallback
    if not project:
        raise ValueError("it does not say its project, so name that with --project")
    name = _text(value, "id").strip()
    key = TicketKey(home(project), f"#{name}" if name.isdecimal() else name)
    if value.get("confidential") not in (None, True, False):
        raise ValueError("'confidential' is neither true nor false")
    told: dict[str, Any] = {name: _text(value, name) for name in _TEXTS}
    told |= {name: _texts(value, name) for name in _LISTS}
    told |= {name: _time(value, name) for name in _TIMES}
    record = TicketRecord(
        key=key,
        title=title,
        confidential=value.get("confidential") is True,
        **(told | {"source": told["source"] or SOURCE}),
    )
    return Row(line, Tracked(record, tuple(_links(value, key))))


def line_of(record: TicketRecord, text: str, links: Iterable[TicketLink]) -> str:
    """A ticket in this form, on one line without its end."""
    told: dict[str, Any] = {"id": record.key.id, "title": record.title}
    told["project"] = record.key.project
    told |= {name: getattr(record, name) for name in _TEXTS if getattr(record, name)}
    told |= {"text": text} if text else {}
    told |= {name: list(getattr(record, name)) for name in _LISTS if getattr(record, name)}
    for name in _TIMES:
        seconds = getattr(record, name)
        if seconds is not None:
            told[name] = _iso(seconds)
    if record.confidential:
        told["confidential"] = True
    linked = [{"commit": one.commit, "why": one.why} for one in links]
    told |= {"links": linked} if linked else {}
    return json.dumps(told, ensure_ascii=True)


def _links(value: dict[str, Any], key: TicketKey) -> list[TicketLink]:
    given = value.get("links") or []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise ValueError("'links' is not a list of objects")
    return [TicketLink(key, _text(one, "commit"), _text(one, "why")) for one in given]


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise ValueError(f"{name!r} is no text")
    return found


def _texts(value: dict[str, Any], name: str) -> tuple[str, ...]:
    found = value.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError(f"{name!r} is not a list of texts")
    return tuple(found)


def _time(value: dict[str, Any], name: str) -> int | None:
    found = value.get(name)
    if found is None or (isinstance(found, (int, float)) and not isinstance(found, bool)):
        return None if found is None else _whole(found, name)
    seconds = when(found)
    if seconds is None:
        raise ValueError(f"{name!r} is no time: write it as 2024-01-31T12:00:00Z")
    return seconds


def _whole(number: float, name: str) -> int:
    try:
        return int(number)
    except (ValueError, OverflowError):  # infinite, or none
        raise ValueError(f"{name!r} is no time") from None


def _iso(seconds: int) -> str | int:
    try:
        moment = datetime.fromtimestamp(seconds, tz=timezone.utc)
        return moment.isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return seconds
