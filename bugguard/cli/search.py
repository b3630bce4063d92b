"""``bugguard search``: past fixes by words."""

from __future__ import annotations

from pathlib import Path

import click

from bugguard.cli import console
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.wiring import Session
from bugguard.config import Location


@click.command()
@repo_option
@index_option
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 50), default=10, show_default=True,
    help="List N fixes at most.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.argument("query", nargs=-1, required=True)
def command(
    repo: Path | None, index: Location | None, limit: int, as_json: bool, query: tuple[str, ...]
) -> None:
    """Search the past fixes: their messages, tickets, paths and code.

    QUERY is prose, an error message, names, a path or a piece of code. Rare words count most. Put
    -- before one that begins with a dash.
    """
    from bugguard.pipeline.search import PastBugs
    from bugguard.report.ascii_json import dumps
    from bugguard.report.recalled import listed

    session = Session.start(repo, {"index": index})
    past = PastBugs(session.opened())
    question = " ".join(query)
    found = past.search(question, limit)
    told = listed(question, found, len(past), several=past.several)
    console.result(dumps(told.document) if as_json else told.text)
