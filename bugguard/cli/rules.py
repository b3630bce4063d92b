"""``bugguard index rules``: the rules made of the fixes."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import click
import numpy as np

from bugguard.cli import console
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.errors import BugguardError
from bugguard.report.rules import listed, record
from bugguard.report.words import count


@click.command()
@repo_option
@index_option
@click.option("--fix", "name", metavar="REV|TICKET", help="Only the rules of one past fix.")
@click.option("--limit", metavar="N", type=click.IntRange(1), default=50, show_default=True,
              help="List no more than N.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def rules(
    repo: Path | None, index: Location | None, name: str | None, limit: int, as_json: bool
) -> None:
    """List the rules made of the fixes: who adds the trigger needs the guard.

    Switch one off by its id, as in `disabled_rules = ["5333c352.1"]` under [tool.bugguard.check],
    or all of them with `rules = false`.
    """
    session = Session.start(repo, {"index": index})
    opened = session.opened()
    wanted = None if name is None else set(opened.find(name))
    if wanted is not None and not wanted:
        raise BugguardError(
            f"no remembered fix is called {name!r}: give a commit of 4 digits or more, or a ticket."
        )
    known = list(opened.all_rules())
    numbers = opened.fix_numbers(np.array([rule.pattern for rule in known], np.int64)).tolist()
    pairs = [
        (number, rule)
        for number, rule in zip(numbers, known, strict=True)
        if wanted is None or number in wanted
    ]
    told = ((rule, opened.fix(number).commit) for number, rule in islice(reversed(pairs), limit))
    if as_json:
        records = {"total": len(pairs), "rules": [record(*one) for one in told]}
        console.result(json.dumps(records, indent=2) + "\n")
        return
    rest = len(pairs) - limit
    more = f"{count(rest, 'more rule')}: list all with --limit {len(pairs)}\n" if rest > 0 else ""
    console.result("".join(listed(*one) for one in told) + more or "no rules\n")
