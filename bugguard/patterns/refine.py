"""What the whole history says of each pattern: duplicates and idioms are set aside.

The idea of setting every signature against code that is known to be fine is google/vanir's refiner.
A pure function of all fixes and statistics, so that it can be done again after each update.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from bugguard.domain import LearnedFix
from bugguard.domain.edit import line_feature
from bugguard.domain.knowledge import Statistics
from bugguard.patterns.normalize import changed
from bugguard.patterns.statistics import frequencies

IDIOM = 5  #: a line that stands in this many places is how the code is written, not a bug

_DUPLICATE = "duplicate"
_IDIOM = "idiom"
#: Reasons for which a pattern is not matched and can still be offered to who understands it.
IDIOMATIC = (None, _IDIOM)


Changed = tuple[tuple[str, str], ...]


def refine(fixes: Sequence[LearnedFix], statistics: Statistics) -> list[LearnedFix]:
    """The fixes in canonical order, with what is to be set aside marked anew."""
    ordered = sorted(fixes, key=lambda one: (one.commit.time, one.commit.sha))
    edits = [[changed(one.hunk) for one in fix.patterns] for fix in ordered]
    common = _common({key for fix in edits for lines in fix for _, key in lines}, statistics)
    seen: set[bytes] = set()
    return [_refined(fix, lines, common, seen) for fix, lines in zip(ordered, edits, strict=True)]


def _refined(
    fix: LearnedFix, edits: Sequence[Changed], common: set[str], seen: set[bytes]
) -> LearnedFix:
    patterns = [
        replace(one, dropped=None) if one.dropped == _IDIOM else one for one in fix.patterns
    ]
    kept = [
        (one.path, lines) for one, lines in zip(patterns, edits, strict=True) if not one.dropped
    ]
    identity = _identity(kept)
    if not kept or identity in seen:
        reason = _DUPLICATE if kept else "no pattern"
        return replace(fix, patterns=tuple(patterns), dropped=reason)
    seen.add(identity)
    for place, lines in enumerate(edits):
        # An idiom: every changed line stands in many places, so that none of them tells this bug.
        if not patterns[place].dropped and all(key in common for _, key in lines):
            patterns[place] = replace(patterns[place], dropped=_IDIOM)
    dropped = _IDIOM if all(pattern.dropped for pattern in patterns) else None
    return replace(fix, patterns=tuple(patterns), dropped=dropped)


def _common(keys: set[str], statistics: Statistics) -> set[str]:
    """The lines that stand in many places.

    How often a line stands is what the history added less what it removed: the same as a count
    over today's tree, at no cost.
    """
    ordered = sorted(keys)
    names = np.array([line_feature(key) for key in ordered], dtype=np.uint64)
    _, standing = frequencies(statistics, names)
    return {key for key, count in zip(ordered, standing.tolist(), strict=True) if count >= IDIOM}


def _identity(hunks: Sequence[tuple[str, Changed]]) -> bytes:
    """Equal for a fix and its cherry-picks, wherever their lines stand."""
    parts = (
        "\0".join([path.rpartition("/")[2], *(marker + key for marker, key in lines)])
        for path, lines in hunks
    )
    joined = "\0\0".join(sorted(parts)).encode("utf-8", "surrogateescape")
    return blake2b(joined, digest_size=16).digest()
