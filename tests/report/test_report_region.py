"""Where a finding is marked: on an added line where there is one, never outside the file."""

from __future__ import annotations

from hypothesis import given
from sample_report import finding
from strangers import strangers

from bugguard.domain import Finding, Hunk, Match
from bugguard.report.region import Region, region, surroundings


def match(body: tuple[str, ...], line: int, end_line: int, start: int = 10) -> Match:
    hunk = Hunk("a.c", "a.c", start, start, "", body)
    base = finding(1).match
    return Match(base.rule, hunk, base.pattern, base.fix, 0.5, line, end_line, body)


def test_the_run_of_added_lines_that_the_match_begins_with_is_marked() -> None:
    body = (" a", "+\tfoo(1);", "-old", "+  bar(2);", " b", "+later();")
    assert region(match(body, 11, 14)) == Region(11, 2, 12, 10)


def test_what_is_added_outside_of_the_match_is_not_marked() -> None:
    body = ("+first();", "+second();", "+third();")
    assert region(match(body, 11, 11)) == Region(11, 1, 11, 10)


def test_where_lines_only_went_the_line_behind_them_is_marked() -> None:
    body = (" a", "-if (!p)", "-\treturn;", "   use(p);", " c")
    assert region(match(body, 11, 11)) == Region(11, 3, 11, 10)


def test_columns_count_utf_16_units_and_no_carriage_return() -> None:
    assert region(match(("+  合計 = '🐛'\r",), 10, 10)) == Region(10, 3, 10, 12)


def test_a_blank_line_is_marked_with_its_end() -> None:
    assert region(match(("+",), 10, 10)) == Region(10, 1, 10, 2)
    assert region(match(("+   ",), 10, 10)) == Region(10, 1, 10, 4)


def test_a_deleted_file_has_a_first_line_all_the_same() -> None:
    gone = match(("-a", "-b"), 1, 1, start=0)
    assert region(gone) == Region(1, 1, 1, 2)
    assert surroundings(gone.hunk) is None


def test_the_surroundings_are_the_hunk_as_it_stands_now() -> None:
    assert surroundings(match((" a", "-b", "+cc", "  d"), 11, 11).hunk) == Region(10, 1, 12, 3)


@given(strangers(0))
def test_no_region_is_empty_or_outside_of_a_file(stranger: Finding) -> None:
    for at in (region(stranger.match), surroundings(stranger.match.hunk)):
        if at is not None:
            assert at.line >= 1
            assert at.column >= 1
            assert (at.end_line, at.end_column) > (at.line, at.column)


@given(strangers(0))
def test_an_added_line_of_the_match_is_marked_where_there_is_one(stranger: Finding) -> None:
    match = stranger.match
    added = [number for marker, number, _ in match.hunk.numbered() if marker == "+"]
    inside = [number for number in added if match.line <= number <= match.end_line]
    at = region(match)
    if inside:
        assert at.line == max(min(inside), 1)
        assert set(range(at.line, at.end_line + 1)) <= {max(number, 1) for number in inside}
