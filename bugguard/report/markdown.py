"""Markdown for a comment on a pull or merge request, or for a job's summary."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bugguard.domain import Finding, Match
from bugguard.report import excerpt, judged
from bugguard.report.escape import terminal
from bugguard.report.markup import code, fence, link, prose
from bugguard.report.model import Report, iso_date
from bugguard.report.region import region
from bugguard.report.sentence import EXPLANATION, TICKETS, score, short, standing, subject
from bugguard.report.text import silence_id
from bugguard.report.told import Standing, Told, strongest, told
from bugguard.report.words import count

MARKER = "<!-- bugguard -->"  #: by which a comment is found again; no stranger's text can be it
GITHUB = 65_536  #: characters that a comment may have there
GITLAB = 1_000_000  #: and there
OPEN = 10  #: findings shown unfolded
CODE = 12  #: lines of each side that are quoted
REMARKS = 20  #: lines about the run itself

_RESERVE = 400  #: characters kept for what stands between and behind the findings


def render(report: Report, limit: int = GITHUB) -> str:
    """The report as Markdown of fewer than ``limit`` characters, ending with a newline.

    The strongest findings are shown, the rest is folded; what does not fit is counted.
    limit: at least 1,000.
    """
    listed = told(report)
    top = f"{MARKER}\n## bugguard: {_heading(report, listed)}\n\n{_summary(report)}\n"
    foot = "".join(f"- {prose(line)}\n" for line in islice(_remarks(report), REMARKS))
    if len(top) + len(foot) + _RESERVE >= limit:
        foot = ""
    sections: dict[int, str] = {}
    room = limit - len(top) - len(foot) - _RESERVE
    for one in strongest(listed):
        section = _section(one)
        if len(section) >= room:
            break
        sections[id(one.finding)] = section
        room -= len(section) + 1
    first = {id(one.finding) for one in strongest(listed)[:OPEN]}
    shown = [one for one in listed if id(one.finding) in sections]
    blocks = [sections[id(one.finding)] for one in shown if id(one.finding) in first]
    folded = [sections[id(one.finding)] for one in shown if id(one.finding) not in first]
    if folded:
        more = count(len(folded), "more finding")
        blocks.append("\n".join([f"<details><summary>{more}</summary>\n", *folded, "</details>\n"]))
    if len(listed) > len(shown):
        missing = count(len(listed) - len(shown), "finding does", "findings do")
        blocks.append(f"{missing} not fit here, the weakest: `bugguard check` shows all.\n")
    return "\n".join([top, *blocks, *([foot] if foot else [])])


def _heading(report: Report, listed: list[Told]) -> str:
    alarms = sum(one.standing is Standing.ALARM for one in listed)
    return count(alarms, "finding") if alarms else "no past bug comes back"


def _summary(report: Report) -> str:
    fixes = count(report.index.fixes, "past fix", "past fixes")
    told = f"{report.stats.looked} checked against {fixes}"
    downgraded = sum(finding.downgraded for finding in report.findings)
    if report.suggested:
        told += f", {len(report.suggested):,} suggested by a judge alone"
    if downgraded:
        told += f", {downgraded:,} taken for unrelated by a judge"
    if report.suppressed:
        told += f", {len(report.suppressed):,} silenced"
    if report.stats.skipped:
        told += f", {count(len(report.stats.skipped), 'file')} skipped"
    return told + "."


def _remarks(report: Report) -> Iterator[str]:
    for note in report.notes:
        yield "note: " + short(note)
    if report.judged is not None:
        yield from map(short, judged.summary(report.judged))


def _section(one: Told) -> str:
    finding, match = one.finding, one.finding.match
    place = code(f"{short(match.hunk.path)}:{region(match).line}")
    said = f"score {score(match.score)}"
    parts = [
        f"### {place} {match.rule.id} {match.rule.says}, {said}",
        _past(match),
        "The fix:\n" + fence(excerpt.fix(match, CODE)),
        "Yours:\n" + fence(excerpt.yours(match, CODE)),
        *_judged(finding),
        standing(one),
        _after(match),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _past(match: Match) -> str:
    fix = match.fix
    links = [_ticket(t.id, t.title, t.url) for t in fix.tickets[:TICKETS]]
    more = f" +{len(fix.tickets) - TICKETS}" if fix.tickets[TICKETS:] else ""
    day = iso_date(fix.time)[:10]
    ids = ", ".join(links) + more
    said = f"{prose(subject(fix))} ({code(short(fix.short))}{', ' if day else ''}{day})"
    said += f" in {code(short(fix.repository) or 'another repository')}" if match.foreign else ""
    return f"Past fix: {f'{ids}: ' if ids else ''}{said}"


def _ticket(id_: str, title: str, url: str) -> str:
    told = link(short(id_), url)
    return f"{told} {prose(short(title))}" if title.strip() else told


def _judged(finding: Finding) -> Iterator[str]:
    judgement = finding.judgement
    if judgement is None:
        return
    verdict, *_ = judged.rows(finding)
    explained = prose(short(judgement.explanation, EXPLANATION))
    yield f"**Judge:** {prose(short(verdict.text))}. {explained}".rstrip()
    yield "\n".join(
        f"- {prose(short(where))}: {code(short(quote))}"
        for quote, where in judgement.evidence[: judged.QUOTES]
    )
    repair = (judgement.suggestion or "").split("\n")[2:]  # whose file it is stands above
    if repair:
        cut = [excerpt.cut(terminal(line), excerpt.WIDTH) for line in repair[: judged.REPAIR]]
        if repair[judged.REPAIR :]:
            cut.append(f"… and {count(len(repair) - judged.REPAIR, 'more line')}")
        yield "It suggests:\n" + fence(cut)


def _after(match: Match) -> str:
    name = short(silence_id(match))
    return (
        f"Whole fix: {code(f'bugguard show {short(match.fix.short)}')}. If the change is right, "
        f"say so beside the code: {code(f'bugguard: ignore[{name}] reason')}"
    )
