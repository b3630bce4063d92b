"""What is written is read back, and equal knowledge is equal bytes."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import pytest
import strategies
import synthetic
from hypothesis import HealthCheck, given, settings

from bugguard.domain.knowledge import Knowledge, Ragged
from bugguard.index import load, open_index, verify, write

relaxed = settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))


@relaxed
@given(strategies.knowledge())
def test_any_knowledge_comes_back(knowledge: Knowledge) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = write(Path(folder), knowledge)
        synthetic.assert_equal(load(Path(folder)), knowledge)
        assert verify(Path(folder)) == manifest
        index = open_index(Path(folder))
        assert [index.fix(number) for number in range(len(knowledge.fixes))] == [*knowledge.fixes]
        assert index.shas() == [fix.commit.sha for fix in knowledge.fixes]
        assert index.times.tolist() == [fix.commit.time for fix in knowledge.fixes]
        assert index.patterns == len(knowledge.active)
        assert index.heads == knowledge.provenance.heads


@pytest.mark.parametrize("patterns", [0, 1, 60, 3000])
def test_equal_knowledge_is_equal_bytes(tmp_path: Path, patterns: int) -> None:
    for name in ("one", "other"):
        write(tmp_path / name, synthetic.knowledge(patterns, dimension=16))
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "other")


def test_other_knowledge_is_other_bytes(tmp_path: Path) -> None:
    write(tmp_path / "one", synthetic.knowledge(60, seed=1))
    write(tmp_path / "other", synthetic.knowledge(60, seed=2))
    assert _bytes(tmp_path / "one").keys() != _bytes(tmp_path / "other").keys()


def test_a_row_of_features_counts_as_a_set(tmp_path: Path) -> None:
    knowledge = synthetic.knowledge(3)
    values = np.array([9, 4, 9, 4, 7, 1], np.uint64)
    unsorted = Ragged(values, np.array([0, 4, 5, 6]))
    write(tmp_path, dataclasses.replace(knowledge, buggy=unsorted))
    rows = load(tmp_path).buggy
    assert rows.values.tolist() == [4, 9, 7, 1]
    assert rows.offsets.tolist() == [0, 2, 3, 4]


def test_counts_tell_what_was_set_aside(tmp_path: Path) -> None:
    knowledge = synthetic.knowledge(200)
    counts = write(tmp_path, knowledge).counts
    assert counts.fixes == len(knowledge.fixes)
    assert counts.patterns == 200
    assert counts.active == 190
    assert counts.dropped == {"comment only": 10}
    matchable = [any(p.dropped is None for p in fix.patterns) for fix in knowledge.fixes]
    assert counts.matchable_fixes == sum(matchable) < len(matchable)


def test_numpy_reads_the_arrays_too(tmp_path: Path) -> None:
    knowledge = synthetic.knowledge(50, dimension=8)
    write(tmp_path, knowledge)
    [folder] = tmp_path.glob("gen-*")
    for path in folder.glob("*.npy"):
        np.load(path, allow_pickle=False)
    assert np.load(folder / "row_buggy.npy").shape == (len(knowledge.active), 8)


def _broken() -> dict[str, Knowledge]:
    good = synthetic.knowledge(30)
    first = good.fixes[0]
    nan = good.vectors.copy()
    nan[3, 1, 0] = np.nan
    [source] = good.provenance.sources
    foul = dataclasses.replace(source, heads=("--output=x",))
    option = dataclasses.replace(good.provenance, sources=(foul,))
    return {
        "order": dataclasses.replace(good, fixes=good.fixes[::-1]),
        "sha": dataclasses.replace(good, provenance=option),
        "ordinal": dataclasses.replace(
            good, fixes=[dataclasses.replace(first, patterns=good.fixes[1].patterns)]
        ),
        "active": dataclasses.replace(good, active=good.active[::-1]),
        "no such id": dataclasses.replace(good, active=good.active + 5),
        "shape": dataclasses.replace(good, vectors=good.vectors[:-1]),
        "nan": dataclasses.replace(good, vectors=nan),
        "rows": dataclasses.replace(good, buggy=Ragged(good.buggy.values, good.buggy.offsets[1:])),
        "idle": dataclasses.replace(good, active=good.active[1:], vectors=good.vectors[1:]),
    }


@pytest.mark.parametrize("name", _broken())
def test_broken_knowledge_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError):
        write(tmp_path, _broken()[name])
    assert list(tmp_path.iterdir()) == []


def _bytes(directory: Path) -> dict[str, bytes]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}
