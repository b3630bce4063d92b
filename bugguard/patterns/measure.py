"""A sample of ordinary commits, asked which of its hunks have which tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bugguard.domain.knowledge import Sample
from bugguard.patterns.sample import short

Units = frozenset[int]


class Measure:
    """Inverted tables over a sample; hunks are numbered in its order."""

    def __init__(self, sample: Sample) -> None:
        self.total = len(sample.commits)
        units = len(sample.added_starts) - 1
        self._units = units
        self._owners = np.repeat(np.arange(self.total), np.diff(sample.units))
        self._added = _Table(sample.added, sample.added_starts)
        self._around = _Table(sample.around, sample.around_starts)
        self._known: dict[tuple[str, bool], Units] = {}

    def adding(self, tokens: Sequence[str]) -> Units:
        """The hunks that add all of ``tokens``, the rarest first."""
        found = self._of(tokens[0], added=True)
        for token in tokens[1:]:
            if not found:
                break
            found = found & self._of(token, added=True)
        return found

    def having(self, token: str) -> Units:
        """The hunks that have the token in their post-image."""
        return self._of(token, added=False)

    def share(self, token: str) -> float:
        """Of all hunks, those that have the token in their post-image."""
        return len(self.having(token)) / self._units if self._units else 0.0

    def commits(self, units: Units) -> int:
        """To how many commits the hunks belong."""
        return len({int(self._owners[unit]) for unit in units})

    def _of(self, token: str, *, added: bool) -> Units:
        known = self._known.get((token, added))
        if known is None:
            name = short(token)
            known = frozenset(self._added.units(name))
            if not added:
                known |= frozenset(self._around.units(name))
            self._known[token, added] = known
        return known


class _Table:
    """Which rows have a value; each row's values are unique."""

    def __init__(self, values: NDArray[np.uint32], starts: NDArray[np.int64]) -> None:
        owners = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
        order = np.argsort(values, kind="stable")
        self._values, self._owners = values[order], owners[order]

    def units(self, value: int) -> list[int]:
        wanted = np.uint32(value)
        start = int(np.searchsorted(self._values, wanted, side="left"))
        end = int(np.searchsorted(self._values, wanted, side="right"))
        found: list[int] = self._owners[start:end].tolist()
        return found
