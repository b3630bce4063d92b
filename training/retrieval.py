"""The measure: does a hunk find its siblings among all hunks of its history?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
from histories import FixHunk, siblings
from numpy.typing import NDArray

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
QUERIES_PER_COMMIT = 3  # so that no sweeping commit outweighs the others


def sibling_recall(hunks: list[FixHunk], encode: Encode, k: int = 10) -> tuple[float, int]:
    """Share of hunks with a sibling among the ``k`` nearest pre-images, and how many were asked.

    Texts equal to the query are left out of the ranking: they are found by any means.
    """
    family: defaultdict[int, set[int]] = defaultdict(set)
    for i, j in siblings(hunks):
        family[i].add(j)
        family[j].add(i)
    asked: defaultdict[str, list[int]] = defaultdict(list)
    for i in family:
        if len(asked[hunks[i].commit]) < QUERIES_PER_COMMIT:
            asked[hunks[i].commit].append(i)
    queries = [i for group in asked.values() for i in group]

    texts = [hunk.text for hunk in hunks]
    vectors = encode(texts)
    hits = 0
    for i in queries:
        cosine = vectors @ vectors[i]
        nearest = np.argsort(-cosine, kind="stable")
        others = (int(j) for j in nearest if texts[j] != texts[i])
        hits += any(j in family[i] for j in islice(others, k))
    return hits / max(len(queries), 1), len(queries)
