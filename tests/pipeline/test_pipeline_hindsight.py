"""The shares that a replay gives, on made-up findings."""

from __future__ import annotations

from bugguard.domain import Change, Rule
from bugguard.domain.evaluation import Step, Truth, Variant
from bugguard.pipeline.hindsight import Replayed, step, variants
from bugguard.pipeline.labelled import STEPS
from bugguard.pipeline.planted import Outcome, Planted
from bugguard.pipeline.replay import Seen, Told

EMPTY = Change("nothing", ())


def seen(change: str, **scores: float) -> Seen:
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    told = tuple(Told(fix, "", Rule.FIX_UNDONE, score) for fix, score in ranked)
    return Seen(change, "", dict(ranked), told)


def outcome(variant: str, twin: bool, score: float | None) -> Outcome:
    return Outcome(Planted("f", variant, twin, EMPTY), score)


def test_a_step() -> None:
    found = Replayed(
        seen=[seen("c1", a=0.9, b=0.3), seen("c2"), seen("c3", a=0.5), seen("c4", b=0.1)],
        truth=[],
        planted=[
            outcome("as it is", False, 0.6),
            outcome("as it is", True, 0.2),
            outcome("half", False, None),
            outcome("half", True, None),
        ],
    )
    truth = [Truth("a", "c1", "x", "undone", 0.9), Truth("b", "c1", "x", "undone", 0.3),
             Truth("z", "c2", "x", "repeated", None)]  # fmt: skip
    assert step(found, truth, 0.5) == Step(0.5, 0.5, 0.3333, 0.5, 0.0)
    assert step(found, truth, 0.2) == Step(0.2, 0.5, 0.6667, 0.5, 0.5)
    assert step(found, truth, 0.0) == Step(0.0, 0.75, 0.6667, 0.5, 0.5)
    assert step(found, truth, 1.0) == Step(1.0, 0.0, 0.0, 0.0, 0.0)


def test_a_commit_without_a_finding_alerts_at_no_threshold() -> None:
    """Not even at 0, where everything that is found at all is told."""
    nothing = Replayed(seen=[seen("c")], truth=[], planted=[])
    assert step(nothing, [], 0.0) == Step(0.0, 0.0, None, None, None)
    assert Replayed([seen("c", a=0.0)], [], []).seen[0].reported(0.0)


def test_variants_in_their_order() -> None:
    planted = [outcome("b", False, 0.6), outcome("b", True, 0.6), outcome("b", False, 0.4),
               outcome("a", False, None), outcome("a", True, None)]  # fmt: skip
    assert list(variants(planted, 0.5)) == [Variant("b", 2, 0.5, 1.0), Variant("a", 1, 0.0, 0.0)]
    assert list(variants([], 0.5)) == []


def test_the_thresholds_looked_at_are_in_order() -> None:
    assert list(STEPS) == sorted(set(STEPS))
    assert 0 < STEPS[0] < STEPS[-1] < 1
