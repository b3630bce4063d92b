"""From what a CI service tells to the two commits of the change; fetched if they are not here."""

from __future__ import annotations

from collections.abc import Sequence

from bugguard.ci.run import Run
from bugguard.errors import CiError
from bugguard.history import revisions
from bugguard.history.fetching import Origin, tracked
from bugguard.history.git import Git


def endpoints(git: Git, run: Run, origin: Origin | None) -> tuple[Git, str, str]:
    """The clone as it is then, the commit that the change builds on, and the one it leads to.

    origin: where more history is fetched, in steps, as far as it is needed; None: nowhere.
    Raises CiError where the two cannot be known: nothing is ever taken for no change.
    """
    if run.unknown:
        raise CiError(
            f"{run.unknown}: run this on a push or a pull request, or name the change with "
            "--range A..B."
        )
    given = (run.tip, *run.bases)
    found = None
    if origin is None or _all_here(git, run):
        found = _base(git, run.tip, run.bases, run.target, allow_unsettled=False)
    if found is None and origin is not None:
        for git in origin.deepen(given, [run.target]):
            found = _base(git, run.tip, run.bases, run.target, allow_unsettled=not git.shallow)
            if found is not None:
                break
    if found is None and run.fallback and not git.shallow and not _any_here(git, run.bases):
        if origin is not None and tracked(git, run.fallback) is None:
            *_, git = origin.deepen([run.tip], [run.fallback])
        found = _base(git, run.tip, (), run.fallback, allow_unsettled=True)
    if found is None:
        raise _baseless(git, run, origin)
    return git, found, run.tip


def _base(
    git: Git, tip: str, bases: Sequence[str], branch: str, *, allow_unsettled: bool
) -> str | None:
    """Where ``tip`` left the bases and the branch, as far as these are here."""
    if not _is_here(git, tip):
        return None
    here = [sha for sha in bases if _is_here(git, sha)]
    last = tracked(git, branch) if branch else None
    # A branch that has the tip already (the request was merged) no longer tells where it began.
    for others in filter(None, ([*here, *([last] if last else [])], here if last else [])):
        # Of several, where it left a merge of them all.
        base = git.ask("merge-base", tip, *others)
        if base is None or (base == tip and len(others) > 1):
            continue
        if allow_unsettled or _is_settled(git, tip, base, others):
            return base
    return None


def _is_settled(git: Git, tip: str, base: str, others: Sequence[str]) -> bool:
    """Whether more history cannot bring to light a later common ancestor.

    It can where a shallow clone ends between the base and one of the commits.
    """
    if not git.shallow or [base] == [*others]:
        return True
    wanted = "".join(f"{sha}\n" for sha in (tip, *others, f"^{base}")).encode()
    between = git.run("rev-list", "--stdin", stdin=wanted).decode("ascii").split()
    return set(between).isdisjoint(revisions.boundary(git))


def _all_here(git: Git, run: Run) -> bool:
    shas = all(_is_here(git, sha) for sha in (run.tip, *run.bases))
    return shas and (not run.target or tracked(git, run.target) is not None)


def _any_here(git: Git, shas: Sequence[str]) -> bool:
    return any(_is_here(git, sha) for sha in shas)


def _is_here(git: Git, sha: str) -> bool:
    return git.ask("cat-file", "-t", sha) == "commit"


def _baseless(git: Git, run: Run, origin: Origin | None) -> CiError:
    start = " and ".join([*(sha[:8] for sha in run.bases), *filter(None, [run.target])])
    start = start or run.fallback or "anything"
    told = f"where {run.tip[:8]} left {start} cannot be told"
    if not _is_here(git, run.tip):
        told = f"the commit {run.tip[:8]}, which is to be checked, is not in this clone"
    if origin is None:
        more = "let --fetch get them from origin, or check out with all history (fetch-depth: 0)"
        return CiError(f"{told}, for commits are missing here: {more}.")
    return CiError(
        f"{told}, though all that origin has of it was fetched: name the change with --range A..B."
    )
