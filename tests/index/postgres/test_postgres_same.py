"""The server answers as the folder does, method by method, to the bit."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from bugguard.config import Dsn
from bugguard.domain.edit import token_feature
from bugguard.domain.knowledge import Knowledge
from bugguard.index import StoredIndex, open_index, open_served, push, write
from bugguard.index.postgres.link import Link
from bugguard.index.postgres.reader import ServedIndex

Pair = tuple[StoredIndex, ServedIndex]
NewDsn = Callable[..., Dsn]


def pushed(knowledge: Knowledge, dsn: Dsn) -> Pair:
    """The same knowledge in a folder and at the address."""
    folder = Path(tempfile.mkdtemp())
    write(folder, knowledge)
    push(folder, dsn, lambda done, total: None)
    return open_index(folder), open_served(dsn)


def assert_same(left: Any, right: Any) -> None:
    """Fails unless both are equal, and of the same types where they are arrays."""
    assert type(left) is type(right)
    if isinstance(left, np.ndarray):
        np.testing.assert_array_equal(left, right, strict=True)
    elif isinstance(left, tuple) and hasattr(left, "_fields"):
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
    else:
        assert left == right


def outcome(question: Callable[[Any], Any], index: Any) -> Any:
    """The answer, or the kind of error."""
    try:
        return question(index)
    except IndexError as error:
        return type(error), str(error)


def compare(pair: Pair, question: Callable[[Any], Any]) -> None:
    folder, server = pair
    assert_same(outcome(question, folder), outcome(question, server))


@pytest.fixture(scope="module")
def home(new_dsn: NewDsn) -> Dsn:
    """Where one generation follows another."""
    return new_dsn()


@settings(max_examples=25)
@given(knowledge=strategies.knowledge(), data=st.data())
def test_any_knowledge(home: Dsn, knowledge: Knowledge, data: st.DataObject) -> None:
    pair = pushed(knowledge, home)
    everything = data.draw(st.permutations(range(knowledge.provenance.revision % 3 + 12)))
    features = np.array(
        [*knowledge.buggy.values, *knowledge.fixed.values, *knowledge.names.values,
         *knowledge.statistics.features, 0, 2**63, 2**64 - 1, 5], np.uint64,
    )  # fmt: skip
    triggers = [token_feature(rule.trigger[0]) for rule in knowledge.rules]
    cap = data.draw(st.integers(0, 4))
    entry = st.floats(-1, 1, width=32)
    dimension = knowledge.encoder.dimension
    rows = data.draw(st.lists(st.lists(entry, min_size=dimension, max_size=dimension), max_size=3))
    queries = np.array(rows, np.float32).reshape(len(rows), dimension)
    count = sum(len(fix.patterns) for fix in knowledge.fixes)
    patterns = np.arange(count)
    names = [ticket.id for fix in knowledge.fixes for ticket in fix.commit.tickets]
    names += [fix.commit.sha[: data.draw(st.integers(3, 40))] for fix in knowledge.fixes]

    def ask(number: int) -> None:
        questions: list[Callable[[Any], Any]] = [
            lambda index: index.postings("buggy", features, cap),
            lambda index: index.postings("fixed", features, cap),
            lambda index: index.postings("names", features, cap),
            lambda index: index.nearest(queries, cap),
            lambda index: index.vectors(knowledge.active),
            lambda index: (index.frequency(features), index.standing(features))[cap % 2],
            lambda index: index.rules(np.array(triggers, np.uint64), cap),
            lambda index: index.fix_numbers(patterns),
            lambda index: index.ordinals(patterns[::-1]),
            lambda index: [index.fix(one) for one in reversed(range(len(knowledge.fixes)))],
            lambda index: [index.lesson(one) for one in range(len(knowledge.fixes))],
            lambda index: index.taught(queries),
            lambda index: [index.find(name) for name in [*names, "#", " ", "g000"]],
            lambda index: [list(index.all_rules()), list(index.fix_commits())],
        ]
        compare(pair, questions[number % len(questions)])

    for number in [*everything, *range(14)]:  # whatever was asked before
        ask(number)
    compare(pair, lambda index: index.fix(len(knowledge.fixes)))
    compare(pair, lambda index: index.lesson(-1))
    compare(pair, lambda index: index.ordinals(np.array([count])))
    for name in (
        "patterns",
        "fixes",
        "heads",
        "encoder",
        "commits",
        "lessons",
        "manifest",
        "repositories",
    ):
        compare(pair, lambda index, name=name: getattr(index, name))
    compare(pair, lambda index: np.array(index.times))
    compare(pair, lambda index: index.shas())
    compare(pair, lambda index: index.matchable())
    compare(pair, lambda index: index.origins())
    pair[1].close()


@pytest.fixture(scope="module")
def large(new_dsn: NewDsn) -> Iterator[tuple[Knowledge, Pair]]:
    """With more cells than are looked into, copies of vectors in them, and rows of no direction."""
    knowledge = synthetic.knowledge(4000, dimension=24, seed=3)
    vectors = knowledge.vectors.copy()
    vectors[100:900:2] = vectors[100]
    vectors[1000:1200] = vectors[1000]
    vectors[1500:1600] = 0
    knowledge = dataclasses.replace(knowledge, vectors=vectors)
    pair = pushed(knowledge, new_dsn())
    yield knowledge, pair
    pair[1].close()


@pytest.mark.parametrize("k", [1, 4, 50, 300])
def test_nearest_among_many_cells_and_copies(large: tuple[Knowledge, Pair], k: int) -> None:
    knowledge, pair = large
    rows = [0, 17, 100, 300, 1000, 1550, 2500, 3700]
    queries = knowledge.vectors[rows].reshape(2 * len(rows), -1).astype(np.float32)
    compare(pair, lambda index: index.nearest(queries, k))
    found = pair[1].nearest(queries[4:5], k).pattern[0]
    # The copies of the vector itself, in the order of their places.
    assert sorted(found.tolist()) == found.tolist() or k > 50


def test_nearest_where_only_rounding_tells_them_apart(new_dsn: NewDsn) -> None:
    """All rows have the same numbers in another order, and the question the same number."""
    random = np.random.default_rng(8)
    knowledge = synthetic.knowledge(60, dimension=24)
    numbers = random.standard_normal(24).astype(np.float16)
    vectors = np.array([random.permutation(numbers) for _ in knowledge.active], np.float16)
    knowledge = dataclasses.replace(knowledge, vectors=np.stack((vectors, vectors), axis=1))
    pair = pushed(knowledge, new_dsn())
    question = np.full((1, 24), 0.3, np.float32)
    for k in (1, 4, 20):
        compare(pair, lambda index, k=k: index.nearest(question, k))
    assert pair[1].nearest(question, 4).pattern[0].tolist() == knowledge.active[:4].tolist()
    pair[1].close()


def test_what_is_likely_next_is_there(
    large: tuple[Knowledge, Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge, (folder, server) = large
    asked = []
    real = Link.ask
    monkeypatch.setattr(Link, "ask", lambda *told: (asked.append(told[1]), real(*told))[1])
    told = server.taught(knowledge.vectors[:2, 0].astype(np.float32))
    best = told.fix[np.argsort(-told.cosine)][:50].tolist()
    before = len(asked)
    assert [server.fix(one) for one in best] == [folder.fix(one) for one in best]
    assert len(asked) == before
    lessons = [server.lesson(one) for one in best]
    assert lessons == [folder.lesson(one) for one in best]
    assert len(asked) == before + 1


def test_nearest_of_one_question_does_not_depend_on_the_others(
    large: tuple[Knowledge, Pair],
) -> None:
    knowledge, (folder, server) = large
    queries = knowledge.vectors[::160, 1].astype(np.float32)
    together = server.nearest(queries, 4)
    for place in range(len(queries)):
        alone = folder.nearest(queries[place : place + 1], 4)
        np.testing.assert_array_equal(together.pattern[place], alone.pattern[0])
        np.testing.assert_array_equal(together.cosine[place], alone.cosine[0])


@pytest.mark.parametrize("cap", [1, 40, 300, 2**40])
@pytest.mark.parametrize("side", ["buggy", "fixed", "names"])
def test_postings_and_their_cap(large: tuple[Knowledge, Pair], side: str, cap: int) -> None:
    knowledge, pair = large
    features = np.append(knowledge.buggy.values[::90], np.array([0, 2**64 - 1], np.uint64))
    compare(pair, lambda index: index.postings(side, features, cap))


def test_rules_and_their_cap(large: tuple[Knowledge, Pair]) -> None:
    features = np.array([token_feature(f"word{n}") for n in range(9)], np.uint64)
    for cap in (10, 180, 10**6):
        compare(large[1], lambda index, cap=cap: index.rules(features, cap))


def test_what_is_asked_one_by_one(large: tuple[Knowledge, Pair]) -> None:
    knowledge, pair = large
    features = knowledge.buggy.values[::700]
    for index in pair:
        index.postings("buggy", features, 300)
    for pattern in knowledge.active[::400].tolist():
        one = np.array([pattern])
        compare(pair, lambda index, one=one: index.fix_numbers(one))
        compare(pair, lambda index, one=one: index.fix(int(index.fix_numbers(one)[0])))
        compare(pair, lambda index, one=one: index.vectors(one))


def test_little_is_kept_in_memory(
    large: tuple[Knowledge, Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("ahead", "shelf"):
        monkeypatch.setattr(f"bugguard.index.postgres.{module}._KEPT", 5)
    monkeypatch.setattr("bugguard.index.postgres.ahead._KEPT_PLACES", 5)
    knowledge, pair = large
    for some in np.split(knowledge.active[:120], 10):
        compare(pair, lambda index, some=some: index.fix_numbers(some))
        compare(pair, lambda index, some=some: index.vectors(some))
    for number in (3, 1, 300, 3, 301, 5, 9):
        compare(pair, lambda index, number=number: index.fix(number))
        compare(pair, lambda index, number=number: index.lesson(number))
