"""A sample of the history's ordinary commits: what rules are measured against.

A commit is in it if its sha begins with enough zero bits, and how many are enough depends on
nothing but how many commits there are. So the sample of a history is always the same one, in
whatever order the commits were read, and one that grows keeps what it needs of its old sample.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bugguard.domain import Commit, Hunk
from bugguard.domain.edit import token_feature
from bugguard.domain.knowledge import Sample
from bugguard.patterns.normalize import code, style_of, tokens

MOST = 4096  #: commits looked at; a sample has half as many or more wherever there are so many
MOST_UNITS = 200  #: a commit of more hunks is a sweep or an import, and no ordinary change


def zero_bits(commits: int) -> int:
    """With how many zero bits the shas of a sample of that many commits begin."""
    return (commits // (MOST + 1)).bit_length()


def name(sha: str) -> int:
    """A commit's 64-bit name in a sample."""
    return int(sha[:16], 16)


class Unit(NamedTuple):
    """A hunk's tokens, as :func:`short` names them, ascending and unique."""

    added: list[int]
    around: list[int]  #: of the post-image, those that are not added


class Sampler:
    """Takes commits one by one. zeros: see :func:`zero_bits`."""

    def __init__(self, zeros: int) -> None:
        self._zeros = zeros
        self._names: dict[str, int] = {}
        self._commits: dict[int, list[Unit]] = {}

    def count(self, commit: Commit) -> None:
        """An ordinary commit; it is passed over if it is not of the sample."""
        sha = name(commit.sha)
        hunks = [hunk for file in commit.files for hunk in file.hunks]
        if sha >> (64 - self._zeros) == 0 and len(hunks) <= MOST_UNITS:
            units = (self._unit(hunk) for hunk in hunks)
            self._commits[sha] = [unit for unit in units if unit.added]

    def _unit(self, hunk: Hunk) -> Unit:
        style = style_of(hunk.path)
        added: list[str] = []
        around: list[str] = []
        for line in hunk.body:
            if line[0] != "-":
                (added if line[0] == "+" else around).append(code(line[1:], style))
        new = set(tokens("\n".join(added)))
        old = set(tokens("\n".join(around))) - new
        return Unit(sorted(map(self._short, new)), sorted(map(self._short, old)))

    def _short(self, token: str) -> int:
        known = self._names.get(token)
        if known is None:
            known = self._names[token] = short(token)
        return known

    def sample(self) -> Sample:
        """What was taken so far."""
        return _sample(self._commits)


def short(token: str) -> int:
    """A token's name in a sample: 32 bits are enough to count by."""
    return token_feature(token) & 0xFFFFFFFF


def joined(left: Sample, right: Sample, gone: Collection[str], zeros: int) -> Sample:
    """Both in one, without the commits ``gone`` and without those that are too many by now."""
    forgotten = {name(sha) for sha in gone}
    commits = {
        sha: units
        for sample in (left, right)
        for sha, units in _commits(sample)
        if sha >> (64 - zeros) == 0 and sha not in forgotten
    }
    return _sample(commits)


def _commits(sample: Sample) -> Iterator[tuple[int, list[Unit]]]:
    added, around = sample.added.tolist(), sample.around.tolist()
    units = [
        Unit(added[start:end], around[first:last])
        for (start, end), (first, last) in zip(
            pairwise(sample.added_starts.tolist()),
            pairwise(sample.around_starts.tolist()),
            strict=True,
        )
    ]
    for sha, (start, end) in zip(
        sample.commits.tolist(), pairwise(sample.units.tolist()), strict=True
    ):
        yield sha, units[start:end]


def _sample(commits: Mapping[int, list[Unit]]) -> Sample:
    ordered = sorted(commits)
    units = [unit for sha in ordered for unit in commits[sha]]
    return Sample(
        commits=np.array(ordered, np.uint64),
        units=_offsets(len(commits[sha]) for sha in ordered),
        added=_flat(unit.added for unit in units),
        added_starts=_offsets(len(unit.added) for unit in units),
        around=_flat(unit.around for unit in units),
        around_starts=_offsets(len(unit.around) for unit in units),
    )


def _offsets(lengths: Iterable[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _flat(rows: Iterable[list[int]]) -> NDArray[np.uint32]:
    return np.array([value for row in rows for value in row], np.uint32)
