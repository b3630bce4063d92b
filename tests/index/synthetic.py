"""Made-up knowledge of any size, shaped like what is learned from a real history.

Measured on histories of 1,000 to 10,000 fixes: 2 to 4 patterns a fix, hunks of about 10 lines,
about 20 features a side of which most are common words and a few are rare, and vectors that lie
in clusters (the files and idioms that are mended again and again).
"""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
from numpy.typing import NDArray

from bugguard.domain import BugPattern, FixCommit, Hunk, LearnedFix, Ticket
from bugguard.domain.guard import EDIT, TokenRule
from bugguard.domain.knowledge import Knowledge, Lessons, Ragged, Sample, Statistics
from bugguard.domain.lesson import Lesson, digest_of
from bugguard.domain.provenance import EncoderIdentity, Provenance, Source

FEATURES = 20  #: a side
_WORDS = ("retry", "cache", "timeout", "naïve", "日本語", "buffer", "\udcff\udc80", "lock", "next")


def knowledge(patterns: int, *, dimension: int = 64, seed: int = 0) -> Knowledge:
    """Knowledge with ``patterns`` patterns, every 20th of them set aside."""
    random = np.random.default_rng(seed)
    fixes = _fixes(patterns, random)
    dropped = [pattern.dropped is not None for fix in fixes for pattern in fix.patterns]
    active = np.flatnonzero(~np.array(dropped, bool))
    buggy, fixed = _rows(patterns, active, random), _rows(patterns, active, random)
    features, commits = np.unique(np.concatenate((buggy.values, fixed.values)), return_counts=True)
    sample, rules = sampled(random), rules_of(active)
    lessons = lessons_of(fixes, dimension, random)
    return Knowledge(
        provenance=Provenance(
            sources=(
                Source(
                    name="",
                    roots=(),
                    heads=(_sha("head", seed),),
                    boundary=(),
                    since=None,
                    learner=f"learner-{seed}",
                ),
            ),
            revision=1,
            commits=patterns * 4,
        ),
        encoder=EncoderIdentity("synthetic", "0" * 64, dimension),
        fixes=fixes,
        buggy=buggy,
        fixed=fixed,
        names=_rows(patterns, np.arange(patterns), random),
        active=active,
        vectors=vectors(len(active), dimension, random),
        statistics=Statistics(
            features=features,
            commits=commits.astype(np.uint32),
            standing=random.integers(-5, 50, len(features), dtype=np.int32),
            total=patterns * 4,
        ),
        sample=sample,
        rules=rules,
        lessons=lessons,
    )


def lessons_of(
    fixes: tuple[LearnedFix, ...], dimension: int, random: np.random.Generator
) -> Lessons:
    """A lesson for each fourth fix, each other of them with words for a rule."""
    numbers = range(1, len(fixes), 4)
    lessons = tuple(
        Lesson(
            f"Who compares with limit_{number} must count the limit itself: 日本語 {number}",
            f"model-{number % 3}",
            digest_of(fixes[number]),
            ("value", "limit") if number % 8 == 1 else (),
            ("mend",) if number % 8 == 1 else (),
        )
        for number in numbers
    )
    means = vectors(len(lessons), dimension, random)[:, 0]
    return Lessons(np.array(numbers, np.int64), lessons, means)


def rules_of(active: NDArray[np.int64]) -> tuple[TokenRule, ...]:
    """A rule for each third pattern; some share their rarest token."""
    return tuple(
        TokenRule(
            one,
            1,
            (f"word{one % 7}", "日本語"),
            ("mend",),
            50,
            one % 3,
            20,
            10 + one % 9,
            EDIT if one % 2 else "model",
        )
        for one in active.tolist()[::3]
    )


def sampled(random: np.random.Generator, commits: int = 6) -> Sample:
    """Two hunks a commit, one token around each."""
    units = 2 * commits
    return Sample(
        commits=np.sort(random.choice(1 << 40, commits, replace=False)).astype(np.uint64),
        units=np.arange(0, units + 1, 2),
        added=np.tile(np.arange(3, dtype=np.uint32), units),
        added_starts=np.arange(0, 3 * units + 1, 3),
        around=random.integers(9, 1 << 32, units, dtype=np.uint32),
        around_starts=np.arange(units + 1),
    )


def vectors(count: int, dimension: int, random: np.random.Generator) -> NDArray[np.float16]:
    """Unit vectors in clusters, both sides 0.9 and more alike: shape (count, 2, dimension)."""
    centres = random.standard_normal((max(count // 30, 1), dimension))
    buggy = centres[random.integers(0, len(centres), count)]
    buggy = _unit(_unit(buggy) + 0.8 * _unit(random.standard_normal((count, dimension))))
    fixed = _unit(buggy + 0.35 * _unit(random.standard_normal((count, dimension))))
    return np.stack((buggy, fixed), axis=1).astype(np.float16)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _fixes(patterns: int, random: np.random.Generator) -> tuple[LearnedFix, ...]:
    fixes: list[LearnedFix] = []
    made = 0
    while made < patterns:
        size = min(int(random.integers(1, 6)), patterns - made)
        fixes.append(_fix(len(fixes), made, size))
        made += size
    return tuple(fixes)


def _fix(number: int, first: int, size: int) -> LearnedFix:
    sha = _sha("fix", number)
    tickets = (Ticket(f"#{number}", f"It breaks on {number}", "", "subject"),) if number % 3 else ()
    subject = f"Fix #{number}: {_WORDS[number % len(_WORDS)]}"
    commit = FixCommit(sha, 1_600_000_000 + number * 60, subject, f"{subject}\r\n\nDone.", tickets)
    patterns = tuple(_pattern(sha, ordinal, first + ordinal) for ordinal in range(size))
    return LearnedFix(commit, patterns)


def _pattern(sha: str, ordinal: int, number: int) -> BugPattern:
    word = _WORDS[number % len(_WORDS)]
    body = (
        *(f"     context_{line} = compute({word!r}, {number + line})" for line in range(4)),
        f"-    if value > limit_{number}:",
        f"-        return {word}",
        f"+    if value >= limit_{number}:",
        f"+        return {word}_{number}",
        *(f"     following_{line} = after({word!r}, {number - line})" for line in range(3)),
    )
    path = f"source/{number % 97}/file_{number % 1009}.py"
    hunk = Hunk(path, path, number % 800 + 1, number % 700 + 1, f"def function_{number}():", body)
    return BugPattern(sha, ordinal, hunk, "comment only" if number % 20 == 7 else None)


def _rows(patterns: int, active: NDArray[np.int64], random: np.random.Generator) -> Ragged:
    """About :data:`FEATURES` distinct features a row, three in four of them common."""
    common = (random.pareto(0.6, (patterns, FEATURES)) * 50).astype(np.uint64)
    rare = random.integers(0, 1 << 64, (patterns, FEATURES), dtype=np.uint64)
    values = np.where(random.random((patterns, FEATURES)) < 0.75, common, rare)
    is_active = np.zeros(patterns, bool)
    is_active[active] = True
    rows = [
        np.unique(values[row]) if is_active[row] else values[row, :0] for row in range(patterns)
    ]
    offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return Ragged(np.concatenate([values[:0, 0], *rows]), offsets)


def _sha(kind: str, number: int) -> str:
    return hashlib.sha256(f"{kind} {number}".encode()).hexdigest()[:40]


def assert_equal(left: Knowledge, right: Knowledge) -> None:
    """Fails unless both hold the same, array for array and type for type."""
    assert left.provenance == right.provenance
    assert left.encoder == right.encoder
    assert tuple(left.fixes) == tuple(right.fixes)
    assert left.statistics.total == right.statistics.total
    assert tuple(left.rules) == tuple(right.rules)
    assert left.lessons.lessons == right.lessons.lessons
    for name, one, other in zip(_ARRAYS, _arrays(left), _arrays(right), strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name, strict=True)


_ARRAYS = ("buggy", "", "fixed", "", "names", "", "active", "vectors", "features", "commits",
           "standing", "lesson fixes", "lesson vectors",
           *(field.name for field in dataclasses.fields(Sample)))  # fmt: skip


def _arrays(of: Knowledge) -> tuple[NDArray[np.generic], ...]:
    statistics = of.statistics
    sides = (of.buggy.values, of.buggy.offsets, of.fixed.values, of.fixed.offsets,
             of.names.values, of.names.offsets)  # fmt: skip
    learned = (of.active, of.vectors)
    counts = (statistics.features, statistics.commits, statistics.standing,
              of.lessons.fixes, of.lessons.vectors)  # fmt: skip
    sample = (getattr(of.sample, field.name) for field in dataclasses.fields(Sample))
    return (*sides, *learned, *counts, *sample)
