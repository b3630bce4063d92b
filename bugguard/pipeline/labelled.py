"""Labelled changes: what somebody who read both says of a fix and a later change, measured."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bugguard.domain.evaluation import Trial, Tried
from bugguard.errors import BugguardError
from bugguard.history.git import Git
from bugguard.pipeline.replay import Replay, Seen
from bugguard.ports import DatedIndex, Progress

POSITIVES = ("regression", "recurrence")
HARD_NEGATIVES = ("superseded", "not_a_bug", "unrelated")
ORDINARY = "ordinary"
RANKS = (1, 3, 10, 50)
#: Thresholds at which it is shown what would be.
STEPS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
#: Whether a case of the label is to be told; of any other label nobody says.
WANTED = dict.fromkeys(POSITIVES, True) | dict.fromkeys(HARD_NEGATIVES, False)
_VERIFY = ("rev-parse", "--verify", "--quiet", "--end-of-options")


class Case(NamedTuple):
    """A past fix and a later change, with what somebody who read both says of them."""

    fix: str
    change: str
    label: str  #: one of :data:`POSITIVES` or :data:`HARD_NEGATIVES`; any other counts as neither


class Thresholds(NamedTuple):
    """From which score on a match is reported, and from which one a judge is asked."""

    report: float
    escalate: float


class Labelled(NamedTuple):
    """What is to be replayed, with its commits by their full shas."""

    cases: Sequence[Case]
    ordinary: Sequence[str] = ()

    @classmethod
    def resolved(cls, git: Git, cases: Sequence[Case], ordinary: Sequence[str]) -> Labelled:
        """With the full sha of each revision. Raises GitError for one that is not in the clone."""
        named = [
            # A fix that is not in this clone can still be in the index, by its full sha.
            case._replace(fix=_full(git, case.fix), change=git.commit(case.change))
            for case in cases
        ]
        return cls(named, [git.commit(revision) for revision in ordinary])

    @property
    def commits(self) -> list[str]:
        return [*(case.change for case in self.cases), *self.ordinary]


def _full(git: Git, revision: str) -> str:
    return git.ask(*_VERIFY, revision + "^{commit}") or revision


def measure(
    replay: Replay,
    given: Labelled,
    thresholds: Thresholds,
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """The shares that the JSON contract of ``bugguard eval --labels`` names."""
    started = time.perf_counter()
    # Only where something is to be found are all the ranks asked for, which takes longer.
    wanted = {case.change for case in given.cases if case.label in POSITIVES}
    with_offers = [sha for sha in given.commits if sha in wanted]
    total, first = len(set(given.commits)), len(wanted)
    replay.see(with_offers, lambda done, _: progress(done, total), offers=RANKS[-1])
    seen = replay.see(given.commits, lambda done, _: progress(first + done, total))
    cases = list(zip(given.cases, seen, strict=False))
    ordinary = seen[len(given.cases) :]
    negatives = [one for one in cases if one[0].label in HARD_NEGATIVES]
    return {
        "positives": {
            label: _positives([one for one in cases if one[0].label == label], thresholds)
            for label in POSITIVES
        },
        "hard_negatives": {
            "n": len(negatives),
            "reported": share(_reported(*one, thresholds.report) for one in negatives),
        },
        "ordinary": {
            "n": len(ordinary),
            "alerted": share(bool(one.reported(thresholds.report)) for one in ordinary),
            "escalated": share(
                max(one.best.values(), default=0.0) >= thresholds.escalate for one in ordinary
            ),
        },
        "threshold": thresholds.report,
        "seconds": round(time.perf_counter() - started, 1),
    }


def trial(replay: Replay, given: Labelled, threshold: float) -> Trial:
    """Case by case, for people. Costs nothing after :func:`measure`, which has seen them all."""
    seen = replay.see(given.commits, offers=RANKS[-1])
    subjects = _subjects(replay.index, {case.fix for case in given.cases})
    cases = []
    for case, one in zip(given.cases, seen, strict=False):
        rank = _rank(case, one)
        place = None if rank is None else rank + 1
        told = subjects.get(case.fix, ""), case.change, one.subject, case.label
        cases.append(Tried(case.fix, *told, WANTED.get(case.label), one.score(case.fix), place))
    ordinary = []
    for sha, one in zip(given.ordinary, seen[len(given.cases) :], strict=True):
        fix, subject, score = "", "", None
        if one.told:
            fix, subject, _, score = one.told[0]
        ordinary.append(Tried(fix, subject, sha, one.subject, ORDINARY, False, score, None))
    steps = tuple(sorted({*STEPS, threshold}))
    encoder = replay.index.encoder.name
    return Trial(tuple(cases), tuple(ordinary), threshold, steps, encoder)


def _subjects(index: DatedIndex, shas: Collection[str]) -> dict[str, str]:
    numbers = ((number, sha) for number, sha in enumerate(index.shas()) if sha in shas)
    return {sha: index.fix(number).commit.subject for number, sha in numbers}


def _positives(cases: Sequence[tuple[Case, Seen]], thresholds: Thresholds) -> dict[str, float]:
    ranks = [_rank(case, seen) for case, seen in cases]
    measured: dict[str, float] = {"n": len(cases)}
    measured |= {f"top{k}": share(rank is not None and rank < k for rank in ranks) for k in RANKS}
    measured["reported"] = share(_reported(*one, thresholds.report) for one in cases)
    measured["escalated"] = share(
        seen.best.get(case.fix, 0.0) >= thresholds.escalate for case, seen in cases
    )
    return measured


def _reported(case: Case, seen: Seen, threshold: float) -> bool:
    return any(one.fix == case.fix for one in seen.reported(threshold))


def _rank(case: Case, seen: Seen) -> int | None:
    return list(seen.best).index(case.fix) if case.fix in seen.best else None


def share(found: Iterable[bool]) -> float:
    """How many of them, 0..1; 0 of none."""
    told = list(found)
    return round(sum(told) / len(told), 4) if told else 0.0


def read_cases(path: Path) -> list[Case]:
    """Labelled cases: one JSON object a line with ``fix``, ``change`` and ``label``.

    Raises BugguardError for a file or a line that is none.
    """
    cases = []
    for number, line in _lines(path):
        try:
            record = json.loads(line)
            case = Case(*(record[name] for name in Case._fields))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BugguardError(
                f"{path}:{number} is no case: give a JSON object with fix, change and label."
            ) from error
        if not all(isinstance(value, str) for value in case):
            raise BugguardError(f"{path}:{number}: fix, change and label are to be strings.")
        cases.append(case)
    return cases


def read_revisions(path: Path) -> list[str]:
    """One revision a line. Raises BugguardError where the file cannot be read."""
    return [line.strip() for _, line in _lines(path)]


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise BugguardError(f"cannot read {path} ({why}): name a file of cases.") from error
    return [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
