"""Of a merge's diffs, what the resolution itself wrote: the rest came with the parents.

The idea is that of git's combined diff: a line was written by the resolution if no parent has it,
and taken out by it if every parent had it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
        marks = [_marks(other[path]) for other in others]
        hunks = (_shared(hunk, marks) for hunk in file.hunks)
        kept = tuple(hunk for hunk in hunks if hunk.added or hunk.removed)
        if kept or file.skipped:
            result.append(replace(file, hunks=kept))
    return tuple(result)


def _marks(file: FileDiff) -> set[tuple[str, int, str]]:
    return {mark for hunk in file.hunks for mark in hunk.numbered() if mark[0] != " "}


def _shared(hunk: Hunk, marks: Sequence[set[tuple[str, int, str]]]) -> Hunk:
    body = []
    for marker, number, line in hunk.numbered():
        if marker == " " or all((marker, number, line) in other for other in marks):
            body.append(marker + line)
        elif marker == "+":
            body.append(" " + line)
    return replace(hunk, body=tuple(body))
