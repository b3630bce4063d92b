"""``bugguard feedback``: say whether a finding was of use."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bugguard.cli import console, triaging
from bugguard.cli.options import repo_option
from bugguard.cli.wiring import Session
from bugguard.errors import EXIT_CLEAN, BugguardError
from bugguard.pipeline.triage import Triage
from bugguard.report.escape import terminal
from bugguard.report.words import count
from bugguard.triage import files, recent
from bugguard.triage import votes as store
from bugguard.triage.recent import Known
from bugguard.triage.votes import CHOICES, Vote, Votes

_LONGEST = 500  #: characters of a reason
_FINGERPRINT = re.compile("[0-9a-f]{16}")


@click.command()
@repo_option
@click.argument("fingerprint")
@click.argument("vote", type=click.Choice(CHOICES))
@click.option("--reason", metavar="TEXT", default="", help="Why, in a few words.")
@click.option("--sign", is_flag=True, help="Keep git's user.name with the vote.")
def command(repo: Path | None, fingerprint: str, vote: str, reason: str, sign: bool) -> int:
    """Say of a finding whether it was of use: the report names it.

    Votes are kept in a file that the team commits, .bugguard-feedback.jsonl at the repository's
    top. A past fix is muted where the votes against its findings outnumber those for them by three
    or more: they are then counted and not reported. Votes for it lift that, and check.mute = false
    turns it off.
    """
    session = Session.start(repo, {})
    path = triaging.feedback_file(session)
    before = triaging.votes(session) or Votes()
    name = fingerprint.lower()
    known = _known(session, before, name) or Known("")
    who = (session.git.ask("config", "user.name") or "") if sign else ""
    words = " ".join(reason.split())[:_LONGEST]
    today = Triage().today.isoformat()
    given = Vote(known.fix, known.edit, name, known.rule, vote, today, words, who)
    if not given.valid:
        raise BugguardError(
            f"no recent finding has the fingerprint {fingerprint!r:.40}: run `bugguard check` on "
            "its change here, and give the one that the report names."
        )
    after = before.add(given)
    if after is before:
        console.result("the same vote was given today, and counts once\n")
        return EXIT_CLEAN
    files.write(path, store.dump(after), session.git.work_tree)
    ballot = after.ballot(known.fix, known.edit)
    told = f"past fix {known.fix[:8]}: {ballot.useful:,} useful, {ballot.not_useful:,} not useful"
    if ballot.mutes and session.settings.check.mute:
        lifting = count(ballot.lifts, "useful vote")
        told += f"; its findings are muted, and {lifting} would lift that"
    console.result(f"{told}\ncommit {terminal(triaging.shown(session, path))} for all to share\n")
    return EXIT_CLEAN


def _known(session: Session, votes: Votes, fingerprint: str) -> Known | None:
    """What was found lately here, what was voted on, what is in the baseline."""
    if not _FINGERPRINT.fullmatch(fingerprint):
        return None
    found = recent.find(session.git.common_dir / "bugguard", fingerprint)
    if found is not None:
        return found
    vote = votes.on(fingerprint)
    if vote is not None:
        return Known(vote.fix, vote.rule, vote.edit)
    baseline = triaging.known(session)
    entry = baseline.entries.get(fingerprint) if baseline else None
    return Known(entry.fix, entry.rule) if entry and entry.fix else None
