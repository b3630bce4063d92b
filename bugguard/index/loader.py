"""Reading a generation whole, every byte of it verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bugguard.domain import LearnedFix
from bugguard.domain.guard import TokenRule
from bugguard.domain.knowledge import Knowledge, Lessons, Ragged, Sample, Statistics
from bugguard.index.arrays import ascending
from bugguard.index.damage import damaged
from bugguard.index.files import Buffer
from bugguard.index.generation import Generation, open_current, verify_contents
from bugguard.index.layout import FIXES, LESSONS, PATTERNS, RULES, SIDES, TABLES
from bugguard.index.manifest import Manifest
from bugguard.index.postings import Table, restore
from bugguard.index.records import read_fix, read_lesson, read_rule


def verify(directory: Path) -> Manifest:
    """Hold every byte of the index in ``directory`` against its manifest, which is returned.

    Raises what :func:`bugguard.index.open_index` raises.
    """
    generation = open_current(directory)
    verify_contents(generation)
    return generation.manifest


def load(directory: Path) -> Knowledge:
    """All that was written, verified; the features of each pattern in ascending order.

    Raises what :func:`bugguard.index.open_index` raises.
    """
    generation = open_current(directory)
    verify_contents(generation)
    arrays = generation.arrays
    active, vectors = _vectors(generation)
    fixes = _fixes(generation)
    return Knowledge(
        provenance=generation.manifest.provenance,
        encoder=generation.manifest.encoder,
        fixes=fixes,
        buggy=_features(generation, SIDES[0]),
        fixed=_features(generation, SIDES[1]),
        names=_features(generation, TABLES[2]),
        active=active,
        vectors=vectors,
        statistics=Statistics(
            features=np.array(arrays["feature_keys"]),
            commits=np.array(arrays["feature_commits"]),
            standing=np.array(arrays["feature_standing"]),
            total=generation.manifest.counts.counted,
        ),
        sample=_sample(generation),
        rules=_rules(generation),
        lessons=_lessons(generation, fixes),
    )


def _fixes(generation: Generation) -> tuple[LearnedFix, ...]:
    arrays = generation.arrays
    fix_lines = _lines(generation, FIXES, arrays["fix_offsets"])
    pattern_lines = _lines(generation, PATTERNS, arrays["pattern_offsets"])
    first = arrays["fix_patterns"]
    if not ascending(first, len(pattern_lines)):
        raise damaged(generation.folder, "its fixes and patterns do not fit together")
    stretches = zip(fix_lines, pairwise(first.tolist()), strict=True)
    try:
        return tuple(read_fix(line, pattern_lines[start:end]) for line, (start, end) in stretches)
    except ValueError as error:
        raise damaged(generation.folder, f"a fix: {error}") from error


def _rules(generation: Generation) -> tuple[TokenRule, ...]:
    lines = _lines(generation, RULES, generation.arrays["rule_offsets"])
    try:
        return tuple(read_rule(line, generation.manifest.counts.patterns) for line in lines)
    except ValueError as error:
        raise damaged(generation.folder / RULES, f"a rule: {error}") from error


def _lessons(generation: Generation, fixes: Sequence[LearnedFix]) -> Lessons:
    arrays = generation.arrays
    lines = _lines(generation, LESSONS, arrays["lesson_offsets"])
    numbers = np.array(arrays["lesson_fixes"])
    vectors = np.array(arrays["lesson_vectors"])
    lessons = []
    try:
        for number, line in zip(numbers.tolist(), lines, strict=True):
            sha, lesson = read_lesson(line)
            if not 0 <= number < len(fixes) or fixes[number].commit.sha != sha:
                raise ValueError("its fix is another one")
            lessons.append(lesson)
    except ValueError as error:
        raise damaged(generation.folder / LESSONS, f"a lesson: {error}") from error
    if np.any(numbers[1:] <= numbers[:-1]) or not np.isfinite(vectors).all():
        raise damaged(generation.folder, "its lessons do not fit together")
    return Lessons(numbers, tuple(lessons), vectors)


def _sample(generation: Generation) -> Sample:
    names = [field.name for field in fields(Sample)]
    sample = Sample(**{name: np.array(generation.arrays[f"sample_{name}"]) for name in names})
    if not (
        ascending(sample.units, len(sample.added_starts) - 1)
        and ascending(sample.added_starts, len(sample.added))
        and ascending(sample.around_starts, len(sample.around))
    ):
        raise damaged(generation.folder, "its sample of commits does not fit together")
    return sample


def _lines(generation: Generation, name: str, offsets: NDArray[np.int64]) -> list[bytes]:
    text: Buffer = generation.buffers[name]
    if not ascending(offsets, len(text)):
        raise damaged(generation.folder / name, "its lines do not fit together")
    return [text[start:end] for start, end in pairwise(offsets.tolist())]


def _features(generation: Generation, side: str) -> Ragged:
    parts = (generation.arrays[f"{side}_{part}"] for part in ("keys", "starts", "patterns"))
    return restore(Table(*parts), generation.manifest.counts.patterns, generation.folder)


def _vectors(generation: Generation) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """The active patterns, ascending, and their vectors, shape (len(active), 2, dimension)."""
    pattern_rows = generation.arrays["pattern_rows"]
    active = np.flatnonzero(pattern_rows >= 0)
    rows = pattern_rows[active]
    if not np.array_equal(np.sort(rows), np.arange(generation.manifest.counts.active)):
        raise damaged(generation.folder, "its patterns and vectors do not fit together")
    sides = [generation.arrays[f"row_{side}"][rows] for side in SIDES]
    return active, np.stack(sides, axis=1)
