"""The database of tickets: its tables, and opening a file that is one and no other.

A rollback journal and no write-ahead log: a log needs memory shared by all readers, which no
network file system has, and it cannot be read at all in a folder that is not writable. The journal
is gone with the end of each change, so that nothing that was taken away is left in it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

from bugguard.errors import TicketError

NAME = "tickets.sqlite3"
VERSION = 1
_APPLICATION = 0x62677469  #: "bgti", by which a file is known for ours
_BUSY = 60.0  #: seconds that a writer waits for another one,
_PATIENCE = 5.0  #: and a reader for one that is just writing its pages

#: What a file can make sqlite raise; its words about a damaged one may be no text at all.
FAULTS = (sqlite3.Error, OSError, UnicodeError)

_TABLES = (
    """CREATE TABLE tickets (
    number INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    folded TEXT NOT NULL,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    labels TEXT NOT NULL,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    resolution TEXT NOT NULL,
    created INTEGER,
    closed INTEGER,
    updated INTEGER,
    people TEXT NOT NULL,
    confidential INTEGER NOT NULL,
    digest BLOB NOT NULL,
    UNIQUE (project, folded)
)""",
    "CREATE INDEX by_id ON tickets (folded)",
    # Apart, so that a look at every ticket does not read every text.
    "CREATE TABLE texts (number INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    # By name and not by number: a link may be known before its ticket.
    """CREATE TABLE links (
    project TEXT NOT NULL,
    folded TEXT NOT NULL,
    sha TEXT NOT NULL,
    why TEXT NOT NULL,
    via TEXT NOT NULL,
    synced INTEGER NOT NULL,
    PRIMARY KEY (project, folded, sha, why)
) WITHOUT ROWID""",
    "CREATE INDEX by_sha ON links (sha)",
    "CREATE INDEX by_via ON links (via)",
    """CREATE TABLE cursors (
    source TEXT NOT NULL,
    project TEXT NOT NULL,
    scope TEXT NOT NULL,
    updated INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (source, project, scope)
) WITHOUT ROWID""",
    # What servers said last to the same question, so that they need not say it again.
    "CREATE TABLE validators (question TEXT PRIMARY KEY, tag TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE forgotten (digest BLOB PRIMARY KEY) WITHOUT ROWID",
)

_SETTINGS = (
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA mmap_size = 0",  # a file cut short while it is mapped would end the process
    "PRAGMA cache_size = -16000",
)


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """The database at ``path``; write: made where it is missing.

    Raises TicketError where it is somebody else's, damaged or a newer bugguard's, and one of
    :data:`FAULTS` (for :func:`told`) where it cannot be opened.
    """
    existed = os.path.lexists(path)
    if existed and not stat.S_ISREG(path.lstat().st_mode):
        raise TicketError(f"{path} is not a regular file: remove it and run again")
    mode = "rwc" if write else "rw"  # where it may not be written, sqlite itself reads only
    address = f"{path.absolute().as_uri()}?mode={mode}"
    patience = _BUSY if write else _PATIENCE
    database = sqlite3.connect(address, uri=True, isolation_level=None, timeout=patience)
    try:
        for setting in _SETTINGS:
            database.execute(setting)
        if write:
            database.execute("PRAGMA journal_mode = DELETE")
            _create(database)
        else:
            database.execute("PRAGMA query_only = ON")
        _check(database, path)
    except BaseException:
        database.close()
        raise
    return database


def told(error: Exception, path: Path) -> TicketError:
    """What went wrong with the database at ``path``, for people."""
    code = getattr(error, "sqlite_errorname", "") or ""  # since Python 3.11
    # sqlite quotes what it cannot read, and that may be anything.
    text = " ".join((getattr(error, "strerror", None) or str(error)).split())[:200]
    if isinstance(error, UnicodeError):
        return damaged(path, "it holds what is no text")
    if "BUSY" in code or "LOCKED" in code or "locked" in text:
        return TicketError(
            f"another bugguard is changing the tickets in {path}: run again when it has finished"
        )
    damage = "CORRUPT" in code or "malformed" in text or "decode" in text
    if isinstance(error, sqlite3.DatabaseError) and (
        damage or not isinstance(error, sqlite3.OperationalError)
    ):
        return damaged(path, text)
    return TicketError(
        f"the tickets in {path} cannot be read or written ({text}), and what they were is safe: "
        "free some space or mend the permissions of the file and its folder, then run again"
    )


def damaged(path: Path, what: str) -> TicketError:
    return TicketError(
        f"the tickets in {path} are damaged ({what}): move the file away, then sync or import again"
    )


def _create(database: sqlite3.Connection) -> None:
    """Make the tables in an empty file: all of them, or none if it is cut off."""
    if _tables(database) or _number(database, "application_id"):
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        if not _tables(database):  # nobody else was quicker
            for statement in _TABLES:
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {_APPLICATION}")
            database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _check(database: sqlite3.Connection, path: Path) -> None:
    version = _number(database, "user_version")
    if _number(database, "application_id") != _APPLICATION:
        raise TicketError(
            f"{path} holds no tickets of bugguard's: move it away, then sync or import again"
        )
    if version > VERSION:
        raise TicketError(
            f"the tickets in {path} were kept by a newer bugguard: upgrade, or move the file away "
            "and sync or import again"
        )
    # To the word: neither a view nor a trigger may stand where a table is expected.
    if version != VERSION or _tables(database) != set(_TABLES):
        raise damaged(path, "its tables are not as they should be")


def _number(database: sqlite3.Connection, pragma: str) -> int:
    return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])


def _tables(database: sqlite3.Connection) -> set[str]:
    rows = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {str(sql) for (sql,) in rows}
