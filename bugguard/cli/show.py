"""``bugguard show``: one remembered fix, whole."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bugguard.cli import console
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.ticketing import records
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.errors import BugguardError
from bugguard.report.learned import shown
from bugguard.triage import recent

_SHA = re.compile("[0-9a-f]{4,64}", re.IGNORECASE)


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
    numbers = opened.find(name)
    if not numbers:
        sha = recent.recall(session.git.common_dir / "bugguard", name)
        numbers = opened.find(sha) if sha else []
    if not numbers:
        advice = "give a commit, a ticket or a fingerprint"
        if _SHA.fullmatch(name):
            advice += f", or run `bugguard index explain {name}` to see why it was not learned"
        raise BugguardError(f"no remembered fix is called {name!r}: {advice}.")
    for place, number in enumerate(numbers):
        fix = opened.fix(number)
        told = shown(fix, opened.lesson(number), records(session, fix.commit))
        console.result("\n" * (place > 0) + told)
