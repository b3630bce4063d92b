"""A team's own past, replayed: each change checked against only the fixes that were before it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from bugguard.domain import Match
from bugguard.errors import BugguardError
from bugguard.history import changes
from bugguard.history.diff import Limits
from bugguard.history.git import Git
from bugguard.match.matcher import Matcher
from bugguard.patterns.extract import embedded_text
from bugguard.patterns.normalize import edit
from bugguard.pipeline.check import chosen, known_before
from bugguard.ports import DatedIndex, Encoder, Progress

POSITIVES = ("regression", "recurrence")
HARD_NEGATIVES = ("superseded", "not_a_bug", "unrelated")
RANKS = (1, 3, 10, 50)


class Case(NamedTuple):
    """A past fix and a later change, with what somebody who read both says of them."""

    fix: str
    change: str
    label: str  #: one of :data:`POSITIVES` or :data:`HARD_NEGATIVES`; any other counts as neither


class Thresholds(NamedTuple):
    """From which score on a match is reported, and from which one a judge is asked."""

    report: float
    escalate: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What bugguard says of one change."""

    best: dict[str, float]  #: sha of each candidate fix -> its best score, the best first
    reported: frozenset[str]  #: shas of the fixes that a finding names


class Replay:
    """Replays changes of one repository against one index, each once."""

    def __init__(
        self,
        git: Git,
        index: DatedIndex,
        encoder: Encoder,
        limits: Limits,
        thresholds: Thresholds,
    ) -> None:
        self._git = git
        self._index = index
        self._encoder = encoder
        self._limits = limits
        self.thresholds = thresholds
        self._seen: dict[str, Seen] = {}

    def see(self, revision: str) -> Seen:
        """A commit, checked as of its own past. Raises GitError where it is not in the clone."""
        sha = self._git.commit(revision)
        if sha not in self._seen:
            change = changes.commit(self._git, sha, self._limits)
            known = known_before(self._git, change, self._index)
            matcher = Matcher(self._index, self._encoder, edit, embedded_text, known)
            self._seen[sha] = _seen(matcher.match(change), self.thresholds.report)
        return self._seen[sha]


def _seen(matches: Sequence[Match], threshold: float) -> Seen:
    best: dict[str, float] = {}
    for match in matches:
        best.setdefault(match.fix.sha, match.score)
    reported, _ = chosen(matches, threshold)
    return Seen(best, frozenset(match.fix.sha for match in reported))


def measure(
    replay: Replay,
    cases: Sequence[Case],
    ordinary: Sequence[str],
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """The shares that the JSON contract of ``bugguard eval --labels`` names."""
    started = time.perf_counter()
    total = len(cases) + len(ordinary)
    seen_cases: list[tuple[Case, Seen]] = []
    for case in cases:
        progress(len(seen_cases), total)
        seen_cases.append((case, replay.see(case.change)))
    seen_ordinary: list[Seen] = []
    for revision in ordinary:
        progress(len(cases) + len(seen_ordinary), total)
        seen_ordinary.append(replay.see(revision))
    floor = replay.thresholds.escalate
    negatives = [one for one in seen_cases if one[0].label in HARD_NEGATIVES]
    return {
        "positives": {
            label: _positives([one for one in seen_cases if one[0].label == label], floor)
            for label in POSITIVES
        },
        "hard_negatives": {
            "n": len(negatives),
            "reported": _share(case.fix in seen.reported for case, seen in negatives),
        },
        "ordinary": {
            "n": len(seen_ordinary),
            "alerted": _share(bool(seen.reported) for seen in seen_ordinary),
            "escalated": _share(_top(seen) >= floor for seen in seen_ordinary),
        },
        "threshold": replay.thresholds.report,
        "seconds": round(time.perf_counter() - started, 1),
    }


def _positives(cases: Sequence[tuple[Case, Seen]], floor: float) -> dict[str, float]:
    ranks = [_rank(case, seen) for case, seen in cases]
    measured: dict[str, float] = {"n": len(cases)}
    measured |= {f"top{k}": _share(rank is not None and rank < k for rank in ranks) for k in RANKS}
    measured["reported"] = _share(case.fix in seen.reported for case, seen in cases)
    measured["escalated"] = _share(seen.best.get(case.fix, 0.0) >= floor for case, seen in cases)
    return measured


def _rank(case: Case, seen: Seen) -> int | None:
    return list(seen.best).index(case.fix) if case.fix in seen.best else None


def _top(seen: Seen) -> float:
    return max(seen.best.values(), default=0.0)


def _share(found: Iterable[bool]) -> float:
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
        except (ValueError, KeyError, TypeError) as error:
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
