"""The index on a PostgreSQL server with pgvector: for an organisation, where one machine's folder
is outgrown. It is learned into a folder, as ever, and pushed from there.

It answers as the folder would, to the bit: the same cells are looked into, pgvector orders what is
in them, and the few that are left are measured as :mod:`bugguard.index.cells` measures them. An
HNSW or IVFFlat index of pgvector's own is not made: each has other neighbours than the folder (and
HNSW depends on the order of writing), it would have to be made again at every push, and it cannot
be kept apart by generation without a table for each. A question reads 32 cells of about sqrt(n)
rows, through a plain index on the cell, so there is little that they could save.

Nothing here is imported unless an address is given, and only this package knows the driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bugguard.errors import PatternIndexError

if TYPE_CHECKING:
    from pathlib import Path

    from bugguard.config import Dsn
    from bugguard.index.postgres.pushing import Pushed
    from bugguard.index.postgres.reader import ServedIndex
    from bugguard.ports import Progress

__all__ = ["open_served", "push"]

_INSTALL = (
    'an index on a server needs more packages: run `pip install "bugguard[postgres]"` (without its '
    "[binary], libpq has to be installed too)"
)


def open_served(dsn: Dsn) -> ServedIndex:
    """The index at that address, as of now, whoever pushes another meanwhile.

    Raises :class:`~bugguard.errors.IndexMissingError`,
    :class:`~bugguard.errors.IndexCorruptError`, :class:`~bugguard.errors.IndexVersionError`, and
    :class:`~bugguard.errors.PatternIndexError` where the server cannot be asked.
    """
    try:
        from bugguard.index.postgres.reader import ServedIndex
    except ImportError as error:
        raise PatternIndexError(_INSTALL) from error
    return ServedIndex.open(dsn)


def push(directory: Path, dsn: Dsn, progress: Progress, *, wait: float = 60.0) -> Pushed:
    """Make the index in ``directory`` the one at that address; see :mod:`.pushing`."""
    try:
        from bugguard.index.postgres.pushing import push as pushed
    except ImportError as error:
        raise PatternIndexError(_INSTALL) from error
    return pushed(directory, dsn, progress, wait=wait)
