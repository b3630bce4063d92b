"""Diffs: git's bytes to :class:`~bugguard.domain.FileDiff`.

Two readers, for two kinds of trust. What our own git printed comes as ``--raw -z --patch``: the raw
part names each file exactly (no quoting to undo), and the patch's structure can be cut at line
starts, for inside a hunk every line starts with one of `` +-\\``. A patch file that a user gives
may be anything, so there each hunk's lines are counted against its header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from bugguard.domain import FileDiff, Hunk
from bugguard.errors import DiffError

_SECTION = b"\ndiff --git "
#: No file has a line whose number is longer; int() itself refuses to read thousands of digits.
_COUNT = r"([0-9]{1,18})"
_HEADER = re.compile(rf"-{_COUNT}(?:,{_COUNT})? \+{_COUNT}(?:,{_COUNT})? @@ ?(.*)")

WhyNot = Callable[[str], "str | None"]
"""Path -> why the file is not to be looked into; None: it is."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much to look into."""

    file_bytes: int = 1024 * 1024  #: of one file, and of its part of the patch
    why_not: WhyNot = lambda path: None

    @property
    def settings(self) -> tuple[str, ...]:
        """What has git itself pass over files that are too large, as settings of its config."""
        return (f"core.bigFileThreshold={self.file_bytes}",)


class RawEntry(NamedTuple):
    """One file as ``--raw -z`` names it."""

    status: str
    old_path: str
    path: str
    old_mode: str
    mode: str
    old_blob: str
    blob: str


def parse_raw(data: bytes | bytearray, position: int = 0) -> tuple[list[RawEntry], int]:
    """The entries that start at ``position``, and where they end.

    Raises DiffError where the bytes are cut short.
    """
    entries = []
    try:
        while data[position : position + 1] == b":":
            end = data.index(b"\0", position)
            old_mode, mode, old_blob, blob, status = data[position + 1 : end].decode().split(" ")
            paths = []
            for _ in range(2 if status[0] in "RC" else 1):
                position = end + 1
                end = data.index(b"\0", position)
                paths.append(text(data[position:end]))
            entries.append(RawEntry(status[0], paths[0], paths[-1], old_mode, mode, old_blob, blob))
            position = end + 1
    except ValueError as error:
        raise DiffError("git's list of changed files ends in the middle: run it again.") from error
    return entries, position


def parse_diff(data: bytes, limits: Limits, position: int = 0) -> tuple[FileDiff, ...]:
    """What ``git diff`` with :data:`~bugguard.history.git.DIFF_OPTIONS` printed."""
    entries, position = parse_raw(data, position)
    patch = b"\n" + data[position:].lstrip(b"\0")  # a NUL ends the list
    sections = patch.split(_SECTION)[1:]
    # A changed type (file to link) is one raw entry and two sections, a deletion and an addition.
    expected = sum(2 if e.status == "T" else 0 if e.status in "UX" else 1 for e in entries)
    if len(sections) != expected:
        raise DiffError(
            f"git listed {expected} changed parts and printed {len(sections)}: run it again."
        )
    remaining = iter(sections)
    return tuple(_file(entry, remaining, limits) for entry in entries)


def _file(entry: RawEntry, sections: Iterator[bytes], limits: Limits) -> FileDiff:
    def passed_over(reason: str) -> FileDiff:
        return FileDiff(entry.old_path, entry.path, entry.status, (), reason)

    if entry.status in "UX":
        return passed_over("unmerged")
    section = next(sections)
    if entry.status == "T":
        next(sections)
        return passed_over("changed type")
    if "160000" in (entry.old_mode, entry.mode):
        return passed_over("submodule")
    if "120000" in (entry.old_mode, entry.mode):
        return passed_over("symbolic link")
    reason = limits.why_not(entry.path)
    if reason:
        return passed_over(reason)
    start = section.find(b"\n@@ ")
    if start < 0:
        # No name can look like this line: every other line of a header starts with its own word.
        binary = b"\nBinary files " in section
        return passed_over("binary or too large") if binary else _without(entry)
    if len(section) > limits.file_bytes:
        return passed_over("too large")
    hunks = tuple(_hunk(entry, part) for part in text(section[start:]).split("\n@@ ")[1:])
    return FileDiff(entry.old_path, entry.path, entry.status, hunks)


def _without(entry: RawEntry) -> FileDiff:
    return FileDiff(entry.old_path, entry.path, entry.status, ())


def _hunk(entry: RawEntry, part: str) -> Hunk:
    lines = part.split("\n")
    header = _HEADER.match(lines[0])
    if header is None:
        raise DiffError(f"git printed a hunk of {entry.path!r} without numbers: run it again.")
    # What is no line of the file: git's remarks on missing line ends and on unmerged files.
    body = tuple(line for line in lines[1:] if line and line[0] in " +-")
    old_start, _, new_start, _, heading = header.groups()
    return Hunk(entry.path, entry.old_path, int(old_start), int(new_start), heading, body)


def parse_patch(data: bytes, limits: Limits) -> tuple[FileDiff, ...]:
    """A patch file: ``git diff``, ``git format-patch`` or ``diff -u`` output, in any prose.

    No change at all, or only renames, is a patch too. Raises DiffError where a hunk is cut short or
    malformed, and for text that is no patch.
    """
    lines = _patch_lines(data)
    files: dict[_Header, list[Hunk]] = {}
    header: _Header | None = None
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if position < len(lines) and _is_header(line, lines[position]):
            header = _header(line, lines[position])
            files.setdefault(header, [])
            position += 1
        elif line.startswith(("diff ", "From ")):
            header = None  # what follows is prose, or a file without hunks
        elif line.startswith("@@ -") and header is not None:
            hunk, position = _counted_hunk(lines, position, header)
            files[header].append(hunk)
    unchanged = not files and (not data.strip() or any(one.startswith("diff ") for one in lines))
    if not any(files.values()) and not unchanged:
        raise DiffError("the patch has no hunk: give the output of `git diff` or `diff -u`.")
    return tuple(
        FileDiff(old, new, status, () if (reason := limits.why_not(new)) else tuple(hunks), reason)
        for (status, old, new), hunks in files.items()
    )


class _Header(NamedTuple):
    status: str
    old_path: str
    path: str


def _header(old_line: str, line: str) -> _Header:
    old_path, path = _patch_path(old_line, "a/"), _patch_path(line, "b/")
    if old_path == "/dev/null":
        return _Header("A", path, path)
    if path == "/dev/null":
        return _Header("D", old_path, old_path)
    return _Header("M", old_path, path)


def _patch_lines(data: bytes) -> list[str]:
    """The lines, less the carriage returns that mail or an editor gave to every one of them.

    git quotes a name that ends in one: behind a plain name it is not the file's own.
    """
    lines = text(data).split("\n")
    first = next((new for old, new in pairwise(lines) if _is_header(old, new)), "")
    return [line.removesuffix("\r") for line in lines] if first.endswith("\r") else lines


def _is_header(old_line: str, line: str) -> bool:
    return old_line.startswith("--- ") and line.startswith("+++ ")


def _counted_hunk(lines: list[str], position: int, file: _Header) -> tuple[Hunk, int]:
    header = _HEADER.match(lines[position - 1][3:])
    if header is None:
        raise DiffError(f"line {position} of the patch is not a hunk header: make it again.")
    old_start, old_count, new_start, new_count, heading = header.groups()
    path = file.path
    old_left, new_left = int(old_count or 1), int(new_count or 1)
    body: list[str] = []
    while old_left > 0 or new_left > 0:
        if position >= len(lines):
            raise DiffError(f"the patch ends inside a hunk of {path!r}: make it again.")
        # Mail and editors strip the blank of an empty context line.
        line = lines[position] or " "
        if line == "\r":
            line = " \r"
        marker = line[0]
        if marker == "\\":
            position += 1
            continue
        old_left -= marker in " -"
        new_left -= marker in " +"
        if marker not in " +-" or old_left < 0 or new_left < 0:
            raise DiffError(
                f"line {position + 1} of the patch does not belong to its hunk of {path!r}: "
                "make it again."
            )
        body.append(line)
        position += 1
    hunk = Hunk(path, file.old_path, int(old_start), int(new_start), heading, tuple(body))
    return hunk, position


_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\t|$)')
_ESCAPED = re.compile(r"\\(?:([0-3][0-7]{2})|(.))")


def _patch_path(line: str, prefix: str) -> str:
    name = line[4:]
    quoted = _QUOTED.match(name)
    # Behind a name may be a tab: diff -u writes a time there, and git ends names with blanks so.
    name = _unquoted(quoted[1]) if quoted else name.split("\t")[0]
    return name[len(prefix) :] if name.startswith(prefix) else name


def _unquoted(name: str) -> str:
    """git's C-style quoting undone."""

    def byte(match: re.Match[str]) -> str:
        octal, letter = match.groups()
        return chr(int(octal, 8) if octal else _ESCAPES.get(letter, ord(letter)))

    plain = _ESCAPED.sub(byte, name.encode("utf-8", "surrogateescape").decode("latin-1"))
    return text(plain.encode("latin-1"))


def text(data: bytes | bytearray) -> str:
    """Bytes as text from which the same bytes can be had again."""
    return data.decode("utf-8", "surrogateescape")
