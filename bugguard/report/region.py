"""Where in the changed file a finding stands, for places that mark it there."""

from __future__ import annotations

from typing import NamedTuple

from bugguard.domain import Hunk, Match


class Region(NamedTuple):
    """A stretch of the file after the change: 1-based, in UTF-16 units, the end column beyond."""

    line: int
    column: int
    end_line: int
    end_column: int


def region(match: Match) -> Region:
    """The run of added lines that the match begins with, from its first character to its last.

    Places that show a finding within a diff ask that all its lines were added. Where lines only
    went, it is the line that follows them.
    """
    added = {
        number: text
        for marker, number, text in match.hunk.numbered()
        if marker == "+" and match.line <= number <= match.end_line
    }
    if not added:
        line = max(match.line, 1)
        return _between(line, _standing(match.hunk, line), line, _standing(match.hunk, line))
    first = last = min(added)
    while last + 1 in added:
        last += 1
    return _between(max(first, 1), added[first], max(last, 1), added[last])


def surroundings(hunk: Hunk) -> Region | None:
    """All of the hunk as it stands after the change; None: it leaves nothing there."""
    lines = [(number, text) for marker, number, text in hunk.numbered() if marker != "-"]
    if not lines or lines[0][0] < 1:
        return None
    (first, beginning), (last, end) = lines[0], lines[-1]
    return _between(first, beginning, last, end)


def _standing(hunk: Hunk, line: int) -> str:
    return next((t for marker, n, t in hunk.numbered() if marker != "-" and n == line), "")


def _between(line: int, first: str, end_line: int, last: str) -> Region:
    code = first.lstrip()
    column = _units(first[: len(first) - len(code)]) + 1 if code else 1
    # Nothing is marked by an empty stretch, so a blank line is marked with its end.
    least = column + 1 if line == end_line else 2
    return Region(line, column, end_line, max(_units(last.rstrip("\r")) + 1, least))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
