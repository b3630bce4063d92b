"""JUnit's XML, as Jenkins, GitLab and Azure Pipelines read it: each finding is a failed test.

Checked against the schema of Jenkins' xUnit plugin. GitLab shows ``classname`` as the suite and the
content of ``failure`` as what went wrong, and drops a test whose class and name it has had already.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET  # only builds: nothing is parsed here

from bugguard.report import excerpt
from bugguard.report.escape import terminal
from bugguard.report.model import Report
from bugguard.report.region import region
from bugguard.report.sentence import ids, lines, opening, standing
from bugguard.report.told import Standing, Told, told
from bugguard.report.words import count

CODE = 12  #: lines of each side that a failure quotes

# All that XML 1.0 allows, and no escape can bring in more.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The report as one ``testsuite``, ending with a newline; pure ASCII.

    What fails nothing (silenced, taken for unrelated, only suggested) is a skipped test. Where
    nothing fails there is a test that passed, since an empty suite is no good news anywhere.
    """
    listed = told(report, silenced=True)
    failures = sum(one.standing is Standing.ALARM for one in listed)
    suite = ET.Element("testsuite", {
        "name": "bugguard",
        "tests": str(len(listed) + (not failures)),
        "failures": str(failures),
        "errors": "0",
        "skipped": str(len(listed) - failures),
        "time": f"{report.stats.seconds:.3f}",
    })  # fmt: skip
    if not failures:
        ET.SubElement(suite, "testcase", classname="bugguard", name="no past bug comes back")
    for one in listed:
        _case(suite, one)
    checked = (
        f"{report.stats.looked} checked against "
        f"{count(report.index.fixes, 'past fix', 'past fixes')}"
    )
    _text(ET.SubElement(suite, "system-out"), "\n".join([checked, *map(terminal, report.notes)]))
    ET.indent(suite)
    text = ET.tostring(suite, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _case(suite: ET.Element, one: Told) -> None:
    finding, match = one.finding, one.finding.match
    ticket = ids(match.fix)
    # Without the line: the same finding is the same test as long as its fingerprint is.
    name = (
        f"{match.rule.id} {match.rule.says}{f' {ticket}' if ticket else ''} [{finding.fingerprint}]"
    )
    path = _legal(terminal(match.hunk.path))
    case = ET.SubElement(suite, "testcase", classname=path, name=_legal(name))
    if one.standing is not Standing.ALARM:
        skipped = ET.SubElement(case, "skipped", message=standing(one))
        _text(skipped, "\n".join([f"{path}:{region(match).line}", *lines(one)]))
        return
    message = _legal(opening(finding))
    failure = ET.SubElement(case, "failure", type=match.rule.id, message=message)
    then, yours = excerpt.fix(match, CODE), excerpt.yours(match, CODE)
    code = ["", "The fix:", *then, "", "Yours:", *yours]
    _text(failure, "\n".join([f"{path}:{region(match).line}", *lines(one), *code]))


def _text(element: ET.Element, text: str) -> None:
    element.text = _legal(text)


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
