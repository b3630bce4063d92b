"""Where the references of a commit message lead among the tickets that are known.

Explicit links come first, the message's references second. What a reference leads to is looked up,
never guessed: where several tickets could be meant, none is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from bugguard.domain.tickets import TicketRecord
from bugguard.history.tickets import Kind, Reference, Remote
from bugguard.tickets.homes import home
from bugguard.tickets.lookup import Linked, Lookup

_HERE = frozenset((Kind.ISSUE, Kind.SUFFIX, Kind.PULL, Kind.GH))
_ADDRESS = re.compile(
    r"(?P<project>https?://.+?)/(?:-/)?(?P<kind>issues?|work_items|pulls?|merge_requests)/"
    r"(?P<number>[1-9][0-9]{0,8})",
    re.IGNORECASE | re.ASCII,
)
_BROWSE = re.compile(r"(?P<place>https?://.+?)/browse/(?P<key>[\w-]+)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Leads:
    """How the references of one repository are looked up."""

    known: Lookup
    remote: Remote | None
    more: tuple[str, ...] = ()  #: further projects that ``#12`` may mean, in order

    @cached_property
    def homes(self) -> tuple[str, ...]:
        """The projects that ``#12`` means: the remote's own comes first."""
        own = [self.remote.name] if self.remote else []
        return tuple(dict.fromkeys(map(home, (*own, *self.more))))

    def follow(self, reference: Reference) -> list[Linked]:
        """The tickets it leads to. ``why`` is empty where it names the ticket itself, and the words
        of the link where it names the merge request that answers it.
        """
        number = reference.number
        if reference.kind in _HERE:
            return self._numbered(self.homes, f"#{number}")
        if reference.kind is Kind.MERGE:
            return self._numbered(self.homes, f"!{number}")
        if reference.kind in (Kind.CROSS_ISSUE, Kind.CROSS_MERGE):
            path, mark = re.split("([#!])", reference.text)[:2]
            hosts = dict.fromkeys(one.partition("/")[0] for one in self.homes)
            return self._numbered([home(f"{host}/{path}") for host in hosts], f"{mark}{number}")
        if reference.kind is Kind.URL:
            return self._addressed(reference.text)
        if reference.kind is Kind.KEY:
            return self._named(reference.text)
        if reference.kind is Kind.CUSTOM:
            named = self._named(reference.text)
            return named or (self._numbered(self.homes, f"#{number}") if number else [])
        return []

    def written(self, record: TicketRecord) -> str:
        """The id as somebody would write it in a message of this repository."""
        project, name = record.key
        if name[:1] not in "#!" or project in self.homes:
            return name
        host, _, path = project.partition("/")
        near = any(host == one.partition("/")[0] for one in self.homes)
        return f"{path if near and path else project}{name}"

    def _numbered(self, projects: Sequence[str], name: str) -> list[Linked]:
        """Of the first project that has it: the ticket, or those that the request answers."""
        for project in projects:
            record = self.known.ticket(project, name)
            if record:
                return [Linked(record, "")]
            through = self.known.through(f"{project}{name}")
            if through:
                return list(_once(through))
        return []

    def _named(self, name: str) -> list[Linked]:
        found = self.known.named(name)
        preferred = [one for one in found if one.key.project in self.homes]
        found = preferred[:1] or found
        # One ticket may be known by two names of its tracker; two trackers' are two tickets.
        if len({one.title for one in found}) != 1:
            return []
        newest = max(found, key=lambda one: (one.updated or 0, bool(one.url), one.key))
        return [Linked(newest, "")]

    def _addressed(self, address: str) -> list[Linked]:
        if found := _ADDRESS.match(address):
            mark = "!" if found["kind"].lower() == "merge_requests" else "#"
            return self._numbered([home(found["project"])], f"{mark}{found['number']}")
        if found := _BROWSE.match(address):
            key = unquote(found["key"])
            project = home(f"{found['place']}/{key.partition('-')[0]}")
            record = self.known.ticket(project, key)
            return [Linked(record, "")] if record else self._named(key)
        return []


def _once(linked: Sequence[Linked]) -> Iterator[Linked]:
    """Each ticket once, by its first link: the rows come in order."""
    seen = set()
    for one in linked:
        if one.record.key not in seen:
            seen.add(one.record.key)
            yield one
