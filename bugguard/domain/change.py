"""A change: commits, the files they touch, and the hunks in them.

Text is ``str`` decoded from UTF-8 with ``surrogateescape``, so that any bytes survive a round trip.
A line never includes its ``\\n``; a carriage return before it belongs to the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a unified diff."""

    path: str  #: the file after the change (before it, if the change deletes the file)
    old_path: str  #: the file before the change (after it, if the change adds the file)
    old_start: int  #: 1-based number of the first pre-image line
    new_start: int  #: 1-based number of the first post-image line
    heading: str  #: what git printed after ``@@``: most often the enclosing function's first line
    body: Lines  #: each line with its marker: ``' '`` context, ``'-'`` removed, ``'+'`` added

    @property
    def removed(self) -> Lines:
        """What only the pre-image has."""
        return tuple(line[1:] for line in self.body if line[0] == "-")

    @property
    def added(self) -> Lines:
        """What only the post-image has."""
        return tuple(line[1:] for line in self.body if line[0] == "+")

    @property
    def pre_image(self) -> Lines:
        """The lines before the change, context included."""
        return tuple(line[1:] for line in self.body if line[0] != "+")

    @property
    def post_image(self) -> Lines:
        """The lines after the change, context included."""
        return tuple(line[1:] for line in self.body if line[0] != "-")

    def numbered(self) -> Iterator[tuple[str, int, str]]:
        """Each line as (marker, post-image line number, text).

        A removed line has the number of the post-image line that follows it.
        """
        number = self.new_start
        for line in self.body:
            yield line[0], number, line[1:]
            if line[0] != "-":
                number += 1


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not looked into, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a change does to one file."""

    old_path: str
    path: str
    status: (
        str  #: git's letter: A added, M modified, D deleted, R renamed, C copied, T type changed
    )
    hunks: tuple[Hunk, ...]
    skipped: str | None = None  #: why there are no hunks to look at (binary, too large, ...)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit and its diff against its first parent."""

    sha: str
    parents: tuple[str, ...]
    time: int  #: committer's clock, seconds since the epoch
    message: str
    files: tuple[FileDiff, ...] = ()

    @property
    def subject(self) -> str:
        """The message's first line that is not blank."""
        return next((s for line in self.message.split("\n") if (s := line.strip())), "")


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be checked: a staged diff, a range, a commit or a patch, as one net diff."""

    title: str  #: what it is, for people: "the staged changes", "commit 341d6a9f", ...
    files: tuple[FileDiff, ...]
    message: str = ""  #: the commit's message, where it exists already
    #: The commits that it builds on: only fixes among them and their ancestors existed before it.
    #: None: all that is known did.
    past: tuple[str, ...] | None = None
    time: int | None = None  #: when it was made, in seconds since the epoch; None: now
    #: the commit that has the files after the change; empty: git's index; None: nobody has them
    result: str | None = None

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        return tuple(hunk for file in self.files for hunk in file.hunks)

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return tuple(Skipped(file.path, file.skipped) for file in self.files if file.skipped)
