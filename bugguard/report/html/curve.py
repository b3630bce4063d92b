"""What is caught against what is alerted, by threshold, as lines of a drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

HEIGHT = 300  #: pixels of the drawing; its width is the page's, hence all of x in percent
_TOP, _BOTTOM = 16.0, 252.0  #: where 1 and 0 are
_LEFT, _RIGHT = 11.0, 96.0
_ENDS = (
    0.01,
    0.02,
    0.04,
    0.06,
    0.08,
    0.1,
    0.2,
    0.4,
    0.6,
    0.8,
    1.0,
)  #: where the axis of alerts may end


class Step(NamedTuple):
    """What would be at one threshold; shares, 0..1."""

    threshold: float
    alerted: float
    caught: Sequence[float | None]  #: of each series; None: of nothing


class Point(NamedTuple):
    """One threshold of one series."""

    x: float  #: percent
    y: float  #: pixels
    title: str
    current: bool  #: whether it is the threshold in effect


class Line(NamedTuple):
    """One series."""

    name: str
    number: int  #: by which it is told apart: dots of another form, a line of another kind
    points: tuple[Point, ...]

    @property
    def segments(self) -> Iterable[tuple[Point, Point]]:
        return zip(self.points, self.points[1:], strict=False)


class Tick(NamedTuple):
    """A label on an axis."""

    at: float  #: percent across, pixels down
    label: str


class Curve(NamedTuple):
    """The drawing."""

    across: str  #: what the axis across says
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    says: str  #: the drawing in a sentence


def curve(
    steps: Sequence[Step], names: Sequence[str], across: str, threshold: float
) -> Curve | None:
    """None where there is nothing to draw.

    names: of the series. across: what ``alerted`` is a share of. threshold: the one in effect.
    """
    most = max((step.alerted for step in steps), default=0.0)
    end = next((one for one in _ENDS if one >= most), 1.0)
    lines = [
        Line(name, number, tuple(_points(steps, number, name, across, end, threshold)))
        for number, name in enumerate(names)
    ]
    drawn = tuple(line for line in lines if line.points)
    if not drawn:
        return None
    current = [f"{point.title}" for line in drawn for point in line.points if point.current]
    return Curve(
        across,
        drawn,
        tuple(Tick(_x(end * part / 4, end), _percent(end * part / 4)) for part in range(5)),
        tuple(Tick(_y(part / 4), f"{part * 25} %") for part in range(5)),
        f"Share caught against share of {across}, by threshold. In effect: {'; '.join(current)}.",
    )


def _points(
    steps: Sequence[Step], number: int, name: str, across: str, end: float, threshold: float
) -> Iterable[Point]:
    for step in steps:
        caught = step.caught[number]
        if caught is not None:
            told = (
                f"threshold {step.threshold:g}: {caught:.0%} of {name} caught, "
                f"{step.alerted:.1%} of {across}"
            )
            current = step.threshold == threshold
            yield Point(_x(step.alerted, end), _y(caught), told, current)


def _x(share: float, end: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * min(share / end, 1.0), 2)


def _y(share: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
