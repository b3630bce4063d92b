"""Past fixes to be offered to who can read: a judge, or whoever asks for candidates.

The index's table of names chooses which patterns are looked at, by what the change writes, and
where models made lessons of fixes, those nearest to its meaning do too;
:mod:`bugguard.match.fusion` puts their fixes in order. Both are bounded, so the cost grows with the
change and not with the history; only the lessons are all compared, as one product of matrices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bugguard.domain import BugPattern, Hunk, LearnedFix
from bugguard.domain.change import Lines
from bugguard.domain.edit import CodeLine, Edit, identifiers, token_feature, wrong_feature
from bugguard.match.fusion import WAYS, Near, Unit, Window, rank, windows
from bugguard.match.rarity import Rarity
from bugguard.match.score import is_lesser
from bugguard.ports import PatternIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bugguard.ports import Floats

CAP = 1000  #: a name in more patterns than this says too little to look anything up by
LESSER = 1.5  #: how much further down a fix is offered that repaired no bug by its words
LOOKED_AT = 150  #: patterns by each kind of name
NEAREST = 50  #: fixes by their lessons,
PATTERNS = 3  #: and patterns of such a fix that no name in common has found


class Offer(NamedTuple):
    """A fix that may be called for again."""

    number: int  #: the fix's
    fix: LearnedFix
    pattern: BugPattern  #: the one that speaks for it,
    edit: Edit  #: that one's,
    place: int  #: and the edit of the change that it speaks of
    lines: tuple[CodeLine, ...]  #: that edit's added lines with a name in common, or all of them


def offered(
    edits: Sequence[Edit],
    index: PatternIndex,
    rarity: Rarity,
    edit_of: Callable[[Hunk], Edit],
    known: NDArray[np.bool_] | None,
    most: int,
    *,
    embed: Callable[[Sequence[Lines]], Floats] | None = None,
    ways: Collection[str] = WAYS,
) -> list[Offer]:
    """At most that many fixes, the likeliest first. The rarity must know the edits' lines.

    embed: the vectors of stretches of lines, by the index's encoder; None: no lesson is looked up
        by what it means.
    ways: those of looking that count, all or some of :data:`bugguard.match.fusion.WAYS`. Without
        ``lessons`` these are not looked at in any way.
    """
    taught = index.lessons > 0 and "lessons" in ways
    pieces = windows(edits)
    patterns = _looked_at(pieces, index, rarity, known)
    ids = np.array(patterns, dtype=np.int64)
    numbers, ordinals = index.fix_numbers(ids).tolist(), index.ordinals(ids).tolist()
    near = _near(pieces, index, embed, known) if embed and taught else {}
    fixes = {number: index.fix(number) for number in {*numbers, *near}}
    for number in sorted(near.keys() - set(numbers)):
        for pattern in fixes[number].offerable[:PATTERNS]:
            numbers.append(number)
            ordinals.append(pattern.ordinal)
    lessons = {number: index.lesson(number) for number in fixes} if taught else {}
    units = []
    for number, ordinal in zip(numbers, ordinals, strict=True):
        fix = fixes[number]
        edit = edit_of(fix.patterns[ordinal].hunk)
        lesson = lessons.get(number)
        units.append(Unit(number, edit, fix.commit.message, lesson.text if lesson else ""))
    rarity.learn(line for unit in units for line in unit.edit.lines)
    offers = []
    ranked = rank(pieces, units, rarity, near, ways=ways)
    # What repaired no bug is seldom the one that is called for.
    places = {
        one: (place + 1) * (LESSER if is_lesser(fixes[one[0]].commit) else 1)
        for place, one in enumerate(ranked)
    }
    for number, unit, place in sorted(ranked, key=lambda one: places[one])[:most]:
        edit = units[unit].edit
        names = identifiers(edit.wrong)
        added = edits[place].added
        lines = tuple(line for line in added if not names.isdisjoint(line.tokens))
        pattern = fixes[number].patterns[ordinals[unit]]
        offers.append(Offer(number, fixes[number], pattern, edit, place, lines or added))
    return offers


def _near(
    pieces: Sequence[Window],
    index: PatternIndex,
    embed: Callable[[Sequence[Lines]], Floats],
    known: NDArray[np.bool_] | None,
) -> dict[int, Near]:
    """The fixes whose lessons are nearest to any piece, by number."""
    if not pieces:
        return {}
    told = index.taught(embed([tuple(line.text for line in piece.lines) for piece in pieces]))
    counts = told.cosine > 0
    if known is not None:
        counts &= known[told.fix]
    order = np.lexsort((told.fix, -told.cosine))
    order = order[counts[order]][:NEAREST]
    nears = map(Near, told.cosine[order].tolist(), told.nearest[order].tolist())
    return dict(zip(told.fix[order].tolist(), nears, strict=True))


def _looked_at(
    pieces: Sequence[Window],
    index: PatternIndex,
    rarity: Rarity,
    known: NDArray[np.bool_] | None,
) -> list[int]:
    """The patterns that have most in common with any piece, by either kind of name; ascending."""
    found: set[int] = set()
    names = [identifiers(piece.lines) for piece in pieces]
    unique = sorted(frozenset[str]().union(*names))
    for feature_of in (wrong_feature, token_feature):
        features = {feature_of(name): name for name in unique}
        asked = sorted(features)
        postings = index.postings("names", np.array(asked, dtype=np.uint64), CAP)
        having: defaultdict[str, list[int]] = defaultdict(list)
        patterns = postings.pattern
        if known is not None and len(patterns):
            patterns = np.where(known[index.fix_numbers(patterns)], patterns, -1)
        for place, pattern in zip(postings.feature.tolist(), patterns.tolist(), strict=True):
            if pattern >= 0:
                having[features[asked[place]]].append(pattern)
        best: defaultdict[int, float] = defaultdict(float)
        for row in names:
            sums: defaultdict[int, float] = defaultdict(float)
            for name in sorted(row):  # in one order, so that equal sums stay equal
                for pattern in having.get(name, ()):
                    sums[pattern] += rarity.token(name)
            for pattern, weight in sums.items():
                best[pattern] = max(best[pattern], weight)
        found.update(sorted(best, key=lambda one: (-best[one], one))[:LOOKED_AT])
    return sorted(found)
