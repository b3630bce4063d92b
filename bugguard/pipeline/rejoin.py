"""What other tickets make of commits that were learned before.

Most fixes only get another title: they are told anew, and nothing of them is read again. Commits
that become fixes by their tickets, or are none any more, are read again, for a fix has patterns and
an ordinary commit may be of the sample. Messages alone tell which those are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bugguard.domain import LearnedFix, Ticket
from bugguard.domain.knowledge import Knowledge
from bugguard.history import log
from bugguard.history.diff import Limits
from bugguard.history.git import Git
from bugguard.pipeline.tickets import judged
from bugguard.ports import Progress

if TYPE_CHECKING:
    from bugguard.pipeline.sources import Lesson


@dataclass(frozen=True, slots=True)
class Rejoined:
    """What changes of what was learned."""

    again: Sequence[str] = ()  #: commits to be taken away and read again
    tickets: Mapping[str, tuple[Ticket, ...]] = field(default_factory=dict)  #: by the fixes' shas

    def fix(self, fix: LearnedFix) -> LearnedFix:
        """The fix with the tickets that it has now."""
        told = self.tickets.get(fix.commit.sha, fix.commit.tickets)
        if told == fix.commit.tickets:
            return fix
        return replace(fix, commit=replace(fix.commit, tickets=told))

    def and_(self, other: Rejoined) -> Rejoined:
        """Both: what changes of two histories that have no commit in common."""
        return Rejoined((*self.again, *other.again), {**self.tickets, **other.tickets})


def rejoin(
    git: Git, lesson: Lesson, previous: Knowledge, stay: Set[str], progress: Progress
) -> Rejoined:
    """What the lesson's tickets make of ``previous``.

    stay: the commits of it that were learned by this lesson, but for those that are read or taken
        away anyway.
    """
    tickets: dict[str, tuple[Ticket, ...]] = {}
    again: list[str] = []
    for fix in previous.fixes:
        sha = fix.commit.sha
        if sha in stay:
            now = judged(lesson, sha, fix.commit.message, 1)
            if now.decision.remembered:
                tickets[sha] = now.tickets
            else:
                again.append(sha)
    others = sorted(stay - tickets.keys() - set(again))
    for done, commit in enumerate(log.read(git, others, Limits(), diffs=False), 1):
        if not isinstance(commit, log.Unread):
            now = judged(lesson, commit.sha, commit.message, len(commit.parents))
            if now.decision.remembered:
                again.append(commit.sha)
        if done % 1024 == 0:
            progress(0, 0)
    return Rejoined(sorted(again), tickets)
