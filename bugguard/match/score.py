"""Measurements to one number in 0..1.

Three logistic models with few features, so that a reader can tell why a score is what it is.
BG001's weights are fitted by ``training/undo_model.py`` on pairs read by hand, near what a study of
others found: the share of the whole fix that is taken back and lines that come back speak for harm;
weak words in the fix's subject, words such as "drop" in the change's message, age, and code around
the fix that goes with it speak against. So its score is about the share of such changes that did
harm. BG002's weights are set by hand, on the same scale; BG003's as well, on a scale of their own.
"""

from __future__ import annotations

import json
import math
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bugguard.domain import Change, Evidence, FixCommit
from bugguard.match.repeat import Repeat
from bugguard.match.undo import Undo

if TYPE_CHECKING:
    from bugguard.match.sibling import Sibling

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
_FIX = re.compile(r"\W*(\w+\W+)?(bug-?)?fix", re.IGNORECASE)
_FIX_ANYWHERE = re.compile(r"\b(bug-?|hot-?)?fix(e[sd]|ing)?\b|bug\b", re.IGNORECASE)
_FEATURE = re.compile(
    r"\b(add(s|ed|ing)?|support\w*|features?|improv\w*|allow\w*|drop\w*|updat\w*|bump\w*|implement\w*)\b",
    re.IGNORECASE,
)
_YEAR = 365.25 * 86400  #: seconds
_SMALL = 10  #: changed lines
#: See training/undo_model.py: weights by feature, in logits, and the constant.
_UNDO: dict[str, Any] = json.loads(Path(__file__).with_name("undo.json").read_text("utf-8"))
_TELLING = 12.0  #: the weight of an edit of some ten rare tokens: less is weak evidence


def is_lesser(fix: FixCommit) -> bool:
    """Whether the fix's subject speaks of what is no bug that a user would meet."""
    return any(words.search(fix.subject) for words in (_WEAK, _FEATURE))


def undo_score(undo: Undo, fix: FixCommit, change: Change) -> tuple[float, Evidence]:
    """How likely the change brings back the bug that the fix repaired."""
    return _logistic(_UNDO["constant"], _UNDO["weights"], undo_features(undo, fix, change))


def undo_features(undo: Undo, fix: FixCommit, change: Change) -> dict[str, float]:
    """What the score is made of: each 0..1, but for those that are said to be logarithms."""
    reverts = f"reverts commit {fix.sha[:7]}" in change.message
    subject = _subject(change)
    age = max(0, (change.time or time.time()) - fix.time) / _YEAR
    return {
        "coverage": undo.coverage,
        "part": undo.part,
        "similarity": undo.similarity,
        "restored": float(undo.restored > 0),
        "restored_share": undo.restored,
        "slight": max(0.0, 1 - undo.weight / _TELLING),
        "slight_addition": max(0.0, 1 - undo.weight / _TELLING) * undo.adds_only,
        "kept": undo.kept,
        "context_gone": undo.context_gone,
        "new": undo.new,
        "new_beside_addition": undo.new * undo.adds_only,
        "adds_only": float(undo.adds_only),
        "elsewhere": float(undo.elsewhere),
        "small_fix": float(undo.lines <= _SMALL),
        "large_change": math.log10(1 + len(change.hunks)),
        "old": math.log2(1 + 4 * age),
        "says_fix": float(_FIX.match(fix.subject) is not None),
        "ticket": float(bool(fix.tickets)),
        "weak": float(_WEAK.search(fix.subject) is not None),
        "feature": float(_FEATURE.search(fix.subject) is not None),
        # A better fix may say that it reverts the first one; then other code stands in its place.
        "reverts": float(reverts) * max(0.0, 1 - 2 * undo.new),
        "mends": float(not reverts and _FIX_ANYWHERE.search(subject) is not None),
        "excused": float(not reverts and _EXCUSE.search(subject) is not None),
        "same_subject": float(subject[:40] == fix.subject[:40] and len(subject) > 8),
    }


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
    score, evidence = _logistic(-9.6, weights, features)
    return score, replace(evidence, similarity_buggy=buggy, similarity_fixed=fixed)


def sibling_score(sibling: Sibling, fix: FixCommit) -> tuple[float, Evidence]:
    """How likely the place was forgotten. Set by hand on scans of four histories that were read."""
    features = {
        "mistake": sibling.mistake,
        "around": sibling.around,
        "wrong": sibling.wrong,
        "telling": min(1.0, sibling.telling / 3),
        "remedy": sibling.remedy,
        "slight": max(0.0, 1 - sibling.weight / _TELLING),
        "gone": 1 - sibling.stands,
        "home": float(sibling.home),
        "moved": float(sibling.moved),
        "adds_only": float(sibling.adds_only),
        "large": float(sibling.large),
        "weak": float(_WEAK.search(fix.subject) is not None),
    }
    weights = {
        "mistake": 3.0,
        "around": 3.0,
        "wrong": 3.0,
        "telling": 2.0,
        "remedy": -4.0,
        "slight": -4.0,
        "gone": -2.0,
        "home": -1.5,
        "moved": -5.0,
        "adds_only": -1.5,
        "large": -1.0,
        "weak": -1.0,
    }
    return _logistic(-9.0, weights, features)


def _subject(change: Change) -> str:
    return change.message.split("\n", 1)[0]


def _logistic(
    constant: float, weights: dict[str, float], features: dict[str, float]
) -> tuple[float, Evidence]:
    contributions = {name: weights[name] * value for name, value in features.items()}
    logit = constant + sum(contributions.values())
    evidence = Evidence(features, constant=constant, contributions=contributions)
    return 1 / (1 + math.exp(-logit)), evidence
