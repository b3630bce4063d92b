"""The lines of a generation's files of records, by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bugguard.index.damage import damaged
from bugguard.index.generation import Generation
from bugguard.index.layout import FIXES, PATTERNS, RULES

_OFFSETS = {FIXES: "fix_offsets", PATTERNS: "pattern_offsets", RULES: "rule_offsets"}


def lines(generation: Generation, name: str, first: int, end: int) -> Sequence[bytes]:
    """Lines ``first`` to ``end`` (not included) of the file of that name.

    Raises :class:`~bugguard.errors.IndexCorruptError` where they do not lie in it.
    """
    text = generation.buffers[name]
    offsets = generation.arrays[_OFFSETS[name]]
    if not 0 <= first <= end < len(offsets):
        raise damaged(generation.folder / name, "a record lies outside its file")
    ends = offsets[first : end + 1].tolist()
    if ends[0] < 0 or ends[-1] > len(text) or sorted(ends) != ends:
        raise damaged(generation.folder / name, "a line lies outside the file")
    return [text[start:stop] for start, stop in pairwise(ends)]
