"""The report for people: what was repeated, of which fix, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from bugguard.domain import Finding, FixCommit, Match
from bugguard.report import judged, why
from bugguard.report.escape import clip, terminal, wrap
from bugguard.report.model import Report, iso_date, ordered
from bugguard.report.words import count

Paint = Callable[[str, str], str]
"""Called with (text, role) to colour it; roles: path, rule, dim, then, fixed, yours, plain."""

WIDTH = 100  #: columns, where the terminal does not say

_LINES = 3  #: shown of each side; ``bugguard show`` has them all
_TICKETS = 3
_BLANK = " " * 10
_MARKS = {"+": ">", "-": "-"}  #: of the change's own lines; context has none


def plain(text: str, role: str) -> str:
    """The :data:`Paint` of files and pipes: none."""
    return text


def render(report: Report, width: int = WIDTH, paint: Paint = plain) -> str:
    """The report as text for a terminal of ``width`` columns, ending with a newline.

    Every control character of the repository's own text is shown as an escape.
    """
    blocks = [
        "\n".join([*_finding(finding, width, paint), _vote(finding, paint)])
        for finding in ordered(report.findings)
    ]
    if report.suggested:
        blocks.append("a judge alone takes these for repeats, and none of them fails a commit:")
        blocks += ["\n".join(_finding(finding, width, paint)) for finding in report.suggested]
    if report.candidates:
        blocks.append("below the threshold:")
        blocks += ["\n".join(_finding(finding, width, paint)) for finding in report.candidates]
    body = "\n\n".join(blocks) + "\n" if blocks else ""
    notes = (f"note: {terminal(note)}" for note in report.notes)
    return body + "\n".join([*_summary(report), *notes]) + "\n"


def silence_id(match: Match) -> str:
    """What names the fix in an ``ignore[...]``: a ticket that can stand there, or the sha.

    Another repository's ``#12`` is not this one's.
    """
    fix = match.fix
    if match.foreign:
        return fix.short
    fits = (ticket.id for ticket in fix.tickets if not set(ticket.id) & set("[], \t\r\n"))
    return next(fits, fix.short)


def _finding(finding: Finding, width: int, paint: Paint) -> Iterable[str]:
    match, fix = finding.match, finding.match.fix
    yield (
        paint(f"{terminal(match.hunk.path)}:{match.line}", "path")
        + f"  {paint(match.rule.id, 'rule')} {match.rule.says}   score {_score(match.score)}"
        + ("   taken for unrelated by a judge" if finding.downgraded else "")
    )
    yield "  " + _headline(fix, width - 2)
    if match.foreign:
        yield paint(f"  in {terminal(fix.repository or 'another repository')}", "dim")
    url = next((ticket.url for ticket in fix.tickets if ticket.url), "")
    if url:
        yield "  " + paint(terminal(url), "dim")
    yield from _titles(fix, width, paint)
    hunk = match.pattern.hunk
    then = [f"- {line}" for line in _flush(_chosen(hunk.removed, match))]
    fixed = [f"+ {line}" for line in _flush(_chosen(hunk.added, match))]
    mine = _chosen(match.yours, match)
    texts = _flush([line[1:] for line in mine])
    yours = [f"{_MARKS.get(line[:1], ' ')} {text}" for line, text in zip(mine, texts, strict=True)]
    yield from _block("then", then or ["(without the lines below)"], width, paint)
    yield from _block("fixed", fixed or ["(without the lines above)"], width, paint)
    yield from _block("yours", yours, width, paint)
    for told in judged.rows(finding):
        room = max(width - len(_BLANK), 20)
        lines = wrap(terminal(" ".join(told.text.split())), room) if told.wraps else [told.text]
        yield from _block(told.label, lines, width, paint, told.role)
    for row in why.rows(finding):
        yield from _block(row.label, [row.text], width, paint, row.role)
    yield paint(
        f"  whole fix: bugguard show {terminal(fix.short)}"
        f"     silence: bugguard: ignore[{terminal(silence_id(match))}] reason",
        "dim",
    )


def _vote(finding: Finding, paint: Paint) -> str:
    return paint(f"  of no use: bugguard feedback {finding.fingerprint} not-useful", "dim")


def _score(score: float) -> str:
    return f"{score:.2f}" if score >= 0.005 else "below 0.01"


def _headline(fix: FixCommit, width: int) -> str:
    """Ticket ids, subject, sha and date; only the subject gives way where it is too long."""
    ids = [ticket.id for ticket in fix.tickets]
    subject = fix.subject
    for ticket in ids:  # hosts append "(#12)" to a subject; it stands in front already
        subject = subject.removesuffix(f" ({ticket})")
    front = ", ".join(ids[:_TICKETS]) + (f" +{len(ids) - _TICKETS}" if ids[_TICKETS:] else "")
    front = terminal(f"{front} " if front else "")
    day = iso_date(fix.time)[:10]
    back = f"  ({terminal(fix.short)}{', ' if day else ''}{day})"
    room = max(width - len(front) - len(back), 20)
    return front + clip(terminal(subject), room) + back


def _titles(fix: FixCommit, width: int, paint: Paint) -> Iterable[str]:
    """What the tickets' own records call the bug, where the subject does not say it too."""
    label = "ticket"
    telling = [one for one in fix.tickets if one.title and one.title not in fix.subject]
    for ticket in telling[:_TICKETS]:
        name = clip(terminal(ticket.id), 40)
        room = max(width - len(_BLANK) - len(name) - 1, 20)
        lines = wrap(terminal(ticket.title), room)
        if len(lines) > _LINES:
            lines = [*lines[: _LINES - 1], clip("".join(lines[_LINES - 1 :]), room)]
        yield from _block(label, [f"{name} {lines[0]}", *lines[1:]], width, paint, "plain")
        label = ""


def _chosen(lines: tuple[str, ...], match: Match) -> list[str]:
    """The few lines that show most of what the match rests on, in their order."""
    telling = [line for line in lines if any(character.isalnum() for character in line)]
    rank = {
        place: -sum(token in line for token in match.evidence.tokens)
        for place, line in enumerate(telling)
    }
    best = sorted(rank, key=lambda place: (rank[place], place))[:_LINES]
    return [telling[place] for place in sorted(best)] or list(lines[:1])


def _flush(lines: list[str]) -> list[str]:
    """The lines without the indentation that they all have; a tab counts as 4 spaces."""
    flat = [line.expandtabs(4).rstrip() for line in lines]
    indent = min((len(line) - len(line.lstrip()) for line in flat), default=0)
    return [line[indent:] for line in flat]


def _block(label: str, lines: list[str], width: int, paint: Paint, role: str = "") -> Iterable[str]:
    for place, line in enumerate(lines):
        head = f"  {label:<8}" if place == 0 else _BLANK
        yield head + paint(clip(terminal(line), max(width - len(head), 20)), role or label)


def _summary(report: Report) -> Iterable[str]:
    files, hunks = report.stats.files, report.stats.hunks
    looked = count(hunks, "hunk") if files is None else count(files, "file")
    text = (
        f"{count(len(report.findings), 'finding')} in {looked},"
        f" checked against {count(report.index.fixes, 'past fix', 'past fixes')}"
        f" in {report.stats.seconds:.2f} s"
    )
    downgraded = sum(finding.downgraded for finding in report.findings)
    if downgraded:
        text += f", {downgraded:,} of them taken for unrelated"
    aside = (
        (len(report.suppressed), "silenced"),
        (len(report.known), "known by the baseline"),
        (report.stale or 0, "in the baseline found no more"),
        (len(report.muted), "muted"),
    )
    text += "".join(f", {number:,} {what}" for number, what in aside if number)
    # A commit of nothing but deletions or docs: nobody is to take that for a clean bill of health.
    nothing = "0 hunks checked" if files is None else "0 files scanned"
    yield text if files or hunks else nothing
    if report.stats.skipped:
        reasons = Counter(skipped.reason for skipped in report.stats.skipped)
        told = ", ".join(f"{times:,} {terminal(why)}" for why, times in reasons.most_common())
        yield f"{count(len(report.stats.skipped), 'file')} skipped: {told}"
    if report.judged is not None:
        yield from map(terminal, judged.summary(report.judged))
