"""The report for people as plain text: what was repeated, of which fix, and what to do about it.

Files and pipes get this; a terminal gets the same facts by ``report.terminal``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bugguard.domain import Finding, FixCommit
from bugguard.report import view
from bugguard.report.escape import clip, terminal, wrap
from bugguard.report.model import Report
from bugguard.report.view import silence_id as silence_id  # by which others know it

WIDTH = 100  #: columns

_BLANK = " " * 10


def render(report: Report, width: int = WIDTH) -> str:
    """The report as text in lines of about ``width`` columns, ending with a newline.

    Every control character of the repository's own text is shown as an escape.
    """
    blocks: list[str] = []
    for group in view.groups(report):
        blocks += [group.heading] if group.heading else []
        for finding in group.findings:
            voted = [f"  {_command(*view.vote(finding))}"] if group.votes else []
            blocks.append("\n".join([*_finding(finding, width), *voted]))
    body = "\n\n".join(blocks) + "\n" if blocks else ""
    return body + "\n".join(view.summary(report)) + "\n"


def brief(report: Report, width: int) -> str:
    """A report of no findings, in lines of at most ``width`` columns, ending with a newline."""
    lines = [part for line in view.summary(report) for part in wrap(line, max(width, 20))]
    return "\n".join(lines) + "\n"


def _finding(finding: Finding, width: int) -> Iterator[str]:
    match, fix = finding.match, finding.match.fix
    told = (f"   {remark}" for remark in view.remarks(finding))
    place = f"{terminal(match.hunk.path)}:{match.line}"
    yield f"{place}  {match.rule.id} {match.rule.says}{''.join(told)}"
    yield "  " + _headline(fix, width - 2)
    yield from (f"  {terminal(one)}" for one in (view.origin(match), view.url(fix)) if one)
    yield from _titles(fix, width)
    for side in view.sides(match):
        shown = [f"{line.mark} {line.text}" for line in side.lines] or [side.instead]
        yield from _block(side.label, [line for line in shown if line], width)
    for row in view.rows(finding):
        room = max(width - len(_BLANK), 20)
        lines = wrap(terminal(" ".join(row.text.split())), room) if row.wraps else [row.text]
        yield from _block(row.label, lines, width)
    yield "  " + "     ".join(_command(*command) for command in view.commands(finding))


def _command(why: str, command: str) -> str:
    return f"{why}: {command}"


def _headline(fix: FixCommit, width: int) -> str:
    """Ticket ids, subject, sha and date; only the subject gives way where it is too long."""
    tickets, more = view.named(fix)
    front = ", ".join(ticket.id for ticket in tickets) + more
    front = terminal(f"{front} " if front else "")
    back = f"  {view.when(fix)}"
    room = max(width - len(front) - len(back), 20)
    return front + clip(terminal(view.subject(fix)), room) + back


def _titles(fix: FixCommit, width: int) -> Iterator[str]:
    """What the tickets' own records call the bug, where the subject does not say it too."""
    label = "ticket"
    for ticket in view.titled(fix):
        name = clip(terminal(ticket.id), 40)
        room = max(width - len(_BLANK) - len(name) - 1, 20)
        lines = wrap(terminal(ticket.title), room)
        if len(lines) > view.LINES:
            most = view.LINES - 1
            lines = [*lines[:most], clip("".join(lines[most:]), room)]
        yield from _block(label, [f"{name} {lines[0]}", *lines[1:]], width)
        label = ""


def _block(label: str, lines: Sequence[str], width: int) -> Iterator[str]:
    for place, line in enumerate(lines):
        head = f"  {label:<8}" if place == 0 else _BLANK
        yield head + clip(terminal(line), max(width - len(head), 20))
