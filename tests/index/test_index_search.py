"""Questions are answered as brute force answers them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import synthetic

from bugguard.domain import Ticket
from bugguard.domain.knowledge import Knowledge, Lessons
from bugguard.index import StoredIndex, cells, open_index, write


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return synthetic.knowledge(400, dimension=16)


@pytest.fixture(scope="module")
def index(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> StoredIndex:
    folder = tmp_path_factory.mktemp("index")
    write(folder, knowledge)
    return open_index(folder)


@pytest.mark.parametrize("side", ["buggy", "fixed"])
@pytest.mark.parametrize("cap", [0, 1, 5, 10**6])
def test_postings(index: StoredIndex, knowledge: Knowledge, side: str, cap: int) -> None:
    rows = getattr(knowledge, side)
    table: dict[int, list[int]] = {}
    for pattern in range(len(rows.offsets) - 1):
        for feature in rows.values[rows.offsets[pattern] : rows.offsets[pattern + 1]].tolist():
            table.setdefault(feature, []).append(pattern)
    features = np.append(rows.values[::7], np.array([0, 2**64 - 1], np.uint64))
    expected = [
        (position, pattern)
        for position, feature in enumerate(features.tolist())
        if len(table.get(feature, [])) <= cap
        for pattern in table.get(feature, [])
    ]
    found = index.postings(side, features, cap)
    assert [*zip(found.feature.tolist(), found.pattern.tolist(), strict=True)] == expected
    assert found.feature.dtype == found.pattern.dtype == np.int64


def test_no_features_have_no_postings(index: StoredIndex) -> None:
    found = index.postings("buggy", np.empty(0, np.uint64), 10)
    assert len(found.feature) == len(found.pattern) == 0


def test_statistics(index: StoredIndex, knowledge: Knowledge) -> None:
    statistics = knowledge.statistics
    asked = np.append(statistics.features[::3], np.uint64(2**63 + 11))
    assert index.frequency(asked).tolist() == [*statistics.commits[::3].tolist(), 0]
    assert index.standing(asked).tolist() == [*statistics.standing[::3].tolist(), 0]
    assert index.commits == statistics.total


def test_nearest_in_one_cell_is_exact(index: StoredIndex, knowledge: Knowledge) -> None:
    queries = knowledge.vectors[::9, 1].astype(np.float32)
    cosines = queries @ knowledge.vectors[:, 0].astype(np.float32).T
    best = np.argsort(-cosines, axis=1)[:, :7]
    found = index.nearest(queries, 7)
    np.testing.assert_array_equal(found.pattern, knowledge.active[best])
    np.testing.assert_allclose(found.cosine, np.take_along_axis(cosines, best, 1), atol=1e-5)


def test_nearest_gives_minus_one_where_there_are_too_few(tmp_path: Path) -> None:
    write(tmp_path, synthetic.knowledge(3, dimension=4))
    found = open_index(tmp_path).nearest(np.array([[1, 0, 0, 0], [0, 0, 0, 0]], np.float32), 5)
    assert sorted(found.pattern[0].tolist()) == [-1, -1, 0, 1, 2]
    assert found.pattern[0, 3:].tolist() == [-1, -1]
    assert found.pattern[1].tolist() == [-1] * 5  # no direction, no neighbour
    assert (found.cosine[found.pattern < 0] == -1).all()


def test_an_empty_index_answers(tmp_path: Path) -> None:
    write(tmp_path, synthetic.knowledge(0, dimension=4))
    index = open_index(tmp_path)
    assert (index.patterns, index.fixes, index.find("abcd")) == (0, 0, [])
    assert index.nearest(np.ones((2, 4), np.float32), 3).pattern.tolist() == [[-1] * 3] * 2
    assert index.nearest(np.ones((0, 4), np.float32), 3).pattern.shape == (0, 3)
    assert index.vectors(np.empty(0, np.int64)).shape == (0, 2, 4)
    assert len(index.postings("fixed", np.arange(5, dtype=np.uint64), 9).pattern) == 0
    assert index.frequency(np.arange(2, dtype=np.uint64)).tolist() == [0, 0]


def test_cells_find_nearly_all_true_neighbours() -> None:
    vectors = synthetic.vectors(12_000, 32, np.random.default_rng(5))
    grouped = cells.group(vectors[:, 0])
    assert 90 <= len(grouped.starts) - 1 <= 130
    rows = vectors[grouped.order, 0]
    queries = vectors[::120, 1].astype(np.float32)
    found, cosines = cells.nearest(grouped[:2], rows, queries, 10, Path())
    truth = np.sort(queries @ vectors[:, 0].astype(np.float32).T, axis=1)[:, ::-1][:, :10]
    assert np.mean(cosines >= truth[:, 9:] - 1e-5) > 0.9
    assert (found >= 0).all()


def test_an_answer_does_not_depend_on_the_queries_beside_it() -> None:
    vectors = synthetic.vectors(5000, 32, np.random.default_rng(6))
    grouped = cells.group(vectors[:, 0])
    rows = vectors[grouped.order, 0]
    queries = vectors[:40, 1].astype(np.float32)
    together = cells.nearest(grouped[:2], rows, queries, 5, Path())
    for number in range(len(queries)):
        alone = cells.nearest(grouped[:2], rows, queries[number : number + 1], 5, Path())
        np.testing.assert_array_equal(together[0][number], alone[0][0])
        np.testing.assert_array_equal(together[1][number], alone[1][0])


def test_copies_and_rows_without_direction_do_not_swell_a_cell() -> None:
    vectors = synthetic.vectors(9000, 16, np.random.default_rng(7))[:, 0]
    vectors[:4000] = vectors[0]
    vectors[5000:7000] = 0
    grouped = cells.group(vectors)
    assert np.diff(grouped.starts).max() <= 4 * 7000**0.5 + 1
    assert grouped.starts[-1] == 7000
    assert sorted(grouped.order.tolist()) == list(range(9000))
    assert not vectors[grouped.order[7000:]].any()


def test_vectors_come_back_by_pattern(index: StoredIndex, knowledge: Knowledge) -> None:
    chosen = np.array([50, 3, 211, 3])
    expected = knowledge.vectors[chosen].astype(np.float32)
    np.testing.assert_array_equal(index.vectors(knowledge.active[chosen]), expected)


def test_each_pattern_leads_to_its_fix(index: StoredIndex, knowledge: Knowledge) -> None:
    owners = [
        (number, ordinal)
        for number, fix in enumerate(knowledge.fixes)
        for ordinal in range(len(fix.patterns))
    ]
    everyone = np.arange(len(owners))
    numbers, ordinals = index.fix_numbers(everyone), index.ordinals(everyone)
    assert [*zip(numbers.tolist(), ordinals.tolist(), strict=True)] == owners


def test_what_does_not_exist_is_an_index_error(index: StoredIndex, knowledge: Knowledge) -> None:
    with pytest.raises(IndexError):
        index.fix(len(knowledge.fixes))
    with pytest.raises(IndexError):
        index.fix(-1)
    with pytest.raises(IndexError):
        index.fix_numbers(np.array([400]))


def test_find_by_sha(index: StoredIndex, knowledge: Knowledge) -> None:
    sha = knowledge.fixes[17].commit.sha
    assert index.find(sha) == [17]
    assert 17 in index.find(sha[:4].upper())
    assert index.find(sha[:3]) == []
    assert index.find("") == index.find("no such thing") == []


def test_find_by_ticket(tmp_path: Path) -> None:
    knowledge = synthetic.knowledge(20)
    ids = ["#12", "!12", "PROJ-7", "owner/repo#3"]
    named = [
        dataclasses.replace(
            fix, commit=dataclasses.replace(fix.commit, tickets=(Ticket(name, "", "", "subject"),))
        )
        for fix, name in zip(knowledge.fixes, ids, strict=False)
    ]
    other = [*named, *knowledge.fixes[4:]]
    write(tmp_path, dataclasses.replace(knowledge, fixes=other, lessons=Lessons.none()))
    index = open_index(tmp_path)
    assert index.find("12") == [0, 1]
    assert index.find("#12") == [0]
    assert index.find(" proj-7 ") == [2]
    assert index.find("Owner/Repo#3") == [3]
    assert index.find("1") == []


def test_which_fixes_can_be_matched(tmp_path: Path) -> None:
    knowledge = synthetic.knowledge(300)
    write(tmp_path, knowledge)
    owners = [number for number, fix in enumerate(knowledge.fixes) for _ in fix.patterns]
    active = {owners[pattern] for pattern in knowledge.active.tolist()}
    found = open_index(tmp_path).matchable()
    assert np.flatnonzero(found).tolist() == sorted(active)
    assert len(found) == len(knowledge.fixes)
