"""The last commits of a history, replayed, beside what became of them.

Nobody labelled anything: what is right is told by later repairs (:mod:`~bugguard.pipeline.mined`),
and by past bugs planted elsewhere (:mod:`~bugguard.pipeline.planted`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bugguard.domain.evaluation import Evaluation, Step, Truth, Variant, Warned
from bugguard.pipeline.labelled import STEPS, share
from bugguard.pipeline.mined import Mined, mine
from bugguard.pipeline.planted import Outcome, outcomes, plant
from bugguard.pipeline.replay import Replay, Seen, Stage
from bugguard.pipeline.sources import Lesson


class Replayed(NamedTuple):
    """All that a replay shows, before any threshold."""

    seen: Sequence[Seen]  #: in the order of the commits
    truth: Sequence[Mined]
    planted: Sequence[Outcome]


def replayed(replay: Replay, commits: Sequence[str], lesson: Lesson, stage: Stage) -> Replayed:
    """Replays the commits (full shas), looks for what came of them, and plants past bugs."""
    with stage("replaying commits") as progress:
        seen = replay.see(commits, progress)
    with stage("reading what came of them") as progress:
        truth = mine(replay.git, replay.index, commits, lesson, progress)
    with stage("planting past bugs elsewhere") as progress:
        made = plant(replay.git, replay.index, replay.limits)
        planted = outcomes(replay, made, progress)
    return Replayed(seen, truth, planted)


def evaluate(
    replay: Replay, commits: Sequence[str], lesson: Lesson, threshold: float, stage: Stage
) -> Evaluation:
    """What would have been said of the commits (full shas), and how much of it was right."""
    started = time.perf_counter()
    found = replayed(replay, commits, lesson, stage)
    scores = {one.change: one for one in found.seen}
    truth = [Truth(*one, scores[one.change].score(one.fix)) for one in found.truth]
    warned = _warned(found, threshold)
    return Evaluation(
        commits=len(found.seen),
        alerted=len({one.change for one in warned}),
        threshold=threshold,
        warned=tuple(warned),
        truth=tuple(truth),
        steps=tuple(step(found, truth, at) for at in sorted({*STEPS, threshold})),
        planted=tuple(variants(found.planted, threshold)),
        encoder=replay.index.encoder.name,
        seconds=round(time.perf_counter() - started, 1),
    )


def _warned(found: Replayed, threshold: float) -> list[Warned]:
    known = {(one.fix, one.change): one for one in found.truth}
    warned = []
    for seen in found.seen:
        for told in seen.reported(threshold):
            shown = known.get((told.fix, seen.change))
            kind, later = (shown.kind, shown.later) if shown else (None, None)
            warned.append(
                Warned(
                    change=seen.change,
                    subject=seen.subject,
                    fix=told.fix,
                    fix_subject=told.subject,
                    rule=told.rule.id,
                    score=told.score,
                    kind=kind,
                    later=later,
                )
            )
    return sorted(warned, key=lambda one: (-one.score, one.change, one.fix))


def step(found: Replayed, truth: Iterable[Truth], threshold: float) -> Step:
    """What would be at that threshold."""
    return Step(
        threshold=threshold,
        alerted=share(bool(one.reported(threshold)) for one in found.seen),
        caught=_share(one.score is not None and one.score >= threshold for one in truth),
        planted=_share(one.told(threshold) for one in found.planted if not one.planted.twin),
        twins=_share(one.told(threshold) for one in found.planted if one.planted.twin),
    )


def variants(planted: Sequence[Outcome], threshold: float) -> Iterable[Variant]:
    """What is told at that threshold of past bugs planted elsewhere, variant by variant."""
    for name in dict.fromkeys(one.planted.variant for one in planted):
        some = [one for one in planted if one.planted.variant == name]
        bugs = [one.told(threshold) for one in some if not one.planted.twin]
        twins = [one.told(threshold) for one in some if one.planted.twin]
        yield Variant(name, len(bugs), share(bugs), share(twins))


def _share(found: Iterable[bool]) -> float | None:
    told = list(found)
    return share(told) if told else None
