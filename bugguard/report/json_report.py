"""The JSON contract, version 1. Programs rely on it: fields may be added, never changed."""

from __future__ import annotations

import json
from typing import Any

from bugguard.domain import Finding, Judgement
from bugguard.report import why
from bugguard.report.escape import encodable
from bugguard.report.model import Report, iso_date, ordered

VERSION = 1


def render(report: Report) -> str:
    """The report as JSON text, ending with a newline; pure ASCII, so that no locale can spoil it.

    ``candidates``, and ``why`` of a finding, are there only if they were asked for.
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
    if report.candidates is not None:
        document["candidates"] = [_finding(finding) for finding in report.candidates]
    document["stats"] = {
        "hunks": report.stats.hunks,
        "skipped": [
            {"path": skipped.path, "reason": skipped.reason} for skipped in report.stats.skipped
        ],
        "seconds": round(report.stats.seconds, 4),
        "escalated": report.stats.escalated,
        "llm_calls": report.stats.llm_calls,
        "tokens": report.stats.tokens,
        "suppressed": len(report.suppressed),
    }
    document["notes"] = list(report.notes)
    return json.dumps(_encodable(document), indent=2) + "\n"


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
            "tickets": [
                {"id": ticket.id, "title": ticket.title, "url": ticket.url, "source": ticket.source}
                for ticket in match.fix.tickets
            ],
            "buggy": list(match.pattern.buggy),
            "fixed": list(match.pattern.fixed),
        },
        "judgement": _judgement(finding.judgement),
    }
    reasons = why.document(finding)
    return told if reasons is None else told | {"why": reasons}


def _judgement(judgement: Judgement | None) -> dict[str, Any] | None:
    if judgement is None:
        return None
    return {
        "verdict": judgement.verdict,
        "explanation": judgement.explanation,
        "evidence": [{"quote": quote, "where": where} for quote, where in judgement.evidence],
        "suggestion": judgement.suggestion,
        "model": judgement.model,
    }


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {key: _encodable(item) for key, item in value.items()}
    return value
