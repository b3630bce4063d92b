"""What the golden files cannot show: odd widths, silencing by the right name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_report import empty, explained, finding, judged, sample

from bugguard.domain import Rule, Ticket
from bugguard.report import text
from bugguard.report.escape import clip
from bugguard.report.model import Report, iso_date, ordered


@pytest.mark.parametrize("width", [60, 80, 100])
def test_code_lines_stay_within_the_width(width: int) -> None:
    for line in text.render(sample(), width=width).splitlines():
        if line[2:7].strip() in ("then", "fixed", "yours"):
            assert clip(line, width) == line


@pytest.mark.parametrize("width", [60, 80, 100])
def test_reasons_stay_within_the_width(width: int) -> None:
    lines = text.render(explained(), width=width).splitlines()
    start, end = (next(n for n, one in enumerate(lines) if one.startswith(f"  {label}"))
                  for label in ("why", "whole fix"))  # fmt: skip
    assert end - start > 10
    assert all(clip(line, width) == line for line in lines[start:end])


@pytest.mark.parametrize("width", [0, 1, 20])
def test_no_width_is_too_small(width: int) -> None:
    assert "#4485" in text.render(sample(), width=width)


def test_a_ticket_that_cannot_stand_in_brackets_is_not_offered() -> None:
    tickets = tuple(Ticket(name, "", "", "message") for name in ("a]b", "x, y", "PROJ-1"))
    assert text.silence_id(finding(10, tickets=tickets).match) == "PROJ-1"
    assert text.silence_id(finding(10, tickets=tickets[:2]).match) == "a" * 8


def test_another_repository_s_ticket_is_not_this_one_s() -> None:
    tickets = (Ticket("#12", "", "", "subject"),)
    assert text.silence_id(finding(10, tickets=tickets).match) == "#12"
    assert text.silence_id(finding(10, tickets=tickets, repository="x/y/z").match) == "a" * 8


def test_findings_are_in_order_of_path_line_and_score() -> None:
    low, high = finding(1, path="b", line=2, score=0.5), finding(2, path="b", line=2, score=0.9)
    first, last = finding(3, path="a", line=9), finding(4, path="b", line=10)
    assert ordered((last, low, high, first)) == [first, high, low, last]


def test_an_empty_report_is_one_line() -> None:
    assert text.render(empty()).count("\n") == 1


def test_candidates_alone_are_introduced() -> None:
    base = empty()
    report = Report("0", base.index, (), base.stats, candidates=(finding(1),))
    assert text.render(report).startswith("below the threshold:\n\ncaddyfile.go:112")


@pytest.mark.parametrize("seconds", [10**30, -(10**30)])
def test_a_clock_beyond_the_calendar_has_no_date(seconds: int) -> None:
    assert iso_date(seconds) == ""


def test_a_commit_s_time_is_told_in_utc() -> None:
    assert iso_date(1639756391) == "2021-12-17T15:53:11Z"
    assert iso_date(-30_610_224_001) == "0999-12-31T23:59:59Z"


def test_what_was_set_aside_is_counted_each_by_its_kind() -> None:
    [summary] = [line for line in text.render(sample()).splitlines() if " hunks, " in line]
    assert summary.endswith(" s, 1 silenced, 2 known by the baseline, 1 muted")
    stale = text.render(replace(empty(), stale=3))
    assert stale == (
        "0 findings in 1 hunk, checked against 1 past fix in 0.05 s, "
        "3 in the baseline found no more\n"
    )
    assert "baseline" not in text.render(replace(empty(), stale=0))


def test_only_what_is_reported_asks_for_a_vote() -> None:
    told = text.render(sample())
    assert told.count("of no use: bugguard feedback ") == len(sample().findings)
    assert "  of no use: bugguard feedback 0000000000000005 not-useful\n" in told


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Rule.FIX_UNDONE, "the past bug is back"),
        (Rule.BUG_REPEATED, "the past bug is back"),
        (Rule.UNFIXED_SIBLING, "the past bug is here too"),
    ],
)
def test_what_a_judge_says_fits_what_was_looked_at(rule: Rule, says: str) -> None:
    one = judged().findings[0]
    told = replace(one, match=replace(one.match, rule=rule))
    shown = text.render(replace(judged(), findings=(told,), suggested=None))
    assert f"judge   {says}, says model-1" in shown
