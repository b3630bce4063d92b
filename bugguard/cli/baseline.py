"""``bugguard baseline``: set aside what is known, so that only what is new is reported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from bugguard.cli import console, triaging
from bugguard.cli.choosing import Chosen, change_options
from bugguard.cli.options import baseline_option, index_option, repo_option
from bugguard.cli.running import examine
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.domain import Change, Rule
from bugguard.errors import EXIT_CLEAN, TriageError
from bugguard.history import changes, origin
from bugguard.pipeline.triage import Triage
from bugguard.report.escape import terminal
from bugguard.report.model import Report
from bugguard.report.words import count
from bugguard.triage import baseline as store
from bugguard.triage import files, recent
from bugguard.triage.baseline import Baseline, Entry

_Command = TypeVar("_Command", bound=Callable[..., Any])

_RULES = {Rule.FIX_UNDONE.id, Rule.BUG_REPEATED.id}  #: what a change can show


@click.group(name="baseline")
def command() -> None:
    """Set known findings aside, so that only new ones are reported.

    They are kept in a file that the team commits, .bugguard-baseline.json at the repository's top,
    and `bugguard check` passes over what is in it.
    """


def _options(function: _Command) -> _Command:
    staged = change_options("What the next commit would contain.")
    return repo_option(index_option(staged(baseline_option(function))))


@command.command()
@_options
@click.option("--threshold", type=float, metavar="SCORE", help="Least score of a finding, 0 to 1.")
def create(
    repo: Path | None,
    index: Location | None,
    staged: bool,
    range_: str | None,
    commit: str | None,
    patch: Path | None,
    baseline: Path | None,
    threshold: float | None,
) -> int:
    """Add all findings of a change to the baseline, which is made where there is none.

    The default is all that this branch adds since it left the main one, as `bugguard check --range`
    sees it. What is in the baseline already stays in it.
    """
    chosen = Chosen.of(staged, range_, commit, patch)
    session = Session.start(
        repo, {"index": index, "check.baseline": baseline, "check.threshold": threshold}
    )
    path = triaging.baseline_file(session)
    existing = triaging.known(session)
    before = existing or Baseline()
    change = _change(session, chosen)
    triage = _without_baseline(session)
    report = _report(session, change, triage)
    recent.remember(session.git.common_dir / "bugguard", report.findings)
    found = store.of(report.findings, triage.today, origin.roots(session.git))
    after = store.merge(before, found)
    if after != existing:
        files.write(path, store.dump(after), session.git.work_tree)
    added = len(after.entries) - len(before.entries)
    known = len(report.findings) - added
    console.result(
        f"{count(added, 'finding')} added to {terminal(triaging.shown(session, path))}"
        + (f", {known:,} known before" if known else "")
        + f": {terminal(change.title)}, {count(report.stats.hunks, 'hunk')}\n"
    )
    return EXIT_CLEAN


@command.command()
@_options
@click.option("--dry-run", is_flag=True, help="Write nothing.")
def prune(
    repo: Path | None,
    index: Location | None,
    staged: bool,
    range_: str | None,
    commit: str | None,
    patch: Path | None,
    baseline: Path | None,
    dry_run: bool,
) -> int:
    """Remove from the baseline what is not found any more.

    Name the change that it was made from; the default is all that this branch adds since it left
    the main one. What that cannot show stays: findings of `bugguard scan`, and in files that were
    not looked into.
    """
    chosen = Chosen.of(staged, range_, commit, patch)
    session = Session.start(repo, {"index": index, "check.baseline": baseline})
    path = triaging.baseline_file(session)
    before = triaging.known(session)
    if before is None:
        raise TriageError(f"there is no baseline {path}: run `bugguard baseline create`.")
    change = _change(session, chosen)
    report = _report(_generous(session), change, _without_baseline(session))
    # A branch that changes no code any more has no findings; of anything else that is no news.
    branch = not chosen or chosen.range is not None
    if not report.stats.hunks and not (branch and change.past != (change.result,)):
        raise TriageError(
            f"{change.title}: there is no code, so nothing can be told from it; name the change "
            "that the baseline was made from with --range, --commit, --staged or --patch."
        )
    findings = (*report.findings, *report.suppressed, *report.muted)
    skipped = {one.path for one in report.stats.skipped}

    def looked_at(entry: Entry) -> bool:
        return entry.rule in _RULES and entry.path not in skipped

    after, stale = store.prune(before, {one.fingerprint for one in findings}, looked_at)
    if stale and not dry_run:
        files.write(path, store.dump(after), session.git.work_tree)
    lines = [
        terminal(f"{one.path}:{one.line}  {one.rule}  {one.ticket or one.fix[:8]} {one.subject}")
        for one in stale
    ]
    lines.append(
        f"{'would remove' if dry_run else 'removed'} {len(stale):,} of "
        f"{count(len(before.entries), 'finding')} from {terminal(triaging.shown(session, path))}"
    )
    console.result("\n".join(lines) + "\n")
    return EXIT_CLEAN


def _without_baseline(session: Session) -> Triage:
    """All that was decided but for the baseline, which is what is asked for."""
    voted = triaging.votes(session) if session.settings.check.mute else None
    if voted is None:
        return Triage()
    from bugguard.triage.votes import Mutes

    return Triage(mutes=Mutes(voted))


def _generous(session: Session) -> Session:
    """So that a score that fell a little, or a judge's mood, makes nothing stale."""
    least = session.settings.check.judged
    return session.with_flags({"check.threshold": least, "judge.mode": "off"})


def _report(session: Session, change: Change, triage: Triage) -> Report:
    opened, encoder = session.open()
    report, _ = examine(session, change, opened, encoder, triage=triage)
    return report


def _change(session: Session, chosen: Chosen) -> Change:
    """What the options name, else the branch. Raises BugguardError."""
    if chosen:
        return chosen.change(session)
    found = origin.trunk(session.git, session.settings.learn.branch)
    if found is None:
        raise TriageError(
            "it cannot be told what this branch left: name a change with --range, --commit, "
            "--staged or --patch."
        )
    name, trunk = found
    base, tip = changes.endpoints(session.git, f"{trunk}..HEAD")
    if base == tip:
        raise TriageError(
            f"HEAD adds nothing to {name}: name a change with --range, --commit, --staged or "
            "--patch."
        )
    return changes.between(session.git, base, tip, session.limits)
