"""What a replay of a team's own history shows, for people and programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Truth(NamedTuple):
    """A change that brought a bug back, by what happened later."""

    fix: str  #: shas
    change: str
    later: str  #: the repair that tells
    kind: str  #: ``undone`` or ``repeated``
    score: float | None  #: of the finding that names the fix; None: at no threshold is there one


class Warned(NamedTuple):
    """A finding on a replayed commit."""

    change: str  #: sha and subject
    subject: str
    fix: str  #: sha and subject
    fix_subject: str
    rule: str  #: its id
    score: float
    kind: str | None  #: what history shows of it; None: nothing, which does not make it wrong
    later: str | None  #: the repair that tells


class Step(NamedTuple):
    """What would be at one threshold. All but the first are shares, 0..1; None: of nothing."""

    threshold: float
    alerted: float  #: commits with any finding
    caught: float | None  #: truths whose fix is in a finding
    planted: float | None  #: planted repeats told
    twins: float | None  #: repaired twins of them told wrongly


class Variant(NamedTuple):
    """One way in which past bugs were planted elsewhere."""

    name: str
    n: int
    caught: float  #: shares, 0..1
    twins: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A replay of the last commits at one threshold, with a look at others."""

    commits: int
    alerted: int  #: commits with any finding
    threshold: float
    warned: tuple[Warned, ...]  #: the best first
    truth: tuple[Truth, ...]
    steps: tuple[Step, ...]  #: thresholds ascending, the one in effect among them
    planted: tuple[Variant, ...]
    encoder: str
    seconds: float

    @property
    def right(self) -> int:
        """How many warnings history shows to be right."""
        return sum(one.kind is not None for one in self.warned)


class Tried(NamedTuple):
    """A case that somebody labelled, or an ordinary commit, with what was said of it."""

    fix: str  #: sha; of an ordinary commit, that of its surest finding; empty: it has none
    fix_subject: str  #: empty: the index does not know the fix
    change: str  #: sha and subject
    subject: str
    label: str
    wanted: bool | None  #: whether it is to be told; None: it counts as neither
    score: float | None  #: of the finding that names the fix; None: at no threshold is there one
    place: int | None  #: of the fix among all candidates, from 1; None: it is not among them

    def told(self, threshold: float) -> bool:
        return self.score is not None and self.score >= threshold


@dataclass(frozen=True, slots=True)
class Trial:
    """Labelled changes and ordinary commits, replayed."""

    cases: tuple[Tried, ...]
    ordinary: tuple[Tried, ...]
    threshold: float
    thresholds: tuple[float, ...]  #: at which it is looked at, ascending, the one in effect too
    encoder: str
