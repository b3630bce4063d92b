"""One hunk of a fix: what the code was while it was wrong, and what made it right."""

from __future__ import annotations

from dataclasses import dataclass

from bugguard.domain.change import Hunk, Lines


@dataclass(frozen=True, slots=True)
class BugPattern:
    """A hunk of a fix commit, with its buggy side (pre-image) and fixed side (post-image)."""

    fix: str  #: the fix commit's sha
    ordinal: int  #: its place among the fix's patterns, from 0
    hunk: Hunk
    dropped: str | None = None  #: why it is not matched; None: it is

    @property
    def path(self) -> str:
        return self.hunk.path

    @property
    def buggy(self) -> Lines:
        return self.hunk.pre_image

    @property
    def fixed(self) -> Lines:
        return self.hunk.post_image
