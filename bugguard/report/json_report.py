"""The JSON contract, version 1. Programs rely on it: fields may be added, never changed."""

from __future__ import annotations

from typing import Any

from bugguard.domain import Finding
from bugguard.report import judged, why
from bugguard.report.ascii_json import dumps
from bugguard.report.model import Judged, Report, iso_date, ordered

VERSION = 1


def render(report: Report) -> str:
    """The report as JSON text, ending with a newline; pure ASCII, so that no locale can spoil it.

    ``candidates``, ``suggested``, ``stats.judge``, and ``why`` of a finding, are there only if they
    were asked for; ``stats.stale`` only where it can be known.
    """
    document: dict[str, Any] = {
        "version": VERSION,
        "tool": {"name": "bugguard", "version": report.version},
        "index": {
            "patterns": report.index.patterns,
            "fixes": report.index.fixes,
            "encoder": report.index.encoder,
            "head": report.index.head,
        },
        "findings": [_finding(finding) for finding in ordered(report.findings)],
    }
    document["suppressed"] = [
        _finding(finding) | {"reason": finding.reason} for finding in report.suppressed
    ]
    if report.candidates is not None:
        document["candidates"] = [_finding(finding) for finding in report.candidates]
    if report.suggested is not None:
        document["suggested"] = [_finding(finding) for finding in report.suggested]
    told = report.judged or Judged("")
    document["stats"] = {
        "hunks": report.stats.hunks,
        "skipped": [
            {"path": skipped.path, "reason": skipped.reason} for skipped in report.stats.skipped
        ],
        "seconds": round(report.stats.seconds, 4),
        "escalated": told.escalated,
        "llm_calls": told.usage.calls,
        "tokens": told.usage.tokens_in + told.usage.tokens_out,
        "suppressed": len(report.suppressed),
        "baseline": len(report.known),
        "muted": len(report.muted),
    }
    if report.stale is not None:
        document["stats"]["stale"] = report.stale
    if report.stats.files is not None:
        document["stats"]["files"] = report.stats.files
    if report.judged is not None:
        document["stats"]["judge"] = judged.stats(report.judged)
    document["notes"] = list(report.notes)
    return dumps(document)


def _finding(finding: Finding) -> dict[str, Any]:
    match = finding.match
    told = {
        "fingerprint": finding.fingerprint,
        "rule": match.rule.id,
        "path": match.hunk.path,
        "line": match.line,
        "end_line": match.end_line,
        "score": round(match.score, 4),
        "yours": list(match.yours),
        "fix": {
            "sha": match.fix.sha,
            "date": iso_date(match.fix.time),
            "subject": match.fix.subject,
            "path": match.pattern.path,
            "repository": match.fix.repository,
            "foreign": match.foreign,
            "tickets": [
                {"id": ticket.id, "title": ticket.title, "url": ticket.url, "source": ticket.source}
                for ticket in match.fix.tickets
            ],
            "buggy": list(match.pattern.buggy),
            "fixed": list(match.pattern.fixed),
        },
        "judgement": judged.document(finding.judgement),
        "downgraded": finding.downgraded,
    }
    reasons = why.document(finding)
    return told if reasons is None else told | {"why": reasons}
