"""GitLab's Code Quality report: the artifact that a merge request's widget and diff show.

Its shape is that of GitLab's page "Code Quality report format". GitLab stops reading at the first
entry that is not right, so none may be wrong.
"""

from __future__ import annotations

from typing import Any

from bugguard.report.ascii_json import dumps
from bugguard.report.model import Report
from bugguard.report.region import region
from bugguard.report.sentence import opening, short, standing, verdict
from bugguard.report.told import Standing, Told, confirmed, told

_SEVERITIES = {
    Standing.ALARM: "major",
    Standing.SUGGESTED: "minor",
    Standing.UNRELATED: "info",
    Standing.SILENCED: "info",
}


def render(report: Report) -> str:
    """The findings as a JSON array, ending with a newline; ``[]`` where there are none."""
    return dumps([_entry(one) for one in told(report)])


def _entry(one: Told) -> dict[str, Any]:
    finding, match = one.finding, one.finding.match
    place = region(match)
    url = next((short(ticket.url) for ticket in match.fix.tickets if ticket.url), "")
    said = (opening(finding), verdict(finding), standing(one), url)
    sure = one.standing is Standing.ALARM and confirmed(finding)
    return {
        "description": " ".join(filter(None, said)),
        "check_name": f"{match.rule.id} {match.rule.value[1]}",
        "fingerprint": finding.fingerprint,
        "severity": "critical" if sure else _SEVERITIES[one.standing],
        "location": {
            "path": match.hunk.path,
            "lines": {"begin": place.line, "end": place.end_line},
        },
    }
