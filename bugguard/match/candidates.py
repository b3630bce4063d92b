"""Which past fixes are worth a closer look: by signature in inverted tables, by meaning in vectors.

Only a bounded number leaves this module, so the cost of what follows grows with the change and not
with the history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bugguard.domain.edit import CodeLine, Edit, line_feature, token_feature
from bugguard.match.rarity import Rarity
from bugguard.ports import PatternIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bugguard.ports import Floats, Ids

CAP = 300  #: a feature of more patterns than this says too little to look anything up by
BEST = 16  #: patterns looked at for each hunk because of what they have in common with it
NEAREST = 4  #: further ones because their vectors are near
FIXES = 20  #: looked at closely for any change,
FIXES_A_HUNK = 4  #: and so many more for each of its hunks
_LINE_WEIGHT = 3.0  #: a whole line says as much as a few rare tokens


class Pair(NamedTuple):
    """A pattern to set beside an edit."""

    ordinal: int  #: the pattern's place in its fix
    place: int  #: the edit's place in the change
    pattern: int  #: the pattern's id


class Candidates:
    """Finds patterns hunk by hunk.

    known: whether each fix, by its number, may be known (bool, shape (fixes,)); None: all may.
    """

    def __init__(
        self, index: PatternIndex, rarity: Rarity, known: NDArray[np.bool_] | None = None
    ) -> None:
        self._index = index
        self._rarity = rarity
        self._known = known

    def pairs(self, edits: Sequence[Edit], vectors: Mapping[int, Floats]) -> dict[int, set[Pair]]:
        """By fix number, which of its patterns to set beside which of the edits.

        vectors: of the post-images, by the edit's place; an edit without one is looked up by its
        signature only. The fixes with most in common come first.
        """
        found = self._by_signature(edits)
        meant: list[list[int]] = [[] for _ in edits]
        for place, near in zip(vectors, self._by_meaning(list(vectors.values())), strict=True):
            meant[place] = near
        ids = np.array(sorted({one for row in (*found, *meant) for one in row}), dtype=np.int64)
        numbers = dict(zip(ids.tolist(), self._index.fix_numbers(ids).tolist(), strict=True))
        ordinals = dict(zip(ids.tolist(), self._index.ordinals(ids).tolist(), strict=True))
        weights: defaultdict[int, float] = defaultdict(float)
        pairs: defaultdict[int, set[Pair]] = defaultdict(set)
        for place, (row, other) in enumerate(zip(found, meant, strict=True)):
            for pattern in (*row, *other):
                pairs[numbers[pattern]].add(Pair(ordinals[pattern], place, pattern))
            # Several hunks of a change that point to one fix vote together, each with its best.
            best: dict[int, float] = {}
            for pattern, weight in row.items():
                best[numbers[pattern]] = max(best.get(numbers[pattern], 0.0), weight)
            for number, weight in best.items():
                weights[number] += weight
        most = sorted(pairs, key=lambda number: (-weights[number], number))
        return {number: pairs[number] for number in most[: FIXES + FIXES_A_HUNK * len(edits)]}

    def _by_signature(self, edits: Sequence[Edit]) -> list[dict[int, float]]:
        """For each edit the patterns whose buggy side it brings or whose fixed side it takes.

        With the weight of what they have in common; the best first.
        """
        brought = self._lookup("buggy", [edit.added for edit in edits])
        taken = self._lookup("fixed", [edit.removed for edit in edits])
        found = []
        for one, other in zip(brought, taken, strict=True):
            total: defaultdict[int, float] = defaultdict(float, one)
            for pattern, weight in other.items():
                total[pattern] += weight
            best = sorted(total.items(), key=lambda item: (-item[1], item[0]))
            found.append(dict(best[:BEST]))
        return found

    def _by_meaning(self, vectors: Sequence[Floats]) -> list[list[int]]:
        """For each vector the patterns whose buggy side is nearest to it."""
        if not vectors or not self._index.patterns:
            return [[] for _ in vectors]
        near = self._masked(self._index.nearest(np.stack(vectors), NEAREST).pattern)
        return [[pattern for pattern in row if pattern >= 0] for row in near.tolist()]

    def _masked(self, patterns: Ids) -> Ids:
        """With -1 in place of patterns whose fix is not to be known."""
        if self._known is None:
            return patterns
        flat = patterns.ravel()
        numbers = self._index.fix_numbers(np.maximum(flat, 0))
        return np.where((flat >= 0) & self._known[numbers], flat, -1).reshape(patterns.shape)

    def _lookup(self, side: str, lines: Sequence[Sequence[CodeLine]]) -> list[dict[int, float]]:
        rows = [_features(one, self._rarity) for one in lines]
        unique = sorted({feature for row in rows for feature in row})
        place = {feature: i for i, feature in enumerate(unique)}
        postings = self._index.postings(side, np.array(unique, dtype=np.uint64), CAP)
        patterns = self._masked(postings.pattern)
        features = postings.feature[patterns >= 0]
        ends = np.searchsorted(features, np.arange(len(unique) + 1)).tolist()
        ids = patterns[patterns >= 0].tolist()
        found = []
        for row in rows:
            sums: defaultdict[int, float] = defaultdict(float)
            for feature, weight in row.items():
                at = place[feature]
                for pattern in ids[ends[at] : ends[at + 1]]:
                    sums[pattern] += weight
            found.append(dict(sums))
        return found


def _features(lines: Iterable[CodeLine], rarity: Rarity) -> dict[int, float]:
    features: dict[int, float] = {}
    for line in lines:
        rarest = max(map(rarity.token, line.tokens), default=0.0)
        features[line_feature(line.key)] = (
            _LINE_WEIGHT * rarest / (1 + max(rarity.standing(line), 0))
        )
        for token in line.tokens:
            features[token_feature(token)] = rarity.token(token)
    return features
