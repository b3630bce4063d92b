"""The reporting threshold that fits a team: few of its own ordinary commits alert."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from bugguard.domain import Commit
from bugguard.errors import BugguardError
from bugguard.history import log, revisions
from bugguard.history.fixes import judge_message
from bugguard.history.git import Git
from bugguard.pipeline.replay import Replay, Stage
from bugguard.pipeline.sources import Lesson

FLOOR = 0.02  #: below it a match is hardly more than words in common, however quiet a history is
LEAST_COMMITS = 200  #: with fewer, one commit more or less would move the threshold
LEAST_FIXES = 20  #: with fewer before it, a commit had next to nothing to be warned of


class Calibration(NamedTuple):
    """A threshold and what speaks for it."""

    threshold: float  #: in thousandths
    commits: int  #: ordinary ones replayed
    alerts: int  #: of them, those that alert at the threshold
    fixes: int  #: remembered before each of them, at the least
    head: str  #: the history's revision


def calibrate(replay: Replay, lesson: Lesson, last: int, rate: float, stage: Stage) -> Calibration:
    """From the last ``last`` commits that are neither merges nor fixes.

    rate: the share of them that may alert, 0..1. Raises BugguardError where there is too little
    history to tell.
    """
    git = replay.git
    head = git.commit("HEAD")
    if git.shallow:
        raise BugguardError(
            f"{git.place} is a shallow clone, with too little history to choose a threshold: "
            "run `git fetch --unshallow` and `bugguard index update` first."
        )
    with stage("looking for ordinary commits") as progress:
        commits = ordinary(git, head, lesson, last)
        progress(len(commits), last)
    if len(commits) < LEAST_COMMITS:
        raise BugguardError(
            f"there are {len(commits):,} ordinary commits to replay and {LEAST_COMMITS} are "
            "needed to choose a threshold: keep the one that is set, or raise --last."
        )
    matchable = replay.index.matchable()
    known = replay.known(commits)
    fixes = {sha: int((known[sha] & matchable).sum()) for sha in commits}
    commits = [sha for sha in commits if fixes[sha] >= LEAST_FIXES]
    if len(commits) < LEAST_COMMITS:
        raise BugguardError(
            f"only {len(commits):,} ordinary commits come after {LEAST_FIXES} remembered fixes and "
            f"{LEAST_COMMITS} are needed to choose a threshold: keep the one that is set."
        )
    with stage("replaying ordinary commits") as progress:
        tops = [seen.top for seen in replay.see(commits, progress)]
    threshold = quiet(tops, rate)
    alerts = sum(top >= threshold for top in tops)
    return Calibration(threshold, len(commits), alerts, min(map(fixes.__getitem__, commits)), head)


def quiet(tops: Sequence[float], rate: float) -> float:
    """The least threshold in thousandths, not below the floor, at which few enough alert.

    tops: the best score of each commit, 0..1.
    """
    allowed = math.floor(rate * len(tops) + 1e-9)  # 0.29 of 100 are 29, in spite of rounding
    best = sorted(tops, reverse=True)
    if allowed >= len(best):
        return FLOOR
    first_silent = math.floor(best[allowed] * 1000 + 1e-9) + 1  # the next one above it
    return min(max(first_silent / 1000, FLOOR), 1.0)


def ordinary(git: Git, head: str, lesson: Lesson, most: int) -> list[str]:
    """The last commits that ``head`` reaches which are neither merges nor fixes, newest first."""
    ends = set(revisions.boundary(git))
    shas = [sha for sha in revisions.commits(git, [head]) if sha not in ends]
    found: list[str] = []
    for start in range(0, len(shas), most):
        if len(found) >= most:
            break
        for commit in log.read(git, shas[start : start + most], lesson.limits, diffs=False):
            if isinstance(commit, Commit) and not _is_fix(commit, lesson):
                found.append(commit.sha)
    return found[:most]


def _is_fix(commit: Commit, lesson: Lesson) -> bool:
    return judge_message(commit.message, len(commit.parents), lesson.fixes).learned
