"""``manifest.json``: by whom and from what a generation was made, and what its files must be."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bugguard.domain.provenance import EncoderIdentity, Provenance, Shard, Source
from bugguard.errors import IndexCorruptError, IndexVersionError
from bugguard.index.damage import damaged
from bugguard.index.fields import (
    get_count,
    get_flag,
    get_integer,
    get_object,
    get_objects,
    get_shas,
    get_text,
    parse_object,
)
from bugguard.index.files import Entry
from bugguard.index.layout import FILES

SCHEMA = 4
MOST_SOURCES = 1 << 16  #: a fix's source is a number of 16 bits


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a generation holds."""

    fixes: int  #: those set aside included
    matchable_fixes: int  #: fixes with at least one active pattern
    patterns: int  #: those set aside included
    active: int  #: patterns that can be matched
    dropped: dict[str, int]  #: patterns set aside, by reason
    counted: int  #: commits that the statistics count
    lessons: int  #: what models made of some of the fixes


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that is known of a generation before any other file of it is read."""

    encoder: EncoderIdentity
    provenance: Provenance
    counts: Counts
    files: dict[str, Entry]

    def to_json(self) -> bytes:
        """Deterministic JSON, one key a line."""
        record = {
            "schema": SCHEMA,
            "encoder": self.encoder._asdict(),
            "provenance": asdict(self.provenance),
            "counts": asdict(self.counts),
            "files": {name: entry._asdict() for name, entry in self.files.items()},
        }
        return json.dumps(record, sort_keys=True, indent=1).encode("ascii") + b"\n"


def parse_manifest(text: bytes, where: Path) -> Manifest:
    """The manifest in ``text``, which was read from ``where``.

    Raises :class:`IndexVersionError` for a newer schema, :class:`IndexCorruptError` for anything
    else that this schema does not allow.
    """
    try:
        record = parse_object(text)
        schema = get_count(record, "schema")
        if schema > SCHEMA:
            raise IndexVersionError(
                f"the index at {where.parent} was written by a newer bugguard: "
                "upgrade, or rebuild with `bugguard index build`"
            )
        if 0 < schema < SCHEMA:
            # To whoever learns it is as good as none, so it is replaced without being asked for.
            raise IndexCorruptError(
                f"the index at {where.parent} was written by an older bugguard: "
                "run `bugguard index build`"
            )
        if schema != SCHEMA:
            raise ValueError("there never was such a schema")
        return Manifest(
            encoder=_encoder(get_object(record, "encoder")),
            provenance=_provenance(get_object(record, "provenance")),
            counts=_counts(get_object(record, "counts")),
            files=_files(get_object(record, "files")),
        )
    except ValueError as error:
        raise damaged(where, str(error)) from error


def _encoder(record: dict[str, Any]) -> EncoderIdentity:
    dimension = get_count(record, "dimension")
    if not 0 < dimension < 1 << 16:
        raise ValueError("dimension is out of range")
    return EncoderIdentity(get_text(record, "name"), get_text(record, "revision"), dimension)


def _provenance(record: dict[str, Any]) -> Provenance:
    sources = get_objects(record, "sources")
    if len(sources) > MOST_SOURCES:
        raise ValueError("there are too many sources")
    return Provenance(
        sources=tuple(map(_source, sources)),
        revision=get_count(record, "revision"),
        commits=get_count(record, "commits"),
        unread=get_shas(record, "unread"),
        shard=None if record.get("shard") is None else _shard(record["shard"]),
    )


def _source(record: dict[str, Any]) -> Source:
    return Source(
        name=get_text(record, "name"),
        roots=get_shas(record, "roots"),
        heads=get_shas(record, "heads"),
        boundary=get_shas(record, "boundary"),
        since=None if record.get("since") is None else get_integer(record, "since"),
        learner=get_text(record, "learner"),
        tickets=get_text(record, "tickets"),
        share=get_flag(record, "share"),
    )


def _shard(value: object) -> Shard:
    if not (isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value)):
        raise ValueError("shard is no pair of numbers")
    shard = Shard(*value)
    if not 0 < shard.number <= shard.of:
        raise ValueError("there is no such shard")
    return shard


def _counts(record: dict[str, Any]) -> Counts:
    dropped = get_object(record, "dropped")
    return Counts(
        fixes=get_count(record, "fixes"),
        matchable_fixes=get_count(record, "matchable_fixes"),
        patterns=get_count(record, "patterns"),
        active=get_count(record, "active"),
        dropped={reason: get_count(dropped, reason) for reason in dropped},
        counted=get_count(record, "counted"),
        lessons=get_count(record, "lessons"),
    )


def _files(record: dict[str, Any]) -> dict[str, Entry]:
    if record.keys() != FILES:
        raise ValueError("the list of files is not as expected")
    entries = {}
    for name in record:
        entry = get_object(record, name)
        entries[name] = Entry(get_count(entry, "size"), get_text(entry, "sha256"))
    return entries
