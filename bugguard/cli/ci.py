"""``bugguard ci``: what a CI job needs beside ``check --ci``."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugguard import __version__
from bugguard.ci import Run, tell
from bugguard.cli import console
from bugguard.cli.options import repo_option
from bugguard.cli.wiring import Session, environment
from bugguard.errors import CiError, EncoderError, PatternIndexError
from bugguard.history.fetching import Origin, tracked
from bugguard.pipeline.learner import REVISION
from bugguard.report.escape import terminal

if TYPE_CHECKING:
    from bugguard.index import AnyIndex


@click.group()
def command() -> None:
    """For CI jobs on GitHub Actions and GitLab CI: keep the index between them.

    The change itself is checked by `bugguard check --ci`.
    """


@command.command()
@repo_option
def key(repo: Path | None) -> None:
    """Print under which key a CI's cache keeps the index, as lines for $GITHUB_OUTPUT.

    \b
    key       by bugguard's version, the settings of learning and the default branch's head
    restore   the part of it that an older index shares
    path      what to keep
    All are empty where the settings name an index, which then needs no cache.
    """
    session = Session.start(repo, {})
    run = tell(environment())
    name = whole = path = ""
    if session.is_private:
        told = repr((session.settings.learn, session.settings.encoder)).encode("utf-8", "replace")
        settings = hashlib.sha256(told).hexdigest()[:8]
        name = f"bugguard-index-{__version__}-{REVISION}-{settings}-"
        whole, path = name + _learned_from(session, run), str(session.directory)
    console.result(f"key={whole}\nrestore={name}\npath={path}\n")


@command.command()
@repo_option
@click.option("--fetch", is_flag=True, help="Fetch the whole history from origin if it is needed.")
def index(repo: Path | None, fetch: bool) -> None:
    """Learn the default branch, unless what is there will do; says which.

    \b
    state=given     the settings name an index; it is used as it is
    state=kept      the index that is there will do
    state=learned   it was built or brought up to date
    A shallow clone teaches nothing: there an index that is usable is only brought up to date when
    the default branch itself is checked.
    """
    session = Session.start(repo, {})
    if not session.is_private:
        session.open()
        console.result("state=given\n")
        return
    run = tell(environment())
    opened = _usable(session)
    if opened is not None and _will_do(session, run, opened, fetch=fetch):
        console.result("state=kept\n")
        return
    branch = session.settings.learn.branch or run.default
    if session.git.shallow:
        if not fetch:
            raise CiError(
                "nothing can be learned from a shallow clone: let --fetch get the whole history "
                "from origin, or check out with all of it (fetch-depth: 0)."
            )
        whole = Origin(session.git, environment()).whole(branch)
        session = replace(session, git=whole)
    elif fetch and tracked(session.git, branch) is None and not run.on_default:
        session = replace(session, git=Origin(session.git, environment()).whole(branch))
    # A cache is nobody's but ours: even a newer bugguard's index may be replaced.
    console.say(_learn(session, run, anew=opened is None).rstrip("\n"))
    console.result("state=learned\n")


def _will_do(session: Session, run: Run, opened: AnyIndex, *, fetch: bool) -> bool:
    if session.git.shallow:
        return not (fetch and run.on_default) or set(opened.heads) == {run.tip}
    return set(opened.heads) == {_learned_from(session, run)}


def _learned_from(session: Session, run: Run) -> str:
    """The commit whose history is learned: the default branch's, as far as it is known here."""
    branch = session.settings.learn.branch
    if branch is not None:
        named = session.git.ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", branch + "^{commit}"
        )
        return named or tracked(session.git, branch) or run.tip
    if run.on_default:
        return run.tip
    known = tracked(session.git, run.default) if run.default else None
    return known or next(iter(run.bases), run.tip)


def _usable(session: Session) -> AnyIndex | None:
    try:
        opened, _ = session.open()
    except (PatternIndexError, EncoderError):
        return None
    return opened


def _learn(session: Session, run: Run, *, anew: bool) -> str:
    from bugguard.pipeline import refresh
    from bugguard.report.learned import summary

    started = time.perf_counter()
    head = _learned_from(session, run)
    session = session.with_flags({"learn.branch": session.git.commit(head)})
    # What a request's settings name is a stranger's choice: nothing is downloaded for it.
    encoder = session.encoder(download=run.review is None)
    with console.progress("reading commits") as progress:
        learned = refresh.build(
            session.place(), session.lesson(), encoder, anew=anew, progress=progress
        )
    seconds = time.perf_counter() - started
    return terminal(f"learned from {head[:8]}: ") + summary(
        learned.knowledge, learned.read, learned.forgotten, learned.rebuilt, seconds,
        learned.untaught,
    )  # fmt: skip
