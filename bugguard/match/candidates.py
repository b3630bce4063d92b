"""Which past fixes are worth a closer look: by signature in inverted tables, by meaning in vectors.

Only a bounded number leaves this module, so the cost of what follows grows with the change and not
with the history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bugguard.domain.edit import CodeLine, Edit, line_feature, token_feature
from bugguard.match.rarity import Rarity
from bugguard.ports import PatternIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bugguard.ports import Ids

CAP = 300  #: a feature of more patterns than this says too little to look anything up by
BEST = 16  #: patterns looked at for each hunk and way of finding them
_LINE_WEIGHT = 3.0  #: a whole line says as much as a few rare tokens


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

    def by_signature(self, edits: Sequence[Edit]) -> list[dict[int, float]]:
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

    def by_meaning(self, vectors: NDArray[np.float32]) -> list[dict[int, float]]:
        """For each vector the patterns whose buggy side is nearest to it, with their cosines."""
        if not len(vectors) or not self._index.patterns:
            return [{} for _ in vectors]
        near = self._index.nearest(vectors, BEST)
        return [
            {pattern: cosine for pattern, cosine in zip(row, cosines, strict=True) if pattern >= 0}
            for row, cosines in zip(
                self._masked(near.pattern).tolist(), near.cosine.tolist(), strict=True
            )
        ]

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
