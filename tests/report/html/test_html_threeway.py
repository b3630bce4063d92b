"""Then, fixed and yours: which lines, which numbers, and which of them tell."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sample_report import finding

from bugguard.domain import BugPattern, Hunk, Match, Rule
from bugguard.report.html.threeway import LINES, NARROW, Line, Side, three
from bugguard.report.html.visible import code


def match(
    past: tuple[str, ...], change: tuple[str, ...], yours: tuple[str, ...],
    rule: Rule = Rule.FIX_UNDONE,
) -> Match:  # fmt: skip
    one = finding(1).match
    return replace(
        one,
        rule=rule,
        pattern=BugPattern(one.fix.sha, 0, Hunk("a", "a", 10, 20, "", past)),
        hunk=Hunk("a", "a", 5, 7, "", change),
        yours=yours,
    )


def shown(side: Side) -> list[tuple[str, int | None, str]]:
    return [(line.kind, line.number, text(line)) for line in side.lines]


def text(line: Line) -> str:
    return "".join(piece.text for piece in line.pieces)


def marked(side: Side) -> list[str]:
    return [piece.text for line in side.lines for piece in line.pieces if piece.marked]


def test_each_side_has_its_own_lines_and_numbers() -> None:
    past = (" a()", "-old(1)", "+new(1)", "+more()", " z()")
    told = three(match(past, (" a()", "-new(1)", "+old(1)", " z()"), ("-new(1)", "+old(1)")))
    assert shown(told.then) == [("same", 10, "a()"), ("gone", 11, "old(1)"), ("same", 12, "z()")]
    assert shown(told.fixed) == [
        ("same", 10, "a()"), ("new", 21, "new(1)"), ("new", 22, "more()"), ("same", 12, "z()"),
    ]  # fmt: skip
    assert shown(told.yours) == [
        ("same", 7, "a()"), ("gone", None, "new(1)"), ("new", 8, "old(1)"), ("same", 9, "z()"),
    ]  # fmt: skip
    assert [line.hit for line in told.yours.lines] == [False, True, True, False]
    assert told.narrow


def test_words_are_marked_on_all_three() -> None:
    past = ("-    total = price * rate", "+    total = price * rate_of(order)")
    change = ("-    total = price * rate_of(order)", "+    total = price * rate * 2")
    told = three(match(past, change, change))
    assert marked(told.then) == ["rate"]
    assert marked(told.fixed) == ["rate_of(order)"]
    assert marked(told.yours) == ["rate_of(order)", "rate"]


def test_of_a_line_that_came_or_went_whole_no_word_is_marked() -> None:
    past = ("-gone()", "-    too(1)", "+other[2] = nothing_like", " z()")
    told = three(match(past, ("+gone()",), ("+gone()",)))
    assert (marked(told.then), marked(told.fixed)) == ([], [])
    assert marked(told.yours) == ["gone()"]


def test_of_a_fix_that_only_added_the_unguarded_code_is_what_comes_back() -> None:
    past = (" use(pointer);", "+if (!pointer)", "+    return;")
    added = three(match(past, ("+use(pointer);",), ("+use(pointer);",), Rule.BUG_REPEATED))
    assert marked(added.yours) == ["use(pointer);"]
    gone = ("-if (!pointer)", "-    return;")
    removed = three(match(past, gone, gone))
    assert marked(removed.yours) == ["if (!pointer)", "return;"]
    assert shown(removed.then) == [("same", 10, "use(pointer);")]


def test_lines_that_are_not_in_the_hunk_stand_by_themselves() -> None:
    told = three(match(("-a", "+b"), ("+c",), ("+x()", "-y()")))
    assert shown(told.yours) == [("new", None, "x()"), ("gone", None, "y()")]
    assert all(line.hit for line in told.yours.lines)


def test_a_line_that_stands_several_times_is_meant_where_the_match_is() -> None:
    change = ("-else:", "+b", " x", "-else:", "+a", "+b", " y", "-else:", "+a", "+b")
    at = replace(match(("-a", "+c"), change, ("-else:", "+a", "+b")), line=9, end_line=10)
    assert [n for n, line in enumerate(three(at).yours.lines) if line.hit] == [3, 4, 5]
    later = replace(at, line=12, end_line=13)
    assert [n for n, line in enumerate(three(later).yours.lines) if line.hit] == [7, 8, 9]
    elsewhere = replace(at, line=100, end_line=100)
    assert sum(line.hit for line in three(elsewhere).yours.lines) == 3
    removed = replace(at, yours=("-else:", "+a"), line=9, end_line=9)
    assert [n for n, line in enumerate(three(removed).yours.lines) if line.hit] == [3, 4]


def test_in_a_scan_nothing_was_changed() -> None:
    told = three(match(("-a(b)", "+b"), ("+x", "+a(b)"), ("+a(b)",), Rule.UNFIXED_SIBLING))
    assert shown(told.yours) == [("same", 7, "x"), ("same", 8, "a(b)")]
    assert [line.hit for line in told.yours.lines] == [False, True]


def test_what_all_lines_are_indented_by_is_left_out() -> None:
    told = three(match(("-\t\tif a:", "-\t\t\tb()", "-"), ("+\tc",), ("+\tc",)))
    assert [text(line) for line in told.then.lines] == ["if a:", "    b()", ""]
    assert shown(told.fixed) == []
    assert told.fixed.empty == "(nothing stands here any more)"


def test_a_long_side_keeps_what_tells_and_counts_the_rest() -> None:
    past = (*(f" x{n}" for n in range(100)), "-a", "+b", *(f" y{n}" for n in range(100)))
    told = three(match(past, ("+a",), ("+a",)))
    assert shown(told.then) == [
        ("gap", None, "… 97 lines"), ("same", 107, "x97"), ("same", 108, "x98"),
        ("same", 109, "x99"), ("gone", 110, "a"), ("same", 111, "y0"), ("same", 112, "y1"),
        ("same", 113, "y2"), ("gap", None, "… 97 lines"),
    ]  # fmt: skip


def test_no_side_is_without_end() -> None:
    past = tuple(f"-{n} = {n}" for n in range(1_000))
    told = three(match(past, ("+a",), ("+a",)))
    assert len(told.then.lines) == LINES + 1
    assert text(told.then.lines[-1]) == f"… {1_000 - LINES} lines"
    [wide] = three(match(("-" + "x" * 5_000,), ("+a",), ("+a",))).then.lines
    assert text(wide) == code("x" * 5_000)
    assert len(text(wide)) < 300


def test_three_stand_beside_each_other_only_where_they_fit() -> None:
    assert three(match(("-" + "x" * NARROW,), ("+a",), ("+a",))).narrow
    wide = ("+" + "x" * (NARROW + 1),)
    assert not three(match(("-a",), wide, wide)).narrow


BODY = st.lists(
    st.tuples(st.sampled_from("+- "), st.text(max_size=12)).map("".join), min_size=1, max_size=30
).map(tuple)


@given(BODY, BODY)
def test_no_line_of_a_short_hunk_is_lost_or_changed(
    past: tuple[str, ...], change: tuple[str, ...]
) -> None:
    told = three(match(past, change, change[:3]))
    for side, marker in ((told.then, "+"), (told.fixed, "-")):
        expected = [code(line[1:]) for line in past if line[0] != marker]
        assert [text(line).strip() for line in side.lines] == [one.strip() for one in expected]
    assert [text(line).strip() for line in told.yours.lines] == [
        code(line[1:]).strip() for line in change
    ]
