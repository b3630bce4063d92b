"""One small evaluation of each kind, with a stranger's words in it."""

from __future__ import annotations

from bugguard.domain.comparison import Comparison, Offered, Row
from bugguard.domain.evaluation import Evaluation, Step, Trial, Tried, Truth, Variant, Warned

HOSTILE = "bad\x1b[2J<script>\udcff"
FIX, OTHER, CHANGE, LATER = "f" * 40, "e" * 40, "c" * 40, "1" * 40

CASES = (
    Tried(FIX, "a fix", CHANGE, HOSTILE, "regression", True, 0.9, 1),
    Tried(FIX, "a fix", LATER, "later", "regression", True, 0.2, 2),
    Tried(OTHER, "", LATER, "later", "recurrence", True, None, 40),
    Tried(OTHER, "", CHANGE, "", "superseded", False, 0.6, 1),
    Tried(OTHER, "", CHANGE, "", "not_a_bug", False, None, None),
    Tried(OTHER, "", CHANGE, "", "doubtful", None, 0.7, 1),
)
ORDINARY = (
    Tried(FIX, "a fix", CHANGE, HOSTILE, "ordinary", False, 0.8, None),
    Tried(FIX, "a fix", LATER, "x", "ordinary", False, 0.3, None),
    *(Tried("", "", f"{n}" * 40, "x", "ordinary", False, None, None) for n in (2, 3)),
)


def history() -> Evaluation:
    """One bug told, one missed, one warning of which nobody knows."""
    return Evaluation(
        commits=1200,
        alerted=2,
        threshold=0.055,
        warned=(
            Warned(CHANGE, HOSTILE, FIX, "fix 0", "BG001", 0.9, "undone", LATER),
            Warned(CHANGE, HOSTILE, OTHER, "fix 1", "BG001", 0.9, None, None),
        ),
        truth=(
            Truth(FIX, CHANGE, LATER, "undone", 0.9),
            Truth(FIX, LATER, CHANGE, "repeated", None),
        ),
        steps=(Step(0.01, 0.5, None, None, None), Step(0.055, 0.001, 0.5, 0.25, 0.0)),
        planted=(Variant("as it is", 100, 0.75, 0.02),),
        encoder="static",
        seconds=1.0,
    )


def labelled(cases: tuple[Tried, ...] = CASES, ordinary: tuple[Tried, ...] = ORDINARY) -> Trial:
    """Every outcome once."""
    return Trial(cases, ordinary, 0.5, (0.01, 0.5, 0.95), "static")


def compared() -> Comparison:
    """One case gained, one lost, one alarm more."""
    rows = [
        Row(FIX, CHANGE, "regression", True, 0.1, 0.9, False, True),
        Row(FIX, LATER, "regression", True, 0.9, None, True, False),
        Row("", CHANGE, "ordinary", False, None, 0.9, False, True),
    ]
    return Comparison("threshold=0.1", HOSTILE, rows, (Offered(1, 3, 4),))
