"""What knowledge must be before it may be written: a store never keeps what it cannot read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bugguard.domain.knowledge import Knowledge, Ragged
from bugguard.domain.lesson import digest_of
from bugguard.index.arrays import ascending
from bugguard.index.fields import check_sha
from bugguard.index.manifest import MOST_SOURCES


def check(knowledge: Knowledge) -> None:
    """ValueError where the knowledge breaks its own contract: a learner's defect, not a user's."""
    patterns = _check_fixes(knowledge)
    active = knowledge.active
    _require(bool(np.all(active[1:] > active[:-1])), "active is not ascending")
    _require(not len(active) or (active[0] >= 0 and active[-1] < patterns), "active has no such id")
    shape = (len(active), 2, knowledge.encoder.dimension)
    _require(knowledge.vectors.shape == shape, f"vectors is not of shape {shape}")
    _require(bool(np.isfinite(knowledge.vectors).all()), "a vector is not finite")
    for rows in (knowledge.buggy, knowledge.fixed, knowledge.names):
        _check_rows(rows, patterns)
    for rows in (knowledge.buggy, knowledge.fixed):
        _check_idle(rows, patterns, active)
    _check_rules(knowledge, patterns)
    _check_lessons(knowledge)
    statistics = knowledge.statistics
    features = statistics.features
    _require(bool(np.all(features[1:] > features[:-1])), "statistics.features is not ascending")
    _require(
        len(features) == len(statistics.commits) == len(statistics.standing),
        "the arrays of statistics are not of one length",
    )


def _check_fixes(knowledge: Knowledge) -> int:
    """Returns the number of patterns."""
    previous = None
    patterns = 0
    for fix in knowledge.fixes:
        place = (fix.commit.time, check_sha(fix.commit.sha))
        _require(previous is None or previous < place, "the fixes are not in order of time and sha")
        _require(abs(fix.commit.time) < 1 << 63, "a fix's time does not fit 64 bits")
        for ordinal, pattern in enumerate(fix.patterns):
            named = (pattern.fix, pattern.ordinal) == (fix.commit.sha, ordinal)
            _require(named, f"a pattern of {fix.commit.short} names another fix or place")
        previous = place
        patterns += len(fix.patterns)
    _require(patterns < 1 << 31, "there are more patterns than ids")
    provenance = knowledge.provenance
    for source in provenance.sources:
        for sha in (*source.roots, *source.heads, *source.boundary):
            check_sha(sha)
    for sha in provenance.unread:
        check_sha(sha)
    _require(len(provenance.sources) <= MOST_SOURCES, "there are too many sources")
    names = provenance.names
    strangers = {fix.commit.repository for fix in knowledge.fixes} - {*names}
    _require(not strangers, "a fix is of a repository that is no source")
    return patterns


def _check_rules(knowledge: Knowledge, patterns: int) -> None:
    places = [(rule.pattern, rule.ordinal) for rule in knowledge.rules]
    _require(sorted(set(places)) == places, "the rules are not in the order of their patterns")
    _require(all(0 <= pattern < patterns for pattern, _ in places), "a rule has no such pattern")
    _require(all(rule.trigger for rule in knowledge.rules), "a rule has no trigger")
    sample = knowledge.sample
    whole = (
        ascending(sample.units, len(sample.added_starts) - 1)
        and ascending(sample.added_starts, len(sample.added))
        and ascending(sample.around_starts, len(sample.around))
        and len(sample.units) == len(sample.commits) + 1
        and len(sample.added_starts) == len(sample.around_starts)
    )
    _require(whole, "the sample does not fit together")


def _check_lessons(knowledge: Knowledge) -> None:
    told = knowledge.lessons
    numbers, fixes = told.fixes, knowledge.fixes
    _require(bool(np.all(numbers[1:] > numbers[:-1])), "the lessons are not in order")
    _require(
        not len(numbers) or (numbers[0] >= 0 and numbers[-1] < len(fixes)), "a lesson has no fix"
    )
    _require(
        len(told.lessons) == len(numbers) == len(told.vectors)
        and told.vectors.size == len(numbers) * knowledge.encoder.dimension,
        "the lessons and their vectors do not fit together",
    )
    _require(bool(np.isfinite(told.vectors).all()), "a lesson's vector is not finite")
    for number, lesson in zip(numbers.tolist(), told.lessons, strict=True):
        _require(lesson.digest == digest_of(fixes[number]), "a lesson was made of something else")


def _check_rows(rows: Ragged, patterns: int) -> None:
    offsets = rows.offsets
    _require(len(offsets) == patterns + 1, "there is not one row of features a pattern")
    lengths = np.diff(offsets)
    whole = offsets[0] == 0 and offsets[-1] == len(rows.values) and bool(np.all(lengths >= 0))
    _require(bool(whole), "the rows of features do not fit together")


def _check_idle(rows: Ragged, patterns: int, active: NDArray[np.int64]) -> None:
    idle = np.ones(patterns, bool)
    idle[active] = False
    _require(not np.diff(rows.offsets)[idle].any(), "a pattern that was set aside has features")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
