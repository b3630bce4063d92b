"""What can be wrong with a server, each as one sentence that holds no credentials.

libpq's own words are passed on only where nothing else is known, and then without what is secret.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bugguard.config import Dsn
from bugguard.errors import IndexBusyError, IndexCorruptError, PatternIndexError

_SECRETS = ("password", "sslpassword", "user")


class _Kind(NamedTuple):
    """A way in which connecting fails."""

    pattern: re.Pattern[str]
    told: str  #: with ``{at}`` for the address


_KINDS = (
    _Kind(
        re.compile(r"password authentication|no password supplied|\w+ authentication failed|"
                   r"pg_hba\.conf|role \".*\" (does not exist|is not permitted)"),
        "the server at {at} does not let you in: check the user and the password, in ~/.pgpass, "
        "PGPASSWORD or a service file",
    ),
    _Kind(
        re.compile(r"SSL|TLS|certificate"),
        "there is no secure connection to {at}: check sslmode and sslrootcert, and whether the "
        "server offers TLS",
    ),
    _Kind(
        re.compile(r"database \".*\" does not exist"),
        "there is no such database at {at}: check its name, or have it made",
    ),
    _Kind(
        re.compile(r"permission denied for database"),
        "you may not connect to the database at {at}: let its owner GRANT you CONNECT",
    ),
    _Kind(
        re.compile(r"definition of service"),
        "the address {at} names a service that is not defined: check the name and "
        "~/.pg_service.conf",
    ),
    _Kind(
        re.compile(r"too many (clients|connections)|connection slots|starting up|shutting down"),
        "the server at {at} takes no more connections now: try again later",
    ),
    _Kind(
        re.compile(r"timeout|timed out"),
        "the server at {at} does not answer: check the address and the network, or raise "
        "connect_timeout",
    ),
    _Kind(
        re.compile(r"resolve|translate host|refused|No such file|unreachable|No route|reset|"
                   r"closed the connection|Permission denied|\[Errno -\d+\]"),
        "the server at {at} cannot be reached: check the address, and whether it runs",
    ),
)  # fmt: skip


def no_connection(error: psycopg.Error, dsn: Dsn) -> PatternIndexError:
    """Why there is no connection."""
    try:
        parsed = conninfo_to_dict(dsn.secret)
    except psycopg.Error:
        return PatternIndexError(
            f"{dsn} is no address of a database: write postgresql://HOST/DATABASE, and what is "
            "special in a name or a password as %XX"
        )
    lines = str(error).strip().splitlines()
    said = lines[0] if lines else type(error).__name__
    for kind in _KINDS:
        if kind.pattern.search(said):
            return PatternIndexError(kind.told.format(at=dsn))
    for secret in (*map(parsed.get, _SECRETS), os.environ.get("PGPASSWORD")):
        if secret:
            said = said.replace(str(secret), "…")
    return PatternIndexError(f"there is no connection to {dsn} ({said}): mend that and try again")


@contextmanager
def told(dsn: Dsn, *, writing: bool = False) -> Iterator[None]:
    """Turns the driver's errors into ours."""
    try:
        yield
    except psycopg.Error as error:
        # What the driver says may quote what was read or written: it is not even kept as a cause.
        raise _failed(error, dsn, writing) from None


def damaged(dsn: Dsn, what: str) -> IndexCorruptError:
    """The error to raise when ``what`` is wrong with what the server has."""
    return IndexCorruptError(
        f"the index at {dsn} is damaged ({what}): push it again with `bugguard index push`"
    )


def _failed(error: psycopg.Error, dsn: Dsn, writing: bool) -> PatternIndexError:
    errors = psycopg.errors
    if isinstance(error, errors.InsufficientPrivilege):
        if writing:
            return PatternIndexError(
                f"you may not write the index at {dsn}: push as the owner of its schema, or let "
                "the database's owner GRANT you CREATE on the database"
            )
        return PatternIndexError(
            f"you may not read the index at {dsn}: let its owner GRANT you USAGE on its schema "
            "and SELECT on its tables"
        )
    if isinstance(error, errors.LockNotAvailable):
        return IndexBusyError(
            f"another bugguard is pushing to {dsn}: run again when it has finished"
        )
    if isinstance(error, errors.QueryCanceled):
        return PatternIndexError(
            f"the server at {dsn} takes too long to answer: try again later, or set another "
            "statement_timeout"
        )
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return PatternIndexError(
            f"the server at {dsn} may only be read: push to the one that it follows"
        )
    if isinstance(error, (errors.DiskFull, errors.OutOfMemory)):
        return PatternIndexError(f"the server at {dsn} has no more room: let its owner make some")
    if isinstance(error, (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedObject,
                          errors.UndefinedFunction, errors.InvalidSchemaName)):  # fmt: skip
        return damaged(dsn, "its tables are not as this bugguard makes them")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return PatternIndexError(f"the connection to {dsn} was lost: try again")
    why = f"{type(error).__name__} {error.sqlstate or ''}".strip()
    return PatternIndexError(
        f"the server at {dsn} could not do it ({why}): try again, or push anew"
    )
