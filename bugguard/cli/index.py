"""``bugguard index``: build, update and inspect what was learned."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bugguard import index as store
from bugguard.cli import console
from bugguard.cli.learning import learn_now
from bugguard.cli.options import index_option, repo_option
from bugguard.cli.wiring import Session
from bugguard.domain import LearnedFix
from bugguard.errors import GitError, IndexMissingError
from bugguard.report.escape import encodable, terminal
from bugguard.report.learned import explained
from bugguard.report.words import count


@click.group(name="index")
def command() -> None:
    """Build, update and inspect what was learned from the history."""


def _learn(session: Session, *, anew: bool) -> None:
    console.result(learn_now(session, anew=anew))


@command.command()
@repo_option
@click.option("--since", metavar="DATE", help="Only commits after this date.")
@click.option("--branch", metavar="REV", help="The branch to learn. Default: HEAD and origin's.")
@click.option("--encoder", metavar="NAME", help="A sentence-transformers model instead of ours.")
@click.option(
    "--index", "--output", "index", metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The index's folder, new, empty or an index. Default: inside the git directory.",
)  # fmt: skip
def build(
    repo: Path | None, since: str | None, branch: str | None, encoder: str | None,
    index: Path | None,
) -> None:  # fmt: skip
    """Read the whole history anew."""
    flags = {"learn.since": since, "learn.branch": branch, "encoder": encoder, "index": index}
    _learn(Session.start(repo, flags), anew=True)


@command.command()
@repo_option
@index_option
def update(repo: Path | None, index: Path | None) -> None:
    """Read the commits that came since, and forget those that went.

    The result is what a build would give, sooner.
    """
    _learn(Session.start(repo, {"index": index}), anew=False)


@command.command()
@repo_option
@index_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def info(repo: Path | None, index: Path | None, as_json: bool) -> None:
    """Say what the index holds, and whether it is up to date."""
    session = Session.start(repo, {"index": index})
    opened = store.open_index(session.directory)
    manifest = opened.manifest
    told = {
        "index": encodable(str(session.directory)),
        "fixes": opened.fixes,
        "patterns": opened.patterns,
        "set_aside": manifest.counts.dropped,
        "commits": manifest.provenance.commits,
        "unread_commits": len(manifest.provenance.unread),
        "shallow": bool(manifest.provenance.boundary),
        "encoder": encodable(opened.encoder.name),
        "heads": list(opened.heads),
        "current": set(opened.heads) == set(session.heads()),
    }
    if as_json:
        console.result(json.dumps(told, indent=2) + "\n")
    else:
        width = max(map(len, told))
        lines = (
            f"{name.replace('_', ' '):<{width}}  {_plain(value)}\n" for name, value in told.items()
        )
        console.result("".join(lines))


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
def explain(repo: Path | None, index: Path | None, sha: str) -> None:
    """Say why a commit is learned or not."""
    from bugguard.history import log
    from bugguard.history.fixes import judge_message
    from bugguard.pipeline.learn import fixes_in

    session = Session.start(repo, {"index": index})
    lesson = session.lesson()
    full = session.git.commit(sha)
    commit = next(iter(log.read(session.git, [full], lesson.limits)))
    if isinstance(commit, log.Unread):
        raise GitError(f"commit {full[:8]} cannot be read: {commit.reason}.")
    decision = judge_message(commit.message, len(commit.parents), lesson.fixes)
    fix = next(iter(fixes_in(commit, lesson)), None)
    known = _known(session, full) if fix else None
    told = (decision.learned, decision.reason, decision.because)
    console.result(explained(commit, told, known or fix, known is not None))


def _known(session: Session, sha: str) -> LearnedFix | None:
    try:
        opened = store.open_index(session.directory)
    except IndexMissingError:
        return None
    return next((opened.fix(number) for number in opened.find(sha)), None)


@command.command()
@repo_option
@index_option
def verify(repo: Path | None, index: Path | None) -> None:
    """Check every byte of the index against its checksums."""
    session = Session.start(repo, {"index": index})
    manifest = store.verify(session.directory)
    patterns = count(manifest.counts.active, "pattern")
    console.result(f"{terminal(str(session.directory))} is whole: {patterns}\n")
