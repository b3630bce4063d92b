"""A past fix that somebody asked for in words."""

from __future__ import annotations

from dataclasses import dataclass

from bugguard.domain.fix import LearnedFix
from bugguard.domain.lesson import Lesson
from bugguard.domain.pattern import BugPattern


@dataclass(frozen=True, slots=True)
class Recalled:
    """One answer to a question."""

    fix: LearnedFix
    pattern: BugPattern | None  #: the hunk that has most of the question; None: none that is kept
    words: tuple[str, ...]  #: what it has in common with the question, the rarest first
    lesson: Lesson | None = None
    named: bool = False  #: whether the question is its sha or its ticket
