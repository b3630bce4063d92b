from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.pipeline.calibrate import FLOOR, quiet

TOPS = st.lists(st.floats(0, 0.9989), min_size=1, max_size=60)


@given(TOPS, st.floats(0, 1))
def test_it_is_the_least_that_is_quiet_enough(tops: list[float], rate: float) -> None:
    threshold = quiet(tops, rate)
    allowed = rate * len(tops) + 1e-6
    assert FLOOR <= threshold <= 1
    assert threshold == round(threshold, 3)
    assert sum(top >= threshold for top in tops) <= allowed
    if threshold > FLOOR:
        # One step lower, too many would alert.
        assert sum(top >= threshold - 0.001 - 1e-9 for top in tops) > allowed - 1e-3


@pytest.mark.parametrize(
    ("tops", "rate", "threshold"),
    [
        ([0.9, 0.5, 0.4, 0.3], 0.0, 0.901),
        ([0.9, 0.5, 0.4, 0.3], 0.25, 0.501),
        ([0.9, 0.5, 0.4, 0.3], 0.49, 0.501),
        ([0.9, 0.5, 0.4, 0.3], 0.5, 0.401),
        ([0.9, 0.5004, 0.4, 0.3], 0.25, 0.501),
        ([0.9, 0.5], 1.0, FLOOR),
        ([0.0, 0.0], 0.0, FLOOR),
        ([0.9999], 0.0, 1.0),
        ([0.9] * 100, 0.29, 0.901),
        ([0.9] * 29 + [0.1] * 71, 0.29, 0.101),  # 0.29 * 100 is 28.999999999999996
    ],
)
def test_by_hand(tops: list[float], rate: float, threshold: float) -> None:
    assert quiet(tops, rate) == threshold
