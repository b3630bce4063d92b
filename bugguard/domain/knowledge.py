"""All that one generation of the index holds, as plain values: what learning makes, what the
store keeps. It is a pure function of the set of commits learned from, the learner's settings, the
encoder and the lessons, so that an update and a rebuild of the same history are equal to the byte.
Lessons are given and not learned: a model made them, at a price, and they are carried along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bugguard.domain.fix import LearnedFix
    from bugguard.domain.guard import TokenRule
    from bugguard.domain.lesson import Lesson
    from bugguard.domain.provenance import EncoderIdentity, Provenance


@dataclass(frozen=True, slots=True)
class Statistics:
    """How common each feature is in the history. All arrays have the same length."""

    features: NDArray[np.uint64]  #: feature hashes, ascending, unique
    commits: NDArray[np.uint32]  #: how many commits added the feature
    standing: NDArray[np.int32]  #: occurrences added less occurrences removed, over the history
    total: int  #: how many commits were counted


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of unequal length: row i is ``values[offsets[i]:offsets[i + 1]]``."""

    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]  #: shape (rows + 1,), ascending, from 0 to len(values)


@dataclass(frozen=True, slots=True)
class Sample:
    """What some ordinary commits of the history add, hunk by hunk: what rules are measured against.

    Unit i is a hunk that adds code; it adds the tokens
    ``added[added_starts[i]:added_starts[i + 1]]``, and its post-image has those ``around`` besides.
    A token is the low 32 bits of its feature; a unit's are ascending and unique.
    """

    commits: NDArray[np.uint64]  #: the first 64 bits of each sha, ascending, unique
    units: NDArray[np.int64]  #: commit i has units ``units[i]`` to ``units[i + 1]``, not included
    added: NDArray[np.uint32]
    added_starts: NDArray[np.int64]  #: shape (units + 1,)
    around: NDArray[np.uint32]
    around_starts: NDArray[np.int64]  #: shape (units + 1,)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What models made of some of the fixes, in the order of the fixes."""

    fixes: NDArray[np.int64]  #: numbers of the fixes that have a lesson, ascending, unique
    lessons: tuple[Lesson, ...]  #: one for each of them
    vectors: NDArray[np.float16]  #: of their texts, shape (len(lessons), dimension)

    @classmethod
    def none(cls, dimension: int = 0) -> Lessons:
        return cls(np.zeros(0, np.int64), (), np.zeros((0, dimension), np.float16))


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Fixes in canonical order (time, then sha), and per pattern what a search needs.

    Pattern ids count all patterns of all fixes in that order, those set aside included.
    """

    provenance: Provenance
    encoder: EncoderIdentity
    fixes: Sequence[LearnedFix]
    buggy: Ragged  #: per pattern, features of the buggy side; an empty row where set aside
    fixed: Ragged  #: the same for the fixed side
    names: Ragged  #: per pattern, its identifiers; those of idioms too, for they can be offered
    active: NDArray[np.int64]  #: ids of the patterns that can be matched, ascending
    vectors: NDArray[np.float16]  #: shape (len(active), 2, dimension): buggy, fixed
    statistics: Statistics
    sample: Sample
    rules: Sequence[TokenRule]  #: in the order of their patterns and ordinals
    lessons: Lessons = field(default_factory=Lessons.none)
