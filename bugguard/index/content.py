"""From :class:`Knowledge` to the bytes of each file: a pure function, the same on every write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bugguard.domain.edit import token_feature
from bugguard.domain.knowledge import Knowledge, Ragged, Sample
from bugguard.index import arrays
from bugguard.index.cells import group
from bugguard.index.layout import ARRAYS, FIXES, LESSONS, PATTERNS, RULES, TABLES
from bugguard.index.manifest import Counts
from bugguard.index.postings import invert
from bugguard.index.records import checksum, fix_line, lesson_line, pattern_line, rule_line


def files(knowledge: Knowledge) -> Iterator[tuple[str, Iterable[bytes | memoryview]]]:
    """Each file's name with its bytes in pieces, all but the manifest."""
    fix_lines = [fix_line(fix) for fix in knowledge.fixes]
    pattern_lines = [pattern_line(pattern) for fix in knowledge.fixes for pattern in fix.patterns]
    yield FIXES, fix_lines
    yield PATTERNS, pattern_lines
    rule_lines = [rule_line(rule) for rule in knowledge.rules]
    yield RULES, rule_lines
    lesson_lines = _lesson_lines(knowledge)
    yield LESSONS, lesson_lines
    tables = _fix_arrays(knowledge, fix_lines, pattern_lines)
    tables |= _vector_arrays(knowledge, len(pattern_lines))
    tables |= _feature_arrays(knowledge)
    tables |= _rule_arrays(knowledge, rule_lines)
    tables |= _lesson_arrays(knowledge, lesson_lines)
    tables |= _sample_arrays(knowledge.sample)
    for name, values in tables.items():
        array = np.asarray(values, dtype=ARRAYS[name].dtype)
        yield f"{name}.npy", (arrays.header(array.dtype, array.shape), arrays.data(array))


def count(knowledge: Knowledge) -> Counts:
    """The manifest's counts."""
    first = first_patterns(knowledge)
    active = np.zeros(int(first[-1]), bool)
    active[knowledge.active] = True
    dropped: Counter[str] = Counter()
    matchable = 0
    for fix, start in zip(knowledge.fixes, first.tolist(), strict=False):
        can_be_matched = active[start : start + len(fix.patterns)]
        matchable += bool(can_be_matched.any())
        for pattern, matched in zip(fix.patterns, can_be_matched.tolist(), strict=True):
            if not matched:
                dropped[pattern.dropped or fix.dropped or "unknown"] += 1
    return Counts(
        fixes=len(knowledge.fixes),
        matchable_fixes=matchable,
        patterns=len(active),
        active=len(knowledge.active),
        dropped=dict(dropped),
        counted=knowledge.statistics.total,
        lessons=len(knowledge.lessons.lessons),
    )


def first_patterns(knowledge: Knowledge) -> NDArray[np.int64]:
    """The id of each fix's first pattern, and last the number of all patterns."""
    return _offsets(len(fix.patterns) for fix in knowledge.fixes)


def _fix_arrays(
    knowledge: Knowledge, fix_lines: list[bytes], pattern_lines: list[bytes]
) -> dict[str, Any]:
    first = first_patterns(knowledge)
    sources = [source.name for source in knowledge.provenance.sources]
    digests = [
        checksum([line, *pattern_lines[start:end]])
        for line, start, end in zip(fix_lines, first[:-1].tolist(), first[1:].tolist(), strict=True)
    ]
    return {
        "fix_offsets": _offsets(len(line) for line in fix_lines),
        "fix_patterns": first,
        "fix_digests": np.array(digests, np.uint64),
        "fix_times": [fix.commit.time for fix in knowledge.fixes],
        "fix_sources": [sources.index(fix.commit.repository) for fix in knowledge.fixes],
        "fix_shas": [fix.commit.sha.encode("ascii") for fix in knowledge.fixes],
        "pattern_offsets": _offsets(len(line) for line in pattern_lines),
    }


def _vector_arrays(knowledge: Knowledge, patterns: int) -> dict[str, Any]:
    cells = group(knowledge.vectors[:, 0])
    row_patterns = knowledge.active[cells.order]
    pattern_rows = np.full(patterns, -1)
    pattern_rows[row_patterns] = np.arange(len(row_patterns))
    return {
        "pattern_rows": pattern_rows,
        "row_patterns": row_patterns,
        "row_buggy": knowledge.vectors[cells.order, 0],
        "row_fixed": knowledge.vectors[cells.order, 1],
        "cell_centroids": cells.centroids,
        "cell_starts": cells.starts,
    }


def _feature_arrays(knowledge: Knowledge) -> dict[str, Any]:
    tables: dict[str, Any] = {
        "feature_keys": knowledge.statistics.features,
        "feature_commits": knowledge.statistics.commits,
        "feature_standing": knowledge.statistics.standing,
    }
    for side in TABLES:
        rows: Ragged = getattr(knowledge, side)
        table = invert(rows)
        tables[f"{side}_keys"] = table.keys
        tables[f"{side}_starts"] = table.starts
        tables[f"{side}_patterns"] = table.patterns
    return tables


def _rule_arrays(knowledge: Knowledge, lines: list[bytes]) -> dict[str, Any]:
    keys = np.array([token_feature(rule.trigger[0]) for rule in knowledge.rules], np.uint64)
    table = invert(Ragged(keys, np.arange(len(keys) + 1)))
    return {
        "rule_offsets": _offsets(len(line) for line in lines),
        "rule_digests": np.array([checksum([line]) for line in lines], np.uint64),
        "trigger_keys": table.keys,
        "trigger_starts": table.starts,
        "trigger_rules": table.patterns,
    }


def _lesson_lines(knowledge: Knowledge) -> list[bytes]:
    told = knowledge.lessons
    return [
        lesson_line(knowledge.fixes[number].commit.sha, lesson)
        for number, lesson in zip(told.fixes.tolist(), told.lessons, strict=True)
    ]


def _lesson_arrays(knowledge: Knowledge, lines: list[bytes]) -> dict[str, Any]:
    told = knowledge.lessons
    return {
        "lesson_fixes": told.fixes,
        "lesson_offsets": _offsets(len(line) for line in lines),
        "lesson_digests": np.array([checksum([line]) for line in lines], np.uint64),
        "lesson_vectors": told.vectors.reshape(len(lines), knowledge.encoder.dimension),
    }


def _sample_arrays(sample: Sample) -> dict[str, Any]:
    return {f"sample_{field.name}": getattr(sample, field.name) for field in fields(sample)}


def _offsets(lengths: Iterable[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths], dtype=np.int64)
