"""``bugguard check``: a change against the past fixes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bugguard.cli.options import index_option, repo_option
from bugguard.cli.running import FORMATS, deliver, examine
from bugguard.cli.wiring import Session, environment
from bugguard.domain import Change
from bugguard.errors import EXIT_CLEAN, EXIT_FINDINGS, DiffError
from bugguard.history import changes

_PATCH_CAP = 64 << 20  #: bytes


@click.command()
@repo_option
@index_option
@click.option("--staged", is_flag=True, help="What the next commit would contain (the default).")
@click.option("--range", "range_", metavar="A..B", help="What B adds since it left A.")
@click.option("--commit", metavar="REV", help="A commit, against the fixes that were before it.")
@click.option(
    "--patch", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="A patch file, or - for the standard input.",
)  # fmt: skip
@click.option("--threshold", type=float, metavar="SCORE", help="Least score of a finding, 0 to 1.")
@click.option("--candidates", type=click.IntRange(0), metavar="N", help="List N matches below it.")
@click.option(
    "--why", is_flag=True, help="Say of each what made it: lines, tokens, the score's sum."
)
@click.option(
    "--judge", type=click.Choice(["off", "auto", "required", "thorough"]),
    help="Whether an LLM of yours reads close matches.",
)  # fmt: skip
@click.option(
    "--show-prompt", is_flag=True, help="Print what a judge would be sent, and send nothing."
)
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="text")
@click.option(
    "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report there instead of to the standard output.",
)  # fmt: skip
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
def command(
    repo: Path | None,
    index: Path | None,
    staged: bool,
    range_: str | None,
    commit: str | None,
    patch: Path | None,
    threshold: float | None,
    candidates: int | None,
    why: bool,
    judge: str | None,
    show_prompt: bool,
    format_: str,
    output: Path | None,
    exit_zero: bool,
) -> int:
    """Check a change against every past fix.

    \b
    Exit codes: 0 clean, 1 findings, 2 bad usage or no index, 3 no judge where one is required.
    """
    given = [staged, range_ is not None, commit is not None, patch is not None]
    if sum(given) > 1:
        raise click.UsageError("give only one of --staged, --range, --commit and --patch")
    flags = {"index": index, "check.threshold": threshold, "judge.mode": judge}
    session = Session.start(repo, flags)
    change = _change(session, range_, commit, patch)
    opened, encoder = session.open()
    if show_prompt:
        from bugguard.cli.prompts import shown

        return shown(session, change, opened, encoder)
    report, problems = examine(session, change, opened, encoder, candidates, why)
    code = deliver(session, report, problems, format_, output)
    return EXIT_CLEAN if exit_zero and code == EXIT_FINDINGS else code


def _change(session: Session, range_: str | None, commit: str | None, patch: Path | None) -> Change:
    git, limits = session.git, session.limits
    if range_ is not None:
        return changes.between(git, *changes.endpoints(git, range_), limits)
    if commit is not None:
        return changes.commit(git, git.commit(commit), limits)
    if patch is not None:
        data = _stdin() if str(patch) == "-" else changes.read_patch(patch, _PATCH_CAP)
        return changes.patch(str(patch), data, limits)
    return changes.staged(git, limits, environment())


def _stdin() -> bytes:
    if sys.stdin is None:
        raise DiffError("the standard input is closed: give the patch as a file.")
    data = sys.stdin.buffer.read(_PATCH_CAP + 1)
    if len(data) > _PATCH_CAP:
        raise DiffError(f"the patch is over {_PATCH_CAP >> 20} MiB: check it in parts.")
    return data
