"""Keeping the index in step with the history: built when missing, updated when behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bugguard import index as store
from bugguard.domain.knowledge import Knowledge
from bugguard.domain.provenance import Provenance, Shard
from bugguard.errors import IndexCorruptError, IndexMissingError, PatternIndexError
from bugguard.history.git import Git
from bugguard.pipeline.budget import Budget
from bugguard.pipeline.freshness import lag
from bugguard.pipeline.learn import Learned, changed, learn
from bugguard.pipeline.learner import refuse_newer
from bugguard.pipeline.sources import History, Lesson, provenance, require_told_apart
from bugguard.ports import Encoder, Progress


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index is, and what it is made from."""

    git: Git
    directory: Path
    heads: tuple[str, ...]
    others: tuple[History, ...] = ()  #: further repositories that are learned into it

    def histories(self, lesson: Lesson) -> tuple[History, ...]:
        """All of them, the place's own first, which is to be read by that lesson."""
        return (History(self.git, self.heads, lesson), *self.others)

    @property
    def keeps(self) -> bool:
        """Whether the generation before stays for those that are just reading it. In a work tree
        an index may be committed, and then what was there before is in its history.
        """
        gits = (self.git, *(one.git for one in self.others))
        return not any(git.exposes(self.directory) for git in gits)


def build(
    place: Place,
    lesson: Lesson,
    encoder: Encoder,
    *,
    anew: bool,
    progress: Progress = lambda done, total: None,
    wait: float = 60.0,
    purge: bool = False,
    shard: Shard | None = None,
) -> Learned:
    """Learns and writes the index.

    lesson: how the place's own repository is read.

    anew: read everything again even if the index only needs an update. Lessons that were there are
        kept all the same, and where the index is damaged too, for they cost money.
    wait: seconds to wait for another process that is writing; then IndexBusyError.
    purge: keep nothing of what was there before, as something in it is to be forgotten.
    shard: which part of the commits to learn; None: all.
    Raises the errors of the rooms it goes through; the index that was there stays whole.
    """
    with store.lock(place.directory, wait):
        previous = None if anew else _previous(place.directory)
        histories = place.histories(lesson)
        require_told_apart(provenance(histories).sources)
        if previous is not None:
            _refuse_less(previous.provenance, histories, place.directory)
        lessons = store.salvage(place.directory)
        learned = learn(histories, encoder, previous, progress, lessons, shard)
        progress(learned.read, learned.read)  # the last moment to stop
        # What was made with other tickets may have some that became confidential since.
        purge = purge or tickets_of(place.directory) != learned.knowledge.provenance.tickets
        keep = place.keeps and not purge
        store.write(place.directory, learned.knowledge, keep_previous=keep)
        if purge:
            store.prune(place.directory)
        return learned


def left_out(was: Provenance, histories: Sequence[History]) -> list[str]:
    """The names of the sources that are none of these histories.

    One may have got another name: it is told by a commit that both began with, and where that is
    not known of a single one it is taken for the same.
    """
    now = provenance(histories).sources
    fresh = [one for one in now if one.name not in was.names]
    gone = []
    for source in was.sources:
        if source.name in {one.name for one in now}:
            continue
        same = [one for one in fresh if not {*one.roots}.isdisjoint(source.roots)]
        if len(was.sources) == len(now) == 1 and not (source.roots and now[0].roots):
            same = fresh
        if same:
            fresh.remove(same[0])
        else:
            gone.append(source.name)
    return gone


def _refuse_less(was: Provenance, histories: Sequence[History], directory: Path) -> None:
    """Raises PatternIndexError where an update would know less than the index does."""
    if was.shard is not None:
        raise PatternIndexError(
            f"the index in {directory} is shard {was.shard} of a whole: put it together with the "
            "others by `bugguard index merge`, or build it anew"
        )
    missing = left_out(was, histories)
    if missing:
        others = "" if len(missing) == 1 else f" and {len(missing) - 1:,} more"
        raise PatternIndexError(
            f"the index in {directory} was learned from {missing[0] or 'a nameless repository'}"
            f"{others} too: give --repo for each repository, in the order of `bugguard index info`"
        )
    if was.tickets and all(one.lesson.join is None for one in histories):
        raise PatternIndexError(
            f"the index in {directory} was learned with tickets that are not here: sync "
            "or import them, or run `bugguard index build` to learn without"
        )


def tickets_of(directory: Path) -> str:
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
        known = () if changed(was, provenance(place.histories(lesson))) else was.heads
    return lag(place.git, known, place.heads, lesson.since).commits
