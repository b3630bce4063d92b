"""What the readers of all trackers have in common: what they pass over, and what went away."""

from __future__ import annotations

from collections import Counter

from bugguard.domain.tickets import TicketKey
from bugguard.trackers.connection import Connection

SKEW = 300.0  #: seconds that ``since`` is put back, for clocks that differ and indexes that lag

CONFIDENTIAL = "confidential and left out"
MOVED = "moved to another project"
GONE = "gone or not to be seen any more"
ODD = "without a number or a title"
BARE = "closed by a merge request whose commits are unknown"


class Reader:
    """One tracker's tickets. What it says of itself is complete when :meth:`tracked` has ended."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._words = connection.words
        self._counts: Counter[str] = Counter()
        self._said: list[str] = []
        self._withdrawn: set[TicketKey] = set()

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever asked should know, a sentence each: what was left out, what is renamed."""
        counted = [
            f"{count} ticket{'s are' if count > 1 else ' is'} {what}."
            for what, count in sorted(self._counts.items())
        ]
        return (*self._said, *counted)

    @property
    def withdrawn(self) -> frozenset[TicketKey]:
        """Tickets that changed since and are not among those asked for, or not any more.

        They were reopened or relabelled, made confidential, moved or deleted. Whoever stores
        tickets should forget these, as far as it has them.
        """
        return frozenset(self._withdrawn)

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.append(sentence)
            self._connection.access.tell(sentence)
