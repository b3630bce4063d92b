"""Tables of an evaluation's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bugguard.report.html.visible import line

ROWS = 5_000  #: of a table


class Cell(NamedTuple):
    """What stands in one place of a table."""

    text: str
    kind: str = ""  #: ``number``, ``good``, ``bad``, ``dim``, or plain
    commit: str = ""  #: a short sha that stands before it


class Row(NamedTuple):
    """One line."""

    cells: tuple[Cell, ...]
    outcome: str = ""  #: by which it can be filtered
    current: bool = False  #: whether it is the one in effect


class Table(NamedTuple):
    """Rows under their heads; the first cell of each names it."""

    id: str
    title: str
    lead: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    missing: int = 0  #: rows that do not fit
    filters: bool = False  #: whether its rows can be filtered


def table(
    id_: str, title: str, lead: str, heads: Sequence[str], rows: Sequence[Row], *,
    filters: bool = False,
) -> Table:  # fmt: skip
    """Of its first :data:`ROWS` rows; it says how many are left."""
    kept = tuple(rows[:ROWS])
    return Table(id_, title, lead, tuple(heads), kept, len(rows) - len(kept), filters)


def percent(share: float | None) -> Cell:
    """A share, 0..1; None: of nothing."""
    return Cell("–" if share is None else f"{share:.1%}", "number")


def number(value: float | None) -> Cell:
    """A score, or a place."""
    if value is None:
        return Cell("–", "number")
    return Cell(f"{value:.3f}" if isinstance(value, float) else f"{value:,}", "number")


def commit(sha: str, subject: str = "") -> Cell:
    """A commit; empty: none."""
    return Cell(line(subject, 120), commit=line(sha, 40)[:8])
