"""``bugguard show``: one remembered fix, whole."""

from __future__ import annotations

from pathlib import Path

import click

from bugguard.cli import console
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.showing import numbers
from bugguard.cli.ticketing import records
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.report.learned import shown


@click.command()
@repo_option
@index_option
@click.argument("name")
def command(repo: Path | None, index: Location | None, name: str) -> None:
    """Show a past fix: its message, its tickets and all its hunks.

    NAME is a commit (4 digits or more), a ticket such as #4485, or a finding's fingerprint.
    """
    session = Session.start(repo, {"index": index})
    opened = session.opened()
    for place, number in enumerate(numbers(session, opened, name)):
        fix = opened.fix(number)
        told = shown(fix, opened.lesson(number), records(session, fix.commit))
        console.result("\n" * (place > 0) + console.diff(told))
