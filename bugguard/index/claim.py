"""Whose folder it is: an index is written only where nobody else keeps anything."""

from __future__ import annotations

from pathlib import Path

from bugguard.errors import PatternIndexError
from bugguard.index.generation import read_pointer
from bugguard.index.layout import GENERATION, OURS, PASSING


def claim(directory: Path) -> None:
    """Raises PatternIndexError where ``directory`` is in use and holds no index.

    Once there is an index, other files beside it are left alone. OSError: it cannot be read.
    """
    if not directory.exists() or current(directory):
        return
    foreign = sorted(path.name for path in directory.iterdir() if not _is_ours(path.name))
    if foreign:
        raise PatternIndexError(
            f"{directory} is no index, it holds {foreign[0]!r}: choose a new or an empty folder, "
            "or move away what is there"
        )


def current(directory: Path) -> str | None:
    """The current generation's name; None where there is none that can be read."""
    try:
        return read_pointer(directory).generation
    except PatternIndexError:
        return None


def is_swept(name: str) -> bool:
    """Whether a name is one that only a writer gives: a generation, or one on its way."""
    return bool(GENERATION.fullmatch(name) or PASSING.fullmatch(name))


def _is_ours(name: str) -> bool:
    return is_swept(name) or bool(OURS.fullmatch(name))
