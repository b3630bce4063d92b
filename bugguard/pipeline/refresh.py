"""Keeping the index in step with the history: built when missing, updated when behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bugguard import index as store
from bugguard.domain.knowledge import Knowledge
from bugguard.errors import IndexCorruptError, IndexMissingError, IndexVersionError
from bugguard.history import log, revisions
from bugguard.history.fixes import judge_message
from bugguard.history.git import Git
from bugguard.pipeline.learn import Learned, Lesson, learn
from bugguard.ports import Encoder, Progress

#: Commits that any machine reads in a second: whether to begin at all is decided by it.
_A_SECOND = 500


class OutOfTimeError(Exception):
    """Learning would take, or has taken, longer than it may."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index is, and what it is made from."""

    git: Git
    directory: Path
    heads: tuple[str, ...]


def build(
    place: Place,
    lesson: Lesson,
    encoder: Encoder,
    *,
    anew: bool,
    progress: Progress = lambda done, total: None,
    wait: float = 60.0,
) -> Learned:
    """Learns and writes the index.

    anew: read everything again even if the index only needs an update.
    wait: seconds to wait for another process that is writing; then IndexBusyError.
    Raises the errors of the rooms it goes through; the index that was there stays whole.
    """
    with store.lock(place.directory, wait):
        previous = None if anew else _previous(place.directory)
        learned = learn(place.git, place.heads, lesson, encoder, previous, progress)
        store.write(place.directory, learned.knowledge)
        return learned


def _previous(directory: Path) -> Knowledge | None:
    """What is there; None where there is nothing that could be brought up to date."""
    try:
        return store.load(directory)
    except (IndexMissingError, IndexCorruptError, IndexVersionError):
        return None


def is_behind(place: Place, lesson: Lesson) -> bool:
    """Whether commits came since the index was made that a rebuild would learn a fix from.

    Other commits only shift how rare a word is, too little to rewrite the index for at a commit.
    Raises IndexMissingError where there is none.
    """
    opened = store.open_index(place.directory)
    if set(opened.heads) == set(place.heads):
        return False
    git = place.git
    known = [head for head in opened.heads if git.ask("cat-file", "-t", head) == "commit"]
    came = revisions.commits(git, place.heads, known, lesson.since)
    if len(known) < len(opened.heads):
        return bool(came)
    messages = log.read(git, came, lesson.limits, diffs=False)
    return any(
        not isinstance(commit, log.Unread)
        and judge_message(commit.message, len(commit.parents), lesson.fixes).learned
        for commit in messages
    )


def within(
    seconds: float, place: Place, lesson: Lesson, encoder: Callable[[], Encoder]
) -> Learned | None:
    """Builds or updates the index if it needs it and that takes no longer than it may.

    None where nothing was to be done. Raises OutOfTimeError, with the index as it was.
    """
    try:
        if not is_behind(place, lesson):
            return None
        old = store.open_index(place.directory).heads
    except (IndexMissingError, IndexCorruptError):
        old = ()
    deadline = time.monotonic() + seconds

    def watch(done: int, total: int) -> None:
        late = time.monotonic() > deadline
        if late or total - done > max(deadline - time.monotonic(), 0) * _A_SECOND:
            raise OutOfTimeError

    reachable = [head for head in old if place.git.ask("cat-file", "-t", head) == "commit"]
    watch(0, len(revisions.commits(place.git, place.heads, reachable, lesson.since)))
    return build(place, lesson, encoder(), anew=False, progress=watch, wait=0)
