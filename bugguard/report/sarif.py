"""SARIF 2.1.0, as GitHub code scanning and other readers of the standard take it.

GitHub's rules are those of its page "SARIF support for code scanning".
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from bugguard.domain import FixCommit, Rule
from bugguard.report import judged
from bugguard.report.ascii_json import dumps
from bugguard.report.escape import encodable
from bugguard.report.model import Report, iso_date
from bugguard.report.region import Region, region, surroundings
from bugguard.report.sarif_rules import INFORMATION, rules
from bugguard.report.sentence import lines, short
from bugguard.report.told import Standing, Told, confirmed, most, told
from bugguard.report.words import count

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
RESULTS = 25_000  #: in one run: GitHub refuses a file with more
FINGERPRINT = "bugguardFingerprint/v1"  #: GitHub's own key is left for it to fill
REASON = 500  #: columns of why a finding was silenced

_RULES = list(Rule)
_SEMANTIC = re.compile(r"\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?", re.ASCII)


def render(report: Report, *, silenced: bool = True, limit: int = RESULTS) -> str:
    """The report as a SARIF log of one run, ending with a newline; pure ASCII.

    What depends on the clock is left out, so the same report gives the same bytes. Candidates are
    not in it.

    silenced: whether findings that directives set aside are in it, marked as suppressed. GitHub
    passes over that mark and shows them as any other.
    limit: how many results it may have; the weakest go, and the log says how many.
    """
    everything = told(report, silenced=silenced)
    kept = most(everything, limit)
    dropped = len(everything) - len(kept)
    driver: dict[str, Any] = {
        "name": "bugguard",
        "version": report.version,
        "informationUri": INFORMATION,
        "rules": rules(),
    }
    if _SEMANTIC.fullmatch(report.version):
        driver["semanticVersion"] = report.version
    # No automationDetails: GitHub's upload fills them with the category that the workflow asks
    # for, and only where there are none. No versionControlProvenance: nobody here knows for sure
    # which commit the checked files will be.
    run = {
        "tool": {"driver": driver},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": _notifications(report, dropped),
            }
        ],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The repository's root."}}},
        "columnKind": "utf16CodeUnits",
        "results": [_result(one) for one in kept],
        "properties": {
            "index": {
                "patterns": report.index.patterns,
                "fixes": report.index.fixes,
                "encoder": report.index.encoder,
                "head": report.index.head,
            },
            "hunks": report.stats.hunks,
            "skipped": len(report.stats.skipped),
            "suppressed": len(report.suppressed),
            "dropped": dropped,
        },
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _notifications(report: Report, dropped: int) -> list[dict[str, Any]]:
    texts = [(note, "note") for note in report.notes]
    if report.judged is not None:
        texts += [(line, "note") for line in judged.summary(report.judged)]
    if dropped:
        left = count(dropped, "result was", "results were")
        said = f"{left} left out, the weakest, since code scanning takes no more in one run."
        texts.append((said, "warning"))
    return [
        {"message": {"text": _message([short(text, 2_000)])}, "level": level}
        for text, level in texts
        if text.strip()
    ]


def _result(one: Told) -> dict[str, Any]:
    finding, match = one.finding, one.finding.match
    uri = _uri(match.hunk.path)
    result: dict[str, Any] = {
        "ruleId": match.rule.id,
        "ruleIndex": _RULES.index(match.rule),
        "level": _level(one),
        "rank": round(100 * min(max(match.score, 0.0), 1.0), 2),
        "message": {"text": _message(lines(one))},
        "locations": [{"physicalLocation": _place(uri, region(match))}],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
    }
    # Only what stands at this change's own place is known to be in the tree that it makes.
    here = match.pattern.path == match.hunk.path and not match.foreign
    context = surroundings(match.hunk) if here else None
    if context is not None:
        said = f"The code that {short(match.fix.short)} repaired."
        place = _place(uri, context)
        result["relatedLocations"] = [
            {"id": 1, "physicalLocation": place, "message": {"text": _message([said])}}
        ]
        result["message"]["text"] += "\n[The code that it repaired](1)"
    if one.standing is Standing.SILENCED:
        result["suppressions"] = [
            {
                "kind": "inSource",
                "justification": short(one.finding.reason or "beside the code", REASON),
            }
        ]
    result["properties"] = {
        "score": round(match.score, 4),
        "fix": _fix(match.fix, match.pattern.path),
        "judgement": judged.document(finding.judgement),
        "downgraded": finding.downgraded,
        "suggested": one.standing is Standing.SUGGESTED,
    }
    return result


def _level(one: Told) -> str:
    if one.standing is not Standing.ALARM:
        return "note"
    return "error" if confirmed(one.finding) else "warning"


def _place(uri: str, at: Region) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": at.line,
            "startColumn": at.column,
            "endLine": at.end_line,
            "endColumn": at.end_column,
        },
    }


def _uri(path: str) -> str:
    """The path as a relative reference: its own bytes, where they were not UTF-8 too."""
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = encodable(path).encode()
    # A colon in the first part would begin a scheme, a slash at the front another root.
    return quote(data, safe="/").lstrip("/") or "."


def _message(told: list[str]) -> str:
    """Plain text of which no stranger's word is a link or a placeholder (sections 3.11.5, 6).

    Braces alone stay as they are: the readers that there are do not take doubled ones apart
    where no arguments are given.
    """
    text = "\n".join(told).replace("](", "] (")
    return re.sub(r"\{(\d+)\}", r"{{\1}}", text)


def _fix(fix: FixCommit, path: str) -> dict[str, Any]:
    return {
        "sha": fix.sha,
        "date": iso_date(fix.time),
        "subject": fix.subject,
        "path": path,
        "repository": fix.repository,
        "tickets": [
            {"id": one.id, "title": one.title, "url": one.url, "source": one.source}
            for one in fix.tickets
        ],
    }
