"""Inverted tables: which patterns have a feature on one side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bugguard.domain.knowledge import Ragged
from bugguard.index.arrays import ascending
from bugguard.index.damage import damaged
from bugguard.ports import Postings

if TYPE_CHECKING:
    from bugguard.ports import Hashes, Ids


class Table(NamedTuple):
    """The patterns that have ``keys[i]`` are ``patterns[starts[i]:starts[i + 1]]``."""

    keys: Hashes  #: ascending, unique
    starts: Ids  #: shape (len(keys) + 1,)
    patterns: NDArray[np.int32]  #: ascending under each key


def invert(rows: Ragged) -> Table:
    """The table over rows of features; a row counts as a set."""
    owners = np.repeat(np.arange(len(rows.offsets) - 1, dtype=np.int32), np.diff(rows.offsets))
    order = np.argsort(rows.values, kind="stable")  # owners ascend already, and stay so
    features, patterns = rows.values[order], owners[order]
    if len(features):
        repeated = (features[1:] == features[:-1]) & (patterns[1:] == patterns[:-1])
        keep = np.concatenate(([True], ~repeated))
        features, patterns = features[keep], patterns[keep]
    keys, first = np.unique(features, return_index=True)
    return Table(keys, np.append(first, len(features)).astype(np.int64), patterns)


def restore(table: Table, patterns: int, where: Path) -> Ragged:
    """The rows that :func:`invert` was given, each ascending."""
    if not ascending(table.starts, len(table.patterns)) or not _within(table.patterns, patterns):
        raise damaged(where, "its feature tables do not fit together")
    order = np.argsort(table.patterns, kind="stable")
    values = np.repeat(table.keys, np.diff(table.starts))[order]
    lengths = np.bincount(table.patterns, minlength=patterns)
    return Ragged(values, np.concatenate(([0], np.cumsum(lengths))).astype(np.int64))


def look_up(keys: Hashes, features: Hashes) -> tuple[NDArray[np.bool_], Ids]:
    """For each feature whether it is one of the ascending ``keys``, and at which place."""
    if not len(keys):
        return np.zeros(len(features), bool), np.zeros(len(features), np.int64)
    # Equal types, or numpy would convert, and thereby read, all the keys.
    place = np.searchsorted(keys, features.astype(keys.dtype, copy=False))
    place = np.minimum(place, len(keys) - 1)
    return keys[place] == features, place


def query(table: Table, features: Hashes, cap: int, patterns: int, where: Path) -> Postings:
    """See :meth:`bugguard.ports.PatternIndex.postings`. ``patterns`` bounds the ids."""
    known, place = look_up(table.keys, features)
    position = np.flatnonzero(known)
    start, end = table.starts[place[position]], table.starts[place[position] + 1]
    if np.any((start < 0) | (start > end) | (end > len(table.patterns))):
        raise damaged(where, "a feature's patterns lie outside their table")
    few = end - start <= cap
    position, start, length = position[few], start[few], (end - start)[few]
    total = int(length.sum())
    # 0, 1, 2, ... within each feature's stretch of the table, all stretches in one array.
    within = np.arange(total) - np.repeat(np.cumsum(length) - length, length)
    found = table.patterns[np.repeat(start, length) + within]
    if not _within(found, patterns):
        raise damaged(where, "a feature names a pattern that does not exist")
    return Postings(np.repeat(position, length), found.astype(np.int64))


def _within(ids: NDArray[np.int32], end: int) -> bool:
    return bool(np.all((ids >= 0) & (ids < end)))
