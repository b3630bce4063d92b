"""What a file gives, one row or object at a time, and what it is told before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bugguard.domain.tickets import TicketKey, TicketLink, Tracked
from bugguard.tickets.homes import home


class Row(NamedTuple):
    """One row of a file. Exactly one of the last three is there."""

    line: int  #: where it begins, from 1
    tracked: Tracked | None = None
    links: tuple[TicketLink, ...] = ()  #: of tickets that stand elsewhere
    problem: str = ""  #: why it is left out: a clause, ``it has no title``


@dataclass(frozen=True, slots=True)
class Context:
    """What the file itself may not say."""

    project: str = ""  #: whose tickets these are, whatever the file says; empty: as it says
    fallback: str = ""  #: whose they are where the file does not say
    jira: str = ""  #: the tracker's ``host`` where an export of Jira's names none

    def key(self, number: object, url_project: str = "") -> TicketKey:
        """``#number`` of the project. ValueError, in a clause, where there is no such."""
        text = str(number).strip().lstrip("#")
        if not text.isdecimal() or not text.isascii() or int(text[:9]) == 0:
            raise ValueError("it has no number")
        project = self.project or url_project or self.fallback
        if not project:
            raise ValueError("it does not say its project, so name that with --project")
        return TicketKey(home(project), f"#{text}")

    def jira_key(self, name: str, host: str = "") -> TicketKey:
        """The key of a ticket of Jira's, whose project is the key's first part."""
        project, dash, number = name.strip().partition("-")
        if not dash or not project or not number.isdecimal():
            raise ValueError("it has no key such as SHOP-12")
        named = home(self.project)
        named = named.partition("/")[0] if "/" in named or "." in named else ""
        server = named or host or self.jira or "jira"
        return TicketKey(home(f"{server}/{project}"), name.strip())
