"""The past fixes that a report is about, on an axis of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from bugguard.report.html.cards import Card, Past

TICKS = 5  #: at most, so that a phone has room for their labels
LANES = 8  #: dots above each other
_APART = 4.6  #: of the width, in percent: what keeps two dots apart on a phone
_EDGE = 5.0  #: left free at both ends
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000)


class Tick(NamedTuple):
    """A label of the axis."""

    x: float  #: percent of the width
    label: str


class Dot(NamedTuple):
    """A past fix on the axis."""

    x: float  #: percent of the width
    lane: int  #: from 0, the lowest
    href: str  #: its only finding, or its place in the list
    rule: str
    title: str


class Entry(NamedTuple):
    """A past fix in the list that says the same in words."""

    id: str
    past: Past
    cards: tuple[Card, ...]  #: its findings, in the page's order


class Timeline(NamedTuple):
    """The axis and the list."""

    entries: tuple[Entry, ...]  #: the oldest first; those of no known day last
    dots: tuple[Dot, ...]  #: empty: there is nothing to compare
    ticks: tuple[Tick, ...]
    lanes: int
    hidden: int  #: fixes that have no room on the axis, and are in the list


def timeline(cards: Iterable[Card]) -> Timeline:
    """Of the past fixes of these findings, each once."""
    by_fix: dict[str, list[Card]] = {}
    for card in cards:
        by_fix.setdefault(card.past.sha, []).append(card)
    some = sorted(by_fix.values(), key=lambda one: (one[0].past.day or "~", one[0].past.sha))
    entries = tuple(
        Entry(f"fix-{place}", own[0].past, tuple(own)) for place, own in enumerate(some, 1)
    )
    dated = [(date.fromisoformat(one.past.day), one) for one in entries if one.past.day]
    if len(dated) < 2:
        return Timeline(entries, (), (), 0, 0)
    first, last = dated[0][0], dated[-1][0]
    dots = _dots(dated, first, last)
    lanes = 1 + max(dot.lane for dot in dots)
    return Timeline(entries, dots, _ticks(first, last), lanes, len(dated) - len(dots))


def _dots(dated: Sequence[tuple[date, Entry]], first: date, last: date) -> tuple[Dot, ...]:
    ends = [-100.0] * LANES
    dots = []
    for day, entry in dated:
        x = _x(day, first, last)
        lane = next((lane for lane, end in enumerate(ends) if x - end >= _APART), None)
        if lane is None:
            continue
        ends[lane] = x
        own = entry.cards
        found = own[0].path if len(own) == 1 else f"{len(own)} findings"
        title = f"{entry.past.day}: {entry.past.named} {entry.past.subject}, {found}"
        href = own[0].id if len(own) == 1 else entry.id
        dots.append(Dot(x, lane, href, own[0].rule, title))
    return tuple(dots)


def _x(day: date, first: date, last: date) -> float:
    span = (last - first).days
    share = (day - first).days / span if span else 0.5
    return round(_EDGE + share * (100 - 2 * _EDGE), 2)


def _ticks(first: date, last: date) -> tuple[Tick, ...]:
    """At rounded months, or where none lies within, at both ends."""
    begin, end = _month(first), _month(last)
    for step in _MONTHS:
        months = range(-(-(begin + (first.day > 1)) // step) * step, end + 1, step)
        if len(months) <= TICKS:
            break
    if len(months) < 2:
        ends = [first] if first == last else [first, last]
        return tuple(Tick(_x(day, first, last), day.isoformat()) for day in ends)
    days = [date(month // 12, month % 12 + 1, 1) for month in months]
    short = step % 12 == 0
    return tuple(Tick(_x(day, first, last), day.isoformat()[: 4 if short else 7]) for day in days)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1
