"""What an evaluation found, as a page: the curve, the thresholds, and case by case."""

from __future__ import annotations

from typing import NamedTuple

from bugguard.domain.comparison import Comparison
from bugguard.domain.evaluation import Evaluation, Trial
from bugguard.report.html.curve import Curve
from bugguard.report.html.overview import Fact
from bugguard.report.html.page import write
from bugguard.report.html.table import Table


class View(NamedTuple):
    """The page."""

    heading: str
    lead: str
    facts: tuple[Fact, ...]
    curve: Curve | None
    tables: tuple[Table, ...]


def render(found: Evaluation | Trial | Comparison) -> str:
    """A replay of the last commits, of labelled changes, or of two settings, as one HTML file."""
    from bugguard.report.html import compared, hindsight, tried

    if isinstance(found, Evaluation):
        view = hindsight.view(found)
    elif isinstance(found, Trial):
        view = tried.view(found)
    else:
        view = compared.view(found)
    rows = [row for one in view.tables if one.filters for row in one.rows]
    outcomes = [(outcome, "") for outcome in sorted({row.outcome for row in rows})]
    return write("evaluation.html.j2", view=view, outcomes=outcomes)
