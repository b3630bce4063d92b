"""Locks between writers. Readers take none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bugguard.errors import IndexBusyError, PatternIndexError
from bugguard.index.claim import claim

LEARN = "learn.lock"
WRITE = "write.lock"


@contextmanager
def lock(directory: Path, timeout: float) -> Iterator[None]:
    """Hold off other learners from reading the index, through learning, to writing it.

    timeout: seconds to wait for another one; negative waits for ever. Raises
    :class:`IndexBusyError` when they are over. :func:`bugguard.index.write` is safe without it:
    this lock spares two processes from learning the same commits.
    """
    with hold(directory, LEARN, timeout):
        yield


@contextmanager
def hold(directory: Path, name: str, timeout: float) -> Iterator[None]:
    """Hold the lock file ``name`` in ``directory``, which is made where it is missing.

    PatternIndexError: it cannot be written, or somebody keeps other things there.
    """
    from filelock import FileLock, Timeout  # not on the hook's path

    path = directory / name
    try:
        claim(directory)  # before anything is made in it
        directory.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():  # a lock file is truncated: never somebody else's
            raise PatternIndexError(f"{path} is a symbolic link: remove it and run again")
        held = FileLock(path)
        held.acquire(timeout=timeout)
    except Timeout:
        raise IndexBusyError(
            f"another bugguard is writing the index in {directory}: run again when it has finished"
        ) from None
    except OSError as error:
        raise PatternIndexError(
            f"cannot write in {directory} ({error.strerror or error}): "
            "free some space or mend its permissions, then run again"
        ) from error
    try:
        yield
    finally:
        held.release()
