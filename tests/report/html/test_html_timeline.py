"""Past fixes in time: where each stands, and that the list has them all."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_report import finding

from bugguard.report.html.cards import Card, card
from bugguard.report.html.timeline import LANES, TICKS, Timeline, timeline


def at(*days: str | None) -> list[Card]:
    """One finding of one fix for each day."""
    cards = []
    for number, day in enumerate(days):
        one = card(finding(number % 15 + 1, path=f"{number}.py"), f"id{number}")
        past = one.past._replace(sha=f"{number:040x}", short=f"{number:08x}", day=day or "")
        cards.append(one._replace(past=past))
    return cards


def xs(told: Timeline) -> list[float]:
    return [dot.x for dot in told.dots]


def test_each_fix_stands_at_its_day_and_leads_to_its_finding() -> None:
    told = timeline(at("2021-01-01", "2023-01-01", "2022-01-01"))
    assert xs(told) == pytest.approx([5.0, 50.0, 95.0], abs=0.1)
    assert [dot.href for dot in told.dots] == ["id0", "id2", "id1"]
    assert "2021-01-01: 00000000 Fix the parser, 0.py" in told.dots[0].title
    assert [(tick.label, round(tick.x)) for tick in told.ticks] == [
        ("2021-01", 5), ("2021-07", 27), ("2022-01", 50), ("2022-07", 72), ("2023-01", 95),
    ]  # fmt: skip


def test_a_fix_of_several_findings_is_one_dot_that_leads_to_the_list() -> None:
    one, other = at("2021-01-01", "2021-03-01")
    twice = one._replace(id="again", path="again.py")
    told = timeline([one, other, twice])
    assert [entry.id for entry in told.entries] == ["fix-1", "fix-2"]
    assert [found.id for found in told.entries[0].cards] == ["id0", "again"]
    assert [dot.href for dot in told.dots] == ["fix-1", "id1"]
    assert told.dots[0].title.endswith("2 findings")


@pytest.mark.parametrize("days", [(), ("2021-01-01",), ("2021-01-01", None), (None, None)])
def test_where_nothing_can_be_compared_there_is_only_the_list(days: tuple[str | None]) -> None:
    told = timeline(at(*days))
    assert (len(told.entries), told.dots, told.ticks) == (len(days), (), ())


def test_what_has_no_day_is_last_in_the_list() -> None:
    told = timeline(at(None, "2021-01-01", "2020-01-01"))
    assert [entry.past.day for entry in told.entries] == ["2020-01-01", "2021-01-01", ""]


def test_fixes_of_one_day_stand_above_each_other_and_the_rest_is_counted() -> None:
    told = timeline(at(*["2021-01-01"] * (LANES + 3)))
    assert [dot.lane for dot in told.dots] == list(range(LANES))
    assert set(xs(told)) == {50.0}
    assert (told.lanes, told.hidden, len(told.entries)) == (LANES, 3, LANES + 3)
    assert [tick.label for tick in told.ticks] == ["2021-01-01"]


DAYS = st.dates(date(1970, 1, 1), date(9999, 12, 31)) | st.builds(
    lambda days: date(2021, 1, 1) + timedelta(days=days), st.integers(0, 700)
)


@given(st.lists(DAYS, min_size=2, max_size=40))
def test_no_two_dots_are_in_each_other_s_way(days: list[date]) -> None:
    told = timeline(at(*(day.isoformat() for day in days)))
    assert len(told.entries) == len(days)
    assert len(told.dots) + told.hidden == len(days)
    assert xs(told) == sorted(xs(told))
    for lane in range(told.lanes):
        own = [dot.x for dot in told.dots if dot.lane == lane]
        assert all(b - a >= 4.5 for a, b in itertools.pairwise(own))
    assert 1 <= len(told.ticks) <= TICKS
    for tick in (*told.ticks, *told.dots):
        assert 0 < tick.x < 100
    labels = [tick.label for tick in told.ticks]
    assert len(set(labels)) == len(labels)


def test_a_repository_is_part_of_what_is_shown() -> None:
    one = finding(1)
    fix = replace(one.match.fix, repository="gitlab.example/web/till")
    told = card(replace(one, match=replace(one.match, fix=fix)), "x")
    assert told.past.repository == "gitlab.example/web/till"
