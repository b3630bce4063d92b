"""What tells a repository from any other, and a branch from the one that it left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bugguard.domain.provenance import Source
from bugguard.history.git import Git

_TRUNKS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master",
           "refs/heads/main", "refs/heads/master")  # fmt: skip
_ASK = ("rev-parse", "--verify", "--quiet", "--end-of-options")


def roots(git: Git) -> tuple[str, ...]:
    """The commit that HEAD's own line began with; a fork has it too.

    Empty before the first commit, and in a shallow clone, which has it not.
    """
    if git.shallow or git.head() is None:
        return ()
    out = git.run("rev-list", "--first-parent", "--max-parents=0", "HEAD")
    return tuple(out.decode("ascii").split())


def is_foreign(git: Git, roots: Iterable[str]) -> bool:
    """Whether the repository has none of these commits. A shallow clone cannot tell, nor an empty
    one.
    """
    known = list(roots)
    if not known or git.shallow:
        return False
    if any(git.ask("cat-file", "-t", root) == "commit" for root in known):
        return False
    return git.head() is not None


def own(git: Git, sources: Sequence[Source]) -> frozenset[str] | None:
    """The names of those sources that are this repository's own history: it has one of the commits
    that they began with, so a fork is its own too. None: all of them.

    A shallow clone has no such commit, and is told by the name of its remote; where there is but
    one source it takes that for its own.
    """
    if git.shallow or not all(source.roots for source in sources):
        if len(sources) < 2:
            return None
        from bugguard.history.repository import remote_url  # slow, and a hook's clone is whole
        from bugguard.history.tickets import Remote

        remote = Remote.parse(remote_url(git) or "")
        called = {remote.name} if remote else {git.called}
        return frozenset(source.name for source in sources if source.name in called)
    wanted = sorted({root for source in sources for root in source.roots})
    out = git.run("cat-file", "--batch-check=%(objecttype)", stdin="\n".join(wanted).encode())
    types = out.decode("ascii", "replace").splitlines()
    here = {root for root, said in zip(wanted, types, strict=False) if said == "commit"}
    return frozenset(source.name for source in sources if here.intersection(source.roots))


def trunk(git: Git, branch: str | None) -> tuple[str, str] | None:
    """(name, sha) of the branch that others leave; None: it cannot be told.

    branch: the one whose history is learned, if the settings name one.
    """
    for name in (branch, *_TRUNKS):
        sha = git.ask(*_ASK, f"{name}^{{commit}}") if name else None
        if name and sha:
            return name.removeprefix("refs/").removeprefix("heads/").removeprefix("remotes/"), sha
    return None
