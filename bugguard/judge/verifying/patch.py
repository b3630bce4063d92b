"""A patch as models write them: wrong numbers, headers missing, fences and prose around it.

Only the lines count. Where a hunk's header says that it begins is a hint; how long it says that it
is, is not even read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_CHARACTERS = 50_000
MOST_LINES = 600
MOST_HUNKS = 60

_AT = re.compile(r"@@ *-([0-9]{1,9})\b")
_GIT = re.compile(r"diff --git (.+)")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
# What git says of a file beyond its lines: a repair of one file's lines says nothing of the kind.
_BEYOND = re.compile(r"(?:rename|copy|(?:new|deleted) file mode|(?:old|new) mode|GIT binary)\b")


class Edit(NamedTuple):
    """One hunk: the line where it is said to begin, from 1, or None; its lines with their markers.

    No line has a carriage return at its end.
    """

    stated: int | None
    body: tuple[str, ...]


def read(text: str, path: str) -> list[Edit] | None:
    """The hunks of a patch of the file at ``path``; None where it is no such patch.

    None too where it touches another file, and where changed lines stand outside of every hunk:
    half a repair is none.
    """
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if len(text) > MOST_CHARACTERS or len(lines) > MOST_LINES:
        return None
    reader = _Reader(path)
    for place, line in enumerate(lines):
        if not reader.take(line, *(*lines[place + 1 : place + 3], "", "")[:2]):
            return None
    reader.end_hunk()
    return reader.edits if 0 < len(reader.edits) <= MOST_HUNKS else None


class _Reader:
    """Takes a patch line by line. ``body`` is the hunk that is being read, None between hunks."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.edits: list[Edit] = []
        self.stated: int | None = None
        self.body: list[str] | None = None
        self.begun = False  # whether anything but blank lines was read
        self.fenced = False
        self.closed = (
            False  # whether a fence was closed behind some hunk: from there on it is prose
        )

    def take(self, line: str, following: str, third: str) -> bool:
        """Reads one line, with the two behind it; False where the text cannot be believed."""
        header = line.startswith("--- ") and following.startswith("+++ ")
        # Within a hunk it is "-- x" that becomes "++ y", unless another hunk begins behind it.
        header = header and (not self.body or third.startswith("@@"))
        if not self.begun and line.strip():
            self.begun = True
            if _is_bare(line, following):
                self.body = []
        if self.body is not None and not header and (not line or line[0] in " +-\\"):
            self.body += [line] if line[:1] != "\\" else []
            return True
        self.end_hunk()
        if header:
            return _is_name(line[4:], self.path)
        if line.startswith("+++ "):  # whose other half was the line before
            self.body = [] if _is_bare(following) else None
            return _is_name(line[4:], self.path)
        if line.startswith("@@"):
            at = _AT.match(line)
            self.body, self.stated = [], int(at[1]) if at else None
        elif _FENCE.match(line):
            self.fenced = not self.fenced
            self.closed = not self.fenced and bool(self.edits)
            self.body = [] if self.fenced and _is_bare(following) else None
        elif git := _GIT.match(line):
            return _names_both(git[1], self.path)
        return bool(self.closed or not (_BEYOND.match(line) or line.startswith(("+", "-"))))

    def end_hunk(self) -> None:
        """Keeps the hunk that was read, if it changes anything."""
        body, stated = self.body or [], self.stated
        self.body = self.stated = None
        while body and not body[-1]:  # what separates it from what follows
            body.pop()
        while body and not body[0]:
            body.pop(0)
            stated = stated and stated + 1
        # Models and editors strip the blank of an empty context line.
        lines = tuple(line or " " for line in body)
        if any(line[0] != " " for line in lines):
            self.edits.append(Edit(stated, lines))


def _is_bare(line: str, following: str = "") -> bool:
    """Whether a line is a hunk's own, where a header would have come."""
    header = line.startswith("--- ") and following.startswith("+++ ")
    return line[:1] in ("+", "-", " ") and not header and not line.startswith("--- a/")


def _is_name(name: str, path: str) -> bool:
    name = name.split("\t")[0].strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    name = name.removeprefix("./")
    return name == path or (name[1:2] == "/" and name[0] in "abciow" and name[2:] == path)


def _names_both(names: str, path: str) -> bool:
    cuts = [place for place, character in enumerate(names[:2000]) if character == " "]
    return any(_is_name(names[:cut], path) and _is_name(names[cut + 1 :], path) for cut in cuts)
