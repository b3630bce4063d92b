"""BG001: a change that takes back what a past fix did.

One hunk says little: most look-alikes are code that was rewritten, moved or deleted with all around
it. What tells a harmful undo is the whole fix (how much of all that it did is taken back), whether
lines come back that it had removed, and whether the code around it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bugguard.domain.edit import CodeLine
from bugguard.match.changed import ChangedCode
from bugguard.match.rarity import Rarity, grams
from bugguard.match.signature import Overlap, Reading, inverse_overlap, shared

_RARE = 2  #: a line that stands more often than this is no proof of anything when it comes back
_LONG = 12  #: characters of code; a shorter line comes back by chance


class Undo(NamedTuple):
    """How a change compares to a fix turned round. Numbers are in 0..1."""

    coverage: float  #: of all the fix's changed code, what is taken back, by rarity
    similarity: float  #: of the best hunk: the edit against the fix's turned round
    restored: float  #: of the distinctive lines that the fix removed, those that come back
    taken: float  #: of the distinctive lines that the fix added, those that go
    context_gone: float  #: of the code around the fix, what goes too: then it is no undo
    adds_only: bool  #: the fix removed no line, so none can come back
    weight: float  #: how much the fix says at all: the sum of its edit's rarities
    new: float  #: of what the best hunk adds, the part that stands for the fix: a rewrite has much
    elsewhere: bool  #: whether the code has moved to a file of another name since
    pattern: Reading  #: the part of the fix that is taken back most,
    hunk: Reading  #: and the change's hunk that does it


def compare(fix: Sequence[Reading], change: ChangedCode, rarity: Rarity) -> Undo | None:
    """``fix``: its patterns. None where the change takes nothing of it back."""
    undone = whole = 0.0
    best: tuple[Overlap, Reading, Reading] | None = None
    for pattern in fix:
        whole += pattern.lost_weight + pattern.gained_weight
        hunks = change.in_file(pattern.edit.hunk.path) or _where_it_moved(pattern, change, rarity)
        overlaps = ((inverse_overlap(pattern, hunk, rarity), pattern, hunk) for hunk in hunks)
        strongest = max(overlaps, key=lambda one: one[0].undone, default=None)
        if strongest is not None:
            undone += strongest[0].undone
            if strongest[0].undone > (best[0].undone if best else 0.0):
                best = strongest
    if best is None:
        return None
    overlap, pattern, hunk = best
    brought = shared(pattern.lost, hunk.gained, rarity)
    # What the hunk adds in place of other code that it takes away does not stand for the fix.
    swapped = hunk.lost_weight - (overlap.undone - brought)
    stands_in = max(0.0, hunk.gained_weight - brought - swapped)
    return Undo(
        coverage=undone / whole,
        similarity=overlap.similarity,
        restored=_share(fix, change.brings, lambda one: _telling(one.lost_lines, rarity)),
        taken=_share(fix, change.takes, lambda one: _telling(one.gained_lines, rarity)),
        context_gone=_share(fix, change.takes, lambda one: one.edit.context),
        adds_only=not any(one.edit.removed for one in fix),
        weight=whole,
        new=stands_in / hunk.gained_weight if hunk.gained_weight else 0.0,
        elsewhere=not change.in_file(pattern.edit.hunk.path),
        pattern=pattern,
        hunk=hunk,
    )


def lines_of(pattern: Reading, hunk: Reading, rarity: Rarity) -> Iterator[CodeLine]:
    """The lines of the change's hunk that take back something of the pattern."""
    for line in hunk.edit.lines:
        undone = pattern.lost if line.marker == "+" else pattern.gained
        if line.marker != " " and shared(grams([line]), undone, rarity) > 0:
            yield line


def _where_it_moved(pattern: Reading, change: ChangedCode, rarity: Rarity) -> Sequence[Reading]:
    """The hunks of other files that take a telling line of the fix from the code around it."""
    lines = {line.key for line in _telling(pattern.gained_lines, rarity)}
    around = {line.key for line in _telling(pattern.edit.context, rarity)}
    return [
        hunk
        for hunk in change.readings
        if lines & {line.key for line in hunk.edit.removed}
        and around & {line.key for line in hunk.edit.lines}
    ]


def _share(
    fix: Sequence[Reading],
    holds: Callable[[str, str], bool],
    lines_of: Callable[[Reading], Sequence[CodeLine]],
) -> float:
    """Of the lines, the share that the change does something to, in files of their name."""
    found = [holds(one.edit.hunk.path, line.key) for one in fix for line in lines_of(one)]
    return sum(found) / len(found) if found else 0.0


def _telling(lines: Sequence[CodeLine], rarity: Rarity) -> list[CodeLine]:
    """The lines that no other place is likely to have."""
    return [line for line in lines if len(line.key) >= _LONG and rarity.standing(line) <= _RARE]
