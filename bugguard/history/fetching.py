"""Getting the commits that a CI's clone was not given, from its remote ``origin`` alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from bugguard.errors import GitError
from bugguard.history.git import Git

STEPS = (50, 200, 1000)  #: commits from each tip that are fetched before all of the history is
SECONDS = 600.0  #: that one fetch may take


@dataclass(frozen=True, slots=True)
class Origin:
    """The remote ``origin`` of a clone."""

    git: Git
    environ: Mapping[str, str]  #: with what ssh and askpass need, see :meth:`Git.fetch`
    seconds: float = SECONDS

    def deepen(self, shas: Sequence[str], branches: Sequence[str]) -> Iterator[Git]:
        """The clone after each step of fetching these, a longer history at each.

        A clone that is not shallow is only given what is new, in one step. What origin has not got
        is left out. branches: become ``refs/remotes/origin/...``. Raises GitError where nothing at
        all can be fetched.
        """
        wanted = [*(s for s in shas if s), *(b for b in map(refspec, branches) if b)]
        if not wanted:
            return
        if self.git.shallow:
            for depth in STEPS:
                self._each(wanted, f"--depth={depth}")
                now = self._now()
                yield now
                if not now.shallow:
                    return
        self._each(wanted, *(["--unshallow"] if self.git.shallow else []))
        yield self._now()

    def whole(self, branch: str) -> Git:
        """The clone with all of its history, and that branch's. Raises GitError."""
        wanted = refspec(branch)
        options = ["--unshallow"] if self.git.shallow else []
        self._fetch(*options, "origin", *([wanted] if wanted else []))
        return self._now()

    def _each(self, wanted: Sequence[str], *options: str) -> None:
        try:
            self._fetch(*options, "origin", *wanted)
            return
        except GitError:
            # One that origin has not got, and all fail: then each for itself.
            if len(wanted) == 1:
                raise
        failures = []
        for one in wanted:
            # What is complete by now would be cut off again by a depth.
            kept = options if self._now().shallow else ()
            try:
                self._fetch(*kept, "origin", one)
            except GitError as error:
                failures.append(error)
        if len(failures) == len(wanted):
            raise failures[0]

    def _fetch(self, *arguments: str) -> None:
        self.git.fetch(*arguments, environ=self.environ, seconds=self.seconds)

    def _now(self) -> Git:
        shallow = self.git.ask("rev-parse", "--is-shallow-repository") == "true"
        return replace(self.git, shallow=shallow)


def refspec(branch: str) -> str:
    """From a branch of origin to where a clone keeps it; empty for what is no branch's name."""
    if not branch or branch.startswith("-") or any(c in branch for c in " ~^:?*[\\\n\0"):
        return ""
    return f"+refs/heads/{branch}:refs/remotes/origin/{branch}"


def tracked(git: Git, branch: str) -> str | None:
    """The commit of a branch as ``origin`` had it when it was fetched; None: it was not."""
    with suppress(GitError):  # a name with a NUL
        ref = f"refs/remotes/origin/{branch}^{{commit}}"
        return git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", ref)
    return None
