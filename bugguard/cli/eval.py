"""``bugguard eval``: how well does it work, measured on the past."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bugguard.cli import console
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.wiring import Session
from bugguard.pipeline import replay

ESCALATE = 0.3  #: from this score on a match is close enough to ask a judge about

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@repo_option
@index_option
@click.option(
    "--labels", type=_FILE, required=True, help="Cases: JSON lines of fix, change, label."
)
@click.option("--ordinary", type=_FILE, help="Ordinary commits, one a line, for false alarms.")
@click.option("--threshold", type=float, metavar="SCORE", help="Least score of a finding, 0 to 1.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(
    repo: Path | None,
    index: Path | None,
    labels: Path,
    ordinary: Path | None,
    threshold: float | None,
    as_json: bool,
) -> None:
    """Replay labelled changes, each checked against only the fixes that were before it.

    Labels: regression and recurrence are to be found; superseded, not_a_bug and unrelated are
    look-alikes that are to stay silent; any other counts as neither.
    """
    session = Session.start(repo, {"index": index, "check.threshold": threshold})
    cases = replay.read_cases(labels)
    commits = replay.read_revisions(ordinary) if ordinary else []
    opened, encoder = session.open()
    thresholds = replay.Thresholds(session.settings.check.threshold, ESCALATE)
    replayed = replay.Replay(session.git, opened, encoder, session.limits, thresholds)
    with console.progress("replaying changes") as progress:
        measured = replay.measure(replayed, cases, commits, progress)
    measured["encoder"] = opened.encoder.name
    console.result(json.dumps(measured, indent=2) + "\n" if as_json else _table(measured))


def _table(measured: dict[str, Any]) -> str:
    lines = []
    for label, row in measured["positives"].items():
        shares = ", ".join(f"{name} {value:.2f}" for name, value in row.items() if name != "n")
        lines.append(f"{row['n']} {label}: {shares}")
    negatives, ordinary = measured["hard_negatives"], measured["ordinary"]
    lines.append(f"{negatives['n']} look-alikes: reported {negatives['reported']:.2f}")
    lines.append(
        f"{ordinary['n']} ordinary: alerted {ordinary['alerted']:.3f}, "
        f"escalated {ordinary['escalated']:.3f}"
    )
    return "\n".join(lines) + "\n"
