"""One connection to a server: how it is opened, and the one door for questions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bugguard.config import Dsn
from bugguard.errors import IndexMissingError, PatternIndexError
from bugguard.index.postgres.trouble import no_connection, told

SCHEMA = "bugguard"  #: where the tables are, unless ``-c bugguard.schema=NAME`` says otherwise
OLDEST = 130000  #: PostgreSQL
PGVECTOR = (0, 7)  #: the first that has halfvec

#: What holds unless the address, a service or libpq's own environment says otherwise: a commit
#: waits for it. The keepalives find out that a server is gone.
_DEFAULTS = {
    "connect_timeout": ("PGCONNECT_TIMEOUT", "3"),
    "keepalives_idle": ("", "5"),
    "keepalives_interval": ("", "3"),
    "keepalives_count": ("", "3"),
    "tcp_user_timeout": ("", "15000"),
    "fallback_application_name": ("", "bugguard"),
}
STATEMENT_MS = 10_000  #: a reader's statement takes no longer, unless the server has another bound

# In one go. search_path: no function or operator of anybody else's is ever found.
_SETTLE = """
BEGIN {mode};
SET LOCAL search_path = pg_catalog;
SELECT set_config('statement_timeout', '{milliseconds}', true)
 WHERE current_setting('statement_timeout') = '0';
SELECT current_setting('server_version_num')::int,
       s.name,
       s.name IS NOT NULL AND to_regclass(format('%I.layout', s.name)) IS NOT NULL,
       e.extversion,
       n.nspname
  FROM (SELECT coalesce(nullif(current_setting('bugguard.schema', true), ''), '{schema}')) s(name)
  LEFT JOIN pg_extension e ON e.extname = 'vector'
  LEFT JOIN pg_namespace n ON n.oid = e.extnamespace
"""


class Facts(NamedTuple):
    """What is known of a server once it answers."""

    version: int  #: PostgreSQL's, such as 160002
    schema: str
    has_index: bool
    pgvector: str | None  #: its version; None: the database has not got it
    vector: str  #: the schema that pgvector is in


class Link:
    """A connection in one transaction."""

    def __init__(
        self, dsn: Dsn, connection: psycopg.Connection[Any], facts: Facts, *, writes: bool
    ) -> None:
        self.dsn = dsn
        self.writes = writes
        self.connection = connection
        self.facts = facts
        self._names = {
            "schema": sql.Identifier(facts.schema),
            "vector": sql.Identifier(facts.vector),
        }

    @classmethod
    def reading(cls, dsn: Dsn) -> Link:
        """In one snapshot that nothing can be written in: what is pushed meanwhile is not seen.

        Raises :class:`~bugguard.errors.IndexMissingError` where there is no index, and
        :class:`~bugguard.errors.PatternIndexError`.
        """
        mode = "ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        link = cls._open(dsn, mode, STATEMENT_MS, writing=False)
        if not link.facts.has_index:
            link.close()
            raise IndexMissingError(f"no index at {dsn}: push one with `bugguard index push`")
        return link

    @classmethod
    def writing(cls, dsn: Dsn) -> Link:
        """To push. Raises :class:`~bugguard.errors.PatternIndexError` where the server cannot."""
        link = cls._open(dsn, "ISOLATION LEVEL READ COMMITTED, READ WRITE", 0, writing=True)
        why = _lacks(link.facts)
        if why:
            link.close()
            raise PatternIndexError(f"the database at {dsn} {why}")
        return link

    @classmethod
    def _open(cls, dsn: Dsn, mode: str, milliseconds: int, *, writing: bool) -> Link:
        connection = _connected(dsn)
        settle = _SETTLE.format(mode=mode, milliseconds=milliseconds, schema=SCHEMA)
        try:
            with told(dsn, writing=writing):
                cursor = connection.execute(settle)
                while cursor.nextset():
                    pass
                row = cursor.fetchone()
        except BaseException:
            connection.close()
            raise
        assert row is not None  # noqa: S101  # the outer joins always leave one
        version, schema, has_index, pgvector, vector = row
        facts = Facts(version, schema, has_index, pgvector, vector or "")
        return cls(dsn, connection, facts, writes=writing)

    def ask(self, query: str, values: Mapping[str, object] | None = None) -> list[Any]:
        """All rows. ``{schema}`` and ``{vector}`` stand for the names, ``%(x)s`` for values."""
        with told(self.dsn, writing=self.writes), self.connection.cursor(binary=True) as cursor:
            return cursor.execute(self.composed(query), values).fetchall()

    def do(
        self, query: str, values: Mapping[str, object] | None = None, table: str = "layout"
    ) -> None:
        """Changes something; ``{table}`` stands for that table."""
        with told(self.dsn, writing=self.writes):
            self.connection.execute(self.composed(query, table), values)

    def composed(self, query: str, table: str = "layout") -> sql.Composed:
        """The query with the names in their places, quoted."""
        name = sql.Identifier(self.facts.schema, table)
        return sql.SQL(query).format(**self._names, table=name)

    def commit(self) -> None:
        with told(self.dsn, writing=self.writes):
            self.connection.execute("COMMIT")

    def close(self) -> None:
        """What was not committed is undone."""
        self.connection.close()


def _connected(dsn: Dsn) -> psycopg.Connection[Any]:
    try:
        given = conninfo_to_dict(dsn.secret)
        more = {
            name: value
            for name, (variable, value) in _DEFAULTS.items()
            if name not in given and not os.environ.get(variable or name)
        }
        told_all = make_conninfo(dsn.secret, **more)
        connection = psycopg.connect(told_all, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        # The driver's own words may hold parts of a password that was written wrongly.
        raise no_connection(error, dsn) from None
    except UnicodeError:
        raise PatternIndexError(
            f"{dsn} is no address of a database: write what is special in it as %XX"
        ) from None
    return connection


def _lacks(facts: Facts) -> str:
    if facts.version < OLDEST:
        return (
            f"is on PostgreSQL {facts.version // 10000}: an index needs {OLDEST // 10000} or newer"
        )
    if facts.pgvector is None:
        return (
            "has no pgvector: have it installed on the server, and let the database's owner run "
            "`CREATE EXTENSION vector`"
        )
    numbers = tuple(int(one) for one in facts.pgvector.split(".")[:2] if one.isdecimal())
    if numbers < PGVECTOR:
        needed = ".".join(map(str, PGVECTOR))
        return (
            f"has pgvector {facts.pgvector}, and an index needs {needed} or newer: let its owner "
            "run `ALTER EXTENSION vector UPDATE`"
        )
    return ""
