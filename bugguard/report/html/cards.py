"""One finding as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bugguard.domain import Finding, Judgement, Match
from bugguard.domain import Ticket as Named
from bugguard.report import judged, sentence, why
from bugguard.report.html.threeway import LINES, ThreeWay, three
from bugguard.report.html.visible import Link, code, line, link, paragraphs, plain, visible
from bugguard.report.model import iso_date
from bugguard.report.region import region
from bugguard.report.text import silence_id

MESSAGE = 60  #: lines of a commit's message
TICKETS = 20  #: of one fix
PAIRS = 40  #: of lines that answer to each other

#: What is only a word elsewhere.
_SOURCES = {"subject": "named in the subject", "message": "named in the message"}


class Ticket(NamedTuple):
    """A record that the fix answers to, in its own words."""

    link: Link
    title: str  #: empty: only the reference is known
    source: str


class Past(NamedTuple):
    """The past fix."""

    sha: str
    short: str
    day: str  #: ``2021-12-13``; empty: no calendar has it
    subject: str
    path: str  #: the file that it repaired
    within: str  #: the function there, likewise
    repository: str  #: whose fix it is; empty: not known, or no other's
    foreign: bool  #: whether it is another one's than the checked one
    tickets: tuple[Ticket, ...]
    further: int  #: tickets that are not among them
    message: tuple[str, ...]  #: its lines; without the subject, if that is shown whole

    @property
    def named(self) -> str:
        """Its tickets, or else itself."""
        return ", ".join(ticket.link.text for ticket in self.tickets) or self.short


class Quote(NamedTuple):
    """What a judge cites."""

    where: str
    lines: tuple[str, ...]


class Opinion(NamedTuple):
    """A judge's own words."""

    verdict: str  #: and whose it is
    explanation: tuple[str, ...]  #: paragraphs
    quotes: tuple[Quote, ...]
    repair: tuple[tuple[str, str], ...]  #: (``gone``, ``new`` or ``same``, line)


class Reasons(NamedTuple):
    """What made the finding."""

    channel: str
    pairs: tuple[tuple[str, str, str], ...]  #: yours, how much alike, the fix's line
    unpaired: int  #: pairs that are not among them
    tokens: tuple[tuple[str, str], ...]  #: and how rare each is
    terms: tuple[tuple[str, str, str], ...]  #: feature, its value, what it adds
    total: str
    weight: str  #: what the fix's repository counts; empty: whole


class Card(NamedTuple):
    """One finding. All text is safe to show but has yet to be escaped for HTML."""

    id: str  #: within the page
    fingerprint: str
    rule: str
    says: str
    key: str  #: the path, to be found by
    path: str  #: as it is shown
    line: int
    within: str  #: the function that it is in, as far as git can tell; or empty
    before: str  #: the path that the change renames; empty: it renames none
    score: str
    sureness: float  #: the score itself, to be ordered by
    remark: str  #: why it fails nothing; empty: it does
    reason: str | None  #: why it was silenced, in its author's words
    past: Past
    three: ThreeWay
    opinion: Opinion | None
    reasons: Reasons | None
    tokens: tuple[str, ...]  #: the words that it rests on
    ignore: str  #: the directive that silences it

    @property
    def words(self) -> str:
        """What a ticket or a fix is found by."""
        told = [part for one in self.past.tickets for part in (one.link.text, one.title)]
        return " ".join([*told, self.past.sha, self.past.subject])


def card(finding: Finding, id_: str, remark: str = "", lines: int = LINES) -> Card:
    """The finding, to be called ``id_`` within the page. lines: shown of each side, at most."""
    match = finding.match
    return Card(
        id=id_,
        fingerprint=visible(finding.fingerprint),
        rule=match.rule.id,
        says=match.rule.says,
        key=plain(match.hunk.path),
        path=visible(match.hunk.path),
        line=region(match).line,
        within=code(match.hunk.heading.strip()),
        before=visible(match.hunk.old_path) if match.hunk.old_path != match.hunk.path else "",
        score=sentence.score(match.score),
        sureness=round(match.score, 6),
        remark=remark,
        reason=None if finding.reason is None else line(finding.reason),
        past=past(match),
        three=three(match, lines),
        opinion=_opinion(finding, finding.judgement) if finding.judgement else None,
        reasons=_reasons(finding),
        tokens=tuple(map(visible, match.evidence.tokens)),
        ignore=f"bugguard: ignore[{visible(silence_id(match))}] reason",
    )


def past(match: Match) -> Past:
    """The fix, and which of its hunks is meant."""
    fix, hunk = match.fix, match.pattern.hunk
    subject = sentence.subject(fix)
    whole = fix.message.strip().split("\n")
    body = whole if subject.endswith("…") else whole[1:]
    while body and not body[0].strip():
        body.pop(0)
    return Past(
        sha=visible(fix.sha),
        short=visible(fix.short),
        day=iso_date(fix.time)[:10],
        subject=visible(subject),
        path=visible(hunk.path),
        within=code(hunk.heading.strip()),
        repository=line(fix.repository, 200) or ("another repository" if match.foreign else ""),
        foreign=match.foreign,
        tickets=tuple(map(_ticket, fix.tickets[:TICKETS])),
        further=len(fix.tickets[TICKETS:]),
        message=tuple(map(code, body[:MESSAGE])),
    )


def _ticket(one: Named) -> Ticket:
    source = _SOURCES.get(one.source, one.source)
    return Ticket(link(one.id, one.url), line(one.title), line(source))


def _opinion(finding: Finding, judgement: Judgement) -> Opinion:
    first = next(judged.rows(finding))
    repair = (judgement.suggestion or "").split("\n")[2:]  # whose file it is stands above
    return Opinion(
        verdict=line(first.text),
        explanation=paragraphs(judgement.explanation),
        quotes=tuple(
            Quote(line(where), tuple(map(code, quote.split("\n"))))
            for quote, where in judgement.evidence
        ),
        repair=tuple(map(_marked, repair)),
    )


def _marked(text: str) -> tuple[str, str]:
    return {"+": "new", "-": "gone"}.get(text[:1], "same"), code(text)


def _reasons(finding: Finding) -> Reasons | None:
    made = finding.why
    if made is None:
        return None
    trust = finding.match.evidence.trust
    return Reasons(
        channel=made.channel.says,
        pairs=tuple(
            (_flat(pair.yours), _alike(pair.similarity), _flat(pair.fix))
            for pair in made.pairs[:PAIRS]
        ),
        unpaired=len(made.pairs[PAIRS:]),
        tokens=tuple(
            (visible(token), f"{times:,} of {made.commits:,}")
            for token, times in made.tokens.items()
        ),
        terms=tuple(_terms(finding)),
        total=f"{why.total(finding):+.2f}",
        weight="" if trust == 1 else f"{trust:g}",
    )


def _flat(marked: str) -> str:
    """A line of code without its indentation, behind its marker."""
    return code(f"{marked[:1]} {marked[1:].strip()}")


def _alike(similarity: float) -> str:
    return "same" if similarity == 1 else f"{similarity:.2f}"


def _terms(finding: Finding) -> Iterator[tuple[str, str, str]]:
    """None where the score is no sum."""
    if not finding.match.evidence.contributions:
        return
    for term in why.terms(finding):
        logit = f"{term.logit:+.2f}"
        if logit[1:] != "0.00":  # what adds nothing is no reason
            yield visible(term.says), f"{term.value:.2f}", logit
    constant = finding.match.evidence.constant
    yield "where every score of this kind starts", "", f"{constant:+.2f}"
