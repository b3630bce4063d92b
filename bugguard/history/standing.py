"""Code as it stands: the tracked files of a work tree, the files of a commit, or any folder.

What is listed is never left: links are not followed, neither as files nor as folders on the way,
and what is no regular file is not opened for longer than it takes to see that.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from bugguard.errors import GitError
from bugguard.history import revisions
from bugguard.history.diff import Limits, text
from bugguard.history.git import Git

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_MOST_FILES = 1_000_000  #: of a folder; in more, somebody scans a whole disk by mistake


class Listed(NamedTuple):
    """A file by its posix path below the root."""

    path: str
    skipped: str | None = None  #: why it is not to be looked into


class Files(Protocol):
    """Files that stand somewhere."""

    @property
    def counted(self) -> bool:
        """Whether they belong to the repository's history."""
        ...

    def listed(self) -> Sequence[Listed]:
        """All of them, by path, those not to be looked into with the reason."""
        ...

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
        """Each with its content, or with why there is none (a text), one after the other."""
        ...


class Tracked:
    """The tracked files below some paths, with what the work tree has of them.

    below: posix paths from the root; empty: all of it. Raises GitError where git tracks none.
    """

    counted = True

    def __init__(self, git: Git, root: Path, below: Sequence[str], limits: Limits) -> None:
        self._root = Path(os.path.realpath(root))
        self._limits = limits
        out = git.run("ls-files", "-z", "--stage", "--full-name", "--", *(below or (".",)))
        modes: dict[str, str] = {}
        for line in text(out).split("\0")[:-1]:
            head, path = line.split("\t", 1)
            mode, _, stage = head.split()
            modes[path] = "unmerged" if stage != "0" else mode
        if not modes and below:
            raise GitError(
                f"git tracks no file below {', '.join(below)} in {git.place}: check the path, "
                "or `git add` what is new there."
            )
        self._modes = modes

    def listed(self) -> Sequence[Listed]:
        return [
            Listed(path, _KINDS.get(mode) or self._limits.why_not(path))
            for path, mode in sorted(self._modes.items())
        ]

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
        for path in paths:
            yield path, _content(self._root, path, self._limits.file_bytes)


#: An unmerged file is in the work tree as whoever resolves it sees it; half of it is markers.
_KINDS = {"120000": "symbolic link", "160000": "submodule", "unmerged": "unmerged"}


class Committed:
    """The files of a commit below some paths (posix, from the root; empty: all of it).

    Raises GitError where there are none.
    """

    counted = True

    def __init__(self, git: Git, commit: str, below: Sequence[str], limits: Limits) -> None:
        self._git = git
        self._limits = limits
        self._entries = {
            one.path: one for one in revisions.files(git, commit) if _is_below(one.path, below)
        }
        if not self._entries and below:
            raise GitError(f"commit {commit[:8]} has no file below {', '.join(below)}.")

    def listed(self) -> Sequence[Listed]:
        most = self._limits.file_bytes
        return [
            Listed(path, self._limits.why_not(path) or ("too large" if one.size > most else None))
            for path, one in sorted(self._entries.items())
        ]

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
        wanted = [self._entries[path] for path in paths]
        names = "".join(f"{one.blob}\n" for one in wanted).encode("ascii")
        with self._git.stream("cat-file", "--batch", stdin=names) as stream:
            for one in wanted:
                yield one.path, _blob(stream)


class Folder:
    """All regular files of a folder, or one file, whether git tracks them or not.

    ``.git`` and the like are passed over. Raises GitError where the folder cannot be listed.
    """

    counted = False

    def __init__(self, place: Path, limits: Limits) -> None:
        self._limits = limits
        if place.is_dir():
            self._root = Path(os.path.realpath(place))
            self._paths = sorted(_walk(self._root))
        else:
            self._root = Path(os.path.realpath(place.parent))
            self._paths = [place.name]

    def listed(self) -> Sequence[Listed]:
        return [Listed(path, self._limits.why_not(path)) for path in self._paths]

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
        for path in paths:
            yield path, _content(self._root, path, self._limits.file_bytes)


def _walk(root: Path) -> Iterator[str]:
    left = [""]
    seen = 0
    while left:
        folder = left.pop()
        try:
            entries = list(os.scandir(root / folder))
        except OSError as error:
            if folder:
                continue
            raise GitError(f"cannot list {root} ({error.strerror}): check its rights.") from error
        for entry in entries:
            path = f"{folder}{entry.name}"
            if entry.is_symlink() or entry.name in (".git", ".hg", ".svn"):
                continue
            if entry.is_dir(follow_symlinks=False):
                left.append(f"{path}/")
            elif entry.is_file(follow_symlinks=False):
                seen += 1
                if seen > _MOST_FILES:
                    raise GitError(
                        f"there are over {_MOST_FILES:,} files in {root}: scan a part of it."
                    )
                yield os.fsencode(path).decode("utf-8", "surrogateescape")


def _is_below(path: str, below: Sequence[str]) -> bool:
    return not below or any(
        one in ("", ".") or path == one or path.startswith(f"{one}/") for one in below
    )


def _content(root: Path, path: str, most: int) -> bytes | str:
    place = root / os.fsdecode(path.encode("utf-8", "surrogateescape"))
    if os.path.realpath(place.parent) != str(place.parent):
        return "symbolic link"
    try:
        handle = os.open(place, os.O_RDONLY | _NO_FOLLOW)
    except FileNotFoundError:
        return "not there"
    except OSError as error:
        return "symbolic link" if error.errno == errno.ELOOP else "unreadable"
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return "no regular file"
    try:
        with os.fdopen(handle, "rb") as file:
            data = file.read(most + 1)
    except OSError:
        return "unreadable"
    return _fit(data, most)


def _fit(data: bytes, most: int) -> bytes | str:
    if len(data) > most:
        return "too large"
    return "binary" if b"\0" in data else data


def _blob(stream: IO[bytes]) -> bytes | str:
    """The next object of ``git cat-file --batch``."""
    head = stream.readline().split()
    if len(head) != 3 or not head[2].isdigit():
        return "unreadable"  # missing in a partial clone
    size = int(head[2])
    data = stream.read(size)
    stream.read(1)
    return _fit(data, size) if len(data) == size else "unreadable"
