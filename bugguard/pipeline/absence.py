"""Why a fix is not in the index."""

from __future__ import annotations

from enum import Enum

from bugguard.domain import Commit
from bugguard.domain.provenance import Provenance, Source
from bugguard.history import revisions
from bugguard.history.git import Git


class Absence(Enum):
    """Each value says it to people, with what to do where something can be done."""

    BOUNDARY = (
        "this shallow clone ends at it, so what it changed is not here: run "
        "`git fetch --deepen=1`, then `bugguard index update`"
    )
    SINCE = "it is older than learn.since allows"
    ELSEWHERE = (
        "no learned branch has it, and those are HEAD and the remote's default branch, or "
        "learn.branch"
    )
    NO_INDEX = "there is no index yet: run `bugguard index build`"
    UNREAD = (
        "its objects were not in this clone when it was to be learned: fetch them, then run "
        "`bugguard index update`"
    )
    BEHIND = "the index has not learned it yet: run `bugguard index update`"


def why_absent(git: Git, commit: Commit, wanted: Source, was: Provenance | None) -> Absence:
    """Why a fix is not in the index.

    wanted: what would be learned from now. was: what was; None: there is no index.
    """
    if commit.sha in revisions.boundary(git):
        return Absence.BOUNDARY
    if wanted.since is not None and commit.time < wanted.since:
        return Absence.SINCE
    ask = ("merge-base", "--is-ancestor", commit.sha)
    if all(git.ask(*ask, head) is None for head in wanted.heads):
        return Absence.ELSEWHERE
    if was is None:
        return Absence.NO_INDEX
    return Absence.UNREAD if commit.sha in was.unread else Absence.BEHIND
