"""Whatever is wrong is one sentence with what to do, and never tells a password."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import synthetic
from pgserver import Server

from bugguard.config import Dsn
from bugguard.domain.edit import token_feature
from bugguard.errors import IndexCorruptError, PatternIndexError
from bugguard.index import open_served, push, write
from bugguard.index.postgres import link
from bugguard.index.postgres.reader import ServedIndex

Admin = psycopg.Connection[Any]

PASSWORD = "ge heim@7/?#"  # noqa: S105  # of a role that the tests make
QUOTED = "ge%20heim%407%2F%3F%23"


@pytest.fixture(scope="module")
def clerk(postgres: Server) -> str:
    """A role with a password."""
    with psycopg.connect(postgres.dsn("bugguard"), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE clerk LOGIN PASSWORD '{PASSWORD}'")
    return "clerk"


@pytest.fixture
def served(tmp_path: Path, dsn: Dsn) -> Iterator[ServedIndex]:
    """An index on the server, opened."""
    write(tmp_path / "index", synthetic.knowledge(60, dimension=4))
    push(tmp_path / "index", dsn, lambda done, total: None)
    index = open_served(dsn)
    yield index
    index.close()


@pytest.mark.parametrize(
    ("address", "told"),
    [("postgresql://clerk:wrong@127.0.0.1:{port}/bugguard",
      r"the server at postgresql://127\.0\.0\.1:\d+/bugguard does not let you in: check the user"),
     ("postgres://clerk@127.0.0.1:{port}/bugguard", "does not let you in"),
     ("postgresql://nobody:{password}@127.0.0.1:{port}/bugguard", "does not let you in"),
     ("postgresql://clerk:{password}@127.0.0.1:{port}/nowhere",
      r"there is no such database at postgresql://127\.0\.0\.1:\d+/nowhere: check its name"),
     ("postgresql://clerk:{password}@127.0.0.1:{port}/bugguard?sslmode=require",
      r"there is no secure connection to \S+\?sslmode=require: check sslmode"),
     ("postgresql://clerk:{password}@127.0.0.1:1/bugguard", "cannot be reached: check the address"),
     ("postgresql://clerk:{password}@no.such.host.invalid/bugguard", "cannot be reached"),
     ("postgresql:///bugguard?host=/no/such/folder&password={password}", "cannot be reached"),
     ("postgresql://clerk:{password}@127.0.0.1/x?servize=y",
      r"postgresql://127\.0\.0\.1/x is no address of a database: write postgresql://HOST/DATABASE"),
     ("postgresql://clerk:100%z@127.0.0.1/x", "is no address of a database"),
     ("postgresql://clerk:{password}@127.0.0.1/x?service=lost",
      r"the address \S+\?service=lost names a service that is not defined"),
     ("postgresql://clerk:" + PASSWORD + "@127.0.0.1:1/x", "postgresql://")],
)  # fmt: skip
def test_no_connection(
    postgres: Server, clerk: str, address: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGPASSWORD", "PGSERVICE", "PGUSER", "PGHOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGPASSFILE", "/dev/null")
    dsn = Dsn(address.format(port=postgres.port, password=QUOTED))
    with pytest.raises(PatternIndexError, match=told) as raised:
        open_served(dsn)
    # What a log of a defect would have, too.
    whole = "".join(traceback.format_exception(raised.value)) + repr(dsn) + str(dsn)
    assert "\n" not in str(raised.value)
    for secret in (PASSWORD, QUOTED, "wrong", "heim", "100%z", "clerk", "nobody"):
        assert secret not in whole


def test_what_else_the_driver_says_is_told_without_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*arguments: object, **more: object) -> None:
        raise psycopg.OperationalError(f"odd: clerk and {PASSWORD} and from-outside\nmore")

    monkeypatch.setattr(psycopg, "connect", fails)
    monkeypatch.setenv("PGPASSWORD", "from-outside")
    with pytest.raises(PatternIndexError) as raised:
        open_served(Dsn(f"postgresql://clerk:{QUOTED}@db.example/x"))
    assert str(raised.value) == (
        "there is no connection to postgresql://db.example/x (odd: … and … and …): mend that and "
        "try again"
    )


def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.delenv("PGCONNECT_TIMEOUT", raising=False)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        dsn = Dsn(f"postgresql://127.0.0.1:{deaf.getsockname()[1]}/x?sslmode=disable")
        told = "does not answer: check the address and the network, or raise connect_timeout"
        with pytest.raises(PatternIndexError, match=told):
            open_served(dsn)


def test_a_password_of_ones_own_lets_in(postgres: Server, clerk: str, dsn: Dsn) -> None:
    """With the right one it is the index that is missing, and not the way in."""
    address = Dsn(f"postgresql://clerk:{QUOTED}@127.0.0.1:{postgres.port}/bare")
    with pytest.raises(PatternIndexError, match=r"^no index at postgresql://127\.0\.0\.1:\d+/bare"):
        open_served(address)


QUESTIONS: dict[str, Callable[[ServedIndex], object]] = {
    "fix": lambda index: index.fix(3),
    "fix_numbers": lambda index: index.fix_numbers(np.arange(20)),
    "vectors": lambda index: index.vectors(np.array([3])),
    "nearest": lambda index: index.nearest(np.ones((1, 4), np.float32), 60),
    "postings": lambda index: index.postings("names", np.arange(500, dtype=np.uint64), 99),
    "rules": lambda index: index.rules(
        np.array([token_feature(f"word{one}") for one in range(9)], np.uint64), 99
    ),
    "lesson": lambda index: [index.lesson(one) for one in range(9)],
    "taught": lambda index: index.taught(np.ones((1, 4), np.float32)),
    "find": lambda index: index.find("#4"),
    "shas": lambda index: index.shas(),
    "origins": lambda index: index.origins(),
    "fix_commits": lambda index: list(index.fix_commits()),
    "all_rules": lambda index: list(index.all_rules()),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_server_goes(served: ServedIndex, admin: Admin, question: str) -> None:
    admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE state = 'idle in transaction' AND application_name = 'bugguard'"
    )
    with pytest.raises(PatternIndexError, match=r"^the connection to \S+ was lost: try again$"):
        QUESTIONS[question](served)


def test_a_statement_takes_too_long(dsn: Dsn, served: ServedIndex) -> None:
    opened = link.Link.reading(dsn)
    opened.ask("SELECT set_config('statement_timeout', '20', true)")
    with pytest.raises(PatternIndexError, match="takes too long to answer: try again later"):
        opened.ask("SELECT pg_sleep(5)")
    opened.close()


@pytest.mark.parametrize(
    ("option", "expected"), [("", "10s"), (" -c statement_timeout=1500", "1500ms")]
)
def test_statements_are_bounded(
    postgres: Server, served: ServedIndex, dsn: Dsn, option: str, expected: str
) -> None:
    opened = link.Link.reading(Dsn(dsn.secret + option.replace(" ", "%20").replace("=", "%3D")))
    [[bound]] = opened.ask("SELECT current_setting('statement_timeout')")
    [[mode]] = opened.ask("SELECT current_setting('transaction_read_only')")
    assert (bound, mode) == (expected, "on")
    opened.close()


@pytest.mark.parametrize(
    ("damage", "question", "told"),
    [("UPDATE fixes SET line = line || ' '::bytea WHERE number = 3", "fix", "fix 3 is not as it"),
     ("UPDATE patterns SET line = replace(encode(line, 'escape'), 'value', 'other')::bytea", "fix",
      "fix 3 is not as it was written"),
     ("DELETE FROM patterns WHERE fix = 3", "fix", "fix 3 is not as it was written"),
     ("UPDATE fixes SET digest = digest + 1", "fix", "fix 3 is not as it was written"),
     ("DELETE FROM fixes WHERE number = 3", "fix", "a fix is missing"),
     ("DELETE FROM patterns WHERE id = 7", "fix_numbers", "a pattern is missing"),
     ("UPDATE patterns SET fix = 9999", "fix_numbers", "a pattern belongs to no fix"),
     ("UPDATE patterns SET ordinal = -1", "fix_numbers", "a pattern belongs to no fix"),
     ("DELETE FROM vectors WHERE pattern = 3", "vectors", "a pattern and its vectors do not match"),
     ("UPDATE vectors SET fixed = '[1,2]'", "vectors", "a vector is not as it was written"),
     ("UPDATE vectors SET buggy = '[1,2]'", "nearest", "could not do it|not as it was written"),
     ("UPDATE vectors SET pattern = pattern + 5000", "nearest", "a vector belongs to no pattern"),
     ("UPDATE vectors SET pattern = -pattern - 1", "nearest", "a vector belongs to no pattern"),
     ("UPDATE generations SET starts = ''", "nearest", "its cells do not fit together"),
     ("UPDATE generations SET starts = decode(repeat('ff', 16), 'hex')", "nearest", "its cells"),
     ("UPDATE generations SET centroids = centroids || '1234'::bytea", "nearest", "its cells"),
     ("UPDATE postings SET patterns = array_append(patterns, 60)", "postings", "a feature names"),
     ("UPDATE postings SET patterns = array_append(patterns, -1)", "postings", "a feature names"),
     ("UPDATE postings SET patterns = array_append(patterns, NULL)", "postings", "patterns are no"),
     ("UPDATE postings SET patterns = ARRAY[[1,2],[3,4]]", "postings", "a feature names a pattern"),
     ("UPDATE rules SET line = line || ' '::bytea", "rules", "rule 0 is not as it was written"),
     ("UPDATE rules SET digest = digest + 1", "all_rules", "rule 0 is not as it was written"),
     ("DELETE FROM rules WHERE number = 1", "rules", "rule 1 is missing"),
     ("UPDATE lessons SET line = line || ' '::bytea", "lesson", "lesson of fix 1 is not as it was"),
     ("UPDATE lessons SET fix = fix - 1", "lesson", "the lesson of fix 0 is another fix's"),
     ("UPDATE lessons SET meaning = '[1]'", "taught", "a vector is not as it was written"),
     ("DELETE FROM lessons WHERE fix = 1", "taught", "a lesson is missing"),
     ("UPDATE lessons SET fix = fix + 9999", "taught", "a lesson belongs to no fix"),
     ("UPDATE tickets SET fix = 9999", "find", "a ticket belongs to no fix"),
     ("UPDATE generations SET sources = sources || '12'::bytea", "origins", "its fixes and their"),
     ("UPDATE generations SET matchable = ''", "origins", "its fixes and their repositories do no"),
     ("UPDATE generations SET sources = decode(repeat('ff', octet_length(sources)), 'hex')",
      "origins", "a fix is of no source"),
     ("DELETE FROM fixes WHERE number = 0", "shas", "a fix is missing"),
     ("DELETE FROM fixes WHERE number > 5", "shas", "a fix is missing"),
     ("DELETE FROM fixes WHERE number = 2", "fix_commits", "a fix is missing"),
     ("DELETE FROM fixes WHERE number > 2", "fix_commits", "a fix is missing"),
     ("UPDATE fixes SET line = '{}'", "fix_commits", "fix 0: sha is not text"),
     ("ALTER TABLE postings DROP COLUMN many", "postings", "its tables are not as this bugguard"),
     ("DROP TABLE vectors", "vectors", "its tables are not as this bugguard makes them"),
     ("DELETE FROM layout", "", "its layout is not one row"),
     ("INSERT INTO layout VALUES (1)", "", "its layout is not one row"),
     ("DELETE FROM pointer", "", "no index at"),
     ("UPDATE generations SET digest = 'x'", "", "its manifest is not as it was written")],
)  # fmt: skip
def test_damage(
    served: ServedIndex, dsn: Dsn, admin: Admin, damage: str, question: str, told: str
) -> None:
    served.close()
    admin.execute("ALTER TABLE pointer DROP CONSTRAINT pointer_generation_fkey")
    admin.execute(
        "SELECT set_config('search_path', current_setting('search_path') || ',extensions', false)"
    )
    admin.execute(damage)
    with pytest.raises(PatternIndexError, match=told) as raised:
        QUESTIONS.get(question, type)(open_served(dsn))
    assert "\n" not in str(raised.value)
    assert "psycopg.errors" not in "".join(traceback.format_exception(raised.value))
    if told.startswith(("a ", "fix", "rule", "its ", "lesson")):
        assert isinstance(raised.value, IndexCorruptError)
        assert str(raised.value).startswith("the index at postgresql:///bugguard?host=")
        assert str(raised.value).endswith("push it again with `bugguard index push`")


def test_functions_of_others_are_not_called(
    served: ServedIndex, dsn: Dsn, admin: Admin, postgres: Server
) -> None:
    """Whoever may write in ``public`` cannot have anything of theirs run by who reads."""
    with psycopg.connect(postgres.dsn("bugguard"), autocommit=True) as other:
        other.execute(
            "CREATE FUNCTION public.octet_length(text) RETURNS int LANGUAGE sql AS 'SELECT 1/0'"
        )
        try:
            address = f"{dsn.secret}%20-c%20search_path%3Dpublic,pg_catalog"
            index = open_served(Dsn(address))
            assert index.nearest(np.ones((1, 4), np.float32), 2).pattern.min() >= 0
            index.close()
        finally:
            other.execute("DROP FUNCTION public.octet_length(text)")
