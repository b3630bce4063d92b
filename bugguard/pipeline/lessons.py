"""Lessons into an index and out of it again: fixes -> distiller -> index.

Asking a model takes long and costs money. So fixes are read one by one and asked in batches, the
index is only held while a batch is written into it, and whatever stops this keeps what was written.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from bugguard import index as store
from bugguard.domain import LearnedFix
from bugguard.domain.knowledge import Knowledge
from bugguard.domain.lesson import Lesson, digest_of
from bugguard.domain.provenance import EncoderIdentity, Provenance
from bugguard.errors import EncoderError
from bugguard.pipeline.assemble import lessons_of, with_lessons, without_lessons
from bugguard.pipeline.learner import require
from bugguard.pipeline.refresh import Place
from bugguard.ports import DatedIndex, Distiller, Encoder, Progress

BATCH = 32  #: fixes asked together, and written together
HOPELESS = 3  #: batches in a row without any lesson: asking on would only cost


class Distilled(NamedTuple):
    """What became of it."""

    asked: int  #: fixes
    made: int  #: lessons that came back,
    kept: int  #: and those of them that were written; the others' fixes went or changed meanwhile
    failed: int  #: fixes of which nothing came back
    failure: str  #: why not, of the last of those; empty: none failed
    stopped: bool = False  #: whether it gave up, since nothing came back any more


def distil(
    place: Place,
    encoder: Encoder,
    distiller: Distiller,
    *,
    wanted: Container[str] | None = None,
    most: int | None = None,
    batch: int = BATCH,
    progress: Progress = lambda done, total: None,
    wait: float = 60.0,
) -> Distilled:
    """Asks for lessons of the index's fixes that have none, the newest first.

    encoder: the one that the index was made with.
    wanted: shas of the fixes to ask of; None: all that can be offered.
    most: how many of them to ask of at most; None: all.
    batch: how many are asked together. After each, what came back is written.
    progress: called with (fixes asked, fixes to ask at most).
    wait: seconds to wait for another process that is writing; then IndexBusyError.

    Raises what opening and writing an index raise, and EncoderError; what was written before stays.
    """
    index = store.open_index(place.directory)
    _require(place, index.manifest.provenance, index.encoder, encoder)
    numbers = _without(index, wanted)
    total = len(numbers) if most is None else min(most, len(numbers))
    fixes = islice(_offerable(index, numbers), total)
    done = Distilled(0, 0, 0, 0, "")
    hopeless = 0
    progress(0, total)
    while some := list(islice(fixes, batch)):
        lessons, failures = _sorted(some, distiller.distil(some))
        kept = _write(place, encoder, lessons, wait) if lessons else 0
        hopeless = 0 if lessons else hopeless + 1
        done = Distilled(
            asked=done.asked + len(some),
            made=done.made + len(lessons),
            kept=done.kept + kept,
            failed=done.failed + len(failures),
            failure=failures[-1] if failures else done.failure,
            stopped=hopeless == HOPELESS,
        )
        progress(done.asked, total)
        if done.stopped:
            break
    return done


def forget(place: Place, wait: float = 60.0) -> int:
    """Removes all lessons, and the rules made of them; returns how many lessons there were.

    wait: as for :func:`distil`. Raises what reading and writing an index raise.
    """
    with store.lock(place.directory, wait):
        knowledge = store.load(place.directory)
        count = len(knowledge.lessons.lessons)
        if count:
            plain = without_lessons(knowledge)
            store.write(place.directory, plain, keep_previous=place.keeps)
    return count


def _without(index: DatedIndex, wanted: Container[str] | None) -> list[int]:
    """The numbers of the fixes that have no lesson, the newest first."""
    shas = enumerate(index.shas())
    numbers = [number for number, sha in shas if wanted is None or sha in wanted]
    return [number for number in reversed(numbers) if index.lesson(number) is None]


def _offerable(index: DatedIndex, numbers: Sequence[int]) -> Iterator[LearnedFix]:
    """Those that a lesson could ever help to offer."""
    return (fix for fix in map(index.fix, numbers) if fix.offerable)


def _sorted(
    fixes: Sequence[LearnedFix], told: Sequence[Lesson | str]
) -> tuple[dict[str, Lesson], list[str]]:
    """(lessons by their fixes' shas, why there is none of the others)."""
    lessons: dict[str, Lesson] = {}
    failures: list[str] = []
    for fix, one in zip(fixes, told, strict=True):
        if isinstance(one, str):
            failures.append(one)
        elif one.digest != digest_of(fix):
            failures.append("answered for another fix")
        else:
            lessons[fix.commit.sha] = one
    return lessons, failures


def _write(place: Place, encoder: Encoder, lessons: Mapping[str, Lesson], wait: float) -> int:
    """Adds them to what the index holds by now; returns how many found their fix."""
    with store.lock(place.directory, wait):
        knowledge: Knowledge = store.load(place.directory)
        _require(place, knowledge.provenance, knowledge.encoder, encoder)
        taught = with_lessons(knowledge, {**lessons_of(knowledge), **lessons}, encoder)
        store.write(place.directory, taught, keep_previous=place.keeps)
    return len(lessons.keys() & lessons_of(taught).keys())


def _require(place: Place, made: Provenance, was: EncoderIdentity, encoder: Encoder) -> None:
    require(made, place.directory)
    if was != encoder.identity:
        raise EncoderError(
            f"the index in {place.directory} was made with the encoder {was.name!r}, and now "
            f"{encoder.identity.name!r} (or another version of it) is set: run `bugguard index "
            "build`, which keeps all lessons, then run again."
        )
