"""What tells a repository from any other, and a branch from the one that it left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set

from bugguard.domain.provenance import Source
from bugguard.history.git import Git

_TRUNKS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master",
           "refs/heads/main", "refs/heads/master")  # fmt: skip
_ASK = ("rev-parse", "--verify", "--quiet", "--end-of-options")


def roots(git: Git, heads: Sequence[str] | None = None) -> tuple[str, ...]:
    """The commits that these heads' own lines began with; a fork has them too.

    heads: None: HEAD. Empty before the first commit, and in a shallow clone, which has them not.
    """
    if heads is None:
        heads = [head for head in [git.head()] if head]
    if git.shallow or not heads:
        return ()
    wanted = "".join(f"{head}\n" for head in heads).encode()
    out = git.run("rev-list", "--first-parent", "--max-parents=0", "--stdin", stdin=wanted)
    return tuple(out.decode("ascii").split())


def is_foreign(git: Git, roots: Iterable[str]) -> bool:
    """Whether the repository has none of these commits. A shallow clone cannot tell, nor an empty
    one.
    """
    known = list(roots)
    if not known or git.shallow:
        return False
    if Present(git)(known):
        return False
    return git.head() is not None


def own(git: Git, sources: Sequence[Source]) -> frozenset[str] | None:
    """The names of those sources that are this repository's own history: it has one of the commits
    that they began with, so a fork is its own too. None: all of them.

    Where that cannot be told, as a shallow clone has no such commit, or nobody knew it of the
    source, the name of the remote tells; a single source is then taken for its own.
    """
    untold = [one for one in sources if git.shallow or not one.roots]
    if untold and len(sources) < 2:
        return None
    found = {one.name for one in untold if one.name == _name(git)}
    wanted = sorted({root for one in sources if one not in untold for root in one.roots})
    here = Present(git)(wanted)
    return frozenset(found | {one.name for one in sources if not here.isdisjoint(one.roots)})


def _name(git: Git) -> str:
    """The same as learning calls it, without GitPython, which is too slow for a hook."""
    from bugguard.history.tickets import Remote  # most often nobody has to ask

    urls = (git.ask("config", "--get", f"remote.{name}.url") for name in ("origin", "upstream"))
    remote = Remote.parse(next((url for url in urls if url), ""))
    return remote.name if remote else git.called


class Present:
    """Which commits a repository has, each looked for once."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._known: dict[str, bool] = {}

    def __call__(self, shas: Collection[str]) -> Set[str]:
        new = [sha for sha in dict.fromkeys(shas) if sha not in self._known]
        if new:
            asked = "".join(f"{sha}\n" for sha in new).encode()
            out = self._git.run("cat-file", "--batch-check=%(objecttype)", stdin=asked)
            types = out.decode("ascii", "replace").splitlines()
            self._known |= {sha: said == "commit" for sha, said in zip(new, types, strict=True)}
        return {sha for sha in shas if self._known[sha]}


def trunk(git: Git, branch: str | None) -> tuple[str, str] | None:
    """(name, sha) of the branch that others leave; None: it cannot be told.

    branch: the one whose history is learned, if the settings name one.
    """
    for name in (branch, *_TRUNKS):
        sha = git.ask(*_ASK, f"{name}^{{commit}}") if name else None
        if name and sha:
            return name.removeprefix("refs/").removeprefix("heads/").removeprefix("remotes/"), sha
    return None
