"""BG001: a change that takes back what a past fix did.

One hunk says little: most look-alikes are code that was rewritten, moved or deleted with all around
it. What tells a harmful undo is the whole fix (how much of all that it did is taken back), whether
lines come back that it had removed, and whether the code around it stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bugguard.domain.edit import CodeLine
from bugguard.match.changed import ChangedCode
from bugguard.match.rarity import Gram, Rarity
from bugguard.match.signature import Overlap, Reading, has, inverse_overlap, shared

_RARE = 2  #: a line that stands more often than this is no proof of anything when it comes back
_CODE = 6  #: characters of code; a shorter line tells of no copy
_COPIED = 2 / 3  #: of a fix's lines, so many make a copy of it
_LEAST_COPIED = 4  #: lines; fewer are alike by chance
_LONG = 12  #: characters of code; a shorter line comes back by chance


class Undo(NamedTuple):
    """How a change compares to a fix turned round. Numbers are in 0..1."""

    coverage: float  #: of all the fix's changed code, what is taken back, by rarity
    part: float  #: the same for the one part of the fix that is taken back most
    similarity: float  #: of the best hunk: the edit against the fix's turned round
    restored: float  #: of the distinctive lines that the fix removed, those that come back
    kept: float  #: of what only the fixed side has, what the change itself adds again somewhere
    context_gone: float  #: of the code around the fix, what goes too: then it is no undo
    adds_only: bool  #: the fix removed no line, so none can come back
    lines: int  #: how many lines of code the fix changed
    weight: float  #: how much the fix says at all: the sum of its edit's rarities
    new: float  #: of what the best hunk adds, the part that stands for the fix: a rewrite has much
    elsewhere: bool  #: whether the code has moved to a file of another name since
    pattern: Reading  #: the part of the fix that is taken back most,
    hunk: Reading  #: and the change's hunk that does it


def compare(
    fix: Sequence[Reading], change: ChangedCode, rarity: Rarity, *, foreign: bool = False
) -> Undo | None:
    """``fix``: its patterns. None where the change takes nothing of it back.

    foreign: it was made in another repository. Files of one name are then two files, and only the
        code itself can tell that it came from there.
    """
    strongest = [_strongest(pattern, change, rarity, foreign) for pattern in fix]
    overlap, pattern, hunk = max(strongest, key=lambda one: one.overlap.undone)
    if hunk is None or not overlap.undone:
        return None
    whole = sum(one.overlap.whole for one in strongest)
    brought = shared(pattern.lost, hunk.gained, rarity)
    taken = overlap.undone - brought
    # What the hunk adds in place of other code that it takes away does not stand for the fix.
    stands_in = max(0.0, hunk.gained_weight - brought - (hunk.lost_weight - taken))
    # What goes beside the fix, with nothing in its place: the fix's subject goes, not the fix.
    beside = max(0.0, hunk.lost_weight - taken - hunk.gained_weight)
    around = _share(strongest, change.takes, lambda one: one.edit.context)
    return Undo(
        coverage=sum(one.overlap.undone for one in strongest) / whole,
        part=overlap.undone / overlap.whole,
        similarity=overlap.similarity,
        restored=_share(strongest, change.brings, lambda one: _telling(one.lost_lines, rarity)),
        kept=_kept(fix, change, rarity),
        context_gone=max(around, beside / hunk.lost_weight if hunk.lost_weight else 0.0),
        adds_only=not any(one.edit.removed for one in fix),
        lines=sum(len(one.edit.removed) + len(one.edit.added) for one in fix),
        weight=whole,
        new=stands_in / hunk.gained_weight if hunk.gained_weight else 0.0,
        elsewhere=foreign or hunk not in change.in_file(pattern.edit.hunk.path),
        pattern=pattern,
        hunk=hunk,
    )


class Pairing(NamedTuple):
    """A part of the fix beside the change's hunk that takes most of it back, if any does."""

    overlap: Overlap
    pattern: Reading
    hunk: Reading | None

    @property
    def path(self) -> str:
        """Where that part of the code is now, as far as can be told."""
        return (self.hunk or self.pattern).edit.hunk.path


def _strongest(pattern: Reading, change: ChangedCode, rarity: Rarity, foreign: bool) -> Pairing:
    here = () if foreign else change.in_file(pattern.edit.hunk.path)
    places = _where_it_moved(pattern, change, rarity)
    if foreign:
        places += [one for one in _copies(pattern, change) if one not in places]
    moved = (one for one in places if one not in here)
    pairings = [
        Pairing(inverse_overlap(pattern, hunk, rarity), pattern, hunk) for hunk in (*here, *moved)
    ]
    nothing = Pairing(Overlap(0.0, pattern.lost_weight + pattern.gained_weight, 0.0), pattern, None)
    best = max(pairings, key=lambda one: one.overlap.undone, default=nothing)
    return best if best.overlap.undone else nothing


def lines_of(pattern: Reading, hunk: Reading) -> Iterator[CodeLine]:
    """The lines of the change's hunk that take back something of the pattern."""
    for line in hunk.edit.lines:
        undone = pattern.lost if line.marker == "+" else pattern.gained
        if line.marker != " " and has(line, undone):
            yield line


def _where_it_moved(pattern: Reading, change: ChangedCode, rarity: Rarity) -> list[Reading]:
    """The hunks that take a telling line of the fix from the code around it, in any file."""
    lines = {line.key for line in _telling(pattern.gained_lines, rarity)}
    around = {line.key for line in _telling(pattern.edit.context, rarity)}
    return [
        hunk
        for hunk in change.edited
        if lines & {line.key for line in hunk.edit.removed}
        and around & {line.key for line in hunk.edit.lines}
    ]


def _copies(pattern: Reading, change: ChangedCode) -> list[Reading]:
    """The hunks that change a copy of what the fix left, in a file of whatever name: most of its
    lines stand there as it left them, however common each may be.
    """
    left = {line.key for line in (*pattern.edit.added, *pattern.edit.context)}
    left = {key for key in left if len(key) >= _CODE}
    if len(left) < _LEAST_COPIED:
        return []
    return [one for one in change.edited if len(left & one.stood) >= _COPIED * len(left)]


def _kept(fix: Sequence[Reading], change: ChangedCode, rarity: Rarity) -> float:
    """What the change writes anew of the fix: its words in another place or in another form."""
    remedy = Counter[Gram]()
    for pattern in fix:
        remedy.update(pattern.gained)
    whole = rarity.weight(remedy)
    return shared(remedy, change.written, rarity) / whole if whole else 0.0


def _share(
    fix: Sequence[Pairing],
    holds: Callable[[str, str], bool],
    lines_of: Callable[[Reading], Sequence[CodeLine]],
) -> float:
    """Of the lines, the share that the change does something to, in files of their name."""
    found = [holds(one.path, line.key) for one in fix for line in lines_of(one.pattern)]
    return sum(found) / len(found) if found else 0.0


def _telling(lines: Sequence[CodeLine], rarity: Rarity) -> list[CodeLine]:
    """The lines that no other place is likely to have."""
    return [line for line in lines if len(line.key) >= _LONG and rarity.standing(line) <= _RARE]
