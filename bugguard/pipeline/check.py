"""change -> hunks -> encoders -> match -> triage -> report."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bugguard import __version__
from bugguard.domain import Change, Finding, Match, Origins, Skipped
from bugguard.domain.origins import EVERYWHERE
from bugguard.history import revisions
from bugguard.history.git import Git
from bugguard.match.matcher import Matcher
from bugguard.match.why import explain
from bugguard.patterns.extract import embedded_text
from bugguard.patterns.normalize import edit
from bugguard.pipeline.triage import Sorting, Triage, heard
from bugguard.ports import DatedIndex, Encoder, PatternIndex
from bugguard.report.model import IndexFacts, Report, Stats
from bugguard.triage.fingerprint import identify
from bugguard.triage.suppression import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bugguard.match.rules import Off
    from bugguard.pipeline.judging import Judging

MOST_FOR_A_HUNK = 2  #: findings reported for one hunk; further ones say the same again


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is reported, and how much is looked at."""

    threshold: float  #: least score of a finding, 0..1
    escalate: float  #: from which score on a judge is asked, if there is one, 0..1
    hunks: int  #: further hunks are not looked at
    candidates: int | None = None  #: how many matches below the threshold to list; None: do not
    rules_off: Off | None = frozenset()  #: rules that do not count; None: none of them does
    why: bool = False  #: whether what is listed also says what made it


def check(
    change: Change,
    index: DatedIndex,
    encoder: Encoder,
    bounds: Bounds,
    known: NDArray[np.bool_] | None,
    head: str,
    judging: Judging | None = None,
    triage: Triage | None = None,
    origins: Origins = EVERYWHERE,
) -> tuple[Report, tuple[Problem, ...]]:
    """The report on a change, and the directives in it that cannot be obeyed.

    known: which fixes, by number, existed before the change; None: all.
    head: up to which commit the index knows history, for the report.
    judging: who reads close matches; None: nobody does.
    triage: what is known of findings beforehand; None: nothing but the directives in the change.
    origins: whose fixes count, and how much.
    """
    started = time.perf_counter()
    change, skipped = _bounded(change, bounds.hunks)
    matcher = Matcher(index, encoder, edit, embedded_text, known, bounds.rules_off, origins)
    offers = max(bounds.candidates or 0, judging.surveyed if judging else 0)
    triage = triage or Triage()
    sorting = Sorting(change, triage)
    matches, unheard = heard(matcher.match(change, offers), triage.mutes)
    reported, rest = chosen(matches, bounds.threshold)
    below = [match for match in rest if match.score < bounds.threshold or match.offered]
    found = identify(reported)
    muted = identify(chosen(unheard, bounds.threshold)[0], taken=reported)
    findings, suppressed, baselined = sorting.sort(found)
    suggested, judged = None, None
    if judging is not None:
        lesser = sorting.sort(identify(below, taken=reported)).open
        near = [one for one in lesser if _near(one.match, bounds.escalate)]
        others = [one for one in lesser if not _near(one.match, bounds.escalate)]
        findings, suggested, judged = judging.rule(change, index, findings, near, others)
        told = {id(one.match) for one in findings}
        below = [match for match in below if id(match) not in told]
    close = [match for match in rest if _near(match, bounds.escalate)] if sorting.wary else []
    named = (*found, *muted, *identify(close, taken=reported))
    notes, problems = sorting.remarks(findings, named, muted)
    listed = None if bounds.candidates is None else identify(_once(below)[: bounds.candidates])
    if bounds.why:
        findings = _explained(findings, index)
        suggested = None if suggested is None else _explained(suggested, index)
        listed = None if listed is None else _explained(listed, index)
    fixes = index.fixes if known is None else int((known & index.matchable()).sum())
    report = Report(
        version=__version__,
        index=IndexFacts(index.patterns, fixes, index.encoder.name, head),
        findings=findings,
        stats=Stats(len(change.hunks), time.perf_counter() - started, skipped),
        candidates=listed,
        suppressed=suppressed,
        known=baselined,
        muted=muted,
        notes=notes,
        judged=judged,
        suggested=suggested,
    )
    return report, problems


def _once(matches: Iterable[Match]) -> list[Match]:
    """The best match of each fix, of those that have the best first."""
    best: dict[str, Match] = {}
    for match in matches:
        best.setdefault(match.fix.sha, match)
    return list(best.values())


def _near(match: Match, escalate: float) -> bool:
    return match.score >= escalate and not match.offered


def _explained(findings: Iterable[Finding], index: PatternIndex) -> tuple[Finding, ...]:
    return tuple(replace(one, why=explain(one.match, index, edit)) for one in findings)


def admitted(index: DatedIndex, origins: Origins) -> NDArray[np.bool_] | None:
    """Which of the index's fixes, by number, are of repositories that count; None: all."""
    names = index.repositories
    counts = [origins.is_own(name) or origins.trust(name) > 0 for name in names]
    if all(counts):
        return None
    counted = np.array(counts, dtype=np.bool_)[index.origins()]
    shas = index.shas()
    here = origins.here([shas[number] for number in np.flatnonzero(~counted).tolist()])
    return counted | np.array([sha in here for sha in shas], dtype=np.bool_)


def known_before(
    git: Git, change: Change, index: DatedIndex, origins: Origins = EVERYWHERE
) -> NDArray[np.bool_] | None:
    """Which of the index's fixes, by number, existed before the change and count.

    None: all of them. A fix that the clone has not got, as it is another repository's or the clone
    is shallow, counts if it was committed before what the change builds on.
    """
    before = _before(git, change, index, origins)
    counted = admitted(index, origins)
    return before if counted is None else counted if before is None else before & counted


def _before(
    git: Git, change: Change, index: DatedIndex, origins: Origins
) -> NDArray[np.bool_] | None:
    if change.past is None:
        return None
    past = revisions.ancestors(git, change.past)
    shas = index.shas()
    known = np.array([sha in past for sha in shas], dtype=np.bool_)
    if change.past and (git.shallow or origins.own is not None):
        # What the index knows of other clones, or of before a shallow one, only time can tell.
        # A fix that is here and no ancestor is on another branch, however old it is.
        here = revisions.reachable(git)
        absent = np.array([sha not in here for sha in shas], dtype=np.bool_)
        known |= absent & (index.times < revisions.newest(git, change.past))
    return known


def _bounded(change: Change, most: int) -> tuple[Change, tuple[Skipped, ...]]:
    """The change with at most that many hunks, and the files not looked at.

    The files with the fewest hunks come first: a sweep must not hide what was done by hand.
    """
    left = most
    too_much: set[str] = set()
    for file in sorted(change.files, key=lambda file: len(file.hunks)):
        if left < len(file.hunks):
            too_much.add(file.path)
        else:
            left -= len(file.hunks)
    kept = tuple(file for file in change.files if file.path not in too_much)
    skipped = (Skipped(path, "too many hunks") for path in sorted(too_much))
    return replace(change, files=kept), (*change.skipped, *skipped)


def chosen(matches: Iterable[Match], threshold: float) -> tuple[list[Match], list[Match]]:
    """(to report, the rest), each with the best first."""
    reported: list[Match] = []
    rest: list[Match] = []
    for match in matches:
        at_hunk = sum(one.hunk is match.hunk for one in reported)
        if match.score >= threshold and at_hunk < MOST_FOR_A_HUNK and not match.offered:
            reported.append(match)
        else:
            rest.append(match)
    return reported, rest
