"""BG002: new code that repeats the buggy side of a past fix somewhere else.

Nothing but a near copy of the mistake is told here: what made the buggy side buggy must stand in
the added lines, in code like that around the mistake, and nothing of what made it right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bugguard.domain.edit import CodeLine, Edit
from bugguard.match.changed import ChangedCode
from bugguard.match.rarity import Rarity, grams
from bugguard.match.signature import Signature, shared


@dataclass(frozen=True, slots=True)
class Repeat:
    """How a changed hunk compares to a pattern's buggy side. Shares are by rarity, 0..1."""

    mistake: float  #: of what only the buggy side has, what the added code has
    remedy: float  #: of what only the fixed side has, what the hunk's code has
    around: float  #: of the whole buggy side, what the hunk's code has
    weight: float  #: how much it says at all: the rarities of all that is alike, summed up
    lines: float  #: of the buggy side's own lines, those that stand in the added code


def compare(pattern: Edit, hunk: Edit, change: ChangedCode, rarity: Rarity) -> Repeat:
    """A pattern against one changed hunk."""
    signature = Signature.of([pattern])
    new = [line for line in hunk.added if change.net(line.key) > 0]
    gained = grams(new)
    after = grams(line for line in hunk.lines if line.marker != "-")
    before = grams(line for line in pattern.lines if line.marker != "+")
    # A fix that only adds has its mistake in what it left out: the code around is the pattern.
    own = signature.lost if pattern.removed else before
    own_lines = {line.key for line in (pattern.removed or pattern.context)}
    new_lines = {line.key for line in new}
    return Repeat(
        mistake=_share(shared(own, gained, rarity), rarity.weight(own)),
        remedy=_share(shared(signature.gained, after, rarity), rarity.weight(signature.gained)),
        around=_share(shared(before, after, rarity), rarity.weight(before)),
        weight=shared(before, after, rarity),
        lines=len(own_lines & new_lines) / len(own_lines) if own_lines else 0.0,
    )


def lines_of(pattern: Edit, hunk: Edit, rarity: Rarity) -> Iterable[CodeLine]:
    """The hunk's added lines that have something of the mistake."""
    own = Signature.of([pattern]).lost if pattern.removed else grams(pattern.context)
    return (line for line in hunk.added if shared(grams([line]), own, rarity) > 0)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
