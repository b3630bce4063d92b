"""``bugguard scan``: code as it stands against the past fixes."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from bugguard import __version__
from bugguard.cli import console
from bugguard.cli.options import index_option, load_settings, repo_option
from bugguard.cli.running import FORMATS, head_of, put_out, settle
from bugguard.cli.wiring import Session, limits_of, opened_at
from bugguard.config import Location, Settings
from bugguard.domain import Change, Origins
from bugguard.domain.provenance import Provenance
from bugguard.errors import (
    EXIT_CLEAN,
    EXIT_FINDINGS,
    BugguardError,
    GitError,
    JudgeError,
)
from bugguard.history.git import Git
from bugguard.history.standing import Committed, Files, Folder, Tracked
from bugguard.index.scanned import Scanned
from bugguard.pipeline.check import admitted, known_before
from bugguard.pipeline.learner import require
from bugguard.pipeline.scan import REVISION, Bounds, scan
from bugguard.report.model import Report
from bugguard.triage import recent
from bugguard.triage.suppression import Problem

if TYPE_CHECKING:
    from bugguard.index import AnyIndex
    from bugguard.pipeline.judging import Judging

_UNHOUSED = "the judge is asked in a repository only, where its words are kept: name one by --repo"


class _Where(NamedTuple):
    """Whose fixes, by which settings."""

    git: Git | None  #: None: outside of any repository
    settings: Settings
    location: Location
    session: Session | None = None  #: None as well

    def origins(self, made: Provenance) -> Origins:
        """Whose fixes count. A folder of nobody's is the one repository's, where there is one."""
        if self.session is not None:
            return self.session.origins(made)
        own = None if len(made.sources) < 2 else frozenset[str]()
        return Origins.parse(own, self.settings.check.weights)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@repo_option
@index_option
@click.option("--commit", metavar="REV", help="A commit's files, against the fixes up to it.")
@click.option("--threshold", type=float, metavar="SCORE", help="Least score of a finding, 0 to 1.")
@click.option("--candidates", type=click.IntRange(0), metavar="N", help="List N places below it.")
@click.option(
    "--why", is_flag=True, help="Say of each what made it: lines, tokens, the score's sum."
)
@click.option(
    "--judge", type=click.Choice(["off", "auto", "required", "thorough"]),
    help="Whether an LLM of yours reads close places; thorough is auto here.",
)  # fmt: skip
@click.option(
    "--show-prompt", is_flag=True, help="Print what a judge would be sent, and send nothing."
)
@click.option("--no-cache", is_flag=True, help="Look at files again that have not changed.")
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="text")
@click.option(
    "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report there instead of to the standard output.",
)  # fmt: skip
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
def command(
    paths: tuple[str, ...],
    repo: Path | None,
    index: Location | None,
    commit: str | None,
    threshold: float | None,
    candidates: int | None,
    why: bool,
    judge: str | None,
    show_prompt: bool,
    no_cache: bool,
    format_: str,
    output: Path | None,
    exit_zero: bool,
) -> int:
    """Find the places that a past fix forgot.

    Inside the repository the files are those that git tracks, with what the work tree has of them.
    A folder elsewhere is looked at whole. Links are not followed.

    \b
    Exit codes: 0 clean, 1 findings, 2 bad usage or no index, 3 no judge where one is required.
    """
    where = _where(repo, {"index": index, "scan.threshold": threshold, "judge.mode": judge})
    revision = where.git.commit(commit) if where.git and commit else None
    files = _files(where, paths, revision)
    opened = opened_at(where.location)
    require(opened.manifest.provenance, where.location)
    origins = where.origins(opened.manifest.provenance)
    known = admitted(opened, origins)
    if revision is not None and where.git is not None:
        known = known_before(where.git, Change("", (), past=(revision,)), opened, origins)
    cache = where.git.common_dir / "bugguard-scan" if where.git else None
    scanned = Scanned(None if no_cache or revision else cache, _basis(opened, origins))
    head = head_of(where.git, opened.heads)
    settings = where.settings
    bounds = Bounds(settings.scan.threshold, candidates, why, settings.scan.escalate)

    def scanned_with(judging: Judging | None) -> tuple[Report, tuple[Problem, ...]]:
        with console.progress("scanning files") as progress:
            return scan(
                files, opened, bounds, scanned, head, known, progress, origins, judging=judging
            )

    if show_prompt:
        from bugguard.cli.prompts import shown

        return shown(_housed(where), scanned_with)
    report, problems = scanned_with(_judging(where))
    if where.git is not None:
        recent.remember(where.git.common_dir / "bugguard", report.findings)
    put_out(report, format_, output, where.git.work_tree if where.git else None)
    code = settle(report, problems, format_, settings.judge.mode)
    return EXIT_CLEAN if exit_zero and code == EXIT_FINDINGS else code


def _judging(where: _Where) -> Judging | None:
    if where.settings.judge.mode == "off":
        return None
    from bugguard.cli import judging  # most scans have no judge

    if where.session is None:
        return judging.nobody(_UNHOUSED)
    return judging.from_settings(where.session)


def _housed(where: _Where) -> Session:
    if where.session is None:
        raise JudgeError(_UNHOUSED)
    return where.session


def _where(repo: Path | None, flags: dict[str, object]) -> _Where:
    try:
        session = Session.start(repo, flags)
        if session.settings.judge.mode == "thorough":  # looks for what nothing here offers
            session = session.with_flags({"judge.mode": "auto"})
    except GitError:
        index = flags["index"]
        if repo is not None or index is None:
            raise
        settings = load_settings(None, flags).settings
        return _Where(None, settings, settings.index or Path(str(index)))
    return _Where(session.git, session.settings, session.location, session)


def _files(where: _Where, paths: tuple[str, ...], revision: str | None) -> Files:
    limits = limits_of(where.settings)
    git = where.git
    if git is not None and git.work_tree is None:
        below = [os.path.normpath(path) for path in paths]
        return Committed(git, revision or git.commit("HEAD"), _posix(below), limits)
    if git is not None and git.work_tree is not None:
        inside = [_inside(path, git.work_tree) for path in paths]
        below = [one for one in inside if one is not None]
        if len(below) == len(paths):
            if revision is not None:
                return Committed(git, revision, _posix(below), limits)
            _must_exist(paths)
            return Tracked(git, git.work_tree, _posix(below), limits)
    if revision is not None:
        raise click.UsageError("--commit is for paths inside the repository")
    if len(paths) > 1:
        raise click.UsageError(
            "some of these paths are outside of the repository: scan such a folder by itself"
        )
    _must_exist(paths)
    return Folder(Path(paths[0]), limits)


def _must_exist(paths: tuple[str, ...]) -> None:
    for path in paths:
        if not os.path.lexists(path):
            raise BugguardError(f"there is no file or folder {path}: check the path.")
        if not Path(path).is_dir() and not Path(path).is_file():
            raise BugguardError(f"{path} is neither a file nor a folder: name one that is.")


def _inside(path: str, root: Path) -> str | None:
    """The path from the repository's root; None: it is outside. BugguardError: a link leads out."""
    top = os.path.realpath(root)
    written = os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))  # noqa: PTH118, PTH119, PTH120  # of a path that may not be there
    written = os.path.normpath(written)
    if written != top and not written.startswith(top.rstrip(os.sep) + os.sep):
        return None
    real = os.path.realpath(path)
    if real != top and not real.startswith(top.rstrip(os.sep) + os.sep):
        raise BugguardError(
            f"{path} is a link that leads out of the repository: name the folder that it leads to."
        )
    return os.path.relpath(written, top)


def _posix(below: list[str]) -> list[str]:
    return [one.replace(os.sep, "/") for one in below]


def _basis(opened: AnyIndex, origins: Origins) -> str:
    """What decides about what is found in a file, apart from the file."""
    digest = blake2b(opened.manifest.to_json(), digest_size=16)
    whose = (sorted(origins.own) if origins.own is not None else None, origins.weights)
    digest.update(f"{__version__} {REVISION} {whose!r}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
