"""Two settings of the tool on the same cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Row(NamedTuple):
    """A case with what either said. Scores: of the finding, 0..1; None: there is none at all."""

    fix: str  #: sha; where the case names no fix, the one that is told best; empty: none is
    change: str  #: sha; of what was planted, its variant
    kind: str
    wanted: bool  #: whether it is to be told
    a: float | None
    b: float | None
    told_by_a: bool
    told_by_b: bool


class Offered(NamedTuple):
    """Of the cases to be told, those whose fix is among the first so many that are offered."""

    first: int
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All cases with what either says."""

    a: str  #: the two, as the user named them
    b: str
    rows: Sequence[Row]
    offered: Sequence[Offered] = ()  #: empty: neither has lessons, which help to offer alone

    def kinds(self) -> dict[tuple[str, bool], list[Row]]:
        """The cases by kind, and by whether they are to be told; those that are come first."""
        found: dict[tuple[str, bool], list[Row]] = {}
        for row in sorted(self.rows, key=lambda row: not row.wanted):
            found.setdefault((row.kind, row.wanted), []).append(row)
        return found

    def count(self, *, wanted: bool) -> int:
        """How many cases are to be told, or are not."""
        return sum(row.wanted is wanted for row in self.rows)

    def told(self, *, wanted: bool, by_b: bool) -> int:
        """How many of them one of the two tells."""
        told = (row.told_by_b if by_b else row.told_by_a for row in self.rows)
        return sum(is_told and row.wanted is wanted
                   for is_told, row in zip(told, self.rows, strict=True))  # fmt: skip

    def differing(self, *, wanted: bool, by_b: bool) -> list[Row]:
        """Those that only one of the two tells."""
        return [
            row
            for row in self.rows
            if row.wanted is wanted and row.told_by_a != row.told_by_b and row.told_by_b is by_b
        ]

    @property
    def better(self) -> str | None:
        """``A`` or ``B``: catches no case fewer and alerts no more, and one of both is strict."""
        caught = self.told(wanted=True, by_b=True) - self.told(wanted=True, by_b=False)
        spared = self.told(wanted=False, by_b=False) - self.told(wanted=False, by_b=True)
        if not caught and not spared:
            return None
        if caught >= 0 and spared >= 0:
            return "B"
        return "A" if caught <= 0 and spared <= 0 else None
