"""``bugguard hook``: what git and pre-commit run at every commit. Everything here is felt."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from bugguard.cli import console
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.wiring import Session, environment
from bugguard.config import Dsn, Location
from bugguard.domain import Change
from bugguard.errors import (
    EXIT_CLEAN,
    EXIT_FINDINGS,
    EXIT_NO_JUDGE,
    BugguardError,
    ConfigError,
    IndexBusyError,
    IndexMissingError,
    IndexVersionError,
    PatternIndexError,
)
from bugguard.history import changes
from bugguard.pipeline.budget import Budget, OutOfTimeError
from bugguard.pipeline.freshness import fixes_among, lag
from bugguard.pipeline.learner import require

if TYPE_CHECKING:
    from bugguard.index import AnyIndex

_UNCHECKED = "this commit was not checked"


@click.command()
@repo_option
@index_option
@click.option("--from-ref", metavar="REV", help="Check a range instead of what is staged: from ...")
@click.option("--to-ref", metavar="REV", help="... to.")
@click.option("--strict", is_flag=True, default=None, help="Block if the check itself fails.")
def command(
    repo: Path | None,
    index: Location | None,
    from_ref: str | None,
    to_ref: str | None,
    strict: bool | None,
) -> int:
    """Check what is being committed or pushed.

    The check's own failure never blocks a commit, unless --strict (or hook.strict) says so. The
    index is built or updated on the way if that takes no longer than hook.update_seconds.
    """
    session = None
    _load_ahead()
    try:
        session = Session.start(repo, {"index": index, "hook.strict": strict})
        return _run(session, from_ref, to_ref)
    except (click.ClickException, BrokenPipeError):
        raise  # how it was called and who listens: no failure of the check
    except Exception as error:
        if strict or (session is not None and session.settings.hook.strict):
            raise
        console.complain(f"{_told(error)}; {_UNCHECKED}")
        return EXIT_CLEAN


def _told(error: Exception, command: str = "bugguard check") -> str:
    if isinstance(error, BugguardError):
        return str(error).rstrip(".")
    return f"a defect of bugguard ({type(error).__name__}), which `{command}` tells in full"


def _load_ahead() -> None:
    """Begin to load what the check needs, numpy above all, while git is being asked."""
    Thread(target=import_module, args=("bugguard.cli.running",), daemon=True).start()


def _run(session: Session, from_ref: str | None, to_ref: str | None) -> int:
    change = _change(session, from_ref, to_ref)
    if change is None:
        console.say("bugguard: 0 hunks checked, for the whole history is being pushed")
        return EXIT_CLEAN
    _keep_up(session)
    from bugguard.cli.running import deliver, examine  # loaded by now, see _load_ahead

    opened, encoder = session.open()
    report, problems = examine(session, change, opened, encoder)
    code = deliver(session, report, problems)
    if code == EXIT_NO_JUDGE and not session.settings.hook.strict:
        # A server that is down is no reason to hold up a commit.
        return EXIT_FINDINGS if report.alarming else EXIT_CLEAN
    return code


def _change(session: Session, from_ref: str | None, to_ref: str | None) -> Change | None:
    """What to check.

    None for a first push of everything: pre-commit then gives no range, and nothing came before.
    """
    told = environment()
    git, limits = session.git, session.limits
    start = from_ref or told.get("PRE_COMMIT_FROM_REF") or told.get("PRE_COMMIT_SOURCE")
    end = to_ref or told.get("PRE_COMMIT_TO_REF") or told.get("PRE_COMMIT_ORIGIN")
    if start and end:
        return changes.between(git, *changes.endpoints(git, f"{start}..{end}"), limits)
    if start or end:
        raise click.UsageError("--from-ref and --to-ref go together")
    if told.get("PRE_COMMIT_REMOTE_BRANCH"):
        return None
    return changes.staged(git, limits, told)


def _keep_up(session: Session) -> None:
    """Builds or updates the clone's own index within its time; what fails is said, no more.

    An index elsewhere (committed, shared) is nobody's to change at a commit.
    """
    if isinstance(session.location, Dsn):
        return  # it is opened once, to be asked
    budget = Budget(session.settings.hook.update_seconds)
    opened = _usable(session)
    if opened is not None and not (session.is_private and session.settings.hook.update_seconds):
        return
    try:
        _learn(session, opened, budget)
    except OutOfTimeError:
        if opened is None:
            raise IndexMissingError(
                f"there is no usable index in {session.directory}, and building one takes longer "
                "than a commit should wait: run `bugguard index build`"
            ) from None
        console.say(
            "bugguard: the index is behind, and bringing it up to date takes longer than a commit "
            "should wait: run `bugguard index update`"
        )
    except IndexBusyError:
        pass  # somebody is at it
    except Exception as error:
        # What was known before is still known. But a setting that is wrong fails every time.
        wrong = isinstance(error, ConfigError) and session.settings.hook.strict
        if opened is None or wrong:
            raise
        console.complain(f"the index stays as it was: {_told(error, 'bugguard index update')}")


def _usable(session: Session) -> AnyIndex | None:
    """The index that is there; None: it is to be built. Raises where that is not ours to do."""
    try:
        opened = session.opened()
        require(opened.manifest.provenance, session.location)
    except IndexVersionError:
        raise  # what a newer bugguard learned is only replaced when asked for it
    except PatternIndexError:
        if session.is_private:
            return None
        raise
    return opened


def _learn(session: Session, opened: AnyIndex | None, budget: Budget) -> None:
    """Learns what came, if there is a fix in it. Raises OutOfTimeError, at little cost."""
    heads = session.heads()
    known = opened.heads if opened is not None else ()
    if opened is not None and set(known) == set(heads):
        return
    behind = lag(session.git, known, heads, session.since())
    budget.need(behind.commits)
    if opened is not None and not behind.anew:
        fixes = fixes_among(session.git, behind.came, session.fix_rules())
        if next(fixes, None) is None:
            return
    # Learning's imports are slow, and most often not needed.
    from bugguard.pipeline import refresh

    refresh.within(budget, session.place(), session.lesson(), session.encoder)
