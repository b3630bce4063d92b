"""The curve: where its points are, and what it says without being seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.report.html.curve import Step, curve

STEPS = [Step(0.1, 0.04, (0.8, None)), Step(0.2, 0.02, (0.5, None)), Step(0.9, 0.0, (0.0, None))]


def test_points_are_where_their_shares_are() -> None:
    found = curve(STEPS, ("bugs", "others"), "commits alerted", 0.2)
    assert found is not None
    [line] = found.lines
    assert line.name == "bugs"
    assert [point.x for point in line.points] == [96.0, 53.5, 11.0]
    assert [point.y for point in line.points] == pytest.approx([63.2, 134.0, 252.0], abs=0.1)
    assert [point.current for point in line.points] == [False, True, False]
    assert len(list(line.segments)) == 2
    assert [tick.label for tick in found.x_ticks] == ["0 %", "1 %", "2 %", "3 %", "4 %"]
    assert [tick.label for tick in found.y_ticks] == ["0 %", "25 %", "50 %", "75 %", "100 %"]


def test_it_can_be_read_aloud() -> None:
    found = curve(STEPS, ("bugs", "others"), "commits alerted", 0.2)
    assert found is not None
    assert found.says == (
        "Share caught against share of commits alerted, by threshold. In effect: threshold 0.2: "
        "50% of bugs caught, 2.0% of commits alerted."
    )


def test_of_nothing_there_is_none() -> None:
    assert curve([], ("bugs",), "commits", 0.2) is None
    assert curve([Step(0.1, 0.0, (None,))], ("bugs",), "commits", 0.2) is None


@given(st.lists(st.builds(Step, st.floats(0, 1), st.floats(0, 1), st.tuples(st.floats(0, 1)))))
def test_no_point_is_outside(steps: list[Step]) -> None:
    found = curve(steps, ("bugs",), "commits", 0.5)
    assert (found is None) is (not steps)
    for line in found.lines if found else ():
        for point in line.points:
            assert 11 <= point.x <= 96
            assert 16 <= point.y <= 252
