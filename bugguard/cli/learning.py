"""What ``init`` and ``index`` share: learn with progress, and say what was learned."""

from __future__ import annotations

import time

from bugguard.cli import console
from bugguard.cli.wiring import Session
from bugguard.pipeline import refresh
from bugguard.report.learned import summary


def learn_now(session: Session, *, anew: bool) -> str:
    """Builds (anew) or updates the index; returns what to tell. Raises BugguardError."""
    started = time.perf_counter()
    with console.progress("reading commits") as progress:
        learned = refresh.build(
            session.place(), session.lesson(), session.encoder(), anew=anew, progress=progress
        )
    seconds = time.perf_counter() - started
    return summary(learned.knowledge, learned.read, learned.forgotten, learned.rebuilt, seconds)
