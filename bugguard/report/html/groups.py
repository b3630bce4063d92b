"""A report's findings in the sections of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bugguard.domain import Finding
from bugguard.report.html.cards import Card, card
from bugguard.report.html.threeway import LINES
from bugguard.report.model import Report
from bugguard.report.sentence import standing
from bugguard.report.told import Standing, Told, most, told
from bugguard.report.words import count

SHOWN = 1_000  #: findings of a page; a browser lays out no more in a moment
ASIDE = 200  #: of each kind that is only mentioned
CROWD = 100  #: findings from which on each has less room
FEW = 12  #: lines of each side there

_MARKED = (
    "Marked in then and fixed: what the fix changed. Marked in yours: what is there again of the "
    "past bug, or of the fix where that is taken out."
)
_ID = re.compile(r"[0-9A-Za-z_-]+")


class Group(NamedTuple):
    """Findings of one standing."""

    id: str
    title: str
    lead: str  #: what they have in common; empty: the title says it
    cards: tuple[Card, ...]
    missing: str  #: what is said of those that do not fit; empty: they all do
    folded: bool = False  #: whether the code is shown only where it is asked for


class _Names:
    """An id within the page for each finding: its fingerprint, the first time."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, finding: Finding) -> str:
        name = finding.fingerprint
        if not _ID.fullmatch(name) or name in self._taken:
            name = f"finding-{len(self._taken)}"
        self._taken.add(name)
        return name


def groups(report: Report) -> list[Group]:
    """All that there are, what fails a commit first."""
    names = _Names()
    listed = told(report)
    found = [one for one in listed if one.standing is not Standing.SUGGESTED]
    suggested = [one for one in listed if one.standing is Standing.SUGGESTED]
    return list(_groups(report, found, suggested, names))


def _groups(
    report: Report, found: list[Told], suggested: list[Told], names: _Names
) -> Iterator[Group]:
    if found:
        kept = most(found, SHOWN)
        cards = tuple(
            card(one.finding, names.of(one.finding), standing(one), _lines(kept)) for one in kept
        )
        yield Group("findings", "Findings", _MARKED, cards, _missing(len(found) - len(kept)))
    if suggested:
        kept = most(suggested, ASIDE)
        cards = tuple(card(one.finding, names.of(one.finding), lines=_lines(kept)) for one in kept)
        lead = "A judge alone takes these for repeats, and none of them fails a commit."
        missing = _missing(len(suggested) - len(kept))
        yield Group("suggested", "Suggested by a judge alone", lead, cards, missing)
    silenced = report.judged.silenced if report.judged else ()
    for id_, title, lead, some in (
        ("candidates", "Below the threshold",
         "Asked for with --candidates. None of them is a finding.", report.candidates or ()),
        ("silenced", "Silenced in the code",
         "A directive beside the code says why.", report.suppressed),
        ("unrelated", "Not reported, as the judge takes them for unrelated", "", silenced),
        ("known", "Known by the baseline", "", report.known),
        ("muted", "Muted", "Of past fixes that the team voted down.", report.muted),
    ):  # fmt: skip
        if some:
            yield _aside(id_, title, lead, some, names)


def _aside(id_: str, title: str, lead: str, some: Sequence[Finding], names: _Names) -> Group:
    cards = tuple(card(one, names.of(one), lines=_lines(some)) for one in some[:ASIDE])
    return Group(id_, title, lead, cards, _missing(len(some) - len(cards)), folded=True)


def _lines(some: Sequence[object]) -> int:
    return LINES if len(some) < CROWD else FEW


def _missing(number: int) -> str:
    if number <= 0:
        return ""
    kept = count(number, "finding is", "findings are")
    return f"{kept} not on this page."


def repositories(cards: Iterable[Card]) -> list[str]:
    """Whose past fixes these are, where that is known."""
    return sorted({one.past.repository for one in cards if one.past.repository})
