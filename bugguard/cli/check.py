"""``bugguard check``: a change against the past fixes."""

from __future__ import annotations

from pathlib import Path

import click

from bugguard.cli import console
from bugguard.cli.choosing import Chosen, change_options
from bugguard.cli.options import baseline_option, index_option, repo_option
from bugguard.cli.running import FORMATS, deliver, examine
from bugguard.cli.wiring import Session
from bugguard.config import Location
from bugguard.errors import EXIT_CLEAN, EXIT_FINDINGS


@click.command()
@repo_option
@index_option
@change_options("What the next commit would contain (the default).")
@click.option("--ci", is_flag=True, help="What this CI run is about: GitHub Actions, GitLab CI.")
@click.option(
    "--fetch", is_flag=True, help="With --ci: fetch history that is missing here from origin."
)
@click.option("--threshold", type=float, metavar="SCORE", help="Least score of a finding, 0 to 1.")
@baseline_option
@click.option(
    "--strict", is_flag=True, default=None,
    help="Fail for directives that ended or silence nothing.",
)  # fmt: skip
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
@click.option(
    "--report", "reports", metavar="FORMAT=FILE", multiple=True,
    help="Write it in another format too; may be given again.",
)  # fmt: skip
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
def command(
    repo: Path | None,
    index: Location | None,
    staged: bool,
    range_: str | None,
    commit: str | None,
    patch: Path | None,
    ci: bool,
    fetch: bool,
    threshold: float | None,
    baseline: Path | None,
    strict: bool | None,
    candidates: int | None,
    why: bool,
    judge: str | None,
    show_prompt: bool,
    format_: str,
    output: Path | None,
    reports: tuple[str, ...],
    exit_zero: bool,
) -> int:
    """Check a change against every past fix.

    \b
    Exit codes: 0 clean, 1 findings, 2 bad usage or no index, 3 no judge where one is required.
    """
    chosen = Chosen.of(staged, range_, commit, patch)
    if ci and chosen:
        raise click.UsageError("give only one of --staged, --range, --commit, --patch and --ci")
    if fetch and not ci:
        raise click.UsageError("--fetch goes with --ci")
    further = [_further(one) for one in reports]
    flags = {
        "index": index, "check.threshold": threshold, "check.baseline": baseline,
        "check.strict": strict, "judge.mode": judge,
    }  # fmt: skip
    session = Session.start(repo, flags)
    if ci:
        from bugguard.cli.ci_run import change as of_this_run  # only CI pays for it

        session, change = of_this_run(session, fetch=fetch)
        console.say(f"bugguard: checks {change.title}")
    else:
        change = chosen.change(session)
    opened, encoder = session.open()
    if show_prompt:
        from bugguard.cli.prompts import shown

        return shown(session, lambda by: examine(session, change, opened, encoder, judging=by))
    report, problems = examine(session, change, opened, encoder, candidates, why)
    code = deliver(session, report, problems, format_, output, further)
    return EXIT_CLEAN if exit_zero and code == EXIT_FINDINGS else code


def _further(text: str) -> tuple[str, Path]:
    name, _, file = text.partition("=")
    if name not in FORMATS or not file:
        raise click.UsageError(
            f"--report {text!r:.80} is not FORMAT=FILE with one of {', '.join(FORMATS)}"
        )
    return name, Path(file)
