"""What the ways of ``bugguard eval`` share."""

from __future__ import annotations

from pathlib import Path

from bugguard.cli.wiring import Session
from bugguard.domain.comparison import Comparison
from bugguard.domain.evaluation import Evaluation, Trial
from bugguard.pipeline.labelled import Labelled, read_cases, read_revisions
from bugguard.pipeline.replay import Replay


def replay(session: Session) -> Replay:
    """The session's repository against its index. Raises what ``Session.open`` does."""
    opened, encoder = session.open()
    origins = session.origins(opened.manifest.provenance)
    return Replay(session.git, opened, encoder, session.limits, origins)


def labelled(session: Session, labels: Path, ordinary: Path | None) -> Labelled:
    """The cases and commits that the files name. Raises BugguardError."""
    commits = read_revisions(ordinary) if ordinary else []
    return Labelled.resolved(session.git, read_cases(labels), commits)


def write_page(place: Path | None, found: Evaluation | Trial | Comparison) -> None:
    """Whole or not at all; None: no page is wanted. Raises BugguardError."""
    if place is not None:
        from bugguard.cli.running import write
        from bugguard.report.html import evaluated

        write(place, evaluated.render(found))
