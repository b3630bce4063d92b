"""BG001: a change that takes back what a past fix did.

One hunk says little: most look-alikes are code that was rewritten, moved or deleted with all around
it. What tells a harmful undo is the whole fix (how much of all that it did is taken back), whether
lines come back that it had removed, and whether the code around it stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bugguard.domain.edit import CodeLine, Edit
from bugguard.match.changed import ChangedCode
from bugguard.match.rarity import Rarity, grams
from bugguard.match.signature import Overlap, Signature, inverse_overlap, shared

_RARE = 2  #: a line that stands more often than this is no proof of anything when it comes back
_LONG = 12  #: characters of code; a shorter line comes back by chance


@dataclass(frozen=True, slots=True)
class Undo:
    """How a change compares to a fix turned round. Numbers are in 0..1."""

    coverage: float  #: of all the fix's changed code, what is taken back, by rarity
    similarity: float  #: of the best hunk: the edit against the fix's turned round
    restored: float  #: of the distinctive lines that the fix removed, those that come back
    taken: float  #: of the distinctive lines that the fix added, those that go
    context_gone: float  #: of the code around the fix, what goes too: then it is no undo
    adds_only: bool  #: the fix removed no line, so none can come back
    weight: float  #: how much the fix says at all: the sum of its edit's rarities
    new: float  #: of what the best hunk adds, what the fix never removed: a rewrite adds much
    pattern: Edit  #: the part of the fix that is taken back most,
    edit: Edit  #: and the change's hunk that does it


def compare(fix: Sequence[Edit], change: ChangedCode, rarity: Rarity) -> Undo | None:
    """``fix``: its patterns' edits. None where the change takes nothing of it back."""
    undone = whole = 0.0
    best: tuple[Overlap, Edit, Edit] | None = None
    restored, removed, gone, added, around, left = 0, 0, 0, 0, 0, 0
    adds_only = not any(edit.removed for edit in fix)
    for edit in fix:
        signature = Signature.of([edit])
        candidates = change.in_file(edit.hunk.path)
        overlaps = [
            (inverse_overlap(signature, change.signature(one), rarity), one) for one in candidates
        ]
        strongest = max(overlaps, key=lambda pair: pair[0].undone, default=None)
        if strongest is None:
            whole += inverse_overlap(signature, Signature.of([]), rarity).whole
        else:
            overlap, one = strongest
            whole += overlap.whole
            undone += overlap.undone
            if overlap.undone > (best[0].undone if best else 0.0):
                best = (overlap, edit, one)
        for line in _distinctive(edit.removed, signature.lost_lines, rarity):
            removed += 1
            restored += change.net(line.key) > 0 and change.brings(edit.hunk.path, line.key)
        for line in _distinctive(edit.added, signature.gained_lines, rarity):
            added += 1
            gone += change.net(line.key) < 0 and change.takes(edit.hunk.path, line.key)
        for line in edit.context:
            around += 1
            left += change.net(line.key) < 0 and change.takes(edit.hunk.path, line.key)
    if best is None:
        return None
    overlap, pattern, one = best
    gained = change.signature(one).gained
    brought = shared(Signature.of([pattern]).lost, gained, rarity)
    return Undo(
        coverage=undone / whole,
        similarity=overlap.similarity,
        restored=restored / removed if removed else 0.0,
        taken=gone / added if added else 0.0,
        context_gone=left / around if around else 0.0,
        adds_only=adds_only,
        weight=whole,
        new=1 - brought / weight if (weight := rarity.weight(gained)) else 0.0,
        pattern=pattern,
        edit=one,
    )


def lines_of(pattern: Edit, edit: Edit, change: ChangedCode, rarity: Rarity) -> Iterator[CodeLine]:
    """The lines of ``edit`` that take back something of ``pattern``."""
    signature = Signature.of([pattern])
    for line in change.unmoved(edit).lines:
        undone = signature.lost if line.marker == "+" else signature.gained
        if line.marker != " " and shared(grams([line]), undone, rarity) > 0:
            yield line


def _distinctive(lines: Sequence[CodeLine], net: Counter[str], rarity: Rarity) -> list[CodeLine]:
    return [
        line
        for line in lines
        if net[line.key] > 0 and len(line.key) >= _LONG and rarity.standing(line) <= _RARE
    ]
