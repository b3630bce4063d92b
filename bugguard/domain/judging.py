"""What a judge is asked, and what came of it. All text here is of strangers and untrusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bugguard.domain.finding import Judgement, Match


class Section(NamedTuple):
    """One labelled piece of what a judge is shown, verbatim."""

    where: str  #: what it is called, to the judge and in its evidence: ``change``, ``ticket``, ...
    text: str
    keyed: bool = True  #: whether a verdict is another one where this text is


@dataclass(frozen=True, slots=True)
class Question:
    """A close match with what is to be read of it."""

    match: Match
    sections: tuple[Section, ...]
    content: str | None = None  #: the changed file whole, after the change; None: nobody knows it


@dataclass(frozen=True, slots=True)
class Survey:
    """A change beside many past fixes, of which a judge is to name the few worth reading."""

    sections: tuple[Section, ...]  #: the change
    lessons: tuple[str, ...]  #: one line a fix; a judge refers to them by their number, from 1


class Opinion(NamedTuple):
    """What became of one question: a judgement, or why there is none."""

    judgement: Judgement | None
    failure: str = ""  #: a clause that goes on "the judge ...": ``did not answer within 20 s``


class Shortlist(NamedTuple):
    """What became of a survey: the places of what was named, from 0, or why nothing was."""

    places: tuple[int, ...]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What judging cost."""

    calls: int = 0  #: requests that were sent
    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0  #: answers that were known already
    cost: float | None = None  #: by the user's own price table; None: it has no price for the model
    redacted: int = 0  #: secrets that were taken out of what was shown
    removed: int = 0  #: tickets, shas and links of the judge's own making, taken out of its words
    dropped: int = 0  #: quotes that stood nowhere in what was shown
