"""What is asked of the tickets. Every method raises TicketError where the file is damaged.

Keys have their project's name as :func:`bugguard.tickets.homes.home` writes it, and ids are found
in any case. Records come without their texts, which are asked for apart.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord
from bugguard.tickets import rows, schema
from bugguard.tickets.homes import home

_SELECT = f"SELECT {', '.join('t.' + name for name in rows.COLUMNS)} FROM tickets AS t"  # noqa: S608
_JOINED = f"{_SELECT.replace(' FROM', ', l.why FROM')} JOIN links AS l USING (project, folded)"
_COUNTED = ("tickets", "links", "forgotten")
_MOST = 200  #: rows of one answer: a commit that answers more tickets is a release


class Linked(NamedTuple):
    """A ticket, and why it belongs to what was asked about."""

    record: TicketRecord
    why: str


class Cursor(NamedTuple):
    """How far a tracker was read."""

    source: str
    project: str
    scope: str  #: which of its tickets were asked for, in the words of who asked
    updated: int | None  #: the last change that was seen, seconds since the epoch
    at: int  #: when that was, by this machine's clock


class Lookup:
    """Open until :meth:`close`; a context manager."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database

    def close(self) -> None:
        self._database.close()

    def ticket(self, project: str, name: str) -> TicketRecord | None:
        """The ticket of that id in that project."""
        found = self._records("WHERE t.project = ? AND t.folded = ?", (project, rows.fold(name)))
        return found[0] if found else None

    def named(self, name: str) -> list[TicketRecord]:
        """The tickets of that id in all projects."""
        return self._records("WHERE t.folded = ? ORDER BY t.project", (rows.fold(name),))

    def text(self, key: TicketKey) -> str:
        """A ticket's text; empty where there is none."""
        query = (
            "SELECT text FROM texts JOIN tickets USING (number) WHERE (project, folded) = (?, ?)"
        )
        found = list(self._rows(query, (key.project, rows.fold(key.id))))
        return str(found[0][0]) if found else ""

    def answered(self, sha: str) -> list[Linked]:
        """The tickets that a commit answers by an explicit link, in order."""
        return self._linked("l.sha = ?", sha)

    def through(self, reference: str) -> list[Linked]:
        """The tickets that a merge or pull request answers: ``gitlab.example/web/shop!34``."""
        return self._linked("l.via = ?", reference)

    def every(self, project: str = "") -> Iterator[TicketRecord]:
        """All tickets of a project or of all, in order of their names."""
        where = "WHERE t.project = ? " if project else ""
        order = "ORDER BY t.project, length(t.folded), t.folded"
        for row in self._rows(f"{_SELECT} {where}{order}", (project,) if project else ()):
            yield self._record(row)

    def links(self, key: TicketKey) -> list[TicketLink]:
        """All links of a ticket."""
        query = "SELECT sha, why FROM links WHERE project = ? AND folded = ? ORDER BY sha, why"
        found = self._rows(query, (key.project, rows.fold(key.id)))
        return [TicketLink(key, str(sha), str(why)) for sha, why in found]

    def counts(self) -> dict[tuple[str, str], int]:
        """How many tickets there are, by source and project."""
        query = "SELECT source, project, count(*) FROM tickets GROUP BY 1, 2 ORDER BY 1, 2"
        return {(str(source), str(project)): int(n) for source, project, n in self._rows(query)}

    def totals(self) -> tuple[int, int, int]:
        """How many tickets, links, and forgotten tickets."""
        counts = ", ".join(f"(SELECT count(*) FROM {one})" for one in _COUNTED)  # noqa: S608
        [(tickets, links, forgotten)] = self._rows(f"SELECT {counts}")
        return int(tickets), int(links), int(forgotten)

    def cursors(self) -> list[Cursor]:
        """How far each tracker was read."""
        query = "SELECT source, project, scope, updated, at FROM cursors ORDER BY 1, 2, 3"
        found = self._rows(query)
        return [Cursor(*row) for row in found]

    def cursor(self, source: str, project: str, scope: str) -> int | None:
        """The last change that was seen there, in seconds since the epoch."""
        query = "SELECT updated FROM cursors WHERE (source, project, scope) = (?, ?, ?)"
        found = list(self._rows(query, (source, home(project), scope)))
        return found[0][0] if found else None

    def validators(self) -> dict[str, str]:
        """What servers said last (ETag by question)."""
        found = self._rows("SELECT question, tag FROM validators")
        return {str(question): str(tag) for question, tag in found}

    def is_forgotten(self, key: TicketKey) -> bool:
        """Whether the ticket was taken away for good."""
        query = "SELECT 1 FROM forgotten WHERE digest = ?"
        return bool(list(self._rows(query, (rows.name_digest(key),))))

    def digest(self) -> str:
        """Equal for stores that learning takes for the same; empty while there is no ticket.

        It is one of what the tickets are, in whatever order and from wherever they came.
        """
        hashed = blake2b(digest_size=16)
        empty = True
        for (one,) in self._rows("SELECT digest FROM tickets ORDER BY project, folded"):
            hashed.update(bytes(one))
            empty = False
        for row in self._rows("SELECT project, folded, sha, why FROM links ORDER BY 1, 2, 3, 4"):
            hashed.update("\0".join(map(str, row)).encode("utf-8", "replace") + b"\n")
        return "" if empty else hashed.hexdigest()

    def _records(self, where: str, values: Sequence[object]) -> list[TicketRecord]:
        found = self._rows(f"{_SELECT} {where} LIMIT {_MOST}", values)
        return [self._record(row) for row in found]

    def _linked(self, where: str, value: str) -> list[Linked]:
        order = f"ORDER BY project, length(folded), folded, why LIMIT {_MOST}"
        found = self._rows(f"{_JOINED} WHERE {where} {order}", (value,))
        return [Linked(self._record(row[:-1]), str(row[-1])) for row in found]

    def _record(self, row: Sequence[object]) -> TicketRecord:
        try:
            return rows.from_row(row)
        except ValueError as error:
            raise schema.damaged(self.path, str(error)) from error

    def _rows(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        with self._telling():
            yield from self._database.execute(query, tuple(values))

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except schema.FAULTS as error:
            raise schema.told(error, self.path) from error
