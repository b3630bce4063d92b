"""Records of a tracker, as the tracker has them, and what ties them to commits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class TicketKey(NamedTuple):
    """Which ticket: the same number is another ticket in another project."""

    project: str  #: its home: ``gitlab.example/group/sub/name``, ``github.com/owner/name``,
    #: ``jira.example/PROJ``; lower case
    id: str  #: as people write it: ``#4485``, ``PROJ-12``


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """One ticket, verbatim. Times are seconds since the epoch; None: the tracker does not say."""

    key: TicketKey
    source: str  #: where it comes from: ``gitlab``, ``github``, ``jira``, ``import``
    title: str
    text: str = ""
    url: str = ""
    labels: tuple[str, ...] = ()
    type: str = ""  #: the tracker's own word: ``bug``, ``incident``, ``task``, ``feature``; or none
    state: str = ""  #: ``open`` or ``closed``
    resolution: str = ""  #: ``duplicate``, ``won't fix``, ...; empty: none told
    created: int | None = None
    closed: int | None = None
    updated: int | None = None
    people: tuple[str, ...] = ()  #: who knew: names of author, assignees and who closed it
    confidential: bool = False


class TicketLink(NamedTuple):
    """A commit that answers a ticket, and why anybody thinks so."""

    ticket: TicketKey
    commit: str  #: full sha; empty where only the merge request that ``why`` names is known
    why: str  #: ``closed by !34``, ``merge commit of !34``, ``in #56, which closes it``, ...


class Tracked(NamedTuple):
    """One ticket as a tracker gives it, with all its links."""

    record: TicketRecord
    links: tuple[TicketLink, ...] = ()
