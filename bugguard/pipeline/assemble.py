"""Refined fixes to the arrays that a search needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bugguard.domain import BugPattern, LearnedFix
from bugguard.domain.guard import EDIT, TokenRule
from bugguard.domain.knowledge import Knowledge, Lessons, Ragged, Sample, Statistics
from bugguard.domain.lesson import Lesson, digest_of
from bugguard.domain.provenance import Provenance
from bugguard.patterns.extract import Signature, embedded_text, names, signature
from bugguard.patterns.normalize import edit
from bugguard.patterns.refine import IDIOMATIC
from bugguard.patterns.rules import lesson_rules, rules
from bugguard.ports import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCH = 256


def assemble(
    provenance: Provenance,
    fixes: Sequence[LearnedFix],
    statistics: Statistics,
    sample: Sample,
    encoder: Encoder,
    previous: Sequence[Knowledge],
    lessons: Mapping[str, Lesson],
) -> Knowledge:
    """Knowledge from fixes in canonical order.

    previous: what these have of a pattern already is taken from there, not computed again.
    lessons: by their fixes' shas; those that are of another fix, or of what a fix was once, go.
    """
    patterns = [
        pattern if fix.dropped is None and pattern.dropped is None else None
        for fix in fixes
        for pattern in fix.patterns
    ]
    known = _known(previous)
    offered = [
        pattern if fix.dropped in IDIOMATIC and pattern.dropped in IDIOMATIC else None
        for fix in fixes
        for pattern in fix.patterns
    ]
    named = _named(previous)
    signatures = [_signature(one, known) if one else None for one in patterns]
    given = _of_fixes(fixes, lessons)
    made = rules(fixes, statistics, sample)
    taught = lesson_rules(fixes, given, made, statistics, sample)
    return Knowledge(
        provenance=provenance,
        encoder=encoder.identity,
        fixes=tuple(fixes),
        buggy=_ragged(one.buggy if one else () for one in signatures),
        fixed=_ragged(one.fixed if one else () for one in signatures),
        names=_ragged(_names(one, named) if one else () for one in offered),
        active=np.array([i for i, one in enumerate(patterns) if one], dtype=np.int64),
        vectors=_vectors([one for one in patterns if one], encoder, known),
        statistics=statistics,
        sample=sample,
        rules=_ordered(made, taught),
        lessons=_lessons(given, encoder, previous),
    )


def with_lessons(
    knowledge: Knowledge, lessons: Mapping[str, Lesson], encoder: Encoder
) -> Knowledge:
    """The knowledge with these lessons and no others: what :func:`assemble` gives with them.

    encoder: the one that it was made with.
    """
    given = _of_fixes(knowledge.fixes, lessons)
    had = dict(zip(knowledge.lessons.fixes.tolist(), knowledge.lessons.lessons, strict=True))
    new = {number: lesson for number, lesson in given.items() if had.get(number) != lesson}
    made = [rule for rule in knowledge.rules if rule.source == EDIT]
    first = np.cumsum([0, *(len(fix.patterns) for fix in knowledge.fixes)])
    kept = [
        rule
        for rule in knowledge.rules
        if rule.source != EDIT
        and (number := int(np.searchsorted(first, rule.pattern, side="right")) - 1) in given
        and number not in new
    ]
    added = lesson_rules(knowledge.fixes, new, made, knowledge.statistics, knowledge.sample)
    return replace(
        knowledge,
        rules=_ordered(made, kept, added),
        lessons=_lessons(given, encoder, [knowledge]),
    )


def without_lessons(knowledge: Knowledge) -> Knowledge:
    """The knowledge as it is learned, without anything that a model made."""
    rules = tuple(rule for rule in knowledge.rules if rule.source == EDIT)
    none = Lessons.none(knowledge.encoder.dimension)
    return replace(knowledge, rules=rules, lessons=none)


def lessons_of(knowledge: Knowledge) -> dict[str, Lesson]:
    """Its lessons by their fixes' shas."""
    told = knowledge.lessons
    shas = (knowledge.fixes[number].commit.sha for number in told.fixes.tolist())
    return dict(zip(shas, told.lessons, strict=True))


def _of_fixes(fixes: Sequence[LearnedFix], lessons: Mapping[str, Lesson]) -> dict[int, Lesson]:
    """The lessons by their fixes' numbers, those alone that were made of what the fixes are."""
    found = ((number, fix, lessons.get(fix.commit.sha)) for number, fix in enumerate(fixes))
    return {n: lesson for n, fix, lesson in found if lesson and lesson.digest == digest_of(fix)}


def _lessons(given: dict[int, Lesson], encoder: Encoder, previous: Sequence[Knowledge]) -> Lessons:
    known: dict[str, NDArray[np.float16]] = {}
    for one in previous:
        texts = (lesson.text for lesson in one.lessons.lessons)
        known |= dict(zip(texts, one.lessons.vectors, strict=True))
    told = tuple(given.values())
    vectors = np.zeros((len(told), encoder.identity.dimension), np.float16)
    new = []
    for row, lesson in enumerate(told):
        if lesson.text in known:
            vectors[row] = known[lesson.text]
        else:
            new.append(row)
    for start in range(0, len(new), _BATCH):
        rows = new[start : start + _BATCH]
        vectors[rows] = encoder.encode([told[row].text for row in rows]).astype(np.float16)
    return Lessons(np.array(list(given), np.int64), told, vectors)


def _ordered(*rules: Iterable[TokenRule]) -> tuple[TokenRule, ...]:
    return tuple(sorted(chain.from_iterable(rules), key=lambda rule: (rule.pattern, rule.ordinal)))


class _Place(NamedTuple):
    """Where a pattern is known from."""

    knowledge: Knowledge
    pattern: int  #: its id there
    row: int = -1  #: of its vectors


Known = dict[tuple[str, int], _Place]


def _known(previous: Sequence[Knowledge]) -> Known:
    """The patterns that have vectors."""
    return {
        keys[one]: _Place(knowledge, one, row)
        for knowledge in previous
        for keys in [_keys(knowledge)]
        for row, one in enumerate(knowledge.active.tolist())
    }


def _named(previous: Sequence[Knowledge]) -> Known:
    """The patterns that have names."""
    return {
        keys[one]: _Place(knowledge, one)
        for knowledge in previous
        for keys in [_keys(knowledge)]
        for one in np.flatnonzero(np.diff(knowledge.names.offsets)).tolist()
    }


def _keys(knowledge: Knowledge) -> list[tuple[str, int]]:
    return [(pattern.fix, pattern.ordinal) for fix in knowledge.fixes for pattern in fix.patterns]


def _signature(pattern: BugPattern, known: Known) -> Signature:
    place = known.get((pattern.fix, pattern.ordinal))
    if place is None:
        return signature(edit(pattern.hunk))
    there = place.knowledge
    return Signature(_row(there.buggy, place.pattern), _row(there.fixed, place.pattern))


def _names(pattern: BugPattern, named: Known) -> tuple[int, ...]:
    place = named.get((pattern.fix, pattern.ordinal))
    if place is None:
        return names(edit(pattern.hunk))
    return _row(place.knowledge.names, place.pattern)


def _row(rows: Ragged, number: int) -> tuple[int, ...]:
    return tuple(rows.values[rows.offsets[number] : rows.offsets[number + 1]].tolist())


def _ragged(rows: Iterable[tuple[int, ...]]) -> Ragged:
    values: list[int] = []
    offsets = [0]
    for row in rows:
        values.extend(row)
        offsets.append(len(values))
    return Ragged(np.array(values, dtype=np.uint64), np.array(offsets, dtype=np.int64))


def _vectors(patterns: Sequence[BugPattern], encoder: Encoder, known: Known) -> NDArray[np.float16]:
    vectors = np.zeros((len(patterns), 2, encoder.identity.dimension), dtype=np.float16)
    new = []
    for row, pattern in enumerate(patterns):
        place = known.get((pattern.fix, pattern.ordinal))
        if place is None:
            new.append(row)
        else:
            vectors[row] = place.knowledge.vectors[place.row]
    for start in range(0, len(new), _BATCH):
        rows = new[start : start + _BATCH]
        sides = [side for row in rows for side in (patterns[row].buggy, patterns[row].fixed)]
        encoded = encoder.encode([embedded_text(side) for side in sides])
        vectors[rows] = encoded.reshape(len(rows), 2, -1).astype(np.float16)
    return vectors
