"""A file as it is after a change: for who reads more of it than its hunks."""

from __future__ import annotations

from bugguard.domain import Change
from bugguard.errors import GitError
from bugguard.history.diff import text
from bugguard.history.git import Git

MOST_BYTES = 1 << 20  #: of a larger file nobody reads the whole


def after(git: Git, change: Change, path: str) -> str | None:
    """The file's text; None: the change leaves no such file, or it is too large or no text.

    It is what git has, never what the work tree has, and no converter that attributes name runs.
    """
    if change.result is None:
        return None
    name = f"{change.result}:{path}" if change.result else f":0:{path}"
    try:
        size = git.ask("cat-file", "-s", name)
        if size is None or not size.isdigit() or int(size) > MOST_BYTES:
            return None
        data = git.run("cat-file", "blob", name)
    except GitError:
        return None
    return None if b"\0" in data else text(data)
