"""``bugguard index``: build, update and inspect what was learned."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bugguard import index as store
from bugguard.cli import console
from bugguard.cli.building import build, merge, update
from bugguard.cli.lessons import lessons
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.pushing import push
from bugguard.cli.rules import rules
from bugguard.cli.ticketing import matchable, tickets_changed
from bugguard.cli.wiring import Session
from bugguard.config import Dsn, Location
from bugguard.errors import GitError, IndexMissingError
from bugguard.pipeline.freshness import Lag, fixes_among, lag
from bugguard.report import ticketed
from bugguard.report.escape import encodable, terminal
from bugguard.report.learned import explained
from bugguard.report.words import count

_UPDATE = "run `bugguard index update`"


@click.group(name="index")
def command() -> None:
    """Build, update and inspect what was learned from the history."""


for one in (build, update, merge, push, rules, lessons):
    command.add_command(one)


@command.command()
@repo_option
@index_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def info(repo: Path | None, index: Location | None, as_json: bool) -> None:
    """Say what the index holds, and whether it is up to date."""
    session = Session.start(repo, {"index": index})
    opened = session.opened()
    manifest = opened.manifest
    told: dict[str, Any] = {
        "index": encodable(str(session.location)),
        "fixes": opened.fixes,
        "patterns": opened.patterns,
        "set_aside": manifest.counts.dropped,
        "lessons": opened.lessons,
        "commits": manifest.provenance.commits,
        "unread_commits": len(manifest.provenance.unread),
        "shallow": manifest.provenance.shallow,
        "encoder": encodable(opened.encoder.name),
        "heads": list(opened.heads),
        "repositories": _repositories(opened),
    }
    source = session.source(manifest.provenance)
    behind, fixes = (Lag((), ()), 0) if source is None else _behind(session, source.heads)
    found = ticketed.coverage(matchable(opened))
    told |= {
        "with_ticket": found.with_ticket,
        "ticket_sources": dict(found.known.most_common()),
        "ticket_gaps": dict(found.gaps.most_common()),
        "without_ticket": found.none,
    }
    served = isinstance(session.location, Dsn)  # and the tickets are where it is learned
    stale = tickets_changed(session, source.tickets) if source is not None and not served else ""
    if as_json:
        shard = manifest.provenance.shard
        told["shard"] = None if shard is None else str(shard)
        known = source is not None and shard is None
        told["current"] = not behind.commits and not stale if known else None
        told["behind"] = {"commits": len(behind.came), "fixes": fixes, "gone": len(behind.gone)}
        console.result(json.dumps(told, indent=2) + "\n")
    else:
        told["state"] = _state(
            behind,
            fixes,
            stale,
            shallow=session.git.shallow,
            remedy="bring a folder up to date and push it" if served else _UPDATE,
        )
        if manifest.provenance.shard is not None:
            told["state"] = (
                f"only shard {manifest.provenance.shard}: put it together with the others"
            )
        elif source is None:
            told["state"] = "made of other repositories than this one"
        width = max(map(len, told))
        lines = (
            f"{name.replace('_', ' '):<{width}}  {_plain(value)}\n" for name, value in told.items()
        )
        console.result("".join(lines))


def _repositories(opened: store.AnyIndex) -> dict[str, int]:
    """How many fixes that can be matched each has."""
    names = opened.repositories
    numbers = opened.origins()[opened.matchable()].tolist()
    counted = Counter(names[number] for number in numbers)
    return {name or "(without a name)": counted[name] for name in dict.fromkeys(names)}


def _behind(session: Session, known: Sequence[str]) -> tuple[Lag, int]:
    """What came and went since the index was made, and how many fixes came."""
    behind = lag(session.git, known, session.heads(), session.since())
    return behind, sum(1 for _ in fixes_among(session.git, behind.came, session.fix_rules()))


def _state(behind: Lag, fixes: int, stale: str, *, shallow: bool, remedy: str) -> str:
    if not behind.commits:
        return stale or "up to date"
    if behind.anew and shallow:  # an update here would know less than it does
        return "made from a longer history than this shallow clone has"
    told = []
    if behind.anew:
        told.append("what it was made from is not in this clone")
    if behind.came:
        commits = count(len(behind.came), "commit")
        told.append(
            f"{commits} behind, {fixes or 'none'} of them {'a fix' if fixes < 2 else 'fixes'}"
        )
    if behind.gone:
        told.append(f"{count(len(behind.gone), 'commit')} of it no longer in the history")
    if stale:
        told.append("made with other tickets")
    return f"{'; '.join(told)}: {remedy}"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{times:,} {terminal(why)}" for why, times in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(terminal(str(one)) for one in value) or "none"
    return f"{value:,}" if type(value) is int else terminal(str(value))


@command.command()
@repo_option
@index_option
@click.argument("sha")
def explain(repo: Path | None, index: Location | None, sha: str) -> None:
    """Say why a commit is learned or not."""
    from bugguard.history import log
    from bugguard.pipeline.absence import Absence, why_absent
    from bugguard.pipeline.learn import fixes_in
    from bugguard.pipeline.sources import History
    from bugguard.pipeline.tickets import judged

    session = Session.start(repo, {"index": index})
    lesson = session.lesson()
    full = session.git.commit(sha)
    commit = next(iter(log.read(session.git, [full], lesson.limits)))
    if isinstance(commit, log.Unread):
        raise GitError(f"commit {full[:8]} cannot be read: {commit.reason}.")
    decision = judged(lesson, full, commit.message, len(commit.parents)).decision
    fix = next(iter(fixes_in(commit, lesson)), None)
    told = (decision.learned, decision.lesser, decision.reason, decision.because)
    opened = _opened(session)
    known = next((opened.fix(number) for number in opened.find(full)), None) if opened else None
    absent = None
    if fix is not None and known is None:
        was = opened.manifest.provenance if opened else None
        absent = why_absent(
            session.git, commit, History(session.git, session.heads(), lesson).source, was
        )
    if absent is Absence.BOUNDARY:
        # git shows it as if it had added every file.
        commit, fix = replace(commit, files=()), None
    console.result(explained(commit, told, known or fix, absent.value if absent else None))


def _opened(session: Session) -> store.AnyIndex | None:
    try:
        return session.opened()
    except IndexMissingError:
        return None


@command.command()
@repo_option
@index_option
def verify(repo: Path | None, index: Location | None) -> None:
    """Check every byte of the index against its checksums."""
    session = Session.start(repo, {"index": index})
    manifest = store.verify(session.directory)
    patterns = count(manifest.counts.active, "pattern")
    console.result(f"{terminal(str(session.directory))} is whole: {patterns}\n")
