"""Pushing: all of it or nothing, whoever reads or pushes meanwhile, and whatever ends it."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import synthetic
from pgserver import Server

from bugguard.config import Dsn
from bugguard.errors import (
    BugguardError,
    IndexBusyError,
    IndexCorruptError,
    IndexMissingError,
    IndexVersionError,
    PatternIndexError,
)
from bugguard.index import open_served, push, write
from bugguard.index.postgres import schema
from bugguard.index.postgres.pushing import Outcome

Admin = psycopg.Connection[Any]


def silent(done: int, total: int) -> None:
    """Progress that nobody follows."""


def folder(path: Path, seed: int, patterns: int = 40) -> Path:
    write(path / f"index-{seed}", synthetic.knowledge(patterns, dimension=4, seed=seed))
    return path / f"index-{seed}"


def learner(dsn: Dsn) -> str:
    """Which of the synthetic indexes the server has."""
    index = open_served(dsn)
    try:
        return index.manifest.provenance.sources[0].learner
    finally:
        index.close()


def generations(admin: Admin) -> dict[str, set[int]]:
    """By table, of which generations it has rows."""
    return {table: {row[0] for row in admin.execute(f"TABLE {table}")} for table in schema.COLUMNS}


def test_one_after_the_other(tmp_path: Path, dsn: Dsn, admin: Admin) -> None:
    told: list[tuple[int, int]] = []
    made = push(folder(tmp_path, 1), dsn, lambda done, total: told.append((done, total)))
    assert made.outcome is Outcome.PUSHED
    assert (made.manifest.counts.patterns, learner(dsn)) == (40, "learner-1")
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert all(0 < done <= total for done, total in told)

    assert push(tmp_path / "index-1", dsn, silent).outcome is Outcome.THERE
    assert push(folder(tmp_path, 2), dsn, silent).outcome is Outcome.PUSHED
    assert learner(dsn) == "learner-2"
    assert all(len(there) == 2 for there in generations(admin).values())

    assert push(tmp_path / "index-1", dsn, silent).outcome is Outcome.BACK
    assert learner(dsn) == "learner-1"
    assert push(folder(tmp_path, 3), dsn, silent).outcome is Outcome.PUSHED
    # The one before stays, and what was before that is gone from every table.
    kept = {one for [one] in admin.execute("SELECT id FROM generations")}
    assert len(kept) == 2
    assert all(there == kept for there in generations(admin).values())


def test_what_was_made_with_other_tickets_goes(tmp_path: Path, dsn: Dsn, admin: Admin) -> None:
    """Something in it may have been forgotten since."""
    for seed, tickets in enumerate(("", "one", "one")):
        knowledge = synthetic.knowledge(20, dimension=4, seed=seed)
        made = knowledge.provenance
        sources = tuple(dataclasses.replace(one, tickets=tickets) for one in made.sources)
        made = dataclasses.replace(made, sources=sources)
        write(tmp_path / f"of-{seed}", dataclasses.replace(knowledge, provenance=made))
    for seed, left in enumerate((1, 1, 2)):
        push(tmp_path / f"of-{seed}", dsn, silent)
        assert len(admin.execute("TABLE generations").fetchall()) == left
        assert all(len(there) == left for there in generations(admin).values())


def test_a_reader_goes_on_with_what_it_opened(tmp_path: Path, dsn: Dsn) -> None:
    push(folder(tmp_path, 1), dsn, silent)
    pinned = open_served(dsn)
    before = [pinned.fix(0), pinned.shas()]
    for seed in (2, 3, 4):
        push(folder(tmp_path, seed, patterns=10), dsn, silent)
    assert [pinned.fix(0), pinned.shas()] == before
    assert pinned.vectors(np.array([39])).shape == (1, 2, 4)
    assert pinned.manifest.provenance.sources[0].learner == "learner-1"
    assert learner(dsn) == "learner-4"
    pinned.close()


def test_a_reader_neither_waits_nor_sees_half(tmp_path: Path, dsn: Dsn) -> None:
    push(folder(tmp_path, 1), dsn, silent)
    seen = []

    def meanwhile(done: int, total: int) -> None:
        seen.append(learner(dsn))

    push(folder(tmp_path, 2, patterns=1500), dsn, meanwhile)
    assert set(seen) == {"learner-1"}
    assert learner(dsn) == "learner-2"


def test_interrupted(tmp_path: Path, dsn: Dsn, admin: Admin) -> None:
    push(folder(tmp_path, 1), dsn, silent)

    def interrupt(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        push(folder(tmp_path, 2), dsn, interrupt)
    assert learner(dsn) == "learner-1"
    assert all(len(there) == 1 for there in generations(admin).values())


_KILLED = """
import sys, time
from pathlib import Path
from bugguard.config import Dsn
from bugguard.index import push

def stop(done, total):
    print("half", flush=True)
    time.sleep(60)

push(Path(sys.argv[1]), Dsn(sys.argv[2]), stop)
"""


def test_killed(tmp_path: Path, dsn: Dsn, admin: Admin) -> None:
    push(folder(tmp_path, 1), dsn, silent)
    command = [sys.executable, "-c", _KILLED, str(folder(tmp_path, 2)), dsn.secret]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        os.kill(process.pid, signal.SIGKILL)
    assert learner(dsn) == "learner-1"
    # The dead one's lock is gone, and nothing of what it sent is in the way.
    assert push(folder(tmp_path, 2), dsn, silent, wait=30).outcome is Outcome.PUSHED
    assert all(len(there) == 2 for there in generations(admin).values())


def test_two_at_once_and_one_is_busy(tmp_path: Path, dsn: Dsn) -> None:
    push(folder(tmp_path, 1), dsn, silent)
    met: list[BugguardError] = []

    def other(done: int, total: int) -> None:
        if not met:
            with pytest.raises(IndexBusyError) as raised:
                push(tmp_path / "index-1", dsn, silent, wait=0.05)
            met.append(raised.value)

    push(folder(tmp_path, 2), dsn, other)
    assert str(met[0]).startswith("another bugguard is pushing to postgresql:///bugguard?")
    assert learner(dsn) == "learner-2"


def test_two_at_once_and_one_waits(tmp_path: Path, dsn: Dsn) -> None:
    """Where nothing was, so that both would make the tables."""
    made: list[Outcome] = []
    second = folder(tmp_path, 2)

    def wait() -> None:
        made.append(push(second, dsn, silent).outcome)

    thread = threading.Thread(target=wait)

    def slowly(done: int, total: int) -> None:
        if thread.ident is None:
            thread.start()
            time.sleep(0.2)
        made.append(Outcome.BACK)  # still at it

    push(folder(tmp_path, 1), dsn, slowly)
    thread.join()
    assert made[-1] is Outcome.PUSHED
    assert set(made[:-1]) == {Outcome.BACK}
    assert learner(dsn) == "learner-2"


def test_schemas_are_apart(tmp_path: Path, new_dsn: Callable[..., Dsn]) -> None:
    one, other = new_dsn(), new_dsn()
    push(folder(tmp_path, 1), one, silent)
    with pytest.raises(IndexMissingError, match=r"^no index at postgresql:///bugguard\S*: push on"):
        open_served(other)
    push(folder(tmp_path, 2), other, silent)
    assert (learner(one), learner(other)) == ("learner-1", "learner-2")


def test_the_schema_unless_another_is_named(tmp_path: Path, postgres: Server) -> None:
    plain = Dsn(postgres.dsn("bugguard"))
    push(folder(tmp_path, 1), plain, silent)
    with psycopg.connect(plain.secret) as connection:
        assert connection.execute("SELECT version FROM bugguard.layout").fetchall() == [(1,)]


def test_tables_of_an_older_bugguard(tmp_path: Path, dsn: Dsn, admin: Admin) -> None:
    push(folder(tmp_path, 1), dsn, silent)
    admin.execute("UPDATE layout SET version = 0")
    admin.execute("ALTER TABLE postings DROP COLUMN many")
    with pytest.raises(IndexCorruptError, match="was pushed by an older bugguard: push it again"):
        open_served(dsn)
    assert push(tmp_path / "index-1", dsn, silent).outcome is Outcome.PUSHED
    assert learner(dsn) == "learner-1"


def test_tables_of_a_newer_bugguard(tmp_path: Path, dsn: Dsn, admin: Admin) -> None:
    push(folder(tmp_path, 1), dsn, silent)
    admin.execute("UPDATE layout SET version = 99")
    for attempt in (lambda: open_served(dsn), lambda: push(tmp_path / "index-1", dsn, silent)):
        with pytest.raises(IndexVersionError, match=r"by a newer bugguard: upgrade yours$"):
            attempt()
    admin.execute("UPDATE layout SET version = 1")
    assert learner(dsn) == "learner-1"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('"schema": ', '"schema": 9', IndexVersionError),
        ('"fixes": ', '"fixed": ', IndexCorruptError),
    ],
)
def test_a_manifest_of_other_rules(
    tmp_path: Path, dsn: Dsn, admin: Admin, old: str, new: str, kind: type[Exception]
) -> None:
    push(folder(tmp_path, 1), dsn, silent)
    admin.execute("UPDATE generations SET manifest = replace(manifest, %s, %s)", [old, new])
    with pytest.raises(IndexCorruptError, match="its manifest is not as it was written"):
        open_served(dsn)
    admin.execute("UPDATE generations SET digest = encode(sha256(manifest::bytea), 'hex')")
    with pytest.raises(kind, match=r"^the index at \S+ was written by an? (newer|older) bugguard"):
        open_served(dsn)


@pytest.fixture
def reader(admin: Admin) -> str:
    """A role that may do nothing yet."""
    [name] = admin.execute(
        "SELECT replace('reader ' || current_setting('bugguard.schema'), ' ', '_')"
    ).fetchone()
    admin.execute(f'CREATE ROLE "{name}" LOGIN')
    return str(name)


def test_a_reader_may_read_and_not_push(
    tmp_path: Path, dsn: Dsn, admin: Admin, reader: str
) -> None:
    push(folder(tmp_path, 1), dsn, silent)
    theirs = Dsn(dsn.secret.replace("user=postgres", f"user={reader}"))
    for grant in ("", "USAGE ON SCHEMA {}"):
        if grant:
            _grant(admin, grant, reader)
        with pytest.raises(PatternIndexError, match=r"you may not read the index at .* GRANT you"):
            open_served(theirs)
    _grant(admin, "SELECT ON ALL TABLES IN SCHEMA {}", reader)
    _grant(admin, "USAGE ON SCHEMA extensions", reader)
    assert learner(theirs) == "learner-1"
    with pytest.raises(PatternIndexError, match=r"you may not write the index at .*as the owner"):
        push(folder(tmp_path, 2), theirs, silent)
    push(tmp_path / "index-2", dsn, silent)
    assert learner(theirs) == "learner-2"  # what was granted lasts
    index = open_served(theirs)
    assert index.nearest(np.ones((1, 4), np.float32), 3).pattern.min() >= 0
    index.close()


def _grant(admin: Admin, right: str, to: str) -> None:
    [name] = admin.execute("SELECT quote_ident(current_schema())").fetchone()
    admin.execute(f'GRANT {right.format(name)} TO "{to}"')


def test_who_may_make_no_schema(tmp_path: Path, dsn: Dsn, reader: str) -> None:
    theirs = Dsn(dsn.secret.replace("user=postgres", f"user={reader}"))
    with pytest.raises(PatternIndexError, match="GRANT you CREATE on the database"):
        push(folder(tmp_path, 1), theirs, silent)


def test_without_pgvector(tmp_path: Path, postgres: Server) -> None:
    bare = Dsn(postgres.dsn("bare"))
    with pytest.raises(PatternIndexError, match=r"has no pgvector: .* `CREATE EXTENSION vector`"):
        push(folder(tmp_path, 1), bare, silent)
    with pytest.raises(IndexMissingError, match="push one with `bugguard index push`"):
        open_served(bare)


@pytest.mark.parametrize(
    ("facts", "told"),
    [({"version": 120011}, "is on PostgreSQL 12: an index needs 13 or newer"),
     ({"pgvector": "0.6.2"}, "has pgvector 0.6.2, and an index needs 0.7 or newer: .* UPDATE`")],
)  # fmt: skip
def test_too_old(
    tmp_path: Path, dsn: Dsn, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any], told: str
) -> None:
    from bugguard.index.postgres import link

    real = link.Facts
    monkeypatch.setattr(link, "Facts", lambda *values: real(*values)._replace(**facts))
    with pytest.raises(PatternIndexError, match=told):
        push(folder(tmp_path, 1), dsn, silent)


def test_vectors_that_pgvector_does_not_keep(tmp_path: Path, dsn: Dsn) -> None:
    write(tmp_path / "wide", synthetic.knowledge(1, dimension=16_001))
    with pytest.raises(PatternIndexError, match=r"16,001 numbers, and pgvector keeps 16,000"):
        push(tmp_path / "wide", dsn, silent)


def test_a_damaged_folder_is_not_pushed(tmp_path: Path, dsn: Dsn) -> None:
    made = folder(tmp_path, 1)
    [file] = made.glob("gen-*/rules.jsonl")
    file.write_bytes(file.read_bytes().replace(b"mend", b"mind", 1))
    with pytest.raises(IndexCorruptError, match=r"rules\.jsonl: run `bugguard index build`"):
        push(made, dsn, silent)
    with pytest.raises(IndexMissingError):
        open_served(dsn)
