"""What the whole history says of each pattern: duplicates and idioms are set aside.

The idea of setting every signature against code that is known to be fine is google/vanir's refiner.
A pure function of all fixes and statistics, so that it can be done again after each update.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from bugguard.domain import BugPattern, LearnedFix
from bugguard.domain.edit import Edit, line_feature
from bugguard.domain.knowledge import Statistics
from bugguard.patterns.normalize import edit
from bugguard.patterns.statistics import frequencies

IDIOM = 5  #: a line that stands in this many places is how the code is written, not a bug

_DUPLICATE = "duplicate"
_IDIOM = "idiom"


def refine(fixes: Sequence[LearnedFix], statistics: Statistics) -> list[LearnedFix]:
    """The fixes in canonical order, with what is to be set aside marked anew."""
    seen: set[bytes] = set()
    refined = []
    for fix in sorted(fixes, key=lambda one: (one.commit.time, one.commit.sha)):
        patterns = tuple(_without_verdict(pattern) for pattern in fix.patterns)
        edits = [edit(pattern.hunk) if not pattern.dropped else None for pattern in patterns]
        if not any(edits):
            refined.append(replace(fix, patterns=patterns, dropped="no pattern"))
            continue
        identity = _identity(edits)
        if identity in seen:
            refined.append(replace(fix, patterns=patterns, dropped=_DUPLICATE))
            continue
        seen.add(identity)
        marked = tuple(
            replace(pattern, dropped=_IDIOM) if one and _is_idiom(one, statistics) else pattern
            for pattern, one in zip(patterns, edits, strict=True)
        )
        dropped = _IDIOM if all(pattern.dropped for pattern in marked) else None
        refined.append(replace(fix, patterns=marked, dropped=dropped))
    return refined


def _without_verdict(pattern: BugPattern) -> BugPattern:
    return replace(pattern, dropped=None) if pattern.dropped == _IDIOM else pattern


def _identity(edits: Sequence[Edit | None]) -> bytes:
    """Equal for a fix and its cherry-picks, wherever their lines stand."""
    parts = []
    for one in edits:
        if one is not None:
            name = one.hunk.path.rpartition("/")[2]
            changed = [line.marker + line.key for line in one.lines if line.marker != " "]
            parts.append("\0".join([name, *changed]))
    joined = "\0\0".join(sorted(parts)).encode("utf-8", "surrogateescape")
    return blake2b(joined, digest_size=16).digest()


def _is_idiom(one: Edit, statistics: Statistics) -> bool:
    """Whether every changed line stands in many places, so that none of them tells this bug.

    How often a line stands is what the history added less what it removed: the same as a count
    over today's tree, at no cost.
    """
    changed = [*one.removed, *one.added]
    names = np.array([line_feature(line.key) for line in changed], dtype=np.uint64)
    _, standing = frequencies(statistics, names)
    return bool((standing >= IDIOM).all())
