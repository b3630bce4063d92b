"""The edit signature: what only one side of an edit has. Both sides of a fix are nearly the same
code, so this small difference is what decides (the idea of MVP's vulnerability and patch
signatures, Xiao et al., USENIX Security 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from bugguard.domain.edit import CodeLine, Edit
from bugguard.match.rarity import Gram, Rarity, grams


class Reading:
    """An edit, with what comparing wants of it; each bag is made once, when first asked for."""

    def __init__(self, edit: Edit, rarity: Rarity) -> None:
        self.edit = edit
        self._rarity = rarity

    @cached_property
    def lost(self) -> Counter[Gram]:
        """Grams that only the pre-image has."""
        return self._removed - self._added

    @cached_property
    def gained(self) -> Counter[Gram]:
        """Grams that only the post-image has."""
        return self._added - self._removed

    @cached_property
    def lost_weight(self) -> float:
        return self._rarity.weight(self.lost)

    @cached_property
    def gained_weight(self) -> float:
        return self._rarity.weight(self.gained)

    @cached_property
    def before(self) -> Counter[Gram]:
        """Grams of the whole pre-image."""
        return grams(line for line in self.edit.lines if line.marker != "+")

    @cached_property
    def after(self) -> Counter[Gram]:
        """Grams of the whole post-image."""
        return grams(line for line in self.edit.lines if line.marker != "-")

    @cached_property
    def stood(self) -> frozenset[str]:
        """The keys of all lines of the pre-image: an edit has none of those that only moved to the
        right or left.
        """
        edited = (line.key for line in self.edit.lines if line.marker != "+")
        return frozenset((*edited, *("".join(one.split()) for one in self.edit.hunk.pre_image)))

    @cached_property
    def lost_lines(self) -> tuple[CodeLine, ...]:
        """Removed lines that the edit does not add again."""
        return _beyond(self.edit.removed, self.edit.added)

    @cached_property
    def gained_lines(self) -> tuple[CodeLine, ...]:
        """Added lines that the edit did not remove."""
        return _beyond(self.edit.added, self.edit.removed)

    @cached_property
    def _removed(self) -> Counter[Gram]:
        return grams(self.edit.removed) + self._punctuated(self.lost_lines)

    @cached_property
    def _added(self) -> Counter[Gram]:
        return grams(self.edit.added) + self._punctuated(self.gained_lines)

    def _punctuated(self, lines: Sequence[CodeLine]) -> Counter[Gram]:
        """Whole lines, by their keys, that changed in brackets, commas, dots or quotes alone.

        No token tells their two sides apart, so each line stands for itself.
        """
        lost = {line.tokens for line in self.lost_lines}
        both = lost & {line.tokens for line in self.gained_lines}
        return Counter(line.key for line in lines if line.tokens in both)


def _beyond(lines: Sequence[CodeLine], others: Sequence[CodeLine]) -> tuple[CodeLine, ...]:
    known = {line.key for line in others}
    return tuple(line for line in lines if line.key not in known)


def has(line: CodeLine, bag: Counter[Gram]) -> bool:
    """Whether anything on the line, or the line itself, is in the bag."""
    return line.key in bag or not bag.keys().isdisjoint(grams([line]))


def shared(left: Counter[Gram], right: Counter[Gram], rarity: Rarity) -> float:
    """The weight of what two bags have in common."""
    if len(left) > len(right):
        left, right = right, left
    return sum(
        min(count, right[gram]) * rarity.gram(gram) for gram, count in left.items() if gram in right
    )


class Overlap(NamedTuple):
    """How much of a fix's edit another edit takes back, by weight."""

    undone: float  #: what the other edit takes back
    whole: float  #: the fix's whole edit
    other: float  #: the other edit's whole

    @property
    def similarity(self) -> float:
        """Weighted Jaccard similarity of the one edit to the other turned round, 0..1."""
        union = self.whole + self.other - self.undone
        return self.undone / union if union else 0.0


def inverse_overlap(fix: Reading, change: Reading, rarity: Rarity) -> Overlap:
    """How far ``change`` is the inverse of ``fix``."""
    return Overlap(
        undone=shared(fix.lost, change.gained, rarity) + shared(fix.gained, change.lost, rarity),
        whole=fix.lost_weight + fix.gained_weight,
        other=change.lost_weight + change.gained_weight,
    )
