"""``bugguard index push``: a folder's index becomes the one that everybody asks on a server."""

from __future__ import annotations

from pathlib import Path

import click

from bugguard import index as store
from bugguard.cli import console
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.wiring import Session
from bugguard.config import Dsn, Location
from bugguard.pipeline.learner import require
from bugguard.report.escape import terminal
from bugguard.report.words import count


@click.command()
@repo_option
@index_option
@click.argument("dsn")
def push(repo: Path | None, index: Location | None, dsn: str) -> None:
    """Copy the index to a PostgreSQL server with pgvector, for many to ask.

    DSN is postgresql://HOST/DATABASE; libpq's own environment, service files and ~/.pgpass count,
    and a password is better kept there. Who checks with --index DSN sees the index that was there
    or the new one, whole. A push that is interrupted leaves nothing behind.
    """
    if not Dsn.is_one(dsn):
        raise click.UsageError("DSN is no address such as postgresql://HOST/DATABASE")
    session = Session.start(repo, {"index": index})
    address, directory = Dsn(dsn), session.directory
    require(store.open_index(directory).manifest.provenance, directory)
    with console.progress("pushing the index") as progress:
        pushed = store.push(directory, address, progress)
    held = count(pushed.manifest.counts.active, "pattern")
    told = {"there": "is there already", "back": "is back", "pushed": "is there"}
    console.result(f"{terminal(str(address))}: the index {told[pushed.outcome.value]}, {held}\n")
