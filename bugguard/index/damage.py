"""One way to say that an index is damaged."""

from __future__ import annotations

from pathlib import Path

from bugguard.errors import IndexCorruptError


def damaged(where: Path, what: str) -> IndexCorruptError:
    """The error to raise when ``what`` is wrong with the index file or folder ``where``."""
    return IndexCorruptError(
        f"the index is damaged ({what}) at {where}: run `bugguard index build`"
    )
