"""Fixes, their patterns and vectors, fetched together with those that will be asked for next.

Who looks for matches asks for the places of all patterns in question, then for their fixes and
vectors one by one. Over a network each of these would be a wait of its own; so whatever is missing
is fetched with all that the last question about places named, up to a bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from bugguard.domain import LearnedFix
from bugguard.index.postgres import queries
from bugguard.index.postgres.source import Source
from bugguard.index.records import checksum, read_fix

if TYPE_CHECKING:
    from bugguard.ports import Floats, Ids

_FIXES = 256  #: fetched at a time beyond what was asked for
_PATTERNS = 1024
_KEPT = 4096  #: fixes and vectors in memory; of more, all are forgotten
_KEPT_PLACES = 1 << 18
_BITS = (1 << 64) - 1


class _Raw(NamedTuple):
    """A fix as it came: many are never asked for."""

    digest: int
    line: bytes
    patterns: list[bytes]


class Ahead:
    """A reader's fixes and vectors."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._patterns = source.manifest.counts.patterns
        self._places: dict[int, tuple[int, int]] = {}
        self._fixes: dict[int, _Raw] = {}
        self._vectors: dict[int, Floats] = {}
        self._latest = -1  #: number of the fix that was asked for last
        self._next: list[int] = []  #: patterns that were named last
        self._seen: list[int] = []  #: patterns that were found last

    @property
    def fixes(self) -> Iterable[int]:
        """The numbers of those at hand."""
        return self._fixes.keys()

    def see(self, patterns: Ids) -> None:
        """These were found: one of them may be asked about next."""
        self._seen = patterns[:_PATTERNS].tolist()

    def expect(self, fixes: Iterable[int]) -> None:
        """These fixes may be asked for next."""
        self._fetch(one for one in fixes if one not in self._fixes)

    def places(self, patterns: Ids) -> tuple[Ids, Ids]:
        """(number of its fix, ordinal) of each. IndexError: there is no such pattern."""
        if np.any((patterns < 0) | (patterns >= self._patterns)):
            raise IndexError("there is no such pattern")
        asked: list[int] = patterns.tolist()
        if len(self._places) > _KEPT_PLACES:
            self._places = {}
        missing = {one for one in asked if one not in self._places}
        if missing:
            if len(asked) == 1:  # one by one: the others found will follow
                missing |= {one for one in self._seen if one not in self._places}
            self._find(missing)
        self._next = asked
        numbers = np.array([self._places[one][0] for one in asked], np.int64)
        ordinals = np.array([self._places[one][1] for one in asked], np.int64)
        return numbers, ordinals

    def fix(self, number: int) -> LearnedFix:
        """The fix, verified, whose number must be one."""
        if number not in self._fixes:
            named = dict.fromkeys(self._places[one][0] for one in self._next)
            others = [one for one in named if one not in self._fixes] if number in named else []
            if number == self._latest + 1:  # one after the other
                end = min(number + _FIXES, self._source.manifest.counts.fixes)
                others = list(range(number + 1, end))
            self._fetch([number, *others[:_FIXES]])
        self._latest = number
        digest, line, lines = self._fixes[number]
        if checksum([line, *lines]) != digest & _BITS:
            raise self._source.damaged(f"fix {number} is not as it was written")
        try:
            return read_fix(line, lines)
        except ValueError as error:
            raise self._source.damaged(f"fix {number}: {error}") from error

    def vectors(self, patterns: Ids) -> Floats:
        """Both sides, shape (len(patterns), 2, dimension)."""
        dimension = self._source.manifest.encoder.dimension
        asked: list[int] = patterns.tolist()
        if len(self._vectors) > _KEPT:
            self._vectors = {}
        missing = {one for one in asked if one not in self._vectors}
        if missing:
            others = [one for one in self._next if one not in self._vectors]
            self._measure(missing, others[:_PATTERNS])
        if not asked:
            return np.zeros((0, 2, dimension), np.float32)
        return np.stack([self._vectors[one] for one in asked])

    def _find(self, missing: set[int]) -> None:
        rows = self._source.ask(queries.PLACES, patterns=sorted(missing))
        fixes = self._source.manifest.counts.fixes
        for pattern, number, ordinal in rows:
            if not 0 <= number < fixes or not 0 <= ordinal <= pattern:
                raise self._source.damaged("a pattern belongs to no fix")
            self._places[pattern] = number, ordinal
        if any(one not in self._places for one in missing):
            raise self._source.damaged("a pattern is missing")

    def _fetch(self, numbers: Iterable[int]) -> None:
        wanted = set(numbers)
        if not wanted:
            return
        if len(self._fixes) > _KEPT:
            self._fixes = {}
        for number, *raw in self._source.ask(queries.FIXES, fixes=sorted(wanted)):
            self._fixes[number] = _Raw(*raw)
        if any(one not in self._fixes for one in wanted):
            raise self._source.damaged("a fix is missing")

    def _measure(self, missing: set[int], others: list[int]) -> None:
        asked = sorted(missing.union(others))
        for pattern, *sides in self._source.ask(queries.VECTORS, patterns=asked):
            both = [halves(self._source, side).astype(np.float32) for side in sides]
            self._vectors[pattern] = np.stack(both)
        if any(one not in self._vectors for one in missing):
            raise self._source.damaged("a pattern and its vectors do not match")


def halves(source: Source, data: bytes) -> NDArray[np.float16]:
    """A vector as the server sends it."""
    try:
        vector = HalfVector.from_binary(data).to_numpy().astype(np.float16)
    except (ValueError, TypeError, OverflowError) as error:
        raise source.damaged("a vector is none") from error
    if len(vector) != source.manifest.encoder.dimension or not np.isfinite(vector).all():
        raise source.damaged("a vector is not as it was written")
    return vector
