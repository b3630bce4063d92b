"""Two settings on the same frozen cases, one by one: what each gained and lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bugguard.domain.comparison import Comparison, Offered, Row
from bugguard.pipeline.labelled import HARD_NEGATIVES, POSITIVES, RANKS, Labelled
from bugguard.pipeline.mined import mine
from bugguard.pipeline.planted import Planted, outcomes, plant
from bugguard.pipeline.replay import Replay, Stage
from bugguard.pipeline.sources import Lesson
from bugguard.ports import DatedIndex


class Contender(NamedTuple):
    """One of the two."""

    name: str  #: as the user wrote it
    replay: Replay  #: may be shared, where only the threshold differs
    threshold: float


class Case(NamedTuple):
    """A past fix and a later change."""

    fix: str  #: sha; empty: no fix in particular
    change: str  #: sha; of what was planted, its variant
    kind: str
    wanted: bool  #: whether it is to be told


class Frozen(NamedTuple):
    """What both are measured on."""

    cases: Sequence[Case]
    quiet: Sequence[str] = ()  #: commits on which a finding counts as an alert
    planted: Sequence[Planted] = ()


def from_labels(given: Labelled) -> Frozen:
    """Labelled cases; those that are neither to be told nor to be passed over are left out."""
    cases = [Case(one.fix, one.change, one.label, one.label in POSITIVES)
             for one in given.cases if one.label in (*POSITIVES, *HARD_NEGATIVES)]  # fmt: skip
    return Frozen(cases, given.ordinary)


def from_history(
    a: Replay, b: Replay, commits: Sequence[str], lesson: Lesson, stage: Stage
) -> Frozen:
    """What history shows of the fixes that either knows, and bugs planted that both know."""
    found: dict[tuple[str, str], Case] = {}
    indexes = [a.index] if a is b else [a.index, b.index]
    for index in indexes:
        with stage("reading what came of the commits") as progress:
            for one in mine(a.git, index, commits, lesson, progress):
                case = Case(one.fix, one.change, one.kind, True)
                found.setdefault((case.fix, case.change), case)
    right = {case.change for case in found.values()}
    common = set.intersection(*(_known(index) for index in indexes))
    quiet = [sha for sha in commits if sha not in right]
    return Frozen(list(found.values()), quiet, plant(a.git, a.index, a.limits, common))


def _known(index: DatedIndex) -> set[str]:
    return {sha for sha, fits in zip(index.shas(), index.matchable(), strict=True) if fits}


def compare(a: Contender, b: Contender, frozen: Frozen, stage: Stage) -> Comparison:
    """Every case with what either says of it."""
    said_by_a = _said(a.replay, frozen, stage)
    said_by_b = said_by_a if b.replay is a.replay else _said(b.replay, frozen, stage)
    rows = []
    for case, one, other in zip(_cases(frozen), said_by_a, said_by_b, strict=True):
        told = _reaches(one.score, a.threshold), _reaches(other.score, b.threshold)
        fix = case.fix or (other if told[1] else one).fix
        rows.append(Row(fix, *case[1:], one.score, other.score, *told))
    return Comparison(a.name, b.name, rows, _offered(a.replay, b.replay, frozen, stage))


def _offered(a: Replay, b: Replay, frozen: Frozen, stage: Stage) -> list[Offered]:
    if a is b or not (a.index.lessons or b.index.lessons):
        return []
    wanted = [case for case in frozen.cases if case.wanted]
    places = [_places(one, wanted, stage) for one in (a, b)]
    return [Offered(most, *(sum(one < most for one in row) for row in places)) for most in RANKS]


def _places(replay: Replay, cases: Sequence[Case], stage: Stage) -> list[int]:
    """The place of each case's fix among what is offered, from 0; beyond all where it is not."""
    with stage("asking for offers") as progress:
        seen = replay.again().see([case.change for case in cases], progress, RANKS[-1])
    return [
        list(one.best).index(case.fix) if case.fix in one.best else RANKS[-1]
        for case, one in zip(cases, seen, strict=True)
    ]


class _Said(NamedTuple):
    fix: str
    score: float | None


def _cases(frozen: Frozen) -> list[Case]:
    """All of them, in the order of :func:`_said`."""
    quiet = (Case("", sha, "ordinary", False) for sha in frozen.quiet)
    planted = (
        Case(one.fix, one.variant, "twin" if one.twin else "planted", not one.twin)
        for one in frozen.planted
    )
    return [*frozen.cases, *quiet, *planted]


def _said(replay: Replay, frozen: Frozen, stage: Stage) -> list[_Said]:
    commits = [*(case.change for case in frozen.cases), *frozen.quiet]
    with stage("replaying commits") as progress:
        seen = replay.see(commits, progress)
    said = [_Said(case.fix, one.score(case.fix))
            for case, one in zip(frozen.cases, seen, strict=False)]  # fmt: skip
    for one in seen[len(frozen.cases) :]:
        said.append(_Said(one.told[0].fix, one.top) if one.told else _Said("", None))
    with stage("planting past bugs elsewhere") as progress:
        for outcome in outcomes(replay, frozen.planted, progress):
            said.append(_Said(outcome.planted.fix, outcome.score))
    return said


def _reaches(score: float | None, threshold: float) -> bool:
    return score is not None and score >= threshold
