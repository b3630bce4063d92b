"""A rule made of one fix: what the mistake cannot do without, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass

EDIT = "edit"  #: the source of a rule that was made of the fix's own edit


@dataclass(frozen=True, slots=True)
class TokenRule:
    """It fires on a hunk that adds all of ``trigger`` and whose post-image has none of ``guard``.

    What is counted is counted over a sample of the history's ordinary commits.
    """

    pattern: int  #: the id of the pattern that it was made of
    ordinal: int  #: its place among its fix's rules, from 1
    trigger: tuple[str, ...]  #: 1 to 3 tokens, the rarest first
    guard: tuple[str, ...]  #: 1 or 2 tokens
    commits: int  #: ordinary commits that were looked at
    fired: int  #: of those, how many it fires on
    units: int  #: hunks that add the whole trigger,
    support: int  #: and how many of those have the guard: the more, the more it belongs there
    source: str = EDIT  #: else the name of the model of whose lesson it was made

    @property
    def rate(self) -> float:
        """On which share of ordinary commits it fires, 0..1."""
        return self.fired / self.commits if self.commits else 0.0
