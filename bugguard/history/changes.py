"""What is to be checked: staged changes, a commit, a range or a patch, each as one net diff."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bugguard.domain import Change, FileDiff
from bugguard.errors import DiffError, GitError
from bugguard.history.diff import Limits, parse_diff, parse_patch, text
from bugguard.history.git import DIFF_OPTIONS, Git
from bugguard.history.merge import resolution_only
from bugguard.history.revisions import boundary

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def staged(git: Git, limits: Limits, environ: Mapping[str, str]) -> Change:
    """What the next commit would contain: git's index against HEAD, never the work tree.

    A merge: only what its resolution itself wrote. An amended commit: the whole of it, against its
    parent, as long as that is here. Raises GitError in a bare repository without an index.
    """
    index = environ.get("GIT_INDEX_FILE") or git.git_dir / "index"
    if git.work_tree is None and not Path(index).exists():
        raise GitError(
            f"nothing can be staged in {git.place}, which is bare: name a commit or a range."
        )
    theirs = merge_heads(git, environ)
    amends = is_amend(git, environ)
    # Most often neither, and then git need not be asked for HEAD.
    head = git.head() if theirs or amends else None
    if head and theirs:
        net = _net(git, limits, (head, *theirs), None)
        return Change("the merge's resolution", net, result="")
    if head and amends and head not in boundary(git):
        parents = tuple(git.run("rev-parse", "HEAD^@").decode("ascii").split())
        net = _net(git, limits, parents, None)
        return Change("the amended commit", net, past=parents, result="")
    return Change("the staged changes", _diff(git, limits, None, None), result="")


def commit(git: Git, sha: str, limits: Limits) -> Change:
    """A commit against its parent; of a merge only what its resolution wrote.

    Raises GitError for a commit at which a shallow clone ends: what it changed is not here.
    """
    title = f"commit {sha[:8]}"
    if sha in boundary(git):
        raise GitError(
            f"{title} is where this shallow clone ends, so what it changed is not here: "
            "run `git fetch --deepen=1` first."
        )
    out = git.run("show", "-s", "--encoding=UTF-8", "--format=tformat:%P%x00%ct%x00%B",
                  "--end-of-options", sha)  # fmt: skip
    named, seconds, message = text(out).removesuffix("\n").split("\0", 2)
    parents = tuple(named.split())
    net = _net(git, limits, parents, sha)
    return Change(title, net, message, parents, int(seconds or 0), sha)


def endpoints(git: Git, spec: str) -> tuple[str, str]:
    """The two commits of ``A..B`` or ``A...B``, where the second may be missing (HEAD).

    Both forms mean what B adds since it left A, so the first is their merge base: against A
    itself, everything that A got meanwhile would look as if B had taken it back.
    Raises GitError where the histories have nothing in common.
    """
    separator = "..." if "..." in spec else ".."
    first, found, second = spec.partition(separator)
    if not found or not first:
        raise GitError(f"{spec!r} is not a range: give it as A..B.")
    left, right = git.commit(first), git.commit(second or "HEAD")
    base = git.ask("merge-base", left, right)
    if base is None:
        why = "fetch more of this shallow clone's history" if git.shallow else "check the names"
        raise GitError(f"{first} and {second or 'HEAD'} have no common ancestor here: {why}.")
    return base, right


def between(git: Git, base: str, tip: str, limits: Limits) -> Change:
    """The net diff of two commits."""
    title = f"{base[:8]}..{tip[:8]}"
    return Change(title, _net(git, limits, (base,), tip), past=(base,), result=tip)


def patch(source: str, data: bytes, limits: Limits) -> Change:
    """A patch file's hunks. Raises DiffError where it is not one."""
    try:
        return Change(f"the patch {source}", parse_patch(data, limits))
    except DiffError as error:
        raise DiffError(f"{source}: {error}") from error


def merge_heads(git: Git, environ: Mapping[str, str]) -> list[str]:
    """The other parents of the merge that is being committed; empty if none is.

    git writes MERGE_HEAD only after the pre-merge-commit hook; until then it names each head in a
    variable ``GITHEAD_<sha>``.
    """
    try:
        names = (git.git_dir / "MERGE_HEAD").read_text("ascii", "replace").split()
    except OSError:
        names = [name[8:] for name in environ if name.startswith("GITHEAD_")]
    ask = ("rev-parse", "--verify", "--quiet", "--end-of-options")
    return [sha for sha in names if _SHA.fullmatch(sha) and git.ask(*ask, f"{sha}^{{commit}}")]


def is_amend(git: Git, environ: Mapping[str, str]) -> bool:
    """Whether the surrounding ``git commit`` amends HEAD.

    git tells its hooks nothing of it, but exports the author that it is about to write, and an
    amended commit keeps its author's exact name and time. A new commit by the same author within
    a second or two of HEAD looks the same, so a time that is about now does not count.
    """
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE")
    date = re.match(r"@(\d{1,18}) ", environ.get("GIT_AUTHOR_DATE", ""))
    if (
        not all(name in environ for name in names)
        or date is None
        or "GIT_INDEX_FILE" not in environ
    ):
        return False
    if abs(time.time() - int(date[1])) < 3:
        return False
    head = git.ask("show", "-s", "--encoding=UTF-8", "--format=%an%x00%ae%x00@%ad", "--date=raw",
                   "HEAD")  # fmt: skip
    return head == "\0".join(environ[name] for name in names)


def read_patch(path: Path, cap: int) -> bytes:
    """A patch file's bytes. Raises DiffError where it cannot be read or is over ``cap`` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(cap + 1)
    except OSError as error:
        raise DiffError(f"cannot read the patch {path}: {error.strerror}.") from error
    if len(data) > cap:
        raise DiffError(f"the patch {path} is over {cap >> 20} MiB: check it in parts.")
    return data


def _net(
    git: Git, limits: Limits, parents: Sequence[str], result: str | None
) -> tuple[FileDiff, ...]:
    """The diff of a commit (None: git's index) against its parents, of which it may have none."""
    diffs = [_diff(git, limits, base, result) for base in parents or (git.empty_tree(),)]
    return resolution_only(diffs) if len(diffs) > 1 else diffs[0]


def _diff(git: Git, limits: Limits, base: str | None, result: str | None) -> tuple[FileDiff, ...]:
    """Against ``base`` (None: HEAD, which may not be there yet) of a commit (None: git's index)."""
    ends = [name for name in (base, result) if name is not None]
    what = [*(() if result else ("--cached",)), "--end-of-options", *ends]
    out = git.run("diff", *DIFF_OPTIONS, *what, "--", settings=limits.settings)
    return parse_diff(out, limits)
