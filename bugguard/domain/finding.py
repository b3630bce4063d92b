"""What matching says, what a judge says of that, and what a user sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from bugguard.domain.change import Hunk, Lines
from bugguard.domain.fix import FixCommit
from bugguard.domain.pattern import BugPattern
from bugguard.domain.why import Channel, Why


class Rule(Enum):
    """Each value is (id, name, what the report says of the change)."""

    FIX_UNDONE = ("BG001", "fix-undone", "takes back a past fix")
    BUG_REPEATED = ("BG002", "bug-repeated", "repeats a bug fixed before")
    UNFIXED_SIBLING = ("BG003", "unfixed-sibling", "never got a fix made elsewhere")

    @property
    def id(self) -> str:
        return self.value[0]

    @property
    def says(self) -> str:
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a match scores as it does; every number is in 0..1 unless it says otherwise."""

    features: dict[str, float] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()  #: the rarest tokens that made it
    similarity_buggy: float = 0.0  #: cosine of the change's post-image and the buggy side, -1..1
    similarity_fixed: float = 0.0  #: the same with the fixed side, -1..1
    constant: float = 0.0  #: the logit of a match without any feature
    contributions: dict[str, float] = field(default_factory=dict)  #: what each adds to the logit
    channel: Channel | None = None  #: None: as the rule and the lines tell
    trust: float = 1.0  #: what the fix's repository counts: the score was multiplied by it

    @property
    def margin(self) -> float:
        """How much nearer the change is to the buggy side than to the fixed one."""
        return self.similarity_buggy - self.similarity_fixed


@dataclass(frozen=True, slots=True)
class Match:
    """Geometry only: a changed hunk against a pattern."""

    rule: Rule
    hunk: Hunk  #: the changed hunk
    pattern: BugPattern
    fix: FixCommit
    score: float  #: 0..1
    line: int  #: first post-image line concerned
    end_line: int
    yours: Lines  #: the change's lines that made the match, markers included
    evidence: Evidence = Evidence()
    foreign: bool = False  #: whether the fix was made in another repository than the checked one

    @property
    def offered(self) -> bool:
        """Whether it is only for who can read, and at no threshold a finding."""
        return self.evidence.channel in (Channel.REPEAT_NAMES, Channel.REPEAT_RULE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an LLM said of a match, after its words were checked against the evidence."""

    verdict: str  #: ``repeats``, ``unrelated`` or ``unsure``
    explanation: str
    evidence: tuple[tuple[str, str], ...]  #: (quote, where it stands)
    suggestion: str | None  #: a unified diff that applies to the changed file
    model: str
    cached: bool = False  #: whether it was known from an earlier run


@dataclass(frozen=True, slots=True)
class Finding:
    """A match that is reported, with its identity across runs."""

    fingerprint: str
    match: Match
    judgement: Judgement | None = None
    #: whether a judge takes it for unrelated: it is still shown, but no reason to fail
    downgraded: bool = False
    why: Why | None = None  #: None: nobody asked
    reason: str | None = None  #: why it was silenced, as its directive says; None: it was not
