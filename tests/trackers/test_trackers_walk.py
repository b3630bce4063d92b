"""No change while a listing is read makes it lose anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bugguard.errors import TrackerError
from bugguard.trackers import walk
from bugguard.trackers.walk import Page, in_order

Row = tuple[int, float]  #: a name, and when it changed


class Table:
    """A tracker's listing by offset, over rows that change."""

    def __init__(self, rows: dict[int, float], size: int, grain: float = 1.0) -> None:
        self.rows = rows
        self.size = size
        self.grain = grain
        self.pages = 0
        self.last = dict(rows)  #: as it was when a page was asked for last

    def listing(self, since: float | None) -> Iterator[Page[Row]]:
        start = 0
        floor = None if since is None else since // self.grain * self.grain
        while True:
            ordered = sorted(self.rows.items(), key=lambda row: (row[1], row[0]))
            wanted = [row for row in ordered if floor is None or row[1] >= floor]
            self.pages += 1
            self.last = dict(self.rows)
            yield Page(wanted[start : start + self.size], start + self.size < len(wanted))
            start += self.size
            if start >= len(wanted):
                return

    def walk(self, since: float | None = None) -> Iterator[Row]:
        return in_order(
            self.listing, since, lambda row: row[0], lambda row: row[1], grain=self.grain
        )


def walked(table: Table, touched: list[tuple[int, int]]) -> list[Row]:
    """What is seen while, after so many rows, one of the rows is changed."""
    clock = 100.0
    seen: list[Row] = []
    for row in table.walk():
        seen.append(row)
        for after, name in touched:
            if after == len(seen) and name in table.rows:
                clock += 1
                table.rows[name] = clock
    return seen


TOUCHED = st.tuples(st.integers(0, 80), st.integers(0, 60))


@given(
    st.sets(st.integers(0, 60), max_size=60),
    st.integers(2, 7),
    st.lists(TOUCHED, max_size=20),
)
def test_nothing_is_lost(names: set[int], size: int, touched: list[tuple[int, int]]) -> None:
    table = Table({name: float(name) for name in names}, size)
    seen = walked(table, touched)
    assert set(table.last.items()) <= set(seen)
    assert {name for name, _ in seen} == names
    assert len(seen) == len(set(seen))


@given(
    st.dictionaries(st.integers(0, 60), st.integers(0, 30).map(float), max_size=60),
    st.integers(1, 7),
    st.sampled_from([1.0, 5.0]),
    TOUCHED,
)
@example(dict.fromkeys(range(6), 5.0), 2, 1.0, (3, 0))
def test_nothing_is_lost_among_many_of_one_moment(
    rows: dict[int, float], size: int, grain: float, touched: tuple[int, int]
) -> None:
    table = Table(dict(rows), size, grain)
    seen = walked(table, [touched])
    assert set(table.last.items()) <= set(seen)
    assert {name for name, _ in seen} == set(rows)
    assert len(seen) == len(set(seen))


def test_without_changes_each_page_is_read_once() -> None:
    table = Table({name: float(name) for name in range(100)}, 10)
    assert [name for name, _ in table.walk()] == list(range(100))
    assert table.pages <= 12  # a page begins with the last row of the one before
    table = Table({name: float(name) for name in range(10)}, 10)
    assert len(list(table.walk())) == 10
    assert table.pages == 1


def test_many_of_one_moment_are_read_twice_at_most() -> None:
    table = Table({name: float(name // 1000) for name in range(2000)}, 10)
    assert len(list(table.walk())) == 2000
    assert table.pages <= 520


def test_a_listing_that_is_not_ordered_is_read_as_it_is() -> None:
    rows = [(1, 9.0), (2, 10.0), (3, 5.0), (4, None), (5, 1.0), (6, 11.0)]

    def listing(since: float | None) -> Iterator[Page[tuple[int, float | None]]]:
        wanted = [row for row in rows if since is None or (row[1] or 0.0) >= since]
        for place in range(0, len(wanted), 3):
            yield Page(wanted[place : place + 3], more=place + 3 < len(wanted))

    found = list(in_order(listing, None, lambda row: row[0], lambda row: row[1], grain=1.0))
    assert sorted(name for name, _ in found) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("stamp", [lambda _: 5.0, lambda _: None])
def test_a_listing_without_end_is_given_up(
    monkeypatch: pytest.MonkeyPatch, stamp: Callable[[int], float | None]
) -> None:
    monkeypatch.setattr(walk, "SLACK", 100)

    def listing(since: float | None) -> Iterator[Page[int]]:
        while True:
            yield Page([1, 2, 3], more=True)

    with pytest.raises(TrackerError, match="again and again"):
        list(in_order(listing, None, lambda one: one, stamp, grain=1.0))
