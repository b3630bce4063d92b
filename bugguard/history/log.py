"""Commits with their diffs, streamed from one ``git log`` (one process, not one a commit)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import IO, NamedTuple

from bugguard.domain import Commit
from bugguard.errors import DiffError, GitError
from bugguard.history.diff import Limits, parse_diff, parse_raw, text
from bugguard.history.git import DIFF_OPTIONS, Git

#: No message holds a NUL and no line of a patch starts with one: there ``\n\0`` starts a commit.
_FORMAT = "--format=tformat:%n%x00%H%x00%P%x00%ct%x00%B"
_CHUNK = 1 << 18


class Unread(NamedTuple):
    """A commit whose diff could not be read, and git's reason."""

    sha: str
    reason: str


def read(
    git: Git, shas: Sequence[str], limits: Limits, *, diffs: bool = True
) -> Iterator[Commit | Unread]:
    """Each commit in the order given. What cannot be read is said, and the rest goes on."""
    unreadable: Collection[str] | None = None
    remaining = list(shas)
    while remaining:
        done = 0
        try:
            for commit in _stream(git, remaining, limits, diffs):
                done += 1
                yield commit
            return
        except GitError as error:
            # git log ends at the first object that is not there. Ask once for all that lack one;
            # if that does not explain it, the commit it ended at is the one to leave out.
            reason = str(error)
        remaining = remaining[done:]
        if unreadable is None:
            unreadable = _lacking(git, remaining)
        for sha in remaining:
            if sha in unreadable:
                yield Unread(sha, "objects of its diff are not in this clone")
        readable = [sha for sha in remaining if sha not in unreadable]
        if readable and len(readable) == len(remaining):
            yield Unread(readable.pop(0), reason)
        remaining = readable


def _stream(
    git: Git, shas: Sequence[str], limits: Limits, diffs: bool
) -> Iterator[Commit | Unread]:
    options = DIFF_OPTIONS if diffs else ("--no-patch", "-z")
    chosen = "".join(f"{sha}\n" for sha in shas).encode()
    command = ("log", "--no-walk=unsorted", "--stdin", "--encoding=UTF-8", "--no-notes",
               "--no-decorate", _FORMAT, *options)  # fmt: skip
    last: bytes | None = None
    with git.stream(*command, stdin=chosen) as output:
        for record in _records(output):
            if last is not None:
                yield _commit(last, limits)
            last = record
    # If git ended in the middle the last record may be half a diff: it counts only after success.
    if last is not None:
        yield _commit(last, limits)


def _records(output: IO[bytes]) -> Iterator[bytes]:
    """The output cut before each commit's leading NUL."""
    pending = bytearray()
    output.read(1)  # the line break before the first commit
    searched = 0  # how far this record is known to hold no end; 0: its patch is not reached yet
    while chunk := output.read(_CHUNK):
        pending += chunk
        while True:
            searched = searched or _patch_start(pending)
            end = pending.find(b"\n\0", searched) if searched else -1
            if end < 0:
                searched = max(searched, len(pending) - 1) if searched else 0
                break
            yield bytes(pending[:end])
            del pending[: end + 1]
            searched = 0
    if pending:
        yield bytes(pending)


def _patch_start(pending: bytearray) -> int:
    """Behind the message and the list of files, whose names may hold anything; 0: not all here."""
    position = 1
    for _ in range(4):
        position = pending.find(b"\0", position) + 1
        if not position:
            return 0
    if len(pending) < position + 2:
        return 0
    if pending[position : position + 2] != b"\n:":
        return position  # no file changed
    try:
        _, position = parse_raw(pending, position + 1)
    except DiffError:
        return 0
    return position if len(pending) > position else 0


def _commit(record: bytes, limits: Limits) -> Commit | Unread:
    _, sha, parents, time, message, rest = record.split(b"\0", 5)
    try:
        files = parse_diff(rest, limits, 1)
    except DiffError as error:
        return Unread(sha.decode(), str(error))
    return Commit(sha.decode(), tuple(parents.decode().split()), int(time), text(message), files)


def _lacking(git: Git, shas: Sequence[str]) -> set[str]:
    """Those of ``shas`` whose diffs need an object that is not in this clone."""
    chosen = "".join(f"{sha}\n" for sha in shas).encode()
    out = git.run("rev-list", "--objects", "--missing=print", "--stdin", stdin=chosen)
    missing = {line[1:].decode() for line in out.split(b"\n") if line.startswith(b"?")}
    lacking = set()
    command = ("log", "--no-walk=unsorted", "--stdin", _FORMAT, "--raw", "--no-renames",
               "--full-index", "--no-abbrev", "-z", "-O/dev/null")  # fmt: skip
    with git.stream(*command, stdin=chosen) as output:
        for record in _records(output):
            _, sha, _, _, _, rest = record.split(b"\0", 5)
            entries, _ = parse_raw(rest, 1)
            if any(entry.blob in missing or entry.old_blob in missing for entry in entries):
                lacking.add(sha.decode())
    return lacking
