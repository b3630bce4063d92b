"""Why a finding is one, in full: what ``check --why`` shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Channel(Enum):
    """How a match came about. Each value is (id, what the report says)."""

    UNDO_IN_PLACE = ("undo-in-place", "undo at its place")
    UNDO_MOVED = ("undo-moved", "undo where the code has moved")
    REPEAT_LINES = ("repeat-lines", "repeated elsewhere, by its lines")
    REPEAT_TOKENS = ("repeat-tokens", "repeated elsewhere, by its tokens")
    REPEAT_MEANING = ("repeat-meaning", "repeated elsewhere, by its meaning")
    REPEAT_NAMES = ("repeat-names", "offered only: names and words in common")
    REPEAT_RULE = ("repeat-rule", "repeated elsewhere, by a rule made of the fix")

    SIBLING = ("unfixed-sibling", "stands elsewhere, without the fix")

    @property
    def id(self) -> str:
        return self.value[0]

    @property
    def says(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class LinePair:
    """A line of the change and the line of the fix that it answers to, markers included."""

    yours: str
    fix: str
    similarity: float  #: what they have in common, by rarity, 0..1; 1: the same code


@dataclass(frozen=True, slots=True)
class Why:
    """What made one match; what its features add to the score is in its evidence."""

    channel: Channel
    pairs: tuple[LinePair, ...]  #: in the order of the change's lines
    tokens: dict[str, int]  #: those that made it, and how many commits added each; rarest first
    commits: int  #: out of how many
