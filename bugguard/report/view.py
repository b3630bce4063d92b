"""What is told of a finding, before any layout: one source for plain text and for terminals.

Nothing here is escaped yet unless it says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bugguard.domain import Finding, FixCommit, Match, Ticket
from bugguard.report import judged, why
from bugguard.report.escape import terminal
from bugguard.report.model import Report, iso_date, ordered
from bugguard.report.words import count

LINES = 3  #: shown of each side; ``bugguard show`` has them all
TICKETS = 3

_MARKS = {"+": ">", "-": "-"}  #: of the change's own lines; context has none


class Group(NamedTuple):
    """Findings that weigh the same."""

    heading: str  #: what they are; empty for those that the check is about
    findings: Sequence[Finding]
    votes: bool  #: whether people are asked if they are of use


class Line(NamedTuple):
    """A line of code."""

    mark: str
    text: str  #: without the indentation that all of its side have
    number: int | None = None  #: in the file as it is after the change; None: it has none there


class Side(NamedTuple):
    """The code as it was, as it was repaired, or as the change has it."""

    label: str  #: also the role of its lines
    lines: Sequence[Line]
    instead: str = ""  #: what is said if there are none


class Row(NamedTuple):
    """A line or a paragraph of text."""

    label: str  #: empty: it belongs to the row before
    text: str
    role: str  #: rule, dim, then, fixed, yours or plain
    wraps: bool = False  #: whether it may take several lines in plain text; else it is cut


def groups(report: Report) -> Iterator[Group]:
    """All that is told, in the order in which it is; groups of nothing are left out."""
    if report.findings:
        yield Group("", ordered(report.findings), votes=True)
    if report.suggested:
        heading = "a judge alone takes these for repeats, and none of them fails a commit:"
        yield Group(heading, report.suggested, votes=False)
    if report.candidates:
        yield Group("below the threshold:", report.candidates, votes=False)


def remarks(finding: Finding) -> list[str]:
    """What stands behind the rule: the score, and whether a judge takes it for unrelated."""
    score = finding.match.score
    told = [f"score {score:.2f}" if score >= 0.005 else "score below 0.01"]
    return [*told, "taken for unrelated by a judge"] if finding.downgraded else told


def named(fix: FixCommit) -> tuple[Sequence[Ticket], str]:
    """The tickets that stand before the subject, and how many more there are (`` +2``)."""
    more = len(fix.tickets) - TICKETS
    return fix.tickets[:TICKETS], f" +{more}" if more > 0 else ""


def subject(fix: FixCommit) -> str:
    """The fix's subject without the tickets that a host appended (``(#12)``)."""
    text = fix.subject
    for ticket in fix.tickets:
        text = text.removesuffix(f" ({ticket.id})")
    return text


def when(fix: FixCommit) -> str:
    """Sha and day, in brackets; escaped."""
    day = iso_date(fix.time)[:10]
    return f"({terminal(fix.short)}{', ' if day else ''}{day})"


def origin(match: Match) -> str:
    """In which other repository the fix was made; empty: in this one."""
    return f"in {match.fix.repository or 'another repository'}" if match.foreign else ""


def url(fix: FixCommit) -> str:
    """Where the first ticket that has a link is found; empty: none has."""
    return next((ticket.url for ticket in fix.tickets if ticket.url), "")


def titled(fix: FixCommit) -> Sequence[Ticket]:
    """The tickets whose own records say something that the subject does not."""
    telling = [one for one in fix.tickets if one.title and one.title not in fix.subject]
    return telling[:TICKETS]


def sides(match: Match) -> Iterator[Side]:
    """Then, fixed and yours: of each the few lines that show most."""
    hunk = match.pattern.hunk
    for label, mark, lines, where in (
        ("then", "-", hunk.removed, "below"),
        ("fixed", "+", hunk.added, "above"),
    ):
        texts = _flush([lines[place] for place in _chosen(lines, match)])
        instead = f"(without the lines {where})"
        yield Side(label, [Line(mark, text) for text in texts], instead)
    mine = _chosen(match.yours, match)
    numbers = _numbers(match)
    texts = _flush([match.yours[place][1:] for place in mine])
    yield Side(
        "yours",
        [
            Line(_MARKS.get(match.yours[place][:1], " "), text, numbers[place])
            for place, text in zip(mine, texts, strict=True)
        ],
    )


def rows(finding: Finding) -> Iterator[Row]:
    """What follows the code: a judge's words, and the reasons where they were asked for."""
    for said in judged.rows(finding):
        yield Row(*said)
    for reason in why.rows(finding):
        yield Row(*reason)


def commands(finding: Finding) -> list[tuple[str, str]]:
    """What can be done about it, as (what for, what to type or write); escaped."""
    match = finding.match
    return [
        ("whole fix", f"bugguard show {terminal(match.fix.short)}"),
        ("silence", f"bugguard: ignore[{terminal(silence_id(match))}] reason"),
    ]


def vote(finding: Finding) -> tuple[str, str]:
    """How to say that it is of no use, likewise."""
    return "of no use", f"bugguard feedback {finding.fingerprint} not-useful"


def silence_id(match: Match) -> str:
    """What names the fix in an ``ignore[...]``: a ticket that can stand there, or the sha.

    Another repository's ``#12`` is not this one's.
    """
    fix = match.fix
    if match.foreign:
        return fix.short
    fits = (ticket.id for ticket in fix.tickets if not set(ticket.id) & set("[], \t\r\n"))
    return next(fits, fix.short)


def summary(report: Report) -> Iterator[str]:
    """The run in a few lines, its notes last; escaped. The first begins with the findings."""
    files, hunks = report.stats.files, report.stats.hunks
    text = (
        f"{count(len(report.findings), 'finding')} in {report.stats.looked},"
        f" checked against {count(report.index.fixes, 'past fix', 'past fixes')}"
        f" in {report.stats.seconds:.2f} s"
    )
    downgraded = sum(finding.downgraded for finding in report.findings)
    if downgraded:
        text += f", {downgraded:,} of them taken for unrelated"
    aside = (
        (len(report.suppressed), "silenced"),
        (len(report.known), "known by the baseline"),
        (report.stale or 0, "in the baseline found no more"),
        (len(report.muted), "muted"),
    )
    text += "".join(f", {number:,} {what}" for number, what in aside if number)
    # A commit of nothing but deletions or docs: nobody is to take that for a clean bill of health.
    nothing = "0 hunks checked" if files is None else "0 files scanned"
    yield text if files or hunks else nothing
    if report.stats.skipped:
        reasons = Counter(skipped.reason for skipped in report.stats.skipped)
        told = ", ".join(f"{times:,} {terminal(why)}" for why, times in reasons.most_common())
        yield f"{count(len(report.stats.skipped), 'file')} skipped: {told}"
    if report.judged is not None:
        yield from map(terminal, judged.summary(report.judged))
    for note in report.notes:
        yield f"note: {terminal(note)}"


def state(line: str) -> tuple[str, str]:
    """The summary's first line as what was found, and the rest; no rest: nothing was checked."""
    found, between, rest = line.partition(" in ")
    return found, between + rest


def _chosen(lines: Sequence[str], match: Match) -> list[int]:
    """The places of the few lines that show most of what the match rests on, in their order."""
    telling = [
        place for place, line in enumerate(lines) if any(character.isalnum() for character in line)
    ]
    tokens = match.evidence.tokens
    rank = {place: -sum(token in lines[place] for token in tokens) for place in telling}
    best = sorted(rank, key=lambda place: (rank[place], place))[:LINES]
    return sorted(best) or list(range(len(lines[:1])))


def _flush(lines: Sequence[str]) -> list[str]:
    """The lines without the indentation that they all have; a tab counts as 4 spaces."""
    flat = [line.expandtabs(4).rstrip() for line in lines]
    indent = min((len(line) - len(line.lstrip()) for line in flat), default=0)
    return [line[indent:] for line in flat]


def _numbers(match: Match) -> list[int | None]:
    """Where the lines that the change adds stand in the file; None for others, and if in doubt."""
    listed = [line[1:].rstrip("\r") if line[:1] == "+" else None for line in match.yours]
    stands = [
        (number, text.rstrip("\r"))
        for mark, number, text in match.hunk.numbered()
        if mark == "+" and match.line <= number <= match.end_line
    ]
    earliest = _found(listed, stands)
    latest = _found(listed[::-1], stands[::-1])[::-1]
    return [one if one == other else None for one, other in zip(earliest, latest, strict=True)]


def _found(listed: Sequence[str | None], stands: Sequence[tuple[int, str]]) -> list[int | None]:
    """The number of each line, the first there is behind the one before."""
    behind = iter(stands)
    return [
        None if line is None else next((number for number, text in behind if text == line), None)
        for line in listed
    ]
