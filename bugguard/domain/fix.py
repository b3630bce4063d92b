"""A repaired bug as the index remembers it. Tickets are quoted from records, never made up."""

from __future__ import annotations

from dataclasses import dataclass

from bugguard.domain.pattern import BugPattern

#: Why a pattern is set aside that is no bug by itself, and can still be offered to who can read.
IDIOM = "idiom"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The record that a fix answers to, verbatim."""

    id: str  #: as it was written: ``#4485``, ``!12``, ``owner/repo#7``, ``PROJ-123``
    title: str  #: the record's own title; empty while only the reference is known
    url: str  #: empty where no link can be derived
    #: where the reference was read, ``subject`` or ``message``; of a ticket whose record is known
    #: its tracker and why it belongs to the commit: ``gitlab: closed by !34``, ``jira: subject``,
    #: ``gitlab: closed by !34 (message)`` where the message names ``!34`` and not the ticket
    source: str


@dataclass(frozen=True, slots=True)
class FixCommit:
    """A commit that repaired a bug."""

    sha: str
    time: int  #: committer's clock, seconds since the epoch
    subject: str
    message: str  #: the whole message, subject included
    tickets: tuple[Ticket, ...] = ()
    repository: str = ""  #: the remote's ``host/owner/name``; empty for a repository without one

    @property
    def short(self) -> str:
        return self.sha[:8]


@dataclass(frozen=True, slots=True)
class LearnedFix:
    """A fix commit with all the patterns taken from it, those set aside included."""

    commit: FixCommit
    patterns: tuple[BugPattern, ...]
    dropped: str | None = None  #: why none of its patterns is matched (a duplicate, ...)

    @property
    def offerable(self) -> tuple[BugPattern, ...]:
        """The patterns that can be offered to who can read: all that are matched, and idioms."""
        if self.dropped not in (None, IDIOM):
            return ()
        return tuple(one for one in self.patterns if one.dropped in (None, IDIOM))
