"""Taking in what a tracker tells: in steps, from where the last run ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord, Tracked
from bugguard.errors import TrackerError
from bugguard.tickets.intake import Taken, sync
from bugguard.tickets.store import Outcome, Store

HOST = "gitlab.example/web/shop"


def tracked(number: int, updated: int | None = None, **more: object) -> Tracked:
    key = TicketKey(HOST, f"#{number}")
    record = TicketRecord(key, "gitlab", f"題 {number}", updated=updated, **more)  # type: ignore[arg-type]
    return Tracked(record, (TicketLink(key, f"{number:040x}", "closed by !1"),))


@dataclass
class Scripted:
    """A tracker that tells what it is told, and fails where it is told to."""

    told: list[Tracked]
    fails_after: int | None = None
    error: BaseException = field(default_factory=lambda: TrackerError("the tracker is down"))
    withdrawn: frozenset[TicketKey] = frozenset()
    asked: list[int | None] = field(default_factory=list)
    project: str = f"https://{HOST}"

    def tracked(self, since: int | None) -> Iterator[Tracked]:
        self.asked.append(since)
        for number, one in enumerate(self.told):
            if number == self.fails_after:
                raise self.error
            if since is None or one.record.updated is None or one.record.updated >= since:
                yield one
        if self.fails_after is not None and self.fails_after >= len(self.told):
            raise self.error


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "t.sqlite3", write=True)


def run(store: Store, tracker: Scripted, scope: str = "bug", **more: bool) -> Taken:
    taken = Taken()
    since = store.cursor("gitlab", tracker.project, scope)
    sync(store, tracker, "gitlab", scope, taken, since=since, **more)
    return taken


def test_the_next_run_asks_for_what_changed_since(store: Store) -> None:
    tracker = Scripted([tracked(n, 1_000 + n) for n in range(1, 251)])
    taken = run(store, tracker)
    assert (taken.outcomes, taken.links) == ({Outcome.NEW: 250}, 250)
    tracker.told.append(tracked(7, 2_000, labels=("bug",)))
    again = run(store, tracker)
    assert tracker.asked == [None, 1_250]
    assert again.outcomes == {Outcome.SAME: 1, Outcome.CHANGED: 1}
    assert store.totals() == (250, 250, 0)


@pytest.mark.parametrize("after", [0, 1, 99, 100, 101, 250])
@pytest.mark.parametrize("error", [TrackerError("down"), KeyboardInterrupt()])
def test_a_run_that_is_cut_keeps_what_came_and_goes_on(
    store: Store, after: int, error: BaseException
) -> None:
    tracker = Scripted([tracked(n, 1_000 + n) for n in range(1, 251)], after, error)
    taken = Taken()
    with pytest.raises(type(error)):
        sync(store, tracker, "gitlab", "bug", taken)
    assert store.totals()[0] == taken.seen == after
    tracker.fails_after = None
    run(store, tracker)
    assert tracker.asked[1] == (1_000 + after if after else None)
    assert store.totals() == (250, 250, 0)


def test_tickets_of_the_same_second_are_not_lost_by_a_cut(store: Store) -> None:
    tracker = Scripted([tracked(n, 1_000) for n in range(1, 4)], 2)
    with pytest.raises(TrackerError):
        run(store, tracker)
    tracker.fails_after = None
    run(store, tracker)
    assert store.totals()[0] == 3


def test_another_scope_is_read_from_its_beginning(store: Store) -> None:
    tracker = Scripted([tracked(1, 1_000)])
    run(store, tracker)
    run(store, tracker, "defect")
    run(store, tracker)
    assert tracker.asked == [None, None, 1_000]


def test_a_clock_that_is_ahead_hides_nothing(store: Store) -> None:
    tracker = Scripted([tracked(1, 32_503_680_000)])
    run(store, tracker)
    cursor = store.cursor("gitlab", HOST, "bug")
    assert cursor is not None
    assert cursor <= time.time()


def test_tickets_without_a_time_move_nothing(store: Store) -> None:
    tracker = Scripted([tracked(1)])
    run(store, tracker)
    run(store, tracker)
    assert tracker.asked == [None, None]
    assert [cursor.updated for cursor in store.cursors()] == [None]


def test_what_the_tracker_has_no_more_goes(store: Store) -> None:
    gone = TicketKey(HOST, "#1")
    run(store, Scripted([tracked(1, 1), tracked(2, 2)]))
    taken = run(store, Scripted([], withdrawn=frozenset([gone, TicketKey(HOST, "#9")])))
    assert (taken.withdrawn, store.totals()) == (1, (1, 1, 0))


def test_a_ticket_that_names_nothing_stops_nobody(store: Store) -> None:
    nameless = Tracked(TicketRecord(TicketKey("", "#1"), "gitlab", "x"))
    taken = run(store, Scripted([tracked(1, 1), nameless, tracked(2, 2)]))
    assert taken.refused == {"it names no project": 1}
    assert (taken.seen, store.totals()[0]) == (3, 2)


def test_confidential_ones_are_counted_and_not_kept(store: Store) -> None:
    tracker = Scripted([tracked(1, 1, confidential=True), tracked(2, 2)])
    assert run(store, tracker).outcomes == {Outcome.CONFIDENTIAL: 1, Outcome.NEW: 1}
    assert store.totals() == (1, 1, 0)
    # Asked for, the same tracker is another scope.
    assert run(store, tracker, "bug, confidential", confidential=True).outcomes == {
        Outcome.NEW: 1, Outcome.SAME: 1,
    }  # fmt: skip
