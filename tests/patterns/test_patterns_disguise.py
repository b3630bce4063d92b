from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.domain import Hunk
from bugguard.patterns.disguise import DISGUISES, Side, side

BODY = (
    " def total(order, rate):",
    "-    amount = order.price * rate",
    "+    if rate is None:",
    "+        rate = 1",
    "+    amount = order.price * rate",
    "     log('rate of order', rate, amount)",
    "     return RATES[amount]",
)
HUNK = Hunk("a.py", "a.py", 1, 1, "", BODY)


def test_either_side_and_where_they_differ() -> None:
    assert side(HUNK, fixed=False).lines == HUNK.pre_image
    assert side(HUNK, fixed=True).lines == HUNK.post_image
    assert side(HUNK, fixed=False).centre == pytest.approx(1.0, abs=0.5)
    assert side(HUNK, fixed=True).centre == pytest.approx(2.0, abs=0.5)


def test_variables_get_other_names_and_nothing_else_does() -> None:
    renamed = DISGUISES["renamed"](side(HUNK, fixed=False))
    order, rate = renamed[0].removeprefix("def total(").removesuffix("):").split(", ")
    assert len({order, rate, "order", "rate"}) == 4
    [amount] = [renamed[1].split()[0]]
    assert renamed == (
        f"def total({order}, {rate}):",
        f"    {amount} = {order}.price * {rate}",
        f"    log('rate of order', {rate}, {amount})",
        f"    return RATES[{amount}]",
    )


def test_both_sides_get_the_same_names() -> None:
    buggy = DISGUISES["renamed"](side(HUNK, fixed=False))
    fixed = DISGUISES["renamed"](side(HUNK, fixed=True))
    assert set(buggy) <= set(fixed)


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("call(one, two, three)", ["    call(one,", "            two, three)"]),
        ("  if (a, b):", ["      if (a,", "              b):"]),
        ("x = 'a(b, c)'", ["    x = 'a(b, c)'"]),
        ("a, b = 1, 2", ["    a, b = 1, 2"]),
        ("", [""]),
        ("call(", ["    call("]),
    ],
)
def test_lines_are_broken_inside_brackets_only(line: str, broken: list[str]) -> None:
    assert DISGUISES["reformatted"](Side((line,), 0.0)) == tuple(broken)


def test_half_is_around_the_place() -> None:
    lines = tuple("abcdefgh")
    assert DISGUISES["half"](Side(lines, 0.0)) == tuple("abcd")
    assert DISGUISES["half"](Side(lines, 3.5)) == tuple("cdef")
    assert DISGUISES["half"](Side(lines, 7.0)) == tuple("efgh")


@pytest.mark.parametrize("name", ["renamed", "reformatted"])
@pytest.mark.parametrize("part", ['\\"', "(a, "])
def test_a_line_that_is_no_code_is_left_as_it_is(name: str, part: str) -> None:
    line = "x = " + 300_000 * part  # which would take minutes to look into
    assert [told.strip() for told in DISGUISES[name](Side((line,), 0.0))] == [line.strip()]


LINES = st.lists(st.text(st.characters(exclude_characters="\n")), max_size=12).map(tuple)


@given(LINES, st.floats(-0.5, 12.0))
def test_any_text_can_be_disguised(lines: tuple[str, ...], centre: float) -> None:
    code = Side(lines, centre)
    assert DISGUISES["as it is"](code) == lines
    assert len(DISGUISES["renamed"](code)) == len(lines)
    half = DISGUISES["half"](code)
    assert len(half) == (len(lines) + 1) // 2
    assert not half or any(lines[n : n + len(half)] == half for n in range(len(lines)))
    told = "".join("".join(DISGUISES["reformatted"](code)).split())
    assert told == "".join("".join(lines).split())
