"""The vocabulary: plain frozen values that every room shares. No I/O, no other room."""

from bugguard.domain.change import Change, Commit, FileDiff, Hunk, Skipped
from bugguard.domain.finding import Evidence, Finding, Judgement, Match, Rule
from bugguard.domain.fix import FixCommit, LearnedFix, Ticket
from bugguard.domain.pattern import BugPattern

__all__ = [
    "BugPattern",
    "Change",
    "Commit",
    "Evidence",
    "FileDiff",
    "Finding",
    "FixCommit",
    "Hunk",
    "Judgement",
    "LearnedFix",
    "Match",
    "Rule",
    "Skipped",
    "Ticket",
]
