"""Labelled changes, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bugguard.domain.evaluation import Trial, Tried
from bugguard.report.html.curve import Step, curve
from bugguard.report.html.evaluated import View
from bugguard.report.html.overview import Fact
from bugguard.report.html.table import Cell, Row, commit, number, percent, table
from bugguard.report.html.visible import line

_TOLD = Cell("told, rightly", "good")
_MISSED = Cell("missed", "bad")
_QUIET = Cell("rightly silent", "good")
_ALARM = Cell("false alarm", "bad")
_NEITHER = Cell("counts as neither", "dim")


def view(found: Trial) -> View:
    wanted = [one for one in found.cases if one.wanted]
    quiet = [one for one in found.cases if one.wanted is False]
    # Without ordinary commits the look-alikes have to stand for what alerts for nothing.
    aside = found.ordinary or quiet
    across = "ordinary commits alerted" if found.ordinary else "look-alikes reported"
    labels = [label for label, _ in Counter(one.label for one in wanted).most_common()]
    groups = [[one for one in wanted if one.label == label] for label in labels]
    steps = [
        Step(at, _share(aside, at) or 0.0, [_share(some, at) for some in groups])
        for at in found.thresholds
    ]
    levels = [
        Row(
            (number(step.threshold), *map(percent, (
                *step.caught, _share(quiet, step.threshold), _share(found.ordinary, step.threshold)
            ))),
            current=step.threshold == found.threshold,
        )
        for step in steps
    ]  # fmt: skip
    facts = [
        Fact(_of(some, found.threshold), f"{label} told")
        for label, some in zip(labels, groups, strict=True)
    ]
    facts += [
        Fact(_of(quiet, found.threshold), "look-alikes reported"),
        Fact(_of(found.ordinary, found.threshold), "ordinary commits alerted"),
        Fact(f"{found.threshold:g}", "threshold"),
        Fact(line(found.encoder), "encoder"),
    ]
    alerted = [one for one in found.ordinary if one.told(found.threshold)]
    heads = ("threshold", *(f"{line(label)} told" for label in labels), "look-alikes reported",
             "ordinary alerted")  # fmt: skip
    return View(
        heading="Labelled cases",
        lead="Each change checked against only the fixes that were before it.",
        facts=tuple(facts),
        curve=curve(steps, [line(label) for label in labels], across, found.threshold),
        tables=(
            table("thresholds", "By threshold", "", heads, levels),
            table("cases", "Cases",
                  "Every labelled case, and the ordinary commits that alert. A place is the past "
                  "fix's among all candidates of the change.",
                  ("outcome", "label", "score", "place", "change", "past fix"),
                  [_tried(one, found.threshold) for one in (*found.cases, *alerted)],
                  filters=True),
        ),
    )  # fmt: skip


def _tried(one: Tried, threshold: float) -> Row:
    told = one.told(threshold)
    if one.wanted is None:
        outcome = _NEITHER
    elif one.wanted:
        outcome = _TOLD if told else _MISSED
    else:
        outcome = _ALARM if told else _QUIET
    change, fix = commit(one.change, one.subject), commit(one.fix, one.fix_subject)
    cells = outcome, Cell(line(one.label)), number(one.score), number(one.place), change, fix
    return Row(cells, outcome.text)


def _of(some: Sequence[Tried], threshold: float) -> str:
    return f"{sum(one.told(threshold) for one in some):,} of {len(some):,}"


def _share(some: Sequence[Tried], threshold: float) -> float | None:
    return sum(one.told(threshold) for one in some) / len(some) if some else None
