"""What ``check --ci`` and ``ci`` share: the run's change, from the environment."""

from __future__ import annotations

from dataclasses import replace

from bugguard.ci import tell
from bugguard.cli.wiring import Session, environment
from bugguard.domain import Change
from bugguard.history import changes
from bugguard.history.fetching import Origin
from bugguard.pipeline.ci_range import endpoints


def change(session: Session, *, fetch: bool) -> tuple[Session, Change]:
    """What this CI run is about, and the session with the clone as it is then.

    Nothing (no file) where a tag was pushed, a branch deleted, or everything pushed for the first
    time. fetch: whether missing history may be fetched from origin. Raises CiError and GitError.
    """
    told = environment()
    run = tell(told)
    if run.nothing:
        return session, Change(f"nothing, for {run.nothing}", ())
    origin = Origin(session.git, told) if fetch else None
    git, base, tip = endpoints(session.git, run, origin)
    found = changes.between(git, base, tip, session.limits)
    return replace(session, git=git), found
