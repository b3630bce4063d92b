"""The files in which a team keeps what it decided of findings, by the session's settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bugguard.cli.wiring import Session
from bugguard.errors import TriageError
from bugguard.pipeline.triage import Triage
from bugguard.triage import files

if TYPE_CHECKING:
    from bugguard.triage.baseline import Baseline
    from bugguard.triage.votes import Votes

BASELINE = ".bugguard-baseline.json"  #: where nobody names another one, at the repository's top
FEEDBACK = ".bugguard-feedback.jsonl"  #: likewise


def decided(session: Session) -> Triage:
    """All that was decided. Raises TriageError for a file that cannot be used."""
    check = session.settings.check
    baseline = known(session)
    if baseline is None and check.baseline is not None:
        raise TriageError(
            f"there is no baseline {check.baseline}: run `bugguard baseline create`, or name none."
        )
    voted = votes(session) if check.mute else None
    if voted is None:
        return Triage(baseline, strict=check.strict)
    from bugguard.triage.votes import Mutes

    return Triage(baseline, Mutes(voted), check.strict)


def known(session: Session) -> Baseline | None:
    """The baseline as the work tree has it; None: there is none. Raises TriageError."""
    path = session.settings.check.baseline or _usual(session, BASELINE)
    data = files.read(path, session.git.work_tree) if path else None
    if path is None or data is None:
        return None
    from bugguard.history import origin  # most repositories have none
    from bugguard.triage import baseline

    loaded = baseline.load(data, path)
    if origin.is_foreign(session.git, loaded.roots):
        raise TriageError(
            f"the baseline {path} belongs to another repository, which began with commit "
            f"{loaded.roots[0][:8]}: remove it and run `bugguard baseline create`."
        )
    return loaded


def votes(session: Session) -> Votes | None:
    """The votes on findings, likewise; None: nobody gave any. Raises TriageError."""
    path = session.settings.check.feedback or _usual(session, FEEDBACK)
    data = files.read(path, session.git.work_tree) if path else None
    if path is None or data is None:
        return None
    from bugguard.triage import votes

    return votes.load(data, path)


def baseline_file(session: Session) -> Path:
    """Where the baseline is, or is to be. Raises TriageError where nobody says."""
    return session.settings.check.baseline or _needed(session, BASELINE, "check.baseline")


def feedback_file(session: Session) -> Path:
    """Where votes are, or are to be. Raises TriageError where nobody says."""
    return session.settings.check.feedback or _needed(session, FEEDBACK, "check.feedback")


def shown(session: Session, path: Path) -> str:
    """The file as people know it: seen from the repository's top, if it is in it."""
    root = session.git.work_tree
    return str(path.relative_to(root) if root and path.is_relative_to(root) else path)


def _usual(session: Session, name: str) -> Path | None:
    return session.git.work_tree / name if session.git.work_tree else None


def _needed(session: Session, name: str, setting: str) -> Path:
    path = _usual(session, name)
    if path is None:
        raise TriageError(
            f"{session.git.place} is bare and has no files: name one outside with {setting} in "
            "your own config or the environment."
        )
    return path
