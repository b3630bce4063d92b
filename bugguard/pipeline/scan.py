"""files -> windows -> match -> triage -> judge -> report: existing code against the past fixes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bugguard import __version__
from bugguard.domain import Change, Hunk, Match, Origins, Skipped
from bugguard.domain.edit import Edit
from bugguard.domain.origins import EVERYWHERE
from bugguard.errors import GitError
from bugguard.history.diff import text
from bugguard.history.standing import Files
from bugguard.index.scanned import Scanned, Spot
from bugguard.match.siblings import Place, Siblings
from bugguard.match.why import explain
from bugguard.patterns.normalize import edit
from bugguard.ports import DatedIndex, Progress
from bugguard.report.model import IndexFacts, Report, Stats
from bugguard.triage.fingerprint import identify
from bugguard.triage.suppression import Directive, Problem, apply, parse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bugguard.domain import Finding
    from bugguard.pipeline.judging import Judging

#: Raise it with every change of what is found in the same file with the same index.
REVISION = 1
LEAST = 0.02  #: score, 0..1; less is not even a candidate
MOST_AT_A_PLACE = 2  #: findings; further ones say the same again
MOST_OF_A_FIX = 5  #: findings; what stands in more places is how code is written there
_NO_CHANGE = Change("code as it stands", ())


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is reported."""

    threshold: float  #: least score of a finding, 0..1
    candidates: int | None = None  #: how many places below the threshold to list; None: do not
    why: bool = False  #: whether what is listed also says what made it
    escalate: float = 1.0  #: from which score on a judge is asked, if there is one, 0..1


def scan(
    files: Files,
    index: DatedIndex,
    bounds: Bounds,
    scanned: Scanned,
    head: str,
    known: NDArray[np.bool_] | None = None,
    progress: Progress = lambda done, total: None,
    origins: Origins = EVERYWHERE,
    judging: Judging | None = None,
) -> tuple[Report, tuple[Problem, ...]]:
    """The report on code as it stands, and the directives in it that cannot be obeyed.

    known: which fixes, by number, may be known; None: all.
    head: up to which commit the index knows history, for the report.
    origins: whose fixes count, and how much.
    judging: who reads close places, of which it sees what ``files`` has; None: nobody does.
    """
    started = time.perf_counter()
    if origins.own is not None:
        origins.here(index.shas())  # all at once, as a scan may meet them all
    counted = files.counted and origins.own != frozenset()
    looked = _Looked(Siblings(index, edit, known, counted=counted, origins=origins), scanned)
    listed = files.listed()
    skipped = [Skipped(one.path, one.skipped) for one in listed if one.skipped]
    wanted = [one.path for one in listed if not one.skipped]
    progress(0, len(wanted))
    for done, (path, data) in enumerate(files.read(wanted), 1):
        if isinstance(data, str):
            skipped.append(Skipped(path, data))
        else:
            looked.at(path, data)
        progress(done, len(wanted))
    scanned.save()
    chosen = _chosen(looked.matches, bounds)
    findings, suppressed = apply(identify(chosen.reported), looked.directives)
    judged = None
    if judging is not None:
        lesser, _ = apply(identify(chosen.below, taken=chosen.reported), looked.directives)
        near = {id(match) for match in chosen.near}
        band = [one for one in lesser if id(one.match) in near]
        asked = replace(judging, read=lambda _, path: _read(files, path))
        findings, _, judged = asked.rule(_NO_CHANGE, index, findings, band, ())
    candidates = None
    if bounds.candidates is not None:
        raised = {id(one.match) for one in findings if one.match.score < bounds.threshold}
        taken = [*chosen.reported, *(match for match in chosen.below if id(match) in raised)]
        others = (match for match in chosen.below if id(match) not in raised)
        candidates = identify(islice(others, bounds.candidates), taken)
    if bounds.why:
        findings = _explained(findings, index)
        candidates = None if candidates is None else _explained(candidates, index)
    report = Report(
        version=__version__,
        index=IndexFacts(
            index.patterns,
            index.fixes if known is None else int((known & index.matchable()).sum()),
            index.encoder.name,
            head,
        ),
        findings=findings,
        stats=Stats(
            0,
            time.perf_counter() - started,
            tuple(sorted(skipped, key=lambda one: one.path)),
            files=looked.files,
        ),
        candidates=candidates,
        suppressed=suppressed,
        judged=judged,
    )
    return report, tuple(looked.problems)


@dataclass
class _Looked:
    """What came of the files so far; of a file nothing is kept but what was found."""

    siblings: Siblings
    scanned: Scanned
    files: int = 0
    matches: list[Match] = field(default_factory=list)
    directives: dict[str, list[Directive]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def at(self, path: str, data: bytes) -> None:
        self.files += 1
        key = self.scanned.key(path, data)
        spots = self.scanned.get(key)
        lines = text(data).split("\n") if spots is None or spots or b"bugguard:" in data else []
        if spots is None:
            places = self.siblings.find(_whole(path, lines))
        else:
            try:
                places = self._again(path, lines, spots)
            except IndexError:  # it names what is not there, so nothing that it says counts
                places = self.siblings.find(_whole(path, lines))
        places = [one for one in places if one.match.score >= LEAST]
        self.scanned.put(key, [Spot(one.pattern, one.start, one.end) for one in places])
        self.matches += _once(one.match for one in places)
        if b"bugguard:" in data:
            found, wrong = parse(lines, path)
            self.directives.setdefault(path, []).extend(found)
            self.problems += wrong

    def _again(self, path: str, lines: list[str], spots: list[Spot]) -> list[Place]:
        if not spots:
            return []
        file = _whole(path, lines)
        places = []
        for spot in spots:
            places += self.siblings.measure(file, spot.pattern, spot.start, spot.end)
        return places


def _whole(path: str, lines: list[str]) -> Edit:
    """A file as an edit that adds all of it."""
    body = tuple("+" + line for line in lines)
    return edit(Hunk(path, path, 0, 1, "", body))


def _once(matches: Iterable[Match]) -> list[Match]:
    """One for each fix and place: the best of those that overlap."""
    kept: list[Match] = []
    for match in sorted(matches, key=_order):
        if not any(one.fix.sha == match.fix.sha and _overlap(one, match) for one in kept):
            kept.append(match)
    return kept


class _Chosen(NamedTuple):
    """Each with the best first."""

    reported: list[Match]
    near: list[Match]  #: of those below: close enough to ask a judge about
    below: list[Match]  #: all others


def _chosen(matches: Iterable[Match], bounds: Bounds) -> _Chosen:
    ordered = sorted(matches, key=_order)
    least = min(bounds.escalate, bounds.threshold)
    often = Counter(match.fix.sha for match in ordered if match.score >= bounds.threshold)
    nearly = Counter(match.fix.sha for match in ordered if match.score >= least)
    chosen = _Chosen([], [], [])
    by_path: dict[str, list[Match]] = {}
    for match in ordered:
        above = match.score >= bounds.threshold
        times = (often if above else nearly)[match.fix.sha]
        there = by_path.setdefault(match.hunk.path, [])
        crowded = sum(_overlap(one, match) for one in there) >= MOST_AT_A_PLACE
        fits = match.score >= least and times <= MOST_OF_A_FIX and not crowded
        if fits:
            there.append(match)
        if fits and above:
            chosen.reported.append(match)
        else:
            chosen.below.append(match)
        if fits and not above:
            chosen.near.append(match)
    return chosen


def _read(files: Files, path: str) -> str | None:
    """A file's text once more; None: it cannot be read now."""
    try:
        data = next((data for _, data in files.read([path])), "")
    except GitError:
        return None
    return None if isinstance(data, str) else text(data)


def _overlap(one: Match, other: Match) -> bool:
    return one.line <= other.end_line and other.line <= one.end_line


def _order(match: Match) -> tuple[float, int, str, str, int]:
    # Of equals the younger fix: it is the one that people remember.
    return (-match.score, -match.fix.time, match.fix.sha, match.hunk.path, match.line)


def _explained(findings: Iterable[Finding], index: DatedIndex) -> tuple[Finding, ...]:
    return tuple(replace(one, why=explain(one.match, index, edit)) for one in findings)
