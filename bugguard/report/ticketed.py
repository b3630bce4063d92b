"""What is told of tickets: how many fixes have one, what came in, and one whole.

Titles, labels, names and texts are shown to the letter, with what a terminal would act upon as an
escape.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bugguard.domain import FixCommit, Ticket
from bugguard.domain.tickets import TicketRecord
from bugguard.report.escape import clip, terminal
from bugguard.report.words import count

_UNKNOWN = frozenset(("subject", "message"))
_LINES = 12  #: of a ticket's text
_COLUMNS = 200  #: of a line of it
_GAPS = 5  #: places told of


@dataclass
class Coverage:
    """How many fixes have a ticket whose record is known, and where the others' would be."""

    known: Counter[str] = field(default_factory=Counter)  #: fixes, by the first record's source
    gaps: Counter[str] = field(default_factory=Counter)  #: fixes that only name tickets, by place
    none: int = 0  #: fixes that name no ticket

    @property
    def with_ticket(self) -> int:
        return sum(self.known.values())

    @property
    def fixes(self) -> int:
        return self.with_ticket + sum(self.gaps.values()) + self.none


def coverage(fixes: Iterable[FixCommit]) -> Coverage:
    """Counts each fix once."""
    found = Coverage()
    for fix in fixes:
        sources = [source_of(ticket) for ticket in fix.tickets]
        source = next((one for one in sources if one), "")
        if source:
            found.known[source] += 1
        elif fix.tickets:
            found.gaps[_place(fix.tickets[0], fix.repository)] += 1
        else:
            found.none += 1
    return found


def source_of(ticket: Ticket) -> str:
    """The tracker whose record the ticket is; empty where only the reference is known."""
    return "" if ticket.source in _UNKNOWN else ticket.source.partition(":")[0]


def covered(found: Coverage, before: int | None = None) -> str:
    """A coverage in two lines. before: how many of the fixes had a ticket until now."""
    had = "" if before is None or before == found.with_ticket else f" ({before:,} until now)"
    fixes = count(found.fixes, "past fix", "past fixes")
    have = "has" if found.with_ticket == 1 else "have"
    lines = [f"{found.with_ticket:,} of {fixes} {have} a known ticket{had}{_listed(found.known)}"]
    if found.gaps:
        gaps = sum(found.gaps.values())
        lines.append(
            f"{count(gaps, 'fix names', 'fixes name')} a ticket that is not known"
            f"{_listed(found.gaps)}"
        )
    return "\n".join(lines) + "\n"


def told(ticket: Ticket, record: TicketRecord | None, text: str) -> list[str]:
    """A ticket of a fix, whole. text: the record's, empty if it has none."""
    title = f"  {terminal(ticket.title)}" if ticket.title else ""
    url = f"  {terminal(ticket.url)}" if ticket.url else ""
    lines = [f"ticket: {terminal(ticket.id)}{title}{url}"]
    if ticket.source not in _UNKNOWN:
        lines.append(f"  joined: {terminal(ticket.source)}")
    if record is None:
        return lines
    if record.labels:
        lines.append(f"  labels: {', '.join(map(terminal, record.labels))}")
    states = [record.type, record.state, record.resolution]
    if any(states):
        lines.append(f"  state: {', '.join(terminal(one) for one in states if one)}")
    if record.people:
        lines.append(f"  people: {', '.join(map(terminal, record.people))}")
    if record.confidential:
        lines.append("  confidential")
    return [*lines, *_text(text)]


def row(record: TicketRecord, kind: str) -> str:
    """A ticket on one line, for lists."""
    labels = f"  [{', '.join(map(terminal, record.labels))}]" if record.labels else ""
    name = f"{terminal(record.key.project)} {terminal(record.key.id)}"
    return f"{name}  {kind}  {terminal(record.title)}{labels}\n"


def outcomes(counted: Mapping[str, int], links: int, gone: int = 0) -> str:
    """What came in, on one line.

    counted: tickets by what became of them, in words. gone: that the tracker has no more.
    """
    whole = count(sum(counted.values()), "ticket")
    parts = ", ".join(f"{times:,} {terminal(what)}" for what, times in counted.items() if times)
    told = f" ({parts})" if parts else ""
    left = f", and dropped {gone:,} that are not to be seen there any more" if gone else ""
    return f"read {whole}{told} and {count(links, 'link')} to commits and merge requests{left}\n"


def _listed(places: Counter[str]) -> str:
    if not places:
        return ""
    told = [f"{times:,} {terminal(place)}" for place, times in places.most_common(_GAPS)]
    rest = sum(places.values()) - sum(times for _, times in places.most_common(_GAPS))
    return ": " + ", ".join([*told, f"{rest:,} elsewhere"] if rest else told)


def _place(ticket: Ticket, repository: str) -> str:
    """Where a ticket's record would be found, as far as its reference tells."""
    name = ticket.id
    if name.startswith("CVE-"):
        return "CVE"
    if name.lower().startswith(("http://", "https://")):
        try:
            return urlsplit(name).hostname or "elsewhere"
        except ValueError:
            return "elsewhere"
    if key := re.fullmatch(r"([A-Z][A-Z0-9_]+)-[0-9]+", name, re.ASCII):
        return "this project" if key[1] == "GH" else f"{key[1]}-…"
    if "/" in name and (mark := re.search("[#!]", name)):
        return name[: mark.start()]
    home = repository or "this project"
    return f"{home} (merge requests)" if name.startswith("!") else home


def _text(text: str) -> list[str]:
    """The beginning of a ticket's text, indented."""
    lines = [line.rstrip() for line in text.strip().split("\n")] if text.strip() else []
    shown = [f"  | {clip(terminal(line), _COLUMNS)}".rstrip() for line in lines[:_LINES]]
    rest = len(lines) - len(shown)
    return [*shown, f"  | … {count(rest, 'more line')}"] if rest > 0 else shown
