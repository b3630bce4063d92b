"""By which rules an index was learned, and whether it can be checked with today's."""

from __future__ import annotations

from bugguard.config import Dsn, Location
from bugguard.domain.provenance import Provenance
from bugguard.errors import IndexVersionError, PatternIndexError

#: Raise it with every change to what is learned from the same history: which commits are fixes,
#: which paths count, how tickets are found (``history.fixes``, ``fixwords``, ``otherwork``,
#: ``paths``, ``tickets``), how diffs are read (``history.diff``, ``git.DIFF_OPTIONS``), what
#: becomes of a hunk (all of ``patterns``, the features in ``domain.edit``, ``pipeline.assemble``),
#: what a lesson is bound to (``domain.lesson``).
#: An index of another revision is refused: its features would not be those of the change.
REVISION = 4


def require(provenance: Provenance, directory: Location) -> None:
    """Raises unless the index in ``directory`` can be checked with.

    IndexVersionError: a newer bugguard learned it. PatternIndexError: an older one did, or it is
    only a part of one.
    """
    refuse_newer(provenance.revision, directory)
    if provenance.shard is not None:
        raise PatternIndexError(
            f"the index in {directory} is only shard {provenance.shard} of a whole: put it together"
            " with the others by `bugguard index merge`"
        )
    if provenance.revision < REVISION:
        raise PatternIndexError(
            f"the index in {directory} was learned by the rules of an older bugguard: "
            f"{_remedy(directory)}"
        )


def refuse_newer(revision: int, directory: Location) -> None:
    """Raises IndexVersionError if a newer bugguard learned the index: it is not ours to replace."""
    if revision > REVISION:
        raise IndexVersionError(
            f"the index in {directory} was learned by the rules of a newer bugguard: upgrade, or "
            f"{_remedy(directory)}"
        )


def _remedy(directory: Location) -> str:
    if isinstance(directory, Dsn):
        return "build it again in a folder, then push it with `bugguard index push`"
    return "run `bugguard index build`"
