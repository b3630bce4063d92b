"""The edit signature: what only one side of an edit has. Both sides of a fix are nearly the same
code, so this small difference is what decides (the idea of MVP's vulnerability and patch
signatures, Xiao et al., USENIX Security 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bugguard.domain.edit import CodeLine, Edit
from bugguard.match.rarity import Gram, Rarity, grams


@dataclass(frozen=True, slots=True)
class Signature:
    """An edit, or several of one file, without what both of its sides have."""

    lost: Counter[Gram]  #: grams that only the pre-image has
    gained: Counter[Gram]  #: grams that only the post-image has
    lost_lines: Counter[str]  #: the same for whole lines, by their keys
    gained_lines: Counter[str]

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> Signature:
        """The net difference of the edits: what they only move cancels out."""
        removed: list[CodeLine] = []
        added: list[CodeLine] = []
        for edit in edits:
            removed += edit.removed
            added += edit.added
        before, after = grams(removed), grams(added)
        lines_before = Counter(line.key for line in removed)
        lines_after = Counter(line.key for line in added)
        return cls(
            before - after, after - before, lines_before - lines_after, lines_after - lines_before
        )


def shared(left: Counter[Gram], right: Counter[Gram], rarity: Rarity) -> float:
    """The weight of what two bags have in common."""
    if len(left) > len(right):
        left, right = right, left
    return sum(
        min(count, right[gram]) * rarity.gram(gram) for gram, count in left.items() if gram in right
    )


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of a fix's edit another edit takes back, by weight."""

    undone: float  #: what the other edit takes back
    whole: float  #: the fix's whole edit
    other: float  #: the other edit's whole

    @property
    def coverage(self) -> float:
        """The share of the fix that is taken back, 0..1."""
        return self.undone / self.whole if self.whole else 0.0

    @property
    def similarity(self) -> float:
        """Weighted Jaccard similarity of the one edit to the other turned round, 0..1."""
        union = self.whole + self.other - self.undone
        return self.undone / union if union else 0.0


def inverse_overlap(fix: Signature, change: Signature, rarity: Rarity) -> Overlap:
    """How far ``change`` is the inverse of ``fix``."""
    undone = shared(fix.lost, change.gained, rarity) + shared(fix.gained, change.lost, rarity)
    whole = rarity.weight(fix.lost) + rarity.weight(fix.gained)
    other = rarity.weight(change.lost) + rarity.weight(change.gained)
    return Overlap(undone, whole, other)
