"""What is asked of all fixes at once: when each was made, of which repository it is."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bugguard.index.postgres import queries
from bugguard.index.postgres.source import Source

if TYPE_CHECKING:
    from bugguard.ports import Ids


class _Packed(NamedTuple):
    """Two arrays that a check of an index of several repositories wants: so they come in one row,
    with three bytes a fix.
    """

    sources: Ids
    matchable: NDArray[np.bool_]


class Dated:
    """The fixes of a generation, by their numbers."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._fixes = source.manifest.counts.fixes

    @property
    def shas(self) -> list[str]:
        return self._rows[0]

    @property
    def times(self) -> Ids:
        return self._rows[1]

    @property
    def sources(self) -> Ids:
        """Which of the manifest's sources each is of."""
        return self._packed.sources

    @property
    def matchable(self) -> NDArray[np.bool_]:
        return self._packed.matchable

    @cached_property
    def _rows(self) -> tuple[list[str], Ids]:
        rows = self._source.ask(queries.DATED)
        if [number for number, *_ in rows] != list(range(self._fixes)):
            raise self._source.damaged("a fix is missing")
        _, shas, times = zip(*rows, strict=True) if rows else ((),) * 3
        return list(shas), np.array(times, np.int64)

    @cached_property
    def _packed(self) -> _Packed:
        [(sources, matchable)] = self._source.ask(queries.PACKED)
        if len(sources) != 2 * self._fixes or len(matchable) != self._fixes:
            raise self._source.damaged("its fixes and their repositories do not fit together")
        numbers = np.frombuffer(sources, "<u2").astype(np.int64)
        if np.any(numbers >= len(self._source.manifest.provenance.sources)):
            raise self._source.damaged("a fix is of no source")
        return _Packed(numbers, np.frombuffer(matchable, np.uint8) > 0)
