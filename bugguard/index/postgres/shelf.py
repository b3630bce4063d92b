"""The lessons on a server; see :mod:`bugguard.index.lessons` for those in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bugguard.domain.lesson import Lesson
from bugguard.index.lessons import BLOCK, nearness
from bugguard.index.postgres import queries
from bugguard.index.postgres.ahead import halves
from bugguard.index.postgres.source import Source
from bugguard.index.records import checksum, read_lesson
from bugguard.ports import Taught

if TYPE_CHECKING:
    from bugguard.ports import Floats, Ids

_BITS = (1 << 64) - 1
_KEPT = 4096  #: in memory; of more, all are forgotten


class ServedShelf:
    """The lessons, read only when they are asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[int, Lesson | None] = {}

    def of(self, number: int, others: Iterable[int]) -> Lesson | None:
        """The lesson of the fix with that number; those of others may be asked for next."""
        if not len(self):
            return None
        if number not in self._known:
            if len(self._known) > _KEPT:
                self._known = {}
            self._fetch({number, *(one for one in others if one not in self._known)})
        return self._known[number]

    def __len__(self) -> int:
        return self._source.manifest.counts.lessons

    def near(self, vectors: Floats) -> Taught:
        """See :meth:`bugguard.ports.PatternIndex.taught`."""
        fixes, meanings = self._meanings
        return nearness(fixes, lambda: _blocks(meanings), vectors)

    @cached_property
    def _meanings(self) -> tuple[Ids, NDArray[np.float16]]:
        rows = self._source.ask(queries.MEANINGS) if len(self) else []
        if len(rows) != len(self):
            raise self._source.damaged("a lesson is missing")
        dimension = self._source.manifest.encoder.dimension
        fixes = np.array([number for number, _ in rows], np.int64)
        meanings = np.zeros((len(rows), dimension), np.float16)
        for place, (_, meaning) in enumerate(rows):
            meanings[place] = halves(self._source, meaning)
        if np.any((fixes < 0) | (fixes >= self._source.manifest.counts.fixes)):
            raise self._source.damaged("a lesson belongs to no fix")
        return fixes, meanings

    def _fetch(self, numbers: set[int]) -> None:
        self._known.update(dict.fromkeys(numbers))
        for number, digest, line, sha in self._source.ask(queries.LESSONS, fixes=sorted(numbers)):
            if checksum([line]) != digest & _BITS:
                raise self._source.damaged(f"the lesson of fix {number} is not as it was written")
            try:
                owner, lesson = read_lesson(line)
            except ValueError as error:
                raise self._source.damaged(f"the lesson of fix {number}: {error}") from error
            if owner != sha:
                raise self._source.damaged(f"the lesson of fix {number} is another fix's")
            self._known[number] = lesson


def _blocks(meanings: NDArray[np.float16]) -> Iterator[Floats]:
    for start in range(0, len(meanings), BLOCK):
        yield meanings[start : start + BLOCK].astype(np.float32)
