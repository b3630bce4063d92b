"""Taking tickets in: what a tracker tells, batch by batch, so that a cut loses nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bugguard.domain.tickets import Tracked
from bugguard.ports import Progress, Tracker
from bugguard.tickets.store import Outcome, Store

_BATCH = 100  #: tickets of one step


@dataclass
class Taken:
    """What came of it so far."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)  #: by reason, as a clause
    withdrawn: int = 0  #: that are not to be seen there any more, and went here too
    links: int = 0

    @property
    def seen(self) -> int:
        return sum(self.outcomes.values()) + sum(self.refused.values())

    def put(self, store: Store, tracked: Tracked, *, confidential: bool, synced: bool) -> None:
        """Keeps one ticket and counts it."""
        try:
            outcome = store.put(tracked, confidential=confidential, synced=synced)
        except ValueError as error:
            self.refused[str(error)] += 1
            return
        self.outcomes[outcome] += 1
        if outcome not in (Outcome.CONFIDENTIAL, Outcome.FORGOTTEN):
            self.links += len(tracked.links)


def sync(
    store: Store,
    tracker: Tracker,
    source: str,
    scope: str,
    taken: Taken,
    *,
    since: int | None = None,
    confidential: bool = False,
    progress: Progress = lambda done, total: None,
) -> None:
    """Keeps what the tracker tells, and how far it was read in the same step.

    scope: which tickets the tracker was told to give; another scope is read from its beginning.
    since: as in :meth:`bugguard.ports.Tracker.tracked`. taken: counted up on the way.
    Raises TrackerError where the tracker gives up; what came before is kept, and the next run goes
    on from there.
    """

    def keep(batch: Sequence[Tracked]) -> None:
        with store.changing():
            for tracked in batch:
                taken.put(store, tracked, confidential=confidential, synced=True)
            times = [one.record.updated for one in batch if one.record.updated is not None]
            # A clock that is ahead must not hide what changes until then.
            last = min(max(times), int(time.time())) if times else None
            store.move(source, tracker.project, scope, last)

    batch: list[Tracked] = []
    done = 0
    try:
        for tracked in tracker.tracked(since):
            batch.append(tracked)
            done += 1
            if len(batch) == _BATCH:
                full, batch = batch, []
                keep(full)
                progress(done, 0)
    finally:
        keep(batch)
    with store.changing():
        # What a tracker says is not to be seen any more, where it says so at all.
        for key in getattr(tracker, "withdrawn", ()):
            taken.withdrawn += store.remove(key)
