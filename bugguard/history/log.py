"""Commits with their diffs, streamed from one ``git log`` (one process, not one a commit)."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import IO, NamedTuple

from bugguard.domain import Commit
from bugguard.errors import DiffError, GitError
from bugguard.history.diff import Limits, parse_diff, parse_raw, text
from bugguard.history.git import DIFF_OPTIONS, Git

#: No message holds a NUL and no line of a patch starts with one: there ``\n\0`` starts a commit.
_FORMAT = "--format=tformat:%n%x00%H%x00%P%x00%ct%x00%B"
_CHUNK = 1 << 18
_LAST = 253_402_300_799  #: seconds since the epoch until the year 9999 ends, and with it all dates

#: How often git is started again in a damaged clone before all that is left counts as unread.
_RESTARTS = 100
_LACKING = "objects of its diff are not in this clone"


class Unread(NamedTuple):
    """A commit whose diff could not be read, and git's reason."""

    sha: str
    reason: str


def read(
    git: Git, shas: Sequence[str], limits: Limits, *, diffs: bool = True
) -> Iterator[Commit | Unread]:
    """Each commit once, in the order given. What cannot be read is said, and the rest goes on."""
    remaining = deque(dict.fromkeys(shas))
    lacking: Collection[str] | None = None
    reason = ""
    for _ in range(_RESTARTS):
        wanted = [sha for sha in remaining if not lacking or sha not in lacking]
        try:
            for result in _stream(git, wanted, limits, diffs):
                yield from _until(result.sha, remaining, _LACKING)
                remaining.popleft()
                yield result
            reason = _LACKING
            break
        except GitError as error:
            reason = str(error)
        # git log ends at the first object that is not there: ask once for all that lack one.
        if lacking is None:
            lacking = _lacking(git, remaining)
            if lacking:
                continue
        # It ended at the next commit, or behind it if the next one's record was whole already.
        suspect = next(sha for sha in remaining if not lacking or sha not in lacking)
        yield from _until(suspect, remaining, _LACKING)
        remaining.popleft()
        try:
            yield from list(_stream(git, [suspect], limits, diffs))
        except GitError as error:
            yield Unread(suspect, str(error))
    yield from _until(None, remaining, reason)


def _until(sha: str | None, remaining: deque[str], reason: str) -> Iterator[Unread]:
    """What stands before ``sha`` in ``remaining`` (None: all of it), taken out as unread."""
    while remaining and remaining[0] != sha:
        yield Unread(remaining.popleft(), reason)


def _stream(
    git: Git, shas: Sequence[str], limits: Limits, diffs: bool
) -> Iterator[Commit | Unread]:
    if not shas:
        return
    options = DIFF_OPTIONS if diffs else ("--no-patch", "-z")
    command = ("log", "--no-walk=unsorted", "--stdin", "--encoding=UTF-8", "--no-notes",
               "--no-decorate", _FORMAT, *options)  # fmt: skip
    last: bytes | None = None
    with git.stream(*command, stdin=_given(shas), settings=limits.settings) as output:
        for record in _records(output):
            if last is not None:
                yield _commit(last, limits)
            last = record
    # If git ended in the middle the last record may be half a diff: it counts only after success.
    if last is not None:
        yield _commit(last, limits)


def _given(shas: Iterable[str]) -> bytes:
    return "".join(f"{sha}\n" for sha in shas).encode()


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
    # git prints no time at all where it cannot read it, and any number of digits where it can.
    seconds = min(int(time or b"0"), _LAST)
    return Commit(sha.decode(), tuple(parents.decode().split()), seconds, text(message), files)


def _lacking(git: Git, shas: Iterable[str]) -> set[str]:
    """Those of ``shas`` whose diffs need an object that is not in this clone, as far as git can
    tell without reading them: a tree below a commit's own may be missing too.
    """
    chosen = _given(shas)
    try:
        out = git.run("rev-list", "--objects", "--missing=print", "--stdin", stdin=chosen)
        missing = {line[1:].decode() for line in out.split(b"\n") if line.startswith(b"?")}
        lacking = _without_trees(git, chosen, missing) if missing else set()
    except GitError:
        return set()  # not even the commits are all here
    with contextlib.suppress(GitError):
        lacking |= _without_blobs(git, [sha for sha in shas if sha not in lacking], missing)
    return lacking


def _without_trees(git: Git, chosen: bytes, missing: Collection[str]) -> set[str]:
    out = git.run("log", "--stdin", "--no-patch", "--format=tformat:%H %T %P", stdin=chosen)
    commits = [line.split() for line in out.decode("ascii").splitlines()]
    bare = {sha for sha, tree, *_ in commits if tree in missing}
    return {sha for sha, _, *parents in commits if sha in bare or bare.intersection(parents[:1])}


def _without_blobs(git: Git, shas: Sequence[str], missing: Collection[str]) -> set[str]:
    lacking: set[str] = set()
    if not missing or not shas:
        return lacking
    command = ("log", "--no-walk=unsorted", "--stdin", _FORMAT, "--raw", "--no-renames",
               "--full-index", "--no-abbrev", "-z", "-O/dev/null")  # fmt: skip
    with git.stream(*command, stdin=_given(shas)) as output:
        for record in _records(output):
            _, sha, _, _, _, rest = record.split(b"\0", 5)
            entries, _ = parse_raw(rest, 1)
            if any(entry.blob in missing or entry.old_blob in missing for entry in entries):
                lacking.add(sha.decode())
    return lacking
