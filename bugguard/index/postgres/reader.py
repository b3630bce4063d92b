"""The index on a server as :class:`bugguard.ports.PatternIndex` asks for it.

A question is one statement at most, however much is asked for. What comes from the server is held
against its checksums and bounds as what comes from files is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import finalize

import numpy as np
from numpy.typing import NDArray
from pgvector import Vector

from bugguard.config import Dsn
from bugguard.domain import FixCommit, LearnedFix
from bugguard.domain.guard import TokenRule
from bugguard.domain.lesson import Lesson
from bugguard.domain.provenance import EncoderIdentity
from bugguard.index import arrays, cells
from bugguard.index.manifest import Manifest
from bugguard.index.postgres import queries
from bugguard.index.postgres.ahead import Ahead, halves
from bugguard.index.postgres.dated import Dated
from bugguard.index.postgres.rows import signed, ticket_key
from bugguard.index.postgres.schema import SIDES
from bugguard.index.postgres.shelf import ServedShelf
from bugguard.index.postgres.source import Source
from bugguard.index.records import checksum, read_commit, read_rule
from bugguard.ports import Neighbours, Postings, Taught

if TYPE_CHECKING:
    from bugguard.ports import Floats, Hashes, Ids

_SLACK = 64  #: rows beyond those asked for: as many may be equally near but for rounding
_BLOCK = 2000  #: rows fetched at a time where all are asked for
_LIKELY = 64  #: fixes fetched with their lessons because these are nearest
_BITS = (1 << 64) - 1
_MOST = (1 << 31) - 1
_NONE: NDArray[np.int64] = np.zeros(0, np.int64)
_HEX = frozenset("0123456789abcdef")


class ServedIndex:
    """A :class:`~bugguard.ports.DatedIndex`. Any method may find damage and then raises
    :class:`~bugguard.errors.IndexCorruptError`, or :class:`~bugguard.errors.PatternIndexError`
    where the server is gone.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._counts = source.manifest.counts
        self._ahead = Ahead(source)
        self._shelf = ServedShelf(source)
        self._dated = Dated(source)
        #: Takes leave of the server; nothing can be asked any more. It does not keep the index
        #: alive, and is called at the latest when that goes.
        self.close = finalize(self, source.close)

    @classmethod
    def open(cls, dsn: Dsn) -> ServedIndex:
        """See :func:`bugguard.index.postgres.open_served`."""
        return cls(Source.open(dsn))

    @property
    def manifest(self) -> Manifest:
        return self._source.manifest

    @property
    def encoder(self) -> EncoderIdentity:
        return self.manifest.encoder

    @property
    def patterns(self) -> int:
        return self._counts.active

    @property
    def fixes(self) -> int:
        return self._counts.matchable_fixes

    @property
    def heads(self) -> tuple[str, ...]:
        return self.manifest.provenance.heads

    @property
    def repositories(self) -> tuple[str, ...]:
        """See :attr:`bugguard.ports.PatternIndex.repositories`."""
        return tuple(source.name for source in self.manifest.provenance.sources)

    @property
    def commits(self) -> int:
        return self._counts.counted

    @property
    def lessons(self) -> int:
        return len(self._shelf)

    @property
    def times(self) -> Ids:
        """When each fix was committed, in seconds since the epoch, ascending."""
        return self._dated.times

    def shas(self) -> list[str]:
        """The sha of each fix, in canonical order."""
        return list(self._dated.shas)

    def matchable(self) -> NDArray[np.bool_]:
        """Which fixes have at least one pattern that can be matched, by number."""
        return self._dated.matchable

    def origins(self) -> Ids:
        """See :meth:`bugguard.ports.DatedIndex.origins`."""
        return self._dated.sources

    def postings(self, side: str, features: Hashes, cap: int) -> Postings:
        """See :meth:`bugguard.ports.PatternIndex.postings`."""
        asked = signed(features).tolist()
        rows = self._source.ask(
            queries.POSTINGS, side=SIDES[side], features=list(set(asked)), cap=min(cap, _MOST)
        ) if asked else []  # fmt: skip
        having = {feature: self._posting(row) for feature, row in rows}
        found = [having.get(feature, _NONE) for feature in asked]
        lengths = list(map(len, found))
        patterns = np.concatenate(found) if found else _NONE
        self._ahead.see(patterns)
        return Postings(np.repeat(np.arange(len(found)), lengths), patterns)

    def _posting(self, row: list[int]) -> Ids:
        try:
            patterns = np.array(row, np.int64)
        except (TypeError, ValueError) as error:
            raise self._source.damaged("a feature's patterns are none") from error
        inside = patterns.ndim == 1 and np.all((patterns >= 0) & (patterns < self._counts.patterns))
        if not inside or np.any(patterns[1:] <= patterns[:-1]):
            raise self._source.damaged("a feature names a pattern that does not exist")
        return patterns

    def nearest(self, vectors: Floats, k: int) -> Neighbours:
        """See :meth:`bugguard.ports.PatternIndex.nearest`; the cosine is -1 where the id is.

        The cells are chosen here, as for a folder. The server puts their rows in order, and the
        best of them are measured again here, for it rounds otherwise.
        """
        found = np.full((len(vectors), k), -1, np.int64)
        cosines = np.full((len(vectors), k), -1.0, np.float32)
        askers = cells.askers(self._cells[0], vectors)
        pairs = [(question, cell) for cell, some in askers.items() for question in some]
        if not pairs or not k:
            return Neighbours(found, cosines)
        questions = sorted({question for question, _ in pairs})
        rows = self._source.ask(
            queries.NEAREST,
            questions=questions,
            vectors=[Vector(vectors[question]).to_text() for question in questions],
            owners=[question for question, _ in pairs],
            cells=[cell for _, cell in pairs],
            most=k + _SLACK,
        )
        near: dict[int, list[tuple[int, int, bytes]]] = {}
        for question, *row in rows:
            near.setdefault(question, []).append(tuple(row))
        for question, some in near.items():
            places, patterns, sides = zip(*some, strict=True)
            if min(patterns) < 0 or max(patterns) >= self._counts.patterns:
                raise self._source.damaged("a vector belongs to no pattern")
            block = np.stack([halves(self._source, side) for side in sides])
            of = dict(zip(places, patterns, strict=True))
            ids = np.array(places, np.int64)
            best, scores = cells.closest(ids, block, vectors[question], k)
            found[question, : len(best)] = [of[place] for place in best.tolist()]
            cosines[question, : len(best)] = scores
        return Neighbours(found, cosines)

    @cached_property
    def _cells(self) -> tuple[Floats, Ids]:
        [(centroids, starts)] = self._source.ask(queries.CELLS)
        dimension = self.encoder.dimension
        count = len(starts) // 8 - 1
        if count < 1 or len(starts) % 8 or len(centroids) != count * dimension * 4:
            raise self._source.damaged("its cells do not fit together")
        bounds = np.frombuffer(starts, "<i8")
        if not arrays.ascending(bounds, int(bounds[-1])) or bounds[-1] > self._counts.active:
            raise self._source.damaged("its cells do not fit together")
        return np.frombuffer(centroids, "<f4").reshape(count, dimension), bounds

    def vectors(self, patterns: Ids) -> Floats:
        """See :meth:`bugguard.ports.PatternIndex.vectors`."""
        if np.any((patterns < 0) | (patterns >= self._counts.patterns)):
            raise IndexError("there is no such pattern")
        return self._ahead.vectors(patterns)

    def frequency(self, features: Hashes) -> Ids:
        """In how many commits of the history each feature was added; 0 where never."""
        return self._statistic(features, 0)

    def standing(self, features: Hashes) -> Ids:
        """Occurrences of each feature added less removed, over the history; 0 where never."""
        return self._statistic(features, 1)

    def _statistic(self, features: Hashes, which: int) -> Ids:
        asked = signed(features).tolist()
        rows = self._source.ask(queries.STATISTICS, features=list(set(asked))) if asked else []
        known = {feature: counts[which] for feature, *counts in rows}
        return np.array([known.get(feature, 0) for feature in asked], np.int64)

    def rules(self, features: Hashes, cap: int) -> list[TokenRule]:
        """See :meth:`bugguard.ports.PatternIndex.rules`."""
        asked = list(set(signed(features).tolist()))
        if not asked:
            return []
        rows = self._source.ask(
            queries.RULES, side=SIDES["trigger"], features=asked, cap=min(cap, _MOST)
        )
        return [self._rule(*row) for row in rows]

    def all_rules(self) -> Iterator[TokenRule]:
        """Every rule, in the order of their patterns. Reads the whole list."""
        first = 0
        while rows := self._source.ask(queries.ALL_RULES, first=first, most=_BLOCK):
            yield from (self._rule(*row) for row in rows)
            first = rows[-1][0] + 1

    def _rule(self, number: int, digest: int | None, line: bytes | None) -> TokenRule:
        if digest is None or line is None:
            raise self._source.damaged(f"rule {number} is missing")
        if checksum([line]) != digest & _BITS:
            raise self._source.damaged(f"rule {number} is not as it was written")
        try:
            return read_rule(line, self._counts.patterns)
        except ValueError as error:
            raise self._source.damaged(f"rule {number}: {error}") from error

    def lesson(self, number: int) -> Lesson | None:
        """See :meth:`bugguard.ports.PatternIndex.lesson`. IndexError: there is no such fix."""
        self._must_be(number)
        return self._shelf.of(number, self._ahead.fixes)

    def taught(self, vectors: Floats) -> Taught:
        """See :meth:`bugguard.ports.PatternIndex.taught`."""
        told = self._shelf.near(vectors)
        order = np.lexsort((told.fix, -told.cosine))[:_LIKELY]
        self._ahead.expect(told.fix[order].tolist())
        return told

    def fix_numbers(self, patterns: Ids) -> Ids:
        """See :meth:`bugguard.ports.PatternIndex.fix_numbers`."""
        return self._ahead.places(patterns)[0]

    def ordinals(self, patterns: Ids) -> Ids:
        """The place of each pattern among its fix's patterns, from 0."""
        return self._ahead.places(patterns)[1]

    def fix(self, number: int) -> LearnedFix:
        """See :meth:`bugguard.ports.PatternIndex.fix`. IndexError: there is no such fix."""
        self._must_be(number)
        return self._ahead.fix(number)

    def _must_be(self, number: int) -> None:
        if not 0 <= number < self._counts.fixes:
            raise IndexError(f"there is no fix number {number}")

    def find(self, text: str) -> list[int]:
        """See :meth:`bugguard.ports.PatternIndex.find`; fixes that a ticket names come first."""
        wanted = text.strip().lower()
        if not wanted:
            return []
        sha = wanted if len(wanted) >= 4 and _HEX.issuperset(wanted) else ""
        rows = self._source.ask(
            queries.FIND, name=ticket_key(wanted), sha=sha, beyond=f"{sha}g" if sha else ""
        )
        numbers = dict.fromkeys(number for _, number in rows)
        if any(not 0 <= number < self._counts.fixes for number in numbers):
            raise self._source.damaged("a ticket belongs to no fix")
        return list(numbers)

    def fix_commits(self) -> Iterator[FixCommit]:
        """The commit of each fix, in canonical order. Reads the whole list."""
        first = 0
        while rows := self._source.ask(queries.COMMITS, first=first, most=_BLOCK):
            for number, line in rows:
                if number != first:
                    raise self._source.damaged("a fix is missing")
                first += 1
                try:
                    yield read_commit(line)[0]
                except ValueError as error:
                    raise self._source.damaged(f"fix {number}: {error}") from error
        if first != self._counts.fixes:
            raise self._source.damaged("a fix is missing")
