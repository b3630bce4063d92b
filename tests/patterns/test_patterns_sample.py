"""The sample of a history is the same one however it was read."""

from __future__ import annotations

import dataclasses

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from memory_index import change, hunk

from bugguard.domain import Commit
from bugguard.domain.knowledge import Sample
from bugguard.patterns import sample
from bugguard.patterns.sample import MOST, Sampler, joined, short, zero_bits

SHAS = st.lists(
    st.integers(0, 2**64 - 1).map(lambda n: f"{n:016x}".ljust(40, "0")), unique=True, max_size=12
)


def sampled(shas: list[str], zeros: int = 0) -> Sample:
    sampler = Sampler(zeros)
    for sha in shas:
        patch = hunk("kept_it = 1\n", f"kept_it = 1\nvalue_{sha[:6]} = make_it({sha[-1]})\n")
        sampler.count(Commit(sha, (), 0, "Work", change(patch).files))
    return sampler.sample()


def same(one: Sample, other: Sample) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in dataclasses.fields(Sample)
    )


@given(old=SHAS, new=SHAS, gone=st.sets(st.integers(0, 11)), zeros=st.integers(0, 3))
def test_an_update_gives_what_a_rebuild_gives(
    old: list[str], new: list[str], gone: set[int], zeros: int
) -> None:
    left = [sha for place, sha in enumerate(old) if place in gone]
    kept = [sha for place, sha in enumerate(old) if place not in gone]
    new = [sha for sha in new if sha not in old]
    updated = joined(sampled(old), sampled(new, zeros), left, zeros)
    assert same(updated, sampled([*new, *kept], zeros))


def test_a_long_history_is_thinned() -> None:
    assert [zero_bits(n) for n in (0, 1, MOST, MOST + 1, 3 * MOST, 1_000_000)] == [0, 0, 0, 1, 2, 8]
    low, high = "0" + "f" * 39, "8" + "0" * 39
    assert len(sampled([low, high], 0).commits) == 2
    assert sampled([low, high], 1).commits.tolist() == [int(low[:16], 16)]


def test_a_hunk_is_what_it_adds_and_what_stands_around() -> None:
    before = "# a word\nold_it = 1\nkept_it(2)\n"
    after = "# a word\nnew_it = 1  # why\nkept_it(2)\n"
    taken = Sampler(0)
    taken.count(Commit("1" * 40, (), 0, "Work", change(hunk(before, after)).files))
    found = taken.sample()
    assert found.added.tolist() == sorted(map(short, ("new_it", "=", "1")))
    assert found.around.tolist() == sorted(map(short, ("kept_it", "2")))


def test_a_hunk_that_only_removes_and_a_sweep_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST_UNITS", 1)
    removes = change(hunk("old_it = 1\n", "")).files
    wide = change(hunk("", "a_line = 1\n", "a.py") + hunk("", "a_line = 1\n", "b.py")).files
    taken = Sampler(0)
    taken.count(Commit("1" * 40, (), 0, "Work", removes))
    taken.count(Commit("2" * 40, (), 0, "Work", wide))
    found = taken.sample()
    assert (len(found.commits), len(found.added_starts)) == (1, 1)
