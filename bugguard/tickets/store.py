"""The tickets of a repository, in one file that is changed in whole steps."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord, Tracked
from bugguard.tickets import bounds, rows, schema
from bugguard.tickets.homes import home, via
from bugguard.tickets.lookup import Lookup

_VALIDATORS = 1_000
_PEOPLE = rows.COLUMNS.index("people")


class Outcome(Enum):
    """What became of a ticket that was put in."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "as before"
    OLDER = "older than what is known"
    CONFIDENTIAL = "confidential, so left out"
    FORGOTTEN = "forgotten here, so left out"


class Store(Lookup):
    """See :class:`~bugguard.tickets.lookup.Lookup` for what is asked of it."""

    @classmethod
    def open(cls, path: Path, *, write: bool = False) -> Store:
        """The store at ``path``; write: to change it, and made where it is missing."""
        try:
            return cls(path, schema.connect(path, write=write))
        except schema.FAULTS as error:
            raise schema.told(error, path) from error

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """What is changed within happens as a whole, or not at all."""
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._run("ROLLBACK")
            raise

    def put(self, tracked: Tracked, *, confidential: bool = False, synced: bool = True) -> Outcome:
        """Keeps a ticket with its links.

        confidential: whether one that is may be kept; else it goes, if it was here before.
        synced: it comes from a tracker with all its links, which replace those it had from there;
        else the links are added. ValueError, in a clause, where it names no ticket.
        """
        record = bounds.bounded(tracked.record)
        if self.is_forgotten(record.key):
            return Outcome.FORGOTTEN
        if record.confidential and not confidential:
            self._delete(record.key)
            return Outcome.CONFIDENTIAL
        outcome = self._put(record)
        if synced and outcome is not Outcome.OLDER:
            where = (record.key.project, rows.fold(record.key.id))
            self._run("DELETE FROM links WHERE project = ? AND folded = ? AND synced", where)
        self.link(tracked.links, synced=synced)
        return outcome

    def link(self, links: Iterable[TicketLink], *, synced: bool = False) -> int:
        """Adds links, whether their tickets are known yet or not; how many lead somewhere."""
        values = [
            (one.ticket.project, rows.fold(one.ticket.id), one.commit, one.why,
             via(one.ticket.project, one.why), int(synced))
            for one in bounds.links(links) if not self.is_forgotten(one.ticket)
        ]  # fmt: skip
        with self._telling():
            self._database.executemany(
                "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?, ?)", values
            )
        return len(values)

    def forget(self, key: TicketKey) -> bool:
        """Takes a ticket away for good; whether it was there. It is not taken in again."""
        key = bounds.key(key)
        with self.changing():
            known = self._delete(key)
            self._run("INSERT OR IGNORE INTO forgotten VALUES (?)", (rows.name_digest(key),))
        # What was deleted is overwritten, but pages that were balanced before may have old copies.
        self._run("VACUUM")
        return known

    def remove(self, key: TicketKey) -> bool:
        """Takes a ticket away as its tracker did; whether it was there."""
        return self._delete(bounds.key(key))

    def recall(self, key: TicketKey) -> bool:
        """Lets a forgotten ticket be taken in again; whether it was forgotten."""
        digest = rows.name_digest(bounds.key(key))
        with self.changing():
            return self._run("DELETE FROM forgotten WHERE digest = ?", (digest,)).rowcount > 0

    def move(self, source: str, project: str, scope: str, updated: int | None) -> None:
        """Moves the cursor; it never goes back."""
        self._run(_MOVE, (source, home(project), scope, updated, int(time.time())))

    def validate(self, validators: Mapping[str, str]) -> None:
        """Keeps what servers said last, in place of what they said before."""
        self._run("DELETE FROM validators")
        for question, tag in list(validators.items())[-_VALIDATORS:]:
            self._run("INSERT INTO validators VALUES (?, ?)", (question[:2_000], tag[:2_000]))

    def _put(self, record: TicketRecord) -> Outcome:
        project, folded = record.key.project, rows.fold(record.key.id)
        known = self._run(
            "SELECT number, updated, digest, state, people, coalesce(text, '') FROM tickets "
            "LEFT JOIN texts USING (number) WHERE project = ? AND folded = ?", (project, folded),
        ).fetchone()  # fmt: skip
        row, digest = rows.to_row(record), rows.digest(record)
        if known is None:
            number = self._run(_INSERT, (*row, folded, digest)).lastrowid
            self._run("INSERT OR REPLACE INTO texts VALUES (?, ?)", (number, record.text))
            return Outcome.NEW
        number, updated, *before = known
        if updated is not None and (record.updated is None or record.updated < updated):
            return Outcome.OLDER
        self._run(_UPDATE, (*row, digest, number))
        self._run("INSERT OR REPLACE INTO texts VALUES (?, ?)", (number, record.text))
        same = before == [digest, record.state, row[_PEOPLE], record.text]
        return Outcome.SAME if same else Outcome.CHANGED

    def _delete(self, key: TicketKey) -> bool:
        where = (key.project, rows.fold(key.id))
        self._run(
            "DELETE FROM texts WHERE number IN "
            "(SELECT number FROM tickets WHERE project = ? AND folded = ?)", where,
        )  # fmt: skip
        self._run("DELETE FROM links WHERE project = ? AND folded = ?", where)
        query = "DELETE FROM tickets WHERE project = ? AND folded = ?"
        return self._run(query, where).rowcount > 0

    def _run(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        with self._telling():
            return self._database.execute(statement, values)


_PLACES = ", ".join("?" * (len(rows.COLUMNS) + 2))
_NAMES = ", ".join((*rows.COLUMNS, "folded", "digest"))
_INSERT = f"INSERT INTO tickets ({_NAMES}) VALUES ({_PLACES})"  # noqa: S608
_CHANGED = ", ".join(f"{name} = ?" for name in (*rows.COLUMNS, "digest"))
_UPDATE = f"UPDATE tickets SET {_CHANGED} WHERE number = ?"  # noqa: S608
_MOVE = """
INSERT INTO cursors VALUES (?, ?, ?, ?, ?) ON CONFLICT (source, project, scope) DO UPDATE
SET at = excluded.at, updated =
    max(coalesce(updated, excluded.updated), coalesce(excluded.updated, updated))
"""
