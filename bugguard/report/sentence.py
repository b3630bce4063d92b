"""A finding in plain sentences, for places that show a line or a few. Each is one safe line."""

from __future__ import annotations

from bugguard.domain import Finding, FixCommit, Match
from bugguard.report import judged
from bugguard.report.escape import terminal
from bugguard.report.excerpt import cut
from bugguard.report.model import iso_date
from bugguard.report.text import silence_id
from bugguard.report.told import Standing, Told

SUBJECT = 200  #: columns of a subject or a title, at most
EXPLANATION = 2_000  #: columns of what a judge explains
TICKETS = 3  #: of one fix; JSON has them all


def short(text: str, columns: int = SUBJECT) -> str:
    """A stranger's text on one line, safe to show, and not without end."""
    return cut(terminal(" ".join(text.split())), columns)


def opening(finding: Finding) -> str:
    """What the change does to which past fix: ``Takes back a past fix: #12 Fix it (5333c352, …)``.

    Ends with a full stop, since some places show the first sentence only.
    """
    match = finding.match
    says = match.rule.says
    past = f"{named(match.fix)}{elsewhere(match)}"
    return f"{says[0].upper()}{says[1:]}: {past}, score {score(match.score)}."


def named(fix: FixCommit) -> str:
    """Ticket ids, subject, sha and day of a past fix."""
    front = [f"{ticket} " for ticket in [ids(fix)] if ticket]
    return "".join([*front, subject(fix), " ", signature(fix)])


def ids(fix: FixCommit) -> str:
    """The ids of the tickets that it answers to; empty where it names none."""
    told = [short(ticket.id) for ticket in fix.tickets]
    more = f" +{len(told) - TICKETS}" if told[TICKETS:] else ""
    return ", ".join(told[:TICKETS]) + more


def subject(fix: FixCommit) -> str:
    """Its subject, without the ticket that a host appended."""
    text = fix.subject
    for ticket in fix.tickets:
        text = text.removesuffix(f" ({ticket.id})")
    return short(text) or "(no subject)"


def signature(fix: FixCommit) -> str:
    """``(5333c352, 2021-12-13)``."""
    return f"({', '.join(filter(None, (short(fix.short), iso_date(fix.time)[:10])))})"


def score(number: float) -> str:
    """The score as people read it: hardly anything is still more than nothing."""
    return f"{number:.2f}" if number >= 0.005 else "below 0.01"


def verdict(finding: Finding) -> str:
    """What a judge makes of it, and its model; empty where none was asked."""
    first = next(judged.rows(finding), None)
    return f"Judge: {short(first.text)}." if first else ""


def standing(one: Told) -> str:
    """Why one that fails nothing is told; empty for one that does."""
    return {
        Standing.ALARM: "",
        Standing.SUGGESTED: "Only a judge takes it for a repeat, so it fails nothing.",
        Standing.UNRELATED: "A judge takes it for unrelated, so it fails nothing.",
        Standing.SILENCED: "It is silenced by a directive in the code.",
    }[one.standing]


def elsewhere(match: Match) -> str:
    """Of which repository the fix is, where it is another one's; else empty."""
    return f" in {short(match.fix.repository) or 'another repository'}" if match.foreign else ""


def after(match: Match) -> str:
    """What to do about it."""
    return (
        f"Whole fix: bugguard show {short(match.fix.short)}. If the change is right, say so beside "
        f"the code: bugguard: ignore[{short(silence_id(match))}] reason"
    )


def lines(one: Told) -> list[str]:
    """All of it, without code."""
    finding, fix = one.finding, one.finding.match.fix
    records = [
        " ".join(filter(None, (short(ticket.id), short(ticket.title), short(ticket.url))))
        for ticket in fix.tickets[:TICKETS]
        if ticket.title or ticket.url
    ]
    explained = finding.judgement.explanation if finding.judgement else ""
    said = [verdict(finding), short(explained, EXPLANATION), standing(one)]
    do = "" if one.standing is Standing.SILENCED else after(finding.match)
    return [line for line in [opening(finding), *records, *said, do] if line]
