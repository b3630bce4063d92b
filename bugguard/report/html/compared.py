"""Two settings on the same cases."""

from __future__ import annotations

from collections.abc import Iterator

from bugguard.domain.comparison import Comparison
from bugguard.domain.comparison import Row as Compared
from bugguard.report import comparison
from bugguard.report.html.evaluated import View
from bugguard.report.html.overview import Fact
from bugguard.report.html.table import Cell, Row, commit, number, table
from bugguard.report.html.visible import line


def view(found: Comparison) -> View:
    kinds = [
        Row((
            Cell(kind), number(len(rows)), number(sum(row.told_by_a for row in rows)),
            number(sum(row.told_by_b for row in rows)), Cell("told" if wanted else "silent"),
        ))
        for (kind, wanted), rows in found.kinds().items()
    ]  # fmt: skip
    offered = [Row((number(one.first), number(one.a), number(one.b))) for one in found.offered]
    tables = [
        table("kinds", "By kind", "", ("kind", "cases", "A tells", "B tells", "is to be"), kinds),
        table("cases", "Cases on which they differ", "",
              ("outcome", "kind", "change", "past fix", "A", "B"), list(_differing(found)),
              filters=True),
    ]  # fmt: skip
    if offered:
        heads = ("among the first", "A offers", "B offers")
        tables.append(table("offered", "Past fixes offered", "", heads, offered))
    return View(
        heading="Two settings on the same cases",
        lead=line(comparison.verdict(found)),
        facts=(
            Fact(line(found.a, 120), "A"),
            Fact(line(found.b, 120), "B"),
            Fact(f"{found.count(wanted=True):,}", "cases to be told"),
            Fact(f"{found.count(wanted=False):,}", "cases to be silent about"),
        ),
        curve=None,
        tables=tuple(tables),
    )


def _differing(found: Comparison) -> Iterator[Row]:
    for outcome, wanted, by_b in (
        (Cell("gained: only B tells", "good"), True, True),
        (Cell("lost: only A tells", "bad"), True, False),
        (Cell("new alarm of B", "bad"), False, True),
        (Cell("alarm of A gone", "good"), False, False),
    ):
        for one in found.differing(wanted=wanted, by_b=by_b):
            yield _difference(one, outcome)


def _difference(one: Compared, outcome: Cell) -> Row:
    change = Cell(line(one.change, 40)[:11])
    cells = outcome, Cell(one.kind), change, commit(one.fix), number(one.a), number(one.b)
    return Row(cells, outcome.text)
