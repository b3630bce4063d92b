"""All that a report can say of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from bugguard.domain import Finding, Skipped, Usage
from bugguard.report.words import count


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
    files: int | None = None  #: of a scan, which looks at whole files and at no hunks

    @property
    def looked(self) -> str:
        """``14 hunks``, or ``3 files`` of a scan."""
        return count(self.hunks, "hunk") if self.files is None else count(self.files, "file")


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of asking a judge."""

    model: str  #: empty: none could be asked
    usage: Usage = field(default_factory=Usage)
    escalated: int = 0  #: matches put to it
    #: why matches were not judged, in a few words without an end, and how many each time
    failures: Mapping[str, int] = field(default_factory=dict)
    survey_failure: str = ""  #: why the past fixes further off were not looked through; empty: done
    hidden: int = 0  #: matches not put to it, as it may not see their files
    silenced: tuple[Finding, ...] = ()  #: not shown, as it takes them for unrelated

    @property
    def unjudged(self) -> int:
        """How many matches were to be judged, and were not."""
        return sum(self.failures.values())


@dataclass(frozen=True, slots=True)
class Report:
    """One run's result, before any format."""

    version: str  #: bugguard's own
    index: IndexFacts
    findings: tuple[Finding, ...]
    stats: Stats
    #: below the threshold, best first; None: not asked for
    candidates: tuple[Finding, ...] | None = None
    suppressed: tuple[Finding, ...] = ()  #: silenced by a directive in the code, with its reason
    known: tuple[Finding, ...] = ()  #: set aside by the baseline
    muted: tuple[Finding, ...] = ()  #: of past fixes that were voted down
    #: how many entries of the baseline are found no more; None: only a look at all could tell
    stale: int | None = None
    notes: tuple[str, ...] = ()  #: one-line remarks
    judged: Judged | None = None  #: None: no judge was wanted, or there was nothing to judge
    #: what a judge alone takes for a repeat, which fails no commit; None: not asked for
    suggested: tuple[Finding, ...] | None = None

    @property
    def alarming(self) -> bool:
        """Whether there is a finding that nobody takes for unrelated."""
        return any(not finding.downgraded for finding in self.findings)


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
    # Not strftime, which writes years before 1000 with fewer digits.
    return when.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
