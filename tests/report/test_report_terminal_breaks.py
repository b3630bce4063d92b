"""Lines are broken where a reader would: between words, and in Japanese between characters."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bugguard.report.terminal.breaks import broken, columns

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])) | st.text(
    st.sampled_from("ab 、。（）端数ｱｶﾞ\u0301\u200d\ufe0f❤👨👩👧🏽e  ")
)


def lines(text: str, room: int, further: int | None = None) -> list[str]:
    return [text[a:b] for a, b in broken(text, room, room if further is None else further)]


@given(TEXT, st.integers(2, 30), st.integers(2, 30))
def test_every_line_fits_and_only_blanks_are_left_out(text: str, room: int, further: int) -> None:
    shown = lines(text, room, further)
    assert "".join(shown).replace(" ", "") == text.replace(" ", "")
    for place, line in enumerate(shown):
        assert cell_len(line) <= columns(line) <= (further if place else room)


@given(TEXT)
def test_columns_are_never_fewer_than_rich_counts(text: str) -> None:
    assert columns(text) >= cell_len(text)
    assert columns(text) == sum(map(columns, text))


@given(TEXT.map(lambda text: "".join(c for c in text if unicodedata.combining(c) == 0)))
def test_what_fits_is_one_line(text: str) -> None:
    assert lines(text, max(columns(text), 2)) == [text]


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("one two three", 7, ["one two", "three"]),
        ("one  two", 5, ["one", "two"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("    abcdefgh", 6, ["    ab", "cdefgh"]),
        ("#12 端数処理の不具合", 12, ["#12 端数処理", "の不具合"]),
        ("端数処理、の不具合", 8, ["端数処", "理、の不", "具合"]),
        ("端数（処理）", 6, ["端数", "（処", "理）"]),
        ("端数 abc", 7, ["端数", "abc"]),
        ("ab👨\u200d👩c", 4, ["ab", "👨\u200d👩", "c"]),
        ("xyz❤\ufe0f", 4, ["xyz", "❤\ufe0f"]),
        ("xyzé", 3, ["xyz", "é"]),
        ("👍🏽👍🏽", 5, ["👍🏽", "👍🏽"]),
        ("ab👍🏽", 5, ["ab", "👍🏽"]),
        ("", 5, [""]),
        ("a ", 1, ["a"]),
    ],
)
def test_where_lines_are_broken(text: str, room: int, expected: list[str]) -> None:
    assert lines(text, room) == expected
