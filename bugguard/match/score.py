"""Measurements to one number in 0..1.

Two logistic models with few features, so that a reader can tell why a score is what it is. Which
features count, and which way, comes from a study of 323 pairs of a fix and a later change that
undid it, 37 of them harmful: the share of the whole fix that is taken back and lines that come back
speak for harm; weak words in the fix's subject, words such as "drop" in the change's message, and
code around the fix that goes with it speak against. The weights are set by hand.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from bugguard.domain import Change, Evidence, FixCommit
from bugguard.match.repeat import Repeat
from bugguard.match.undo import Undo

#: A fix whose subject has one of these repaired no behaviour that a user would miss.
_WEAK = re.compile(
    r"typos?\b|\bdocs?\b|docstring|\blint|typing|type[- ]?(hint|annot|check)|\bmypy|style|"
    r"imports?\b|\btests?\b|\bci\b|warnings?\b|clean-?up|refactor|renam|version|deprecat|"
    r"python ?[23]\.\d|\bpy[23]\d?\b|coverage|flake|pep ?8|setup\.py",
    re.IGNORECASE,
)
#: A change that says so takes the fix's code away on purpose.
_EXCUSE = re.compile(
    r"\b(drop|dropp(ed|ing)|remov(e[ds]?|ing|al)|deprecat\w+|refactor\w*|renam\w+|simplif\w+|"
    r"unused|obsolete|no longer)\b",
    re.IGNORECASE,
)
_TELLING = 12.0  #: the weight of an edit of some ten rare tokens: less is weak evidence


def undo_score(undo: Undo, fix: FixCommit, change: Change) -> tuple[float, Evidence]:
    """How likely the change brings back the bug that the fix repaired."""
    reverts = f"reverts commit {fix.sha[:7]}" in change.message
    features = {
        "coverage": undo.coverage,
        "similarity": undo.similarity,
        "restored": float(undo.restored > 0),
        "slight": max(0.0, 1 - undo.weight / _TELLING) * (2 if undo.adds_only else 1),
        "context_gone": undo.context_gone,
        "new": undo.new * (2 if undo.adds_only else 1),
        "elsewhere": float(undo.elsewhere),
        "weak": float(_WEAK.search(fix.subject) is not None),
        "reverts": float(reverts),
        "excused": float(not reverts and _EXCUSE.search(_subject(change)) is not None),
    }
    weights = {
        "coverage": 3.5,
        "similarity": 0.8,
        "restored": 1.5,
        "slight": -1.0,
        "context_gone": -3.0,
        "new": -0.8,
        "elsewhere": -0.5,
        "weak": -1.2,
        "reverts": 1.5,
        "excused": -1.5,
    }
    return _logistic(-2.7, weights, features)


def repeat_score(repeat: Repeat, buggy: float, fixed: float) -> tuple[float, Evidence]:
    """How likely the new code makes the mistake that the fix repaired.

    buggy, fixed: cosines of the code after the change with either side of the pattern.
    """
    features = {
        "mistake": repeat.mistake,
        "remedy": repeat.remedy,
        "around": repeat.around,
        "lines": repeat.lines,
        "slight": max(0.0, 1 - repeat.weight / _TELLING),
        "margin": buggy - fixed,
    }
    weights = {
        "margin": 4.0,
        "mistake": 4.0,
        "remedy": -4.0,
        "around": 3.0,
        "lines": 2.0,
        "slight": -4.0,
    }
    score, evidence = _logistic(-8.0, weights, features)
    return score, replace(evidence, similarity_buggy=buggy, similarity_fixed=fixed)


def _subject(change: Change) -> str:
    return change.message.split("\n", 1)[0]


def _logistic(
    constant: float, weights: dict[str, float], features: dict[str, float]
) -> tuple[float, Evidence]:
    contributions = {name: weights[name] * value for name, value in features.items()}
    logit = constant + sum(contributions.values())
    evidence = Evidence(features, constant=constant, contributions=contributions)
    return 1 / (1 + math.exp(-logit)), evidence
