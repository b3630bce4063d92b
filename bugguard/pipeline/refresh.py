"""Keeping the index in step with the history: built when missing, updated when behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bugguard import index as store
from bugguard.domain.knowledge import Knowledge
from bugguard.errors import IndexCorruptError, IndexMissingError, PatternIndexError
from bugguard.history.git import Git
from bugguard.pipeline.budget import Budget
from bugguard.pipeline.freshness import lag
from bugguard.pipeline.learn import Learned, Lesson, changed, learn
from bugguard.pipeline.learner import refuse_newer
from bugguard.ports import Encoder, Progress


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index is, and what it is made from."""

    git: Git
    directory: Path
    heads: tuple[str, ...]

    @property
    def is_private(self) -> bool:
        """Whether it is this clone's own. Elsewhere it may be committed, and then what was there
        before is in its history.
        """
        return self.directory.is_relative_to(self.git.common_dir)


def build(
    place: Place,
    lesson: Lesson,
    encoder: Encoder,
    *,
    anew: bool,
    progress: Progress = lambda done, total: None,
    wait: float = 60.0,
    purge: bool = False,
) -> Learned:
    """Learns and writes the index.

    anew: read everything again even if the index only needs an update. Lessons that were there are
        kept all the same, and where the index is damaged too, for they cost money.
    wait: seconds to wait for another process that is writing; then IndexBusyError.
    purge: keep nothing of what was there before, as something in it is to be forgotten.
    Raises the errors of the rooms it goes through; the index that was there stays whole.
    """
    with store.lock(place.directory, wait):
        previous = None if anew else _previous(place.directory)
        if previous is not None and previous.provenance.tickets and lesson.join is None:
            raise PatternIndexError(
                f"the index in {place.directory} was learned with tickets that are not here: sync "
                "or import them, or run `bugguard index build` to learn without"
            )
        lessons = store.salvage(place.directory)
        learned = learn(place.git, place.heads, lesson, encoder, previous, progress, lessons)
        progress(learned.read, learned.read)  # the last moment to stop
        # What was made with other tickets may have some that became confidential since.
        purge = purge or _tickets(place.directory) != learned.knowledge.provenance.tickets
        keep = place.is_private and not purge
        store.write(place.directory, learned.knowledge, keep_previous=keep)
        if purge:
            store.prune(place.directory)
        return learned


def _tickets(directory: Path) -> str:
    """The digest of the tickets that the index there was made with."""
    with suppress(PatternIndexError):
        return store.open_index(directory).manifest.provenance.tickets
    return ""


def _previous(directory: Path) -> Knowledge | None:
    """What is there; None where there is nothing that could be brought up to date.

    Raises IndexVersionError: what a newer bugguard wrote is only replaced when asked for it.
    """
    try:
        previous = store.load(directory)
    except (IndexMissingError, IndexCorruptError):
        return None
    refuse_newer(previous.provenance.revision, directory)
    return previous


def within(
    budget: Budget, place: Place, lesson: Lesson, load_encoder: Callable[[], Encoder]
) -> Learned:
    """Builds or updates the index if that takes no longer than it may.

    Raises OutOfTimeError, with the index as it was and, where that can be foreseen, before anything
    is loaded; IndexBusyError if another is at it.
    """
    budget.need(_to_read(place, lesson))
    return build(place, lesson, load_encoder(), anew=False, progress=budget.watch, wait=0)


def _to_read(place: Place, lesson: Lesson) -> int:
    """How many commits bringing the index up to date reads."""
    known: tuple[str, ...] = ()
    with suppress(IndexMissingError, IndexCorruptError):
        was = store.open_index(place.directory).manifest.provenance
        known = () if changed(was, lesson.provenance(place.git, place.heads)) else was.heads
    return lag(place.git, known, place.heads, lesson.since).commits
