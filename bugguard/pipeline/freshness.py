"""How far the index has fallen behind the history: asked at every commit, so it must be quick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bugguard.history import log, revisions
from bugguard.history.diff import Limits
from bugguard.history.git import Git

if TYPE_CHECKING:
    from bugguard.history.fixes import FixRules


@dataclass(frozen=True, slots=True)
class Lag:
    """What lies between the history that was learned and the one that is there now."""

    came: Sequence[str]  #: commits to be learned, merges left out
    gone: Sequence[str]  #: commits to be forgotten
    anew: bool = False  #: what was learned is not in the clone any more: all is to be read again

    @property
    def commits(self) -> int:
        """How many commits an update reads."""
        return len(self.came) + len(self.gone)


def lag(git: Git, known: Sequence[str], heads: Sequence[str], since: int | None) -> Lag:
    """How far an index made from the heads ``known`` is behind ``heads``.

    since: as in :func:`bugguard.history.revisions.commits`.
    """
    if set(known) == set(heads):
        return Lag((), ())
    if any(git.ask("cat-file", "-t", head) != "commit" for head in known):
        return Lag(revisions.commits(git, heads, since=since), (), anew=True)
    came = revisions.commits(git, heads, known, since)
    return Lag(came, revisions.commits(git, known, heads, since))


def fixes_among(git: Git, shas: Sequence[str], rules: FixRules) -> Iterator[str]:
    """Those that are fixes by their message; whether they touch code is not looked at.

    Other commits only shift how rare a word is, too little to rewrite the index for at a commit.
    """
    from bugguard.history.fixes import judge_message  # slow, and most often nothing came

    for commit in log.read(git, shas, Limits(), diffs=False):
        if not isinstance(commit, log.Unread):
            decision = judge_message(commit.message, len(commit.parents), rules)
            if decision.remembered:
                yield commit.sha
