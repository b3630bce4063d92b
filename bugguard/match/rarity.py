"""How much a token or a line says: the rarer in the history, the more."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from bugguard.domain.edit import CodeLine, line_feature, token_feature
from bugguard.ports import PatternIndex

Gram = str
_JOIN = " "
_SHORT_HISTORY = 1000  #: commits; in fewer, a word that was used twice is not yet common


class Rarity:
    """Weights in 0..1: the logarithm of the inverse document frequency over commits, scaled.

    Looked up in the index in batches; a bigram weighs as much as its rarer token, for a rare name
    in a new place is as telling as the name itself.
    """

    def __init__(self, index: PatternIndex) -> None:
        self._index = index
        self._scale = math.log(2 + max(index.commits, _SHORT_HISTORY))
        self._weights: dict[str, float] = {}
        self._grams: dict[Gram, float] = {}
        self._standing: dict[str, int] = {}

    def learn(self, lines: Iterable[CodeLine]) -> None:
        """Looks up all tokens and lines at once, before they are asked for one by one."""
        known = list(lines)
        # Not the difference of sets: with a dict's keys it costs as much as all that is known.
        tokens = {token for line in known for token in line.tokens if token not in self._weights}
        counts = self._ask(self._index.frequency, token_feature, tokens)
        for token, count in counts.items():
            self._weights[token] = 1 - math.log(1 + min(count, self._index.commits)) / self._scale
        keys = {line.key for line in known if line.key not in self._standing}
        self._standing.update(self._ask(self._index.standing, line_feature, keys))

    def token(self, token: str) -> float:
        """A token's weight."""
        return self._weights.get(token, 1.0)

    def gram(self, gram: Gram) -> float:
        """A unigram's or bigram's weight."""
        known = self._grams.get(gram)
        if known is None:
            known = self._grams[gram] = max(map(self.token, gram.split(_JOIN)))
        return known

    def standing(self, line: CodeLine) -> int:
        """How often the line stands in the code, by the history."""
        return self._standing.get(line.key, 0)

    def weight(self, grams: Counter[Gram]) -> float:
        """The weight of a bag of grams."""
        return sum(self.gram(gram) * count for gram, count in grams.items())

    @staticmethod
    def _ask(
        question: Callable[..., Iterable[int]], name: Callable[[str], int], texts: set[str]
    ) -> dict[str, int]:
        ordered = sorted(texts)
        features = np.array([name(text) for text in ordered], dtype=np.uint64)
        return dict(zip(ordered, map(int, question(features)), strict=True))


def grams(lines: Iterable[CodeLine]) -> Counter[Gram]:
    """The unigrams and bigrams of tokens on the lines."""
    bag = Counter[Gram]()
    for line in lines:
        bag.update(line.tokens)
        bag.update(map(_JOIN.join, zip(line.tokens, line.tokens[1:], strict=False)))
    return bag
