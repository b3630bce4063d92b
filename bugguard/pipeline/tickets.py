"""Commits joined to tickets, and what that makes of them.

The tickets decide beside the message: a commit that answers nothing but features and duplicates is
no bug fix, whatever it says; one that a bug's own merge request brought in is one, though it does
not say so. All of it is a function of the commit, the settings and the tickets, so that an update
and a rebuild learn the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from bugguard.domain import Ticket
from bugguard.domain.tickets import TicketRecord
from bugguard.history.fixes import Decision, judge_message
from bugguard.history.tickets import Reference, TicketRules, find, linked, tickets
from bugguard.pipeline.answering import answered
from bugguard.pipeline.leads import Leads
from bugguard.tickets.kinds import Kind, KindRules
from bugguard.tickets.lookup import Linked

if TYPE_CHECKING:
    from bugguard.pipeline.sources import Lesson

NO_BUG = "not-a-bug-ticket"
BUG = "bug-ticket"
BUGS_ONLY = "bugs-only"
#: For which reasons a message that is no fix's can be overruled by a bug's ticket: what says that
#: it is a merge, a revert, a version or prose is that all the same.
_OPEN = frozenset(("no-fix-word", "weak", "feature"))
_LESSER = frozenset(("other-work", "chore"))
_FIRM = frozenset(("merge", "excluded"))


class Judged(NamedTuple):
    """A commit as it is to be learned."""

    decision: Decision
    tickets: tuple[Ticket, ...]  #: empty where nothing is remembered of it


class Joined(NamedTuple):
    """A ticket of a commit."""

    ticket: Ticket  #: as findings quote it
    record: TicketRecord | None  #: None: only the reference is known
    answers: bool = True  #: whether the commit answers it, rather than mention it
    explicit: bool = False  #: whether a link names the commit itself


@dataclass(frozen=True)
class Join:
    """The tickets of one repository's commits."""

    leads: Leads
    rules: TicketRules
    kinds: KindRules
    bugs_only: bool = False  #: whether a commit without a bug's ticket is no fix

    @property
    def digest(self) -> str:
        """Equal for joins that give the same; empty where no ticket is known at all."""
        known = self.leads.known.digest()
        if not known:
            return ""
        told = (known, self.leads.homes, self.kinds.bug, self.kinds.other)
        return blake2b(repr(told).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()

    def tickets(self, sha: str, message: str) -> tuple[Joined, ...]:
        """The commit's tickets: by explicit links first, then as its message names them."""
        explicit = self.leads.known.answered(sha)
        references = find(message, self.rules.patterns)
        named = linked(references, self.leads.remote, self.rules)
        direct = answered(message, references)
        found: dict[object, Joined] = {}
        for one in explicit:
            found.setdefault(one.record.key, self._explicit(one))
        for reference, ticket in zip(references, named, strict=True):
            self._add(found, reference, ticket, reference.text in direct)
        return tuple(found.values())

    def decide(self, decision: Decision, joined: tuple[Joined, ...]) -> Decision:
        """What the tickets make of what the message says."""
        if decision.reason in _FIRM:
            return decision
        kinds = [(one, *self.kinds.kind(one.record)) for one in joined if one.record]
        bugs = [(one, because) for one, kind, because in kinds if kind is Kind.BUG]
        if decision.remembered and decision.reason != "configured" and not bugs:
            own = [(one, kind, because) for one, kind, because in kinds if one.answers]
            if own and all(kind is Kind.OTHER for _, kind, _ in own):
                return Decision(False, NO_BUG, _because(own[0][0], own[0][2]))
        told = [(one, because) for one, because in bugs if one.explicit]
        if told and not decision.remembered and decision.reason in _OPEN | _LESSER:
            is_open = decision.reason in _OPEN
            decision = Decision(is_open, BUG, _because(*told[0]), lesser=not is_open)
        if self.bugs_only and decision.remembered and not bugs:
            return Decision(False, BUGS_ONLY)
        return decision

    def _explicit(self, link: Linked) -> Joined:
        record = link.record
        source = f"{record.source}: {link.why or 'named by its tracker'}"
        ticket = Ticket(self.leads.written(record), record.title, record.url, source)
        return Joined(ticket, record, explicit=True)

    def _add(
        self, found: dict[object, Joined], reference: Reference, ticket: Ticket, answers: bool
    ) -> None:
        itself = False
        for record, why in self.leads.follow(reference):
            itself = itself or not why
            known = found.get(record.key)
            if known is not None:
                if not why:  # people silence it and look it up as they wrote it
                    found[record.key] = known._replace(
                        ticket=replace(known.ticket, id=ticket.id, url=record.url or ticket.url),
                        answers=known.answers or answers,
                    )
                continue
            joined = Ticket(
                id=self.leads.written(record) if why else ticket.id,
                title=record.title,
                url=record.url or ("" if why else ticket.url),
                source=f"{record.source}: {f'{why} ({ticket.source})' if why else ticket.source}",
            )
            found[record.key] = Joined(joined, record, answers)
        if not itself:
            found.setdefault(reference.text, Joined(ticket, None, answers))


def judged(lesson: Lesson, sha: str, message: str, parents: int) -> Judged:
    """What is learned of the commit with this message and number of parents, and its tickets."""
    decision = judge_message(message, parents, lesson.fixes)
    join = lesson.join
    if join is None:
        named = tickets(message, lesson.remote, lesson.tickets) if decision.remembered else ()
        return Judged(decision, named)
    if not decision.remembered and not join.leads.known.answered(sha):
        return Judged(decision, ())  # by far the most commits
    joined = join.tickets(sha, message)
    decision = join.decide(decision, joined)
    return Judged(decision, tuple(one.ticket for one in joined) if decision.remembered else ())


def _because(joined: Joined, word: str) -> str:
    return f"{joined.ticket.id} {word}".strip()
