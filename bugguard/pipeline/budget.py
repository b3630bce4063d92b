"""How long a commit may wait for the index to be brought up to date."""

from __future__ import annotations

import time

#: Commits that any machine reads in a second: whether to begin at all is decided by it.
_A_SECOND = 500


class OutOfTimeError(Exception):
    """Learning would take, or has taken, longer than it may."""


class Budget:
    """A clock that runs from when it is made."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def need(self, commits: int) -> None:
        """Raises OutOfTimeError unless that many commits can be read in the time that is left."""
        left = self._end - time.monotonic()
        if left < 0 or commits > left * _A_SECOND:
            raise OutOfTimeError

    def watch(self, done: int, total: int) -> None:
        """The same for the rest of a work in progress: a :data:`bugguard.ports.Progress`."""
        self.need(total - done)
