"""``bugguard eval``: how well does it work, measured on the past."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import click

from bugguard.cli import console, triaging
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.replaying import labelled, replay, write_page
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.history import revisions
from bugguard.pipeline import hindsight
from bugguard.pipeline.labelled import Thresholds, measure, trial
from bugguard.report import evaluation

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _number(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if math.isnan(value):  # which no range of click's stops
        raise click.BadParameter("nan is not a number from 0 to 1.", context, parameter)
    return value


@click.command()
@repo_option
@index_option
@click.option(
    "--last", metavar="N", type=click.IntRange(1), default=500, show_default=True,
    help="How many commits of HEAD to replay, where none are labelled.",
)  # fmt: skip
@click.option("--labels", type=_FILE, help="Cases: JSON lines of fix, change, label.")
@click.option("--ordinary", type=_FILE, help="Ordinary commits, one a line, for false alarms.")
@click.option("--threshold", type=float, metavar="SCORE", help="Least score of a finding, 0 to 1.")
@click.option(
    "--compare", nargs=2, metavar="A B",
    help="Two settings on the same cases. Each: an index's folder, threshold=SCORE, encoder=NAME, "
    "or several with commas between.",
)  # fmt: skip
@click.option(
    "--calibrate", is_flag=True, help="Set the threshold so that few ordinary commits alert."
)
@click.option(
    "--rate", metavar="SHARE", type=click.FloatRange(0, 1), default=0.03, show_default=True,
    callback=_number, help="With --calibrate: how many of them may alert, 0 to 1.",
)  # fmt: skip
@click.option(
    "--judge",
    is_flag=True,
    help="With --labels: put each case to your LLM, and score its verdicts.",
)
@click.option(
    "--thorough", is_flag=True, help="With --judge: let it find the past fixes itself too."
)
@click.option(
    "--sample", metavar="N", type=click.IntRange(1), help="With --judge: at most N cases a label."
)
@click.option("--dry-run", is_flag=True, help="With --calibrate: write nothing.")
@click.option(
    "--html", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page there too: the curve, and the table of cases.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def command(
    context: click.Context,
    repo: Path | None,
    index: Location | None,
    last: int,
    labels: Path | None,
    ordinary: Path | None,
    threshold: float | None,
    compare: tuple[str, str] | None,
    calibrate: bool,
    rate: float,
    judge: bool,
    thorough: bool,
    sample: int | None,
    dry_run: bool,
    html: Path | None,
    as_json: bool,
) -> None:
    """Replay past commits, each checked against only the fixes that were before it.

    The last commits of HEAD, beside what history shows of them, or labelled changes: regression and
    recurrence are to be found; superseded, not_a_bug and unrelated are look-alikes that are to stay
    silent; any other label counts as neither.
    """
    _fit_together(context)
    flags: dict[str, object] = {"index": index, "check.threshold": threshold}
    if compare:
        from bugguard.cli.comparing import compared

        told = compared(repo, flags, compare, labels, ordinary, last, html, as_json)
    elif calibrate:
        from bugguard.cli.calibrating import calibrated

        told = calibrated(Session.start(repo, flags), last, rate, dry_run, as_json)
    elif labels and judge:
        from bugguard.cli.hearing import judged

        flags |= {"judge.mode": "thorough"} if thorough else {}
        told = judged(Session.start(repo, flags), labels, ordinary, sample, as_json)
    elif labels:
        told = _labelled(Session.start(repo, flags), labels, ordinary, html, as_json)
    else:
        told = _unlabelled(Session.start(repo, flags), last, html, as_json)
    console.result(told)


#: option -> the options without which it means nothing, and those with which it cannot be.
_NEEDS = {
    "ordinary": "labels", "rate": "calibrate", "dry_run": "calibrate", "judge": "labels",
    "thorough": "judge", "sample": "judge",
}  # fmt: skip
_EXCLUDES = {
    "calibrate": ("compare", "labels", "threshold", "judge", "html"),
    "judge": ("compare", "html"),
    "labels": ("last",),
}


def _fit_together(context: click.Context) -> None:
    def given(name: str) -> bool:
        return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE

    def option(name: str) -> str:
        return "--" + name.replace("_", "-")

    for name, needed in _NEEDS.items():
        if given(name) and not given(needed):
            raise click.UsageError(f"{option(name)} only goes with {option(needed)}.")
    for name, others in _EXCLUDES.items():
        for other in others:
            if given(name) and given(other):
                raise click.UsageError(f"{option(name)} does not go with {option(other)}.")


def _unlabelled(session: Session, last: int, html: Path | None, as_json: bool) -> str:
    threshold = session.settings.check.threshold
    voted = triaging.votes(session)  # before all that takes long: it may be damaged
    commits = revisions.latest(session.git, last)
    found = hindsight.evaluate(
        replay(session), commits, session.lesson(), threshold, console.progress
    )
    write_page(html, found)
    votes = (voted.by_rule(), voted.muted()) if voted else None
    if as_json:
        told = {"votes": evaluation.voted_record(*votes)} if votes else {}
        return json.dumps(evaluation.record(found) | told, indent=2) + "\n"
    text = evaluation.text(found, console.width())
    return text + evaluation.voted_text(*votes) if votes else text


def _labelled(
    session: Session, labels: Path, ordinary: Path | None, html: Path | None, as_json: bool
) -> str:
    check = session.settings.check
    cases = labelled(session, labels, ordinary)
    replayed = replay(session)
    with console.progress("replaying changes") as progress:
        thresholds = Thresholds(check.threshold, check.judged)
        measured = measure(replayed, cases, thresholds, progress)
    measured["encoder"] = replayed.index.encoder.name
    if html is not None:
        write_page(html, trial(replayed, cases, check.threshold))
    return json.dumps(measured, indent=2) + "\n" if as_json else _table(measured)


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
