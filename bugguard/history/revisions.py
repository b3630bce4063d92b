"""Which commits: heads, ancestors, and where a shallow clone ends."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from bugguard.errors import GitError
from bugguard.history import diff
from bugguard.history.git import Git

_DAY = 24 * 60 * 60  #: seconds


def heads(git: Git, branch: str | None) -> tuple[str, ...]:
    """The commits to learn from: the named branch, else HEAD and the remote's default branch.

    Both, since fixes that are not pushed yet count, and so do those that this branch has not got.
    Empty before the first commit. Raises GitError if the named branch does not exist.
    """
    if branch is not None:
        return (git.commit(branch),)
    ask = ("rev-parse", "--verify", "--quiet")
    found = {git.head(), git.ask(*ask, "refs/remotes/origin/HEAD^{commit}")}
    return tuple(sorted(sha for sha in found if sha))


def since(git: Git, text: str | None) -> int | None:
    """The day (UTC) of a date in any form that git understands, as seconds since the epoch.

    The day, since to git ``2018-01-01`` is as late on that day as it is now, and ``5 years ago``
    moves on by the second: what was learned would never fit. Raises GitError where it is no date:
    git itself would take it for now.
    """
    if text is None:
        return None
    anywhere = replace(git, environment={**git.environment, "TZ": "UTC0"})
    option = anywhere.ask("rev-parse", f"--since={text}") or ""
    seconds = int(option.removeprefix("--max-age=") or 0)
    if abs(seconds - time.time()) < 60 and text.strip() != "now":
        raise GitError(f"{text!r} is not a date that git understands: write it as 2024-01-31.")
    return seconds - seconds % _DAY


def boundary(git: Git) -> tuple[str, ...]:
    """The commits at which a shallow clone's history ends: their parents are not here.

    git shows such a commit as if it had added every file, so it teaches nothing.
    """
    try:
        named = (git.common_dir / "shallow").read_text("ascii", "replace")
        return tuple(sorted(named.split()))
    except OSError:
        return ()


def ancestors(git: Git, heads: Sequence[str]) -> set[str]:
    """The shas of ``heads`` and everything they reach, merges included."""
    if not heads:
        return set()
    wanted = "".join(f"{head}\n" for head in heads).encode()
    return set(git.run("rev-list", "--stdin", stdin=wanted).decode("ascii").split())


def pasts(git: Git, commits: Sequence[str], marked: Sequence[str]) -> dict[str, int]:
    """For each of ``commits``, which of ``marked`` are among its ancestors (itself left out).

    Bit i of a number stands for ``marked[i]``. The history is read once for all of them.
    """
    if not commits:
        return {}
    wanted = "".join(f"{sha}\n" for sha in commits).encode()
    order = ("--topo-order", "--reverse")  # parents come before their children
    out = git.run("rev-list", "--parents", *order, "--stdin", stdin=wanted)
    lines = [line.split() for line in out.decode("ascii").splitlines()]
    children = Counter(parent for _, *parents in lines for parent in parents)
    bits = {sha: 1 << place for place, sha in enumerate(marked)}
    asked, found = set(commits), dict[str, int]()
    reached: dict[str, int] = {}  # only of commits that still have children to come
    for sha, *parents in lines:
        past = 0
        for parent in parents:
            past |= reached[parent]
            children[parent] -= 1
            if not children[parent]:
                del reached[parent]
        if sha in asked:
            found[sha] = past
        if children[sha]:
            reached[sha] = past | bits.get(sha, 0)
    return found


def latest(git: Git, most: int) -> list[str]:
    """The shas of the last commits that HEAD reaches and that are no merges, the newest first.

    Those at which a shallow clone ends are left out. Raises GitError before the first commit.
    """
    head = git.commit("HEAD")
    ends = set(boundary(git))
    out = git.run("rev-list", "--no-merges", f"--max-count={most + len(ends)}", head)
    return [sha for sha in out.decode("ascii").split() if sha not in ends][:most]


class TreeEntry(NamedTuple):
    """A regular file of a commit."""

    path: str
    blob: str  #: its object's name
    size: int  #: bytes


def files(git: Git, commit: str) -> list[TreeEntry]:
    """The regular files of a commit, links and submodules left out. Raises GitError."""
    out = git.run("ls-tree", "-r", "-l", "-z", "--full-tree", "--end-of-options", commit)
    found = []
    for line in diff.text(out).split("\0")[:-1]:
        head, path = line.split("\t", 1)
        mode, _, blob, size = head.split()
        if mode.startswith("100") and size.isdigit():
            found.append(TreeEntry(path, blob, int(size)))
    return found


def reachable(git: Git) -> set[str]:
    """The shas of all commits that HEAD, a branch, a tag or any other ref of this clone reaches."""
    return set(git.run("rev-list", "--all").decode("ascii").split())


def newest(git: Git, commits: Sequence[str]) -> int:
    """When the last of these commits was made, in seconds since the epoch.

    ValueError: there are none.
    """
    wanted = "".join(f"{sha}\n" for sha in commits).encode()
    out = git.run("rev-list", "--no-walk", "--timestamp", "--stdin", stdin=wanted)
    return max(int(line.split(b" ")[0]) for line in out.splitlines())


def commits(
    git: Git, heads: Sequence[str], without: Sequence[str] = (), since: int | None = None
) -> list[str]:
    """The shas of all ancestors of ``heads`` that are no merges and no ancestors of ``without``.

    since: only commits made at or after this time (seconds since the epoch). A clock that was
    wrong once does not hide older commits, for every commit is looked at.
    """
    if not heads:
        return []
    wanted = "".join(f"{head}\n" for head in heads) + "".join(f"^{head}\n" for head in without)
    out = git.run("rev-list", "--no-merges", "--timestamp", "--stdin", stdin=wanted.encode())
    lines = (line.split(" ") for line in out.decode("ascii").splitlines())
    return [sha for time, sha in lines if since is None or int(time) >= since]
