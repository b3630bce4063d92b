"""The file of what judging cost, month by month, which all processes share."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bugguard.judge.asking.exchange import one_line

VERSION = 1
KEPT = 12  #: months
_MOST_BYTES = 100_000
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_MOST = 10**18  # of any number: sums of what a file may hold stay exact


class Sums(NamedTuple):
    """Of one month."""

    calls: int = 0
    tokens: int = 0  #: read and written, spent and reserved
    cost: float = 0.0  #: the same

    def plus(self, calls: int, tokens: int, cost: float) -> Sums:
        """Any of them may be negative; no sum becomes so."""
        return Sums(
            max(0, self.calls + calls), max(0, self.tokens + tokens), max(0.0, self.cost + cost)
        )


class UnkeptError(Exception):
    """The file cannot be used: which, why, and what to do, in a clause."""


class Months:
    """One such file. Nothing is read or written but under its lock."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stuck = False  # whether the lock was waited for in vain: once is enough for a run

    @contextmanager
    def held(self, within: float) -> Iterator[dict[str, Sums]]:
        """The sums by month, ``2026-11``, with all other processes held off. Raises UnkeptError.

        within: seconds to wait for others at most.
        """
        from filelock import FileLock, Timeout  # only who asks a judge needs it

        try:
            path = self._file.with_name(f"{self._file.name}.lock")
            if self._stuck:
                raise Timeout(str(path))
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():  # a lock file is truncated: never somebody else's
                raise self._unkept("has a lock file that is a symbolic link; remove that")
            lock = FileLock(path)
            lock.acquire(timeout=within, poll_interval=0.01)
        except Timeout:
            self._stuck = True
            raise self._unkept("is held by another process; end that or try again") from None
        except (OSError, NotImplementedError, ValueError) as error:
            raise self._unkept(f"cannot be locked ({_why(error)}); mend its folder") from error
        try:
            yield self._read()
        finally:
            lock.release()

    def write(self, sums: Mapping[str, Sums], now: str) -> None:
        """All of it or nothing. Only who holds it may. Raises UnkeptError.

        now: a month of ``sums`` that is kept, whatever other months a wrong clock made.
        """
        others = sorted((month for month in sums if month != now), reverse=True)
        kept = sorted([now, *others[: KEPT - 1]])
        data = {"version": VERSION, "months": {month: sums[month]._asdict() for month in kept}}
        new = self._file.with_name(f"{self._file.name}.new")
        try:
            new.unlink(missing_ok=True)  # of a process that was killed
            with new.open("x", encoding="utf-8") as stream:
                stream.write(json.dumps(data, indent=1) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self._file)
        except OSError as error:
            raise self._unkept(
                f"cannot be written ({_why(error)}); free some space or mend its permissions"
            ) from error

    def _read(self) -> dict[str, Sums]:
        try:
            status = self._file.lstat()
            if not stat.S_ISREG(status.st_mode):
                raise self._unkept("is no regular file; remove it to start anew")
            if status.st_size > _MOST_BYTES:
                raise self._unkept("is too large to be right; remove it to start anew")
            data = json.loads(self._file.read_bytes())
            version = data["version"]
            if isinstance(version, int) and version > VERSION:
                raise self._unkept("was written by a newer bugguard; update this one")
            if version != VERSION:
                raise ValueError
            return {month: _sums(month, given) for month, given in data["months"].items()}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unkept(f"cannot be read ({_why(error)}); mend its permissions") from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise self._unkept("is damaged; remove it to start anew") from None

    def _unkept(self, why: str) -> UnkeptError:
        return UnkeptError(f"{one_line(str(self._file), 300)} {why}")


def _sums(month: str, given: Mapping[str, object]) -> Sums:
    """One month of the file. ValueError, KeyError or TypeError if it is none."""
    calls, tokens, cost = given["calls"], given["tokens"], given["cost"]
    if (
        not _MONTH.fullmatch(month)
        or type(calls) is not int
        or type(tokens) is not int
        or type(cost) not in (int, float)
        or not isinstance(cost, (int, float))
        or not (0 <= calls <= _MOST and 0 <= tokens <= _MOST and 0 <= cost <= _MOST)
    ):
        raise ValueError(month)
    return Sums(calls, tokens, float(cost))


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
