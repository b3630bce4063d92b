"""A ticket as a row of the database, and back. What a database holds is not trusted either."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from bugguard.domain.tickets import TicketKey, TicketRecord

#: The order of a row's values.
COLUMNS = (
    "project", "id", "source", "title", "url", "labels", "type", "state", "resolution",
    "created", "closed", "updated", "people", "confidential",
)  # fmt: skip

_TEXTS = {"project", "id", "source", "title", "url", "type", "state", "resolution"}
_TIMES = {"created", "closed", "updated"}


def fold(name: str) -> str:
    """An id as it is looked up: people write keys in any case."""
    return name.casefold()


def to_row(record: TicketRecord) -> tuple[Any, ...]:
    """The values of :data:`COLUMNS`."""
    return (
        *record.key, record.source, record.title, record.url, _list(record.labels), record.type,
        record.state, record.resolution, record.created, record.closed, record.updated,
        _list(record.people), int(record.confidential),
    )  # fmt: skip


def from_row(row: Sequence[object], text: object = "") -> TicketRecord:
    """The record. ValueError where a value is not what :func:`to_row` made."""
    values: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    for name, value in values.items():
        if name in _TEXTS and not isinstance(value, str):
            raise ValueError(f"{name} is no text")
        if name in _TIMES and not (value is None or type(value) is int):
            raise ValueError(f"{name} is no time")
    key = TicketKey(values.pop("project"), values.pop("id"))
    for name in ("labels", "people"):
        values[name] = _words(values[name])
    values["confidential"] = bool(values["confidential"])
    if not isinstance(text, str):
        raise ValueError("text is no text")
    return TicketRecord(key=key, text=text, **values)


def digest(record: TicketRecord) -> bytes:
    """Names what of a record counts for learning: how it is quoted, and what kind it is."""
    told = [
        *record.key, record.source, record.title, record.url, record.labels, record.type,
        record.resolution,
    ]  # fmt: skip
    return blake2b(json.dumps(told).encode("ascii"), digest_size=16).digest()


def name_digest(key: TicketKey) -> bytes:
    """Names a ticket that was forgotten, without naming it to who reads the file."""
    return blake2b(f"{key.project}\0{fold(key.id)}".encode(), digest_size=16).digest()


def _list(words: Sequence[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)


def _words(text: object) -> tuple[str, ...]:
    if not isinstance(text, str):
        raise ValueError("a list is no text")
    try:
        words = json.loads(text)
    except RecursionError:
        raise ValueError("a list is nested too deeply") from None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("a list is no list of texts")
    return tuple(words)
