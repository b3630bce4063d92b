"""What a page says of the whole run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from bugguard.report import judged
from bugguard.report.html.visible import line, visible
from bugguard.report.model import Report
from bugguard.report.words import count

SKIPPED = 500  #: files listed


class Fact(NamedTuple):
    """A number with its name."""

    value: str
    name: str


class Skips(NamedTuple):
    """Files that nobody looked into."""

    title: str
    files: tuple[tuple[str, str], ...]  #: path, reason
    missing: int  #: files that are not listed


class Overview(NamedTuple):
    """The top of the page and what stands at its end."""

    heading: str
    alarming: bool
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    judge: tuple[str, ...]  #: what asking one took and what went wrong
    skips: Skips | None
    learned: tuple[Fact, ...]  #: what it was checked against


_NOTHING = "Nothing was checked"  #: which is no clean bill of health


def overview(report: Report) -> Overview:
    """In plain words."""
    alarms = sum(not finding.downgraded for finding in report.findings)
    calm = "No past bug comes back" if report.stats.files or report.stats.hunks else _NOTHING
    return Overview(
        heading=count(alarms, "finding") if alarms else calm,
        alarming=bool(alarms),
        facts=tuple(_facts(report)),
        notes=tuple(map(line, report.notes)),
        judge=tuple(map(line, judged.summary(report.judged))) if report.judged else (),
        skips=_skips(report) if report.stats.skipped else None,
        learned=(
            Fact(f"{report.index.patterns:,}", "patterns"),
            Fact(line(report.index.encoder) or "none", "encoder"),
            Fact(line(report.index.head)[:12] or "nothing", "learned up to"),
            Fact(f"{report.stats.seconds:.2f} s", "taken"),
            Fact(line(report.version), "bugguard's version"),
        ),
    )


def _facts(report: Report) -> Iterator[Fact]:
    files, hunks = report.stats.files, report.stats.hunks
    if files is None:
        yield Fact(f"{hunks:,}", "hunk checked" if hunks == 1 else "hunks checked")
    else:
        yield Fact(f"{files:,}", "file scanned" if files == 1 else "files scanned")
    fixes = report.index.fixes
    yield Fact(f"{fixes:,}", "past fix known" if fixes == 1 else "past fixes known")
    unrelated = sum(finding.downgraded for finding in report.findings)
    for number, name in (
        (unrelated, "taken for unrelated by a judge"),
        (len(report.suggested or ()), "suggested by a judge alone"),
        (len(report.suppressed), "silenced"),
        (len(report.known), "known by the baseline"),
        (report.stale or 0, "in the baseline found no more"),
        (len(report.muted), "muted"),
        (len(report.stats.skipped), "files skipped"),
    ):
        if number:
            yield Fact(f"{number:,}", name)


def _skips(report: Report) -> Skips:
    skipped = report.stats.skipped
    reasons = Counter(one.reason for one in skipped)
    told = ", ".join(f"{times:,} {line(why)}" for why, times in reasons.most_common(10))
    return Skips(
        f"{count(len(skipped), 'file')} skipped: {told}",
        tuple((visible(one.path), line(one.reason)) for one in skipped[:SKIPPED]),
        max(len(skipped) - SKIPPED, 0),
    )
