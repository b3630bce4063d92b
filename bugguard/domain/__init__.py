"""The vocabulary: plain frozen values that every room shares. No I/O, no other room."""

from bugguard.domain.change import Change, Commit, FileDiff, Hunk, Skipped
from bugguard.domain.finding import Evidence, Finding, Judgement, Match, Rule
from bugguard.domain.fix import FixCommit, LearnedFix, Ticket
from bugguard.domain.judging import Opinion, Question, Section, Shortlist, Survey, Usage
from bugguard.domain.origins import Origins
from bugguard.domain.pattern import BugPattern
from bugguard.domain.why import Channel, LinePair, Why

__all__ = [
    "BugPattern",
    "Change",
    "Channel",
    "Commit",
    "Evidence",
    "FileDiff",
    "Finding",
    "FixCommit",
    "Hunk",
    "Judgement",
    "LearnedFix",
    "LinePair",
    "Match",
    "Opinion",
    "Origins",
    "Question",
    "Rule",
    "Section",
    "Shortlist",
    "Skipped",
    "Survey",
    "Ticket",
    "Usage",
    "Why",
]
