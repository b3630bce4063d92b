"""A model's repair, believed only where it applies to the changed file, and written anew.

What is shown is never the model's text: it is the difference between the file and the file with the
repair made, its context as it stands in the file, so that ``git apply`` takes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import NamedTuple

from bugguard.judge.verifying import patch

MOST_CHANGED = 60  #: lines removed and added
MOST_SHOWN = 20_000  #: characters
_CONTEXT = 3
_NOT_IN_NAMES = re.compile(r'["\\\x00-\x1f\x7f]')
_NO_NEWLINE = "\n\\ No newline at end of file\n"


class _Change(NamedTuple):
    """``lines`` in the place of the file's lines ``[start, end)``."""

    start: int
    end: int
    lines: tuple[str, ...]


def applied(suggestion: str, path: str, content: str) -> str | None:
    """The repair as a unified diff of the file at ``path``, or None.

    content: the whole file as it is. Each hunk's context and removed lines have to stand in it to
    the letter, white space at their ends apart: where the hunk says, or else in exactly one place;
    the hunks in order and without overlap. None too where the repair changes nothing or more than
    :data:`MOST_CHANGED` lines, empties the file, or adds a character that steers or hides.
    """
    edits = patch.read(suggestion, path)
    if edits is None or "\0" in content:
        return None
    before = content.split("\n")
    ended = not before[-1]
    if ended:
        before.pop()
    stripped = [line.rstrip() for line in before]
    end = "\r" if 2 * sum(line.endswith("\r") for line in before) > len(before) else ""
    written: list[_Change] = []
    cursor = 0
    for edit in edits:
        wanted = [line[1:].rstrip() for line in edit.body if line[0] != "+"]
        start = _place(wanted, edit.stated, stripped, cursor)
        if start is None:
            return None
        cursor = start + len(wanted)
        written += _as_written(edit, start, end)
    if written and not ended and written[-1].start == len(before):
        # What comes behind it gives the last line an end.
        last = _Change(len(before) - 1, len(before), (before[-1], *written.pop().lines))
        written.append(last)
    changes = [change for one in _joined(written) for change in _needed(one, before, ended)]
    added = [line for change in changes for line in change.lines]
    removed = sum(change.end - change.start for change in changes)
    emptied = removed == len(before) and not added
    if not 0 < removed + len(added) <= MOST_CHANGED or emptied or any(map(_steers, added)):
        return None
    diff = "".join(_written(changes, before, path, ended))
    return diff if len(diff) <= MOST_SHOWN else None


def resulting(diff: str) -> str:
    """The lines of the file that a diff of :func:`applied` shows, as they are after it."""
    lines = diff.split("\n")[2:]
    return "\n".join(line[1:] for line in lines if line[:1] in ("+", " "))


def _place(
    wanted: Sequence[str], stated: int | None, lines: Sequence[str], cursor: int
) -> int | None:
    count = len(wanted)
    if not count:
        return None
    if stated and cursor < stated and lines[stated - 1 : stated - 1 + count] == wanted:
        return stated - 1
    found = (at for at in range(len(lines) - count + 1) if lines[at : at + count] == wanted)
    places = list(islice(found, 2))
    return places[0] if len(places) == 1 and places[0] >= cursor else None


def _as_written(edit: patch.Edit, start: int, end: str) -> Iterator[_Change]:
    """What the hunk changes, between the lines that it keeps; ``end`` ends its new lines."""
    at = begin = start
    new: list[str] = []
    for line in (*edit.body, " "):
        if line[0] == "+":
            new.append(line[1:] + end)
            continue
        if line[0] == " ":
            if new or begin < at:
                yield _Change(begin, at, tuple(new))
            new, begin = [], at + 1
        at += 1


def _joined(changes: Sequence[_Change]) -> list[_Change]:
    """Changes that touch, as hunks without context do, as one."""
    joined: list[_Change] = []
    for change in changes:
        if joined and joined[-1].end == change.start:
            last = joined.pop()
            change = _Change(last.start, change.end, last.lines + change.lines)
        joined.append(change)
    return joined


def _needed(change: _Change, before: Sequence[str], ended: bool) -> Iterator[_Change]:
    """What of a change is one: lines that it removes and adds again stay as they are."""
    last = change.end == len(before) and not ended
    old = _compared(before[change.start : change.end], last)
    matcher = SequenceMatcher(None, old, _compared(change.lines, last), autojunk=False)
    for tag, begin, end, first, stop in matcher.get_opcodes():
        if tag != "equal":
            begin, end = change.start + begin, change.start + end
            yield _Change(begin, end, change.lines[first:stop])


def _compared(lines: Sequence[str], last: bool) -> list[str]:
    """Lines as they are told apart: by their end too, where the last one has none."""
    shown = [line.rstrip() + "\n" for line in lines]
    return [*shown[:-1], shown[-1].rstrip("\n")] if last and shown else shown


def _steers(line: str) -> bool:
    """Whether it has a control, a format character or a separator that breaks lines."""
    return any(
        unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character != "\t"
        for character in line.removesuffix("\r")
    )


def _written(
    changes: list[_Change], before: Sequence[str], path: str, ended: bool
) -> Iterator[str]:
    yield f"--- {_name('a/' + path)}\n+++ {_name('b/' + path)}\n"
    shift = 0
    group: list[_Change] = []
    for change, following in zip(changes, [*changes[1:], None], strict=True):
        group.append(change)
        if following is None or following.start - change.end > 2 * _CONTEXT:
            yield from _hunk(group, before, shift, ended)
            shift += sum(len(one.lines) - (one.end - one.start) for one in group)
            group = []


def _hunk(group: list[_Change], before: Sequence[str], shift: int, ended: bool) -> Iterator[str]:
    start = max(0, group[0].start - _CONTEXT)
    end = min(len(before), group[-1].end + _CONTEXT)
    grown = sum(len(one.lines) - (one.end - one.start) for one in group)
    old = _range(start, end - start)
    yield f"@@ -{old} +{_range(start + shift, end - start + grown)} @@\n"

    def kept(marker: str, begin: int, stop: int) -> Iterator[str]:
        for at in range(begin, stop):
            last = not ended and at == len(before) - 1
            yield marker + before[at] + (_NO_NEWLINE if last else "\n")

    at = start
    for change in group:
        yield from kept(" ", at, change.start)
        yield from kept("-", change.start, change.end)
        for place, line in enumerate(change.lines, 1):
            last = not ended and change.end == len(before) and place == len(change.lines)
            yield "+" + line + (_NO_NEWLINE if last else "\n")
        at = change.end
    yield from kept(" ", at, end)


def _range(start: int, count: int) -> str:
    """As unified diffs write it: one line has no count, and no range here is empty."""
    return str(start + 1) if count == 1 else f"{start + 1},{count}"


def _name(name: str) -> str:
    """As git writes names: quoted where it must be, with a tab behind one that has a blank."""
    if not _NOT_IN_NAMES.search(name):
        return name + "\t" if " " in name else name
    return '"' + _NOT_IN_NAMES.sub(lambda match: f"\\{ord(match[0]):03o}", name) + '"'
