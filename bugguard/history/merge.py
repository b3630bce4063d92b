"""Of a merge's diffs, what the resolution itself wrote: the rest came with the parents.

The idea is that of git's combined diff: a line was written by the resolution if no parent has it,
and taken out by it if every parent had it. Where both sides had changed a line and the resolution
writes a third one, what it takes out is the first parent's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from bugguard.domain import FileDiff, Hunk


def resolution_only(diffs: Sequence[Sequence[FileDiff]]) -> tuple[FileDiff, ...]:
    """``diffs``: of one result against each parent, first parent first.

    The first parent's diff, without the files that equal any parent's, and with each line that only
    some parents lack turned into context (or left out, if it is gone).
    """
    first, *others = ({file.path: file for file in diff} for diff in diffs)
    result = []
    for path, file in first.items():
        if not all(path in other for other in others):
            continue  # equal to one parent's file
        marks = [Marks.of(other[path]) for other in others]
        hunks = (_shared(hunk, marks) for hunk in file.hunks)
        kept = tuple(hunk for hunk in hunks if hunk.added or hunk.removed)
        if kept or file.skipped:
            result.append(replace(file, hunks=kept))
    return tuple(result)


class Marks(NamedTuple):
    """What a diff does, by post-image line numbers."""

    added: set[int]
    removed: set[tuple[int, str]]  #: with the number of the line that follows
    replaced: set[int]  #: where a line was added right behind removed ones

    @classmethod
    def of(cls, file: FileDiff) -> Marks:
        lines = [line for hunk in file.hunks for line in hunk.numbered()]
        added = {number for marker, number, _ in lines if marker == "+"}
        removed = {(number, line) for marker, number, line in lines if marker == "-"}
        return cls(added, removed, added & {number for number, _ in removed})


def _shared(hunk: Hunk, others: Sequence[Marks]) -> Hunk:
    body = []
    for marker, number, line in hunk.numbered():
        if marker == "+":
            written = all(number in other.added for other in others)
            body.append(("+" if written else " ") + line)
        elif marker == " " or all(
            (number, line) in other.removed or number in other.replaced for other in others
        ):
            body.append(marker + line)
    return replace(hunk, body=tuple(body))
