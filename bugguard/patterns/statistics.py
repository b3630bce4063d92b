"""How common each line and token is in the history: what rarity is measured by.

Everything is a sum over commits, so new commits can be added and vanished ones subtracted, and the
result is the same as counting from scratch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bugguard.domain import Commit
from bugguard.domain.edit import line_feature, token_feature
from bugguard.domain.knowledge import Statistics
from bugguard.patterns.normalize import code, key, style_of, tokens

Table = dict[int, tuple[int, int]]


class Tally:
    """Counts commits one by one."""

    def __init__(self) -> None:
        self._lines: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()
        self._standing: Counter[str] = Counter()
        self._commits = 0

    def count(self, commit: Commit) -> None:
        """Adds a commit's files of code; those that were passed over do not count."""
        self._commits += 1
        added: set[str] = set()
        keys: set[str] = set()
        for file in commit.files:
            style = style_of(file.path)
            for hunk in file.hunks:
                for line in hunk.body:
                    marker = line[0]
                    if marker == " ":
                        continue
                    found = code(line[1:], style)
                    if not found:
                        continue
                    name = key(found)
                    if marker == "+":
                        self._standing[name] += 1
                        added.add(found)
                        keys.add(name)
                    else:
                        self._standing[name] -= 1
        self._lines.update(keys)
        self._tokens.update(set(tokens("\n".join(added))))

    def statistics(self) -> Statistics:
        """The counts so far."""
        features: Table = {}
        for token, commits in self._tokens.items():
            features[token_feature(token)] = (commits, 0)
        for name, standing in self._standing.items():
            features[line_feature(name)] = (self._lines[name], standing)
        return _statistics(features.items(), self._commits)


def _statistics(table: Iterable[tuple[int, tuple[int, int]]], total: int) -> Statistics:
    rows = [(feature, commits, standing) for feature, (commits, standing) in table]
    features = np.array([row[0] for row in rows], dtype=np.uint64)
    commits = np.array([row[1] for row in rows], dtype=np.int64)
    standing = np.array([row[2] for row in rows], dtype=np.int64)
    return _compact(features, commits, standing, total)


def combine(left: Statistics, right: Statistics, sign: int = 1) -> Statistics:
    """``left`` plus (or, with sign -1, minus) ``right``."""
    features = np.concatenate([left.features, right.features])
    commits = np.concatenate([left.commits.astype(np.int64), sign * right.commits.astype(np.int64)])
    standing = np.concatenate(
        [left.standing.astype(np.int64), sign * right.standing.astype(np.int64)]
    )
    return _compact(features, commits, standing, left.total + sign * right.total)


def _compact(
    features: NDArray[np.uint64],
    commits: NDArray[np.int64],
    standing: NDArray[np.int64],
    total: int,
) -> Statistics:
    unique, place = np.unique(features, return_inverse=True)
    commit_sums = np.bincount(place, commits, len(unique)).astype(np.int64)
    standing_sums = np.bincount(place, standing, len(unique)).astype(np.int64)
    kept = (commit_sums != 0) | (standing_sums != 0)
    return Statistics(
        unique[kept],
        commit_sums[kept].astype(np.uint32),
        standing_sums[kept].astype(np.int32),
        total,
    )


def frequencies(
    statistics: Statistics, features: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(commits, standing) of each feature; zeros for an unknown one."""
    if not len(statistics.features):
        return np.zeros(len(features), np.int64), np.zeros(len(features), np.int64)
    place = np.searchsorted(statistics.features, features)
    place = np.minimum(place, len(statistics.features) - 1)
    known = statistics.features[place] == features
    return (
        np.where(known, statistics.commits[place], 0).astype(np.int64),
        np.where(known, statistics.standing[place], 0).astype(np.int64),
    )
