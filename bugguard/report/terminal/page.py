"""The report on a terminal, from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.text import Text

from bugguard.domain import Finding, FixCommit, Match
from bugguard.report import view
from bugguard.report.escape import clip, terminal
from bugguard.report.model import Report
from bugguard.report.terminal import links
from bugguard.report.terminal.differing import Span, differing, found
from bugguard.report.terminal.lines import (
    LEAST,
    STYLES,
    Piece,
    Screen,
    cut,
    drawn,
    flow,
    joined,
    labelled,
    pieces,
    room_of,
    shown,
)

_ROWS = 4  #: of one line of code, one title or subject; ``bugguard show`` has them whole
_COLUMNS = re.compile(r".*\S {2,}(?=\S)")


def render(report: Report, screen: Screen) -> str:
    """The report in lines of at most ``screen.width`` columns (at least 20), newline at the end.

    Tells what the plain text tells, with the lines of the change's file and without its cuts. The
    only escape sequences in it are colours and links, and none where the screen has no colours.
    """
    width = max(screen.width, LEAST)
    lines: list[Text] = []
    for group in view.groups(report):
        if group.heading:
            lines += [*flow([Piece(shown(group.heading, "strong"))], width, 0, 2), Text()]
        for finding in group.findings:
            lines += [*_finding(finding, width, screen), *_footer(finding, group, width), Text()]
    lines += _summary(report, width)
    return drawn(lines, screen)


def _finding(finding: Finding, width: int, screen: Screen) -> Iterator[Text]:
    match, fix = finding.match, finding.match.fix
    path = match.hunk.path
    target = links.file(screen.root, path, match.line) if screen.linking else ""
    place = shown(f"{path}:{match.line}", "path", target)
    rule = joined(shown(match.rule.id, "rule"), Text(f" {match.rule.says}"))
    told = (Piece(shown(remark, "dim"), 3) for remark in view.remarks(finding))
    yield from flow([Piece(place), Piece(rule, 2), *told], width)
    yield from _headline(fix, width, screen)
    origin, address = view.origin(match), view.url(fix)
    if origin:
        yield from flow([Piece(shown(origin, "dim"))], width, 2)
    linked = [
        ticket.url for ticket in view.named(fix)[0] if screen.linking and links.web(ticket.url)
    ]
    if address and address not in linked:
        yield from flow([Piece(shown(address, "dim"))], width, 2)
    yield from _titles(fix, width, screen)
    yield from _code(match, width)
    for row in view.rows(finding):
        yield from labelled(row.label, _row(row, room_of(width)), width)


def _row(row: view.Row, room: int) -> list[Text]:
    if row.wraps:
        return pieces(shown(" ".join(row.text.split()), row.role), room)
    text = cut(shown(row.text, row.role), _ROWS * room)
    # Numbers stand in columns, and what they mean behind them.
    table = _COLUMNS.match(text.plain, 0, room // 2) if row.role == "dim" else None
    return pieces(text, room, hanging=table.end() if table else 0)


def _headline(fix: FixCommit, width: int, screen: Screen) -> Iterator[Text]:
    """Ticket ids, subject, sha and date; only the subject gives way where it is too long."""
    tickets, more = view.named(fix)
    front = Text(", ").join(
        shown(ticket.id, "strong", links.web(ticket.url) if screen.linking else "")
        for ticket in tickets
    )
    front.append(f"{more} " if tickets else "")
    subject = cut(shown(view.subject(fix).rstrip(" ")), _ROWS * width)
    when = Text(view.when(fix), STYLES["dim"])
    yield from flow([Piece(joined(front, subject)), Piece(when, 2)], width, 2)


def _titles(fix: FixCommit, width: int, screen: Screen) -> Iterator[Text]:
    """What the tickets' own records call the bug, where the subject does not say it too."""
    label, room = "ticket", room_of(width)
    for ticket in view.titled(fix):
        link = links.web(ticket.url) if screen.linking else ""
        title = cut(shown(ticket.title), _ROWS * room)
        text = joined(shown(clip(terminal(ticket.id), 40), "dim", link), Text(" "), title)
        yield from labelled(label, pieces(text, room), width)
        label = ""


def _code(match: Match, width: int) -> Iterator[Text]:
    """Then, fixed and yours, one below the other, with the words in which they differ."""
    then, fixed, yours = view.sides(match)
    compared = differing(_escaped(then), _escaped(fixed))
    known = [line.number for line in yours.lines if line.number is not None]
    gutter = max((len(str(number)) + 1 for number in known), default=0)
    own = [
        found(compared.gained if line.mark == "-" else compared.lost, text)
        for line, text in zip(yours.lines, _escaped(yours), strict=True)
    ]
    for side, spans in ((then, compared.before), (fixed, compared.after), (yours, own)):
        lines = list(_side(side, spans, gutter, room_of(width)))
        if not side.lines and side.instead:
            lines = pieces(shown(side.instead, side.label), room_of(width))
        yield from labelled(side.label, lines, width)


def _side(
    side: view.Side, spans: Sequence[Sequence[Span]], gutter: int, room: int
) -> Iterator[Text]:
    """The lines of one side, each with its number, if it has one, and its mark."""
    beside = gutter + 2
    room = max(room - beside, 2)
    for line, text, places in zip(side.lines, _escaped(side), spans, strict=True):
        code = shown(text, side.label)
        for start, end in places:
            code.stylize(STYLES["differs"], start, end)
        number = "" if line.number is None else f"{line.number} "
        mark = Text(f"{line.mark} ", STYLES[side.label])
        front = joined(Text(f"{number:>{gutter}}", STYLES["dim"]), mark)
        indented = min(len(text) - len(text.lstrip(" ")), room // 3)
        for part in pieces(cut(code, _ROWS * room), room, hanging=indented):
            yield joined(front, part)
            front = Text(" " * beside)


def _escaped(side: view.Side) -> list[str]:
    return [shown(line.text).plain for line in side.lines]


def _footer(finding: Finding, group: view.Group, width: int) -> Iterator[Text]:
    told = [Piece(_command(*one), 5) for one in view.commands(finding)]
    yield from flow(told, width, 2, 2)
    if group.votes:
        yield from flow([Piece(_command(*view.vote(finding)))], width, 2, 2)


def _command(why: str, command: str) -> Text:
    return joined(Text(f"{why}: ", STYLES["dim"]), Text(command))


def _summary(report: Report, width: int) -> Iterator[Text]:
    first, *more = view.summary(report)
    state, rest = view.state(first)
    role = "alarm" if report.alarming else "strong"
    for line in (joined(Text(state, STYLES[role]), Text(rest)), *map(Text, more)):
        yield from flow([Piece(line)], width, 0, 2)
