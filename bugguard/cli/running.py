"""What ``check`` and ``hook`` share: examine a change, deliver the report, say the exit code."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from bugguard.cli import console
from bugguard.cli.triaging import decided
from bugguard.cli.wiring import Session, home
from bugguard.domain import Change
from bugguard.errors import (
    EXIT_CLEAN,
    EXIT_FINDINGS,
    EXIT_NO_JUDGE,
    EXIT_USAGE,
    BugguardError,
)
from bugguard.pipeline.check import Bounds, check, known_before
from bugguard.ports import Encoder
from bugguard.report.judged import troubles
from bugguard.report.model import Report
from bugguard.report.words import count
from bugguard.triage import recent
from bugguard.triage.suppression import Problem

if TYPE_CHECKING:
    from bugguard.config.settings import Check
    from bugguard.history.git import Git
    from bugguard.index import AnyIndex
    from bugguard.match.rules import Off
    from bugguard.pipeline.judging import Judging
    from bugguard.pipeline.triage import Triage


def _text(report: Report, output: Path | None) -> str:
    from bugguard.report import text

    return text.render(report)


def _json(report: Report, output: Path | None) -> str:
    from bugguard.report import json_report

    return json_report.render(report)


def _written_by(module: str) -> Callable[[Report, Path | None], str]:
    """A format that is the same wherever it goes, by its module, loaded where it is asked for."""

    def written(report: Report, output: Path | None) -> str:
        rendered: str = import_module(f"bugguard.report.{module}").render(report)
        return rendered

    return written


def _sarif(report: Report, output: Path | None) -> str:
    from bugguard.report import sarif

    # GitHub's code scanning knows no suppressions, and shows what was silenced as open alerts.
    return sarif.render(report, silenced=os.environ.get("GITHUB_ACTIONS") != "true")


FORMATS: dict[str, Callable[[Report, Path | None], str]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    **{name: _written_by(name) for name in ("gitlab", "github", "junit", "markdown", "html")},
}


#: Formats that have no place for what a judge failed to say, and what it had silenced.
_SILENT = ("gitlab", "github", "junit")


def examine(
    session: Session,
    change: Change,
    opened: AnyIndex,
    encoder: Encoder,
    candidates: int | None = None,
    why: bool = False,
    judging: Judging | None = None,
    triage: Triage | None = None,
) -> tuple[Report, tuple[Problem, ...]]:
    """The report on a change, and the directives in it that cannot be obeyed.

    judging: who reads close matches; None: as the settings say.
    triage: what was decided of findings; None: what the repository keeps.
    """
    settings = session.settings.check
    origins = session.origins(opened.manifest.provenance)
    known = known_before(session.git, change, opened, origins)
    bounds = Bounds(
        settings.threshold,
        settings.judged,
        settings.max_hunks,
        candidates,
        _rules_off(settings, opened),
        why,
    )
    source = home(opened.manifest.provenance, origins)
    head = head_of(session.git, source.heads if source else opened.heads)
    judging = judging or _judging(session)
    triage = triage or decided(session)
    return check(change, opened, encoder, bounds, known, head, judging, triage, origins)


def _judging(session: Session) -> Judging | None:
    if session.settings.judge.mode == "off":
        return None
    from bugguard.cli.judging import from_settings  # the hook most often has no judge

    return from_settings(session)


def _rules_off(settings: Check, opened: AnyIndex) -> Off | None:
    if settings.disabled_rules:
        from bugguard.match.rules import switched_off  # the hook most often has none to look for

        off = switched_off(settings.disabled_rules, opened)
        return off if settings.rules else None
    return frozenset() if settings.rules else None


def head_of(git: Git | None, heads: Sequence[str]) -> str:
    """The commit up to which history was learned: HEAD if it was learned itself."""
    if git is not None and len(heads) > 1:
        head = git.head()
        if head is not None and head in heads:
            return head
    return heads[0] if heads else ""


def deliver(
    session: Session,
    report: Report,
    problems: Sequence[Problem],
    format_: str = "text",
    output: Path | None = None,
    further: Sequence[tuple[str, Path]] = (),
) -> int:
    """Writes the report and what is wrong with directives; returns the exit code.

    further: in which other formats it is written, and where to.
    """
    recent.remember(session.git.common_dir / "bugguard", report.findings)
    for name, place in further:
        put_out(report, name, place)
    put_out(report, format_, output, session.git.work_tree)
    return settle(report, problems, format_, session.settings.judge.mode)


def settle(report: Report, problems: Sequence[Problem], format_: str, mode: str) -> int:
    """Says what a report in that format has no place for; returns the exit code.

    mode: whether a judge is required.
    """
    if report.judged is not None and format_ in _SILENT:
        for line in troubles(report.judged):
            console.complain(line)
    for problem in problems:
        console.complain(f"{problem.path}:{problem.line}: {problem.message}")
    if problems:
        return EXIT_USAGE
    judged = report.judged
    if mode == "required" and judged is not None and judged.unjudged:
        unjudged = count(judged.unjudged, "close match was", "close matches were")
        console.complain(
            f"a judge is required, and {unjudged} not judged: `bugguard judge test` says what is "
            "wrong with it"
        )
        return EXIT_NO_JUDGE
    return EXIT_FINDINGS if report.alarming else EXIT_CLEAN


def put_out(
    report: Report, format_: str, output: Path | None, work_tree: Path | None = None
) -> None:
    """Writes the report, to a file or to stdout.

    work_tree: to whose files a terminal may link; None: to none.
    """
    if output is not None:
        write(output, FORMATS[format_](report, output))
    elif format_ == "text" and console.looked_at():
        from bugguard.cli.screen import on_screen

        console.result(on_screen(report, work_tree))
    else:
        console.result(FORMATS[format_](report, output))


def write(output: Path, rendered: str) -> None:
    """Whole or not at all, but where it flows away. Raises BugguardError if it cannot be written.

    A link stays a link: what it leads to is written.
    """
    import tempfile

    temporary = None
    try:
        if _flows(output):
            with output.open("a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(rendered)
            return
        target = Path(os.path.realpath(output))
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(rendered)
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)  # as any other program would have made it
        Path(temporary).replace(target)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise BugguardError(
            f"cannot write the report to {output} ({error.strerror}): choose another place."
        ) from error


def _flows(output: Path) -> bool:
    """Whether it is a pipe, a device or our own output, which a file must not take the place of."""
    try:
        status = output.stat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(status.st_mode):
        return True
    for ours in (1, 2):  # /dev/stdout is a regular file where the shell sends it to one
        with suppress(OSError):  # closed by whoever started us
            if os.path.samestat(status, os.fstat(ours)):
                return True
    return False
