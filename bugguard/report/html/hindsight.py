"""A replay of the last commits, beside what history shows of them."""

from __future__ import annotations

from collections.abc import Iterator

from bugguard.domain.evaluation import Evaluation, Truth, Warned
from bugguard.report.html.curve import Step, curve
from bugguard.report.html.evaluated import View
from bugguard.report.html.overview import Fact
from bugguard.report.html.table import Cell, Row, commit, number, percent, table
from bugguard.report.html.visible import line

_SHOWN = {"undone": "the fix was made again", "repeated": "it was repaired likewise"}
_TOLD = Cell("told, rightly", "good")
_MISSED = Cell("missed", "bad")
_UNKNOWN = Cell("told, not known", "dim")


def view(found: Evaluation) -> View:
    caught = sum(_reaches(one.score, found.threshold) for one in found.truth)
    steps = [Step(one.threshold, one.alerted, (one.caught, one.planted)) for one in found.steps]
    names = ("bugs that came back", "bugs planted elsewhere")
    facts = [
        Fact(f"{found.commits:,}", "commits replayed"),
        Fact(f"{100 * found.alerted / max(found.commits, 1):.1f}", "alerts in 100 commits"),
        Fact(f"{found.right:,} of {len(found.warned):,}", "warnings right by what history shows"),
        Fact(f"{caught:,} of {len(found.truth):,}", "bugs that came back were told"),
        Fact(f"{found.threshold:g}", "threshold"),
        Fact(line(found.encoder), "encoder"),
    ]
    heads = ("threshold", "commits alerted", "bugs caught", "planted bugs told", "twins told")
    levels = [
        Row(
            (
                number(one.threshold),
                *map(percent, (one.alerted, one.caught, one.planted, one.twins)),
            ),
            current=one.threshold == found.threshold,
        )
        for one in found.steps
    ]
    planted = [
        Row((Cell(line(one.name)), number(one.n), percent(one.caught), percent(one.twins)))
        for one in found.planted
    ]
    return View(
        heading="What bugguard would have said",
        lead="The last commits, each checked against only the fixes that were before it. What "
        "history says nothing of is not known to be wrong: most bugs that came back were repaired "
        "in other words, or never.",
        facts=tuple(facts),
        curve=curve(steps, names, "commits alerted", found.threshold),
        tables=(
            table("thresholds", "By threshold",
                  "Twins are the planted bugs' repaired twins; to tell one is wrong.",
                  heads, levels),
            table("cases", "Cases", "What was told, and what history shows and was not told.",
                  ("outcome", "score", "rule", "change", "past fix", "shown by"),
                  list(_cases(found)), filters=True),
            table("planted", "Past bugs planted in other files", "Each beside its repaired twin.",
                  ("way", "planted", "told", "twins told wrongly"), planted),
        ),
    )  # fmt: skip


def _cases(found: Evaluation) -> Iterator[Row]:
    told = {(one.fix, one.change) for one in found.warned}
    for missed in found.truth:
        if (missed.fix, missed.change) not in told:
            yield _missed(missed)
    for one in found.warned:
        yield _warned(one)


def _missed(one: Truth) -> Row:
    shown = commit(one.later, _SHOWN.get(one.kind, one.kind))
    cells = _MISSED, number(one.score), Cell("–"), commit(one.change), commit(one.fix), shown
    return Row(cells, _MISSED.text)


def _warned(one: Warned) -> Row:
    outcome = _TOLD if one.kind else _UNKNOWN
    shown = commit(one.later or "", _SHOWN.get(one.kind, one.kind)) if one.kind else Cell("–")
    change, fix = commit(one.change, one.subject), commit(one.fix, one.fix_subject)
    return Row((outcome, number(one.score), Cell(one.rule), change, fix, shown), outcome.text)


def _reaches(score: float | None, threshold: float) -> bool:
    return score is not None and score >= threshold
