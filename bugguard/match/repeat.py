"""BG002: new code that repeats the buggy side of a past fix somewhere else.

Nothing but a near copy of the mistake is told here: what made the buggy side buggy must stand in
the added lines, in code like that around the mistake, and nothing of what made it right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from bugguard.domain.edit import CodeLine
from bugguard.match.rarity import Gram, Rarity
from bugguard.match.signature import Reading, has, shared

_LEAST = 0.5  #: of the mistake must stand in the new code for it to be looked at any closer


class Repeat(NamedTuple):
    """How a changed hunk compares to a pattern's buggy side. Shares are by rarity, 0..1."""

    mistake: float  #: of what only the buggy side has, what the added code has
    remedy: float  #: of what only the fixed side has, what the hunk's code has
    around: float  #: of the whole buggy side, what the added code has
    weight: float  #: how much it says at all: the rarities of all that is alike, summed up
    lines: float  #: of the buggy side's own lines, those that stand in the added code


def compare(pattern: Reading, hunk: Reading, rarity: Rarity) -> Repeat | None:
    """A pattern against one changed hunk. None where most of the mistake is not in it."""
    own = _own(pattern)
    mistake = _share(shared(own, hunk.gained, rarity), rarity.weight(own))
    if mistake < _LEAST:
        return None
    # What stood around the mistake already is no sign that it was mended.
    remedy = Counter({gram: n for gram, n in pattern.gained.items() if gram not in pattern.before})
    # The code around counts only where it is new too: the same mistake in the same old code is the
    # fix undone, or an edit nearby.
    alike = shared(pattern.before, hunk.gained, rarity)
    own_lines = {line.key for line in pattern.edit.removed or pattern.edit.context}
    new_lines = {line.key for line in hunk.edit.added}
    return Repeat(
        mistake=mistake,
        remedy=_share(shared(remedy, hunk.after, rarity), rarity.weight(remedy)),
        around=_share(alike, rarity.weight(pattern.before)),
        weight=alike,
        lines=_share(len(own_lines & new_lines), len(own_lines)),
    )


def lines_of(pattern: Reading, hunk: Reading) -> Iterable[CodeLine]:
    """The hunk's added lines that have something of the mistake."""
    own = _own(pattern)
    return (line for line in hunk.edit.added if has(line, own))


def _own(pattern: Reading) -> Counter[Gram]:
    # A fix that only adds has its mistake in what it left out: the code around is the pattern.
    return pattern.lost if pattern.edit.removed else pattern.before


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
