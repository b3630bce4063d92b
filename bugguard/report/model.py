"""All that a report can say of one run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from bugguard.domain import Finding, Skipped


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What the change was checked against."""

    patterns: int
    fixes: int  #: of a commit of the past: those that were known then
    encoder: str
    head: str  #: the commit up to which history was learned; empty while nothing was


@dataclass(frozen=True, slots=True)
class Stats:
    """What was looked at and what it cost."""

    hunks: int
    seconds: float
    skipped: tuple[Skipped, ...] = ()
    escalated: int = 0  #: matches put to the judge
    llm_calls: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """One run's result, before any format."""

    version: str  #: bugguard's own
    index: IndexFacts
    findings: tuple[Finding, ...]
    stats: Stats
    #: below the threshold, best first; None: not asked for
    candidates: tuple[Finding, ...] | None = None
    suppressed: tuple[Finding, ...] = ()  #: silenced by a directive in the code
    notes: tuple[str, ...] = ()  #: one-line remarks


def ordered(findings: tuple[Finding, ...]) -> list[Finding]:
    """Findings as every format lists them: by path and line, the surest first."""
    return sorted(
        findings,
        key=lambda finding: (
            finding.match.hunk.path,
            finding.match.line,
            -finding.match.score,
            finding.fingerprint,
        ),
    )


def iso_date(seconds: int) -> str:
    """Seconds since the epoch as ``2021-12-17T15:53:11Z``; empty if no calendar has the day."""
    try:
        when = datetime.fromtimestamp(seconds, tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        return ""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
