"""Pushing: a folder's generation becomes the server's current one, all of it or nothing.

It is one transaction. Readers go on with what they opened, and see the new generation once it is
whole; where a push is interrupted, the server itself takes back what came of it. The generation
before stays, as it does in a folder, unless it was made with other tickets; those before that go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from pgvector.psycopg import register_vector
from psycopg import sql

from bugguard.config import Dsn
from bugguard.errors import PatternIndexError
from bugguard.index.generation import Generation, open_current, verify_contents
from bugguard.index.manifest import Manifest, parse_manifest
from bugguard.index.postgres import rows
from bugguard.index.postgres.link import Link
from bugguard.index.postgres.schema import COLUMNS, prepare
from bugguard.index.postgres.trouble import told
from bugguard.index.reader import StoredIndex
from bugguard.ports import Progress

MOST_NUMBERS = 16_000  #: of one vector, as pgvector keeps them
_OFTEN = 512  #: rows between two reports of progress


class Outcome(Enum):
    """What a push did."""

    PUSHED = "pushed"
    BACK = "back"  #: it was the generation before, still there, and is the current one again
    THERE = "there"  #: it was the current one already


class Pushed(NamedTuple):
    """A push that is over."""

    outcome: Outcome
    manifest: Manifest


def push(directory: Path, dsn: Dsn, progress: Progress, *, wait: float = 60.0) -> Pushed:
    """Make the index in ``directory``, every byte of it verified first, the server's current one.

    progress: told of (done, total) rows, about. wait: seconds for another push to finish.
    Raises what :func:`bugguard.index.verify` raises, :class:`~bugguard.errors.IndexBusyError`,
    :class:`~bugguard.errors.IndexVersionError` where a newer bugguard pushed there, and
    :class:`~bugguard.errors.PatternIndexError`.
    """
    generation = open_current(directory)
    verify_contents(generation)
    manifest = generation.manifest
    if manifest.encoder.dimension > MOST_NUMBERS:
        raise PatternIndexError(
            f"the index in {directory} has vectors of {manifest.encoder.dimension:,} numbers, and "
            f"pgvector keeps {MOST_NUMBERS:,} at most: build it with another encoder"
        )
    link = Link.writing(dsn)
    try:
        _lock(link, wait)
        prepare(link)
        outcome = _publish(link, generation, progress)
        link.commit()
    finally:
        link.close()
    return Pushed(outcome, manifest)


def _lock(link: Link, wait: float) -> None:
    """Hold off other pushes to the same schema until the transaction ends."""
    name = f"bugguard push {link.facts.schema}".encode()
    key = int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)
    milliseconds = str(max(round(wait * 1000), 1))
    link.ask("SELECT set_config('lock_timeout', %(ms)s, true)", {"ms": milliseconds})
    link.do("SELECT pg_advisory_xact_lock(%(key)s)", {"key": key})


def _publish(link: Link, generation: Generation, progress: Progress) -> Outcome:
    text = generation.manifest.to_json()
    digest = hashlib.sha256(text).hexdigest()
    current = link.ask(
        "SELECT g.id, g.manifest FROM {schema}.pointer p "
        "JOIN {schema}.generations g ON g.id = p.generation"
    )
    known = link.ask("SELECT id FROM {schema}.generations WHERE digest = %(d)s", {"d": digest})
    if known and known[0][0] in [one for one, _ in current]:
        return Outcome.THERE
    if known:
        [[number]] = known
    else:
        number = _copy(link, generation, text, digest, progress)
    link.do("DELETE FROM {schema}.pointer")
    link.do("INSERT INTO {schema}.pointer (generation) VALUES (%(n)s)", {"n": number})
    tickets = generation.manifest.provenance.tickets
    _sweep(link, [number, *(one for one, was in current if _tickets(was) == tickets)])
    return Outcome.BACK if known else Outcome.PUSHED


def _tickets(manifest: str) -> str | None:
    """The digest of the tickets that a generation was made with; None: it cannot be told.

    What was made with others may have some that were forgotten or became confidential since.
    """
    try:
        text = manifest.encode("utf-8", "surrogatepass")
        return parse_manifest(text, Path("manifest")).provenance.tickets
    except PatternIndexError:
        return None


def _copy(link: Link, generation: Generation, text: bytes, digest: str, progress: Progress) -> int:
    arrays = generation.arrays
    [[number]] = link.ask(
        "INSERT INTO {schema}.generations "
        "(digest, manifest, centroids, starts, sources, matchable) "
        "VALUES (%(digest)s, %(manifest)s, %(centroids)b, %(starts)b, %(sources)b, %(matchable)b) "
        "RETURNING id",
        {
            "digest": digest,
            "manifest": text.decode("ascii"),
            "centroids": arrays["cell_centroids"].tobytes(),
            "starts": arrays["cell_starts"].tobytes(),
            "sources": arrays["fix_sources"].tobytes(),
            "matchable": StoredIndex(generation).matchable().tobytes(),
        },
    )
    with told(link.dsn, writing=True):
        # The types by their names, for the driver; nothing of the extension's is called.
        name = link.facts.vector
        link.connection.execute("SELECT set_config('search_path', quote_ident(%s), true)", [name])
        register_vector(link.connection)
        link.connection.execute("SET LOCAL search_path = pg_catalog")
    done, total = 0, rows.total(generation)
    for table, content in rows.tables(generation).items():
        for sent in _send(link, table, number, content):
            progress(min(done + sent, total), total)
        done += sent
        link.do("ANALYZE {table}", table=table)
    return int(number)


def _send(link: Link, table: str, number: int, content: Iterator[rows.Row]) -> Iterator[int]:
    """Yields how many rows were sent now and then, and last how many there are."""
    columns = [one.split() for one in COLUMNS[table].split(", ")]
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    query = sql.SQL("COPY {}.{} (generation, {}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(link.facts.schema), sql.Identifier(table), names
    )
    sent = 0
    with told(link.dsn, writing=True), link.connection.cursor() as cursor, cursor.copy(query) as to:
        to.set_types(["int4", *(kind for _, kind in columns)])
        for row in content:
            to.write_row((number, *row))
            sent += 1
            if not sent % _OFTEN:
                yield sent
    yield sent


def _sweep(link: Link, keep: list[int]) -> None:
    """Removes all generations but those to keep. Who reads one of them goes on with a snapshot."""
    kept = {"keep": keep}
    for table in COLUMNS:
        link.do("DELETE FROM {table} WHERE generation <> ALL (%(keep)s::int4[])", kept, table)
    link.do("DELETE FROM {schema}.generations WHERE id <> ALL (%(keep)s::int4[])", kept)
