"""A listing by time of change, read so that changes while it is read make it lose nothing.

Trackers number pages by offset. A ticket that is changed while its listing is being read moves to
the end, whatever stood behind it moves up by one, and the first ticket of the next page would
never be seen. So after each page the listing is asked anew, from the last time of change on: that
also keeps offsets below the limits that trackers set (GitLab's 50,000, Jira's 10,000).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bugguard.errors import TrackerError

PAGE = 100  #: items that are asked for at once
SLACK = 1_000  #: items that a listing may repeat beyond all that there are, before it is a circle

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """What came at once."""

    items: Sequence[Item]
    more: bool  #: whether another page follows


def in_order(
    listing: Callable[[float | None], Iterator[Page[Item]]],
    since: float | None,
    key: Callable[[Item], Hashable],
    changed: Callable[[Item], float | None],
    grain: float,
) -> Iterator[Item]:
    """Each item once for each of its times of change, oldest first.

    listing: what changed at or after a time (seconds since the epoch; None: everything), oldest
    change first, a page when it is wanted. A listing that is not so ordered is read as it is.
    grain: seconds: how finely ``listing`` can be asked.

    Raises TrackerError for a listing without an end.
    """
    seen: dict[Hashable, float | None] = {}
    while True:
        last: float | None = None
        ordered, more = True, False
        stale = beyond = 0
        for place, page in enumerate(listing(since)):
            for item in page.items:
                name, when = key(item), changed(item)
                if name not in seen or seen[name] != when:
                    seen[name] = when
                    beyond += place > 0
                    yield item
                elif (stale := stale + 1) > len(seen) + SLACK:
                    raise TrackerError(
                        "The tracker lists the same tickets again and again: this is a fault of "
                        "the server, try again later."
                    )
                ordered = ordered and when is not None and (last is None or when >= last)
                last = when
            more = page.more
            if not more or (ordered and last is not None and _is_later(last, since, grain)):
                break
        # Of one moment there may be more than a page. Between two pages something may have moved,
        # so what has given something new there is read once more.
        if not beyond:
            if not more:
                return
            since = last


def _is_later(last: float, since: float | None, grain: float) -> bool:
    return since is None or last >= since + grain
