"""Keeping the index in step with the history: built when missing, updated when behind."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from bugguard import index as store
from bugguard.domain.knowledge import Knowledge
from bugguard.errors import IndexCorruptError, IndexMissingError
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
        # Elsewhere it may be committed, and then what was there before is in its history.
        private = place.directory.is_relative_to(place.git.common_dir)
        store.write(place.directory, learned.knowledge, keep_previous=private)
        return learned


def _previous(directory: Path) -> Knowledge | None:
    """What is there; None where there is nothing that could be brought up to date.

    Raises IndexVersionError: what a newer bugguard wrote is only replaced when asked for it.
    """
    try:
        return store.load(directory)
    except (IndexMissingError, IndexCorruptError):
        return None


def within(seconds: float, place: Place, lesson: Lesson, encoder: Encoder) -> Learned:
    """Builds or updates the index if that takes no longer than it may.

    Raises OutOfTimeError, with the index as it was; IndexBusyError if another is at it.
    """
    deadline = time.monotonic() + seconds

    def watch(done: int, total: int) -> None:
        left = deadline - time.monotonic()
        if left < 0 or total - done > left * _A_SECOND:
            raise OutOfTimeError

    return build(place, lesson, encoder, anew=False, progress=watch, wait=0)
