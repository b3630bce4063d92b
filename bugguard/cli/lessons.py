"""``bugguard index lessons``: one line a past fix, distilled by the judge, kept with the index."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugguard import index as store
from bugguard.cli import console
from bugguard.cli import judging as wired
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.errors import EXIT_CLEAN, EXIT_NO_JUDGE, BugguardError, JudgeError
from bugguard.pipeline.lessons import distil, forget
from bugguard.report.escape import terminal
from bugguard.report.words import count

if TYPE_CHECKING:
    from bugguard.judge.reader import Asks
    from bugguard.judge.teacher import Teacher

_CALLS = 2  #: a fix may take: a question, and one more try


@click.command()
@repo_option
@index_option
@click.option("--limit", metavar="N", type=click.IntRange(1), default=50, show_default=True,
              help="Ask of no more than N fixes, the newest that have no lesson.")  # fmt: skip
@click.option("--fix", "name", metavar="REV|TICKET", help="Ask of one past fix only.")
@click.option("--forget", "forgets", is_flag=True, help="Remove all lessons again.")
def lessons(
    repo: Path | None, index: Location | None, limit: int, name: str | None, forgets: bool
) -> int:
    """Let the judge write down what each past fix teaches, one line a fix.

    It is asked of the fixes that have no lesson, the newest first, and each answer is checked
    against the fix. Lessons help to offer fixes to a thorough judge (and with --candidates); no
    finding is ever made of one. Whether they help is said by `bugguard eval --compare` of two
    indexes. They stay through updates and rebuilds, until their fix changes.

    \b
    Exit codes: 0 done, 3 the judge did not answer.
    """
    session = Session.start(repo, {"index": index})
    place = session.place()
    if forgets:
        gone = forget(place)
        console.result(f"{count(gone, 'lesson')} removed\n")
        return EXIT_CLEAN
    wanted = None if name is None else _named(session, name)
    teacher = _teacher(session, limit)
    with console.progress("distilling lessons") as progress:
        done = distil(
            place, session.encoder(), teacher, wanted=wanted, most=limit, progress=progress
        )
    told = f"{count(done.kept, 'lesson')} of {count(done.asked, 'past fix', 'past fixes')} kept"
    if done.stopped:
        told += ", and given up"
    if done.failed:
        told += f", {done.failed:,} without: the judge {terminal(done.failure)}"
    left = _left(session)
    console.result(f"{told}\n{count(left, 'past fix has', 'past fixes have')} no lesson yet\n")
    return EXIT_NO_JUDGE if done.asked and not done.made else EXIT_CLEAN


def _named(session: Session, name: str) -> set[str]:
    opened = store.open_index(session.directory)
    shas = opened.shas()
    found = {shas[number] for number in opened.find(name)}
    if not found:
        raise BugguardError(
            f"no remembered fix is called {name!r}: give a commit of 4 digits or more, or a ticket."
        )
    return found


def _teacher(session: Session, fixes: int) -> Teacher:
    wired.endpoint(session)  # says at once what is not set up
    try:
        from bugguard.judge.redacting.redact import Redactor
        from bugguard.judge.teacher import Teacher
    except ModuleNotFoundError as error:
        raise JudgeError(wired.INSTALL) from error
    account = wired.ledger(session, calls=_CALLS * fixes)
    judge = session.settings.judge

    def connect(questions: int) -> Asks:
        rounds = ceil(questions / judge.concurrency)
        return wired.client(session, account, deadline=judge.deadline * rounds)

    return Teacher(
        connect, Redactor(), judge.model or "", wired.seen(session), wired.texts(session)
    )


def _left(session: Session) -> int:
    opened = store.open_index(session.directory)
    return max(opened.fixes - opened.lessons, 0)  # idioms can have one too
