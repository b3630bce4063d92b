"""What a report tells, in one list: findings, and what a judge alone takes for a repeat."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from bugguard.domain import Finding
from bugguard.report.model import Report, ordered


class Standing(Enum):
    """How much one weighs; the least number is the most."""

    ALARM = 0  #: fails a commit
    SUGGESTED = 1  #: a judge alone takes it for a repeat, which fails nothing
    UNRELATED = 2  #: a judge takes it for unrelated: it is shown, and fails nothing
    SILENCED = 3  #: by a directive in the code


class Told(NamedTuple):
    """One finding with its standing."""

    finding: Finding
    standing: Standing


def told(report: Report, *, silenced: bool = False) -> list[Told]:
    """All that is told, in every format's order; silenced: with what directives set aside."""
    standings = {id(one): Standing.SUGGESTED for one in report.suggested or ()}
    listed = (*report.findings, *(report.suggested or ()))
    if silenced:
        standings |= {id(one): Standing.SILENCED for one in report.suppressed}
        listed += report.suppressed
    return [Told(one, standings.get(id(one), _own(one))) for one in ordered(listed)]


def _own(finding: Finding) -> Standing:
    return Standing.UNRELATED if finding.downgraded else Standing.ALARM


def strongest(listed: Iterable[Told]) -> list[Told]:
    """The weightiest first, of equal ones the surest; what a limit cuts off is the end."""
    return sorted(listed, key=lambda one: (one.standing.value, -one.finding.match.score))


def most(listed: list[Told], limit: int) -> list[Told]:
    """The strongest ``limit`` of them, in the order that they have."""
    if len(listed) <= limit:
        return listed
    kept = {id(one.finding) for one in strongest(listed)[:limit]}
    return [one for one in listed if id(one.finding) in kept]


def confirmed(finding: Finding) -> bool:
    """Whether a judge read it and found the past bug again."""
    return finding.judgement is not None and finding.judgement.verdict == "repeats"
