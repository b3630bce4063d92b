"""What is learned from: repositories, each with its own way to be read.

Several may share commits: clones and forks of one history. A commit is learned once, as the first
one's that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

from bugguard.domain.provenance import Provenance, Shard, Source
from bugguard.errors import PatternIndexError
from bugguard.history import revisions
from bugguard.history.diff import Limits
from bugguard.history.fixes import FixRules
from bugguard.history.git import Git
from bugguard.history.origin import roots
from bugguard.history.paths import PathRules
from bugguard.history.tickets import Remote, TicketRules
from bugguard.pipeline.learner import REVISION
from bugguard.pipeline.tickets import Join


@dataclass(frozen=True, slots=True)
class Lesson:
    """How this team's history is to be read."""

    fixes: FixRules = field(default_factory=FixRules)
    paths: PathRules = field(default_factory=PathRules)
    tickets: TicketRules = field(default_factory=TicketRules)
    remote: Remote | None = None
    file_bytes: int = 1024 * 1024
    since: int | None = None  #: seconds since the epoch
    join: Join | None = None  #: the tickets that are known; None: nobody took any in
    called: str = ""  #: the repository, where it has no remote to be named by
    share: bool = True  #: whether it may be learned into one index with others

    @property
    def limits(self) -> Limits:
        return Limits(self.file_bytes, self.paths.reason)

    @property
    def name(self) -> str:
        """What its fixes are said to be of."""
        return self.remote.name if self.remote else self.called

    @property
    def digest(self) -> str:
        """Equal for lessons that learn the same from the same history."""
        told: tuple[object, ...] = (
            self.fixes, self.paths, self.tickets, self.remote, self.file_bytes,
        )  # fmt: skip
        if self.join is not None and self.join.bugs_only:
            told = (*told, "bugs only")
        return blake2b(repr(told).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


@dataclass(frozen=True)
class History:
    """A repository to learn from, as it is now."""

    git: Git
    heads: tuple[str, ...]
    lesson: Lesson

    @cached_property
    def source(self) -> Source:
        """What is to be known of it later."""
        lesson = self.lesson
        return Source(
            name=lesson.name,
            roots=tuple(sorted({*roots(self.git, self.heads)})),
            heads=tuple(sorted(set(self.heads))),
            boundary=revisions.boundary(self.git),
            since=lesson.since,
            learner=lesson.digest,
            tickets=lesson.join.digest if lesson.join is not None else "",
            share=lesson.share,
        )

    def commits(self, heads: Sequence[str], without: Sequence[str] = ()) -> list[str]:
        """What ``heads`` reach and ``without`` do not, but for where a shallow clone ends: git
        shows such a commit as if it had added every file.
        """
        ends = set(revisions.boundary(self.git))
        found = revisions.commits(self.git, heads, without, self.lesson.since)
        return [sha for sha in found if sha not in ends]


def provenance(histories: Sequence[History], shard: Shard | None = None) -> Provenance:
    """What is to be known of knowledge that is learned from them now, its counts empty."""
    return Provenance(tuple(one.source for one in histories), REVISION, 0, shard=shard)


def require_told_apart(sources: Sequence[Source]) -> None:
    """Raises PatternIndexError where two histories have one name, which then tells of neither."""
    for place, one in enumerate(sources):
        for other in sources[:place]:
            apart = one.roots and other.roots and {*one.roots}.isdisjoint(other.roots)
            if one.name == other.name and apart:
                raise PatternIndexError(
                    f"two repositories are called {one.name!r}: let each have a remote, or a "
                    "folder of another name, so that findings can say whose a fix is"
                )


def commits(histories: Sequence[History], heads: Sequence[Sequence[str]]) -> list[list[str]]:
    """For each history the commits that are its own: those of its heads that none before it has."""
    taken: set[str] = set()
    own = []
    for history, theirs in zip(histories, heads, strict=True):
        found = [sha for sha in history.commits(theirs) if sha not in taken]
        taken.update(found)
        own.append(found)
    return own


def difference(
    histories: Sequence[History], old: Sequence[Sequence[str]], new: Sequence[Sequence[str]]
) -> tuple[list[list[str]], list[list[str]]]:
    """For each history the commits that went and those that came between two lists of heads.

    One that another history has now before it went from here and came there.
    """
    if len(histories) == 1:  # git tells without listing all of it
        [one], [was], [now] = histories, old, new
        return [one.commits(was, without=now)], [one.commits(now, without=was)]
    before, after = commits(histories, old), commits(histories, new)
    pairs = [(one, set(one), other, set(other)) for one, other in zip(before, after, strict=True)]
    gone = [[sha for sha in was if sha not in stays] for was, _, _, stays in pairs]
    came = [[sha for sha in now if sha not in known] for _, known, now, _ in pairs]
    return gone, came
