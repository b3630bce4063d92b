"""The report of a check or a scan as a page."""

from __future__ import annotations

from collections.abc import Sequence

from bugguard.report.html.cards import Card
from bugguard.report.html.groups import Group, groups, repositories
from bugguard.report.html.overview import overview
from bugguard.report.html.page import write
from bugguard.report.html.timeline import timeline
from bugguard.report.model import Report


def render(report: Report) -> str:
    """The report as one HTML file, ending with a newline; lone surrogates are shown as escapes.

    At most :data:`~bugguard.report.html.groups.SHOWN` findings are in it, the surest, and it says
    how many are not.
    """
    sections = groups(report)
    cards = [card for group in sections for card in group.cards]
    return write(
        "report.html.j2",
        overview=overview(report),
        groups=sections,
        rules=_rules(cards),
        repositories=repositories(cards),
        total=len(cards),
        timeline=timeline(_concerned(sections)),
    )


def _concerned(sections: Sequence[Group]) -> list[Card]:
    """What is set aside is not what the report is about."""
    return [card for group in sections if not group.folded for card in group.cards]


def _rules(cards: Sequence[Card]) -> list[tuple[str, str]]:
    return sorted({(card.rule, card.says) for card in cards})
