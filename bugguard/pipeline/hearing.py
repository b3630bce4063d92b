"""A judge on labelled cases: how far its verdicts can be trusted, and what they cost.

Of each case the judge is shown the labelled fix beside the change, as a check of that commit with
what was known then would show it, whatever the score. What a thorough judge makes of the change
alone is asked besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from bugguard.domain import Change, FixCommit, Match
from bugguard.history import changes, content
from bugguard.judge.sections import Seen
from bugguard.pipeline.check import known_before
from bugguard.pipeline.judging import SURVEYED, Judging, Panel, surveyed_of
from bugguard.pipeline.labelled import HARD_NEGATIVES, POSITIVES, Case, share
from bugguard.pipeline.replay import Replay
from bugguard.ports import Judge, Progress
from bugguard.triage.fingerprint import identify

ORDINARY = "ordinary"
VERDICTS = ("repeats", "unrelated", "unsure")


class Heard(NamedTuple):
    """What a judge said of one case."""

    fix: str  #: sha; empty: an ordinary commit, of which no fix is asked about
    change: str  #: sha
    label: str
    verdict: str | None  #: None: it was not asked, or did not say
    failure: str  #: why it did not say; empty: it did, or was not asked
    #: whether a thorough judge named the labelled fix by itself, or of an ordinary commit any, and
    #: then took it for a repeat; None: that was not asked
    found: bool | None


def hear(
    replay: Replay,
    cases: Sequence[Case],
    open_: Callable[[], Judge],
    seen: Seen,
    texts: Callable[[FixCommit], Sequence[str]],
    *,
    thorough: bool,
    progress: Progress = lambda done, total: None,
) -> list[Heard]:
    """Each case, in their order.

    cases: labelled ones; those of the label ``ordinary`` name no fix. open_: makes a judge, whose
    deadline starts with each case. texts: of a fix's tickets. Raises GitError and JudgeError.
    """
    judging = Judging(
        open=open_,
        read=lambda change, path: content.after(replay.git, change, path),
        seen=seen,
        stage=_silent,
        texts=texts,
        certain=1.0,
        thorough=thorough,
    )
    heard = []
    for done, case in enumerate(cases):
        progress(done, len(cases))
        change = changes.commit(replay.git, case.change, replay.limits)
        known = known_before(replay.git, change, replay.index, replay.origins)
        matches = replay.matches(change, known, SURVEYED)
        heard.append(_heard(case, change, matches, judging, replay))
    progress(len(cases), len(cases))
    return heard


def _heard(
    case: Case, change: Change, matches: Sequence[Match], judging: Judging, replay: Replay
) -> Heard:
    panel = Panel(judging, change, replay.index)
    findings = identify(matches)
    asked = [one for one in findings if case.fix and one.match.fix.sha == case.fix][:1]
    panel.read(asked)
    judgement = next((panel.told(one).judgement for one in asked), None)
    failure = next((panel.failure(one) for one in asked), "")
    found = None
    if judging.thorough:
        named = panel.named(surveyed_of(findings, judging.seen))
        panel.read(named)
        repeats = [one.match.fix.sha for one in named if panel.repeats(one)]
        found = case.fix in repeats if case.fix else bool(repeats)
    verdict = judgement.verdict if judgement else None
    return Heard(case.fix, case.change, case.label, verdict, failure, found)


@contextmanager
def _silent(what: str) -> Iterator[Progress]:
    yield lambda done, total: None


def sampled(cases: Sequence[Case], most: int | None) -> list[Case]:
    """At most so many of each label, evenly from all of them; None: all."""
    if most is None:
        return list(cases)
    kept = []
    for label in dict.fromkeys(case.label for case in cases):
        some = [case for case in cases if case.label == label]
        step = max(len(some) / most, 1)
        kept += [some[int(place * step)] for place in range(min(most, len(some)))]
    return kept


def scored(heard: Sequence[Heard]) -> dict[str, Any]:
    """How well it judges.

    precision: of the pairs that it takes for repeats, the share that are; None: it takes none.
    recall: of the pairs that are repeats, the share that it takes for such; None: there are none.
    """
    labels = dict.fromkeys(one.label for one in heard)
    rows = {label: _row([one for one in heard if one.label == label]) for label in labels}
    right = [one for one in heard if one.label in POSITIVES]
    wrong = [one for one in heard if one.label in HARD_NEGATIVES]
    told = sum(one.verdict == "repeats" for one in right)
    false = sum(one.verdict == "repeats" for one in wrong)
    return {
        "labels": rows,
        "precision": share([True] * told + [False] * false) if told + false else None,
        "recall": share(one.verdict == "repeats" for one in right) if right else None,
    }


def _row(heard: Sequence[Heard]) -> dict[str, Any]:
    row: dict[str, Any] = {"n": len(heard)}
    row |= {verdict: sum(one.verdict == verdict for one in heard) for verdict in VERDICTS}
    row["failed"] = sum(bool(one.failure) for one in heard)
    row["not_matched"] = sum(one.verdict is None and not one.failure for one in heard)
    surveys = [one.found for one in heard if one.found is not None]
    return row | ({"found": sum(surveys)} if surveys else {})
