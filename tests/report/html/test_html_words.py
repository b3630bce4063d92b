"""Which words are marked, and that marking never changes what is shown."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.report.html import words
from bugguard.report.html.words import Piece, Pieces

LINES = st.lists(
    st.sampled_from(
        ["retry", "(", ")", " ", "  ", "order", "=", "総額", "<b>", "_x", "1", "\\x1b"]
    ),
    max_size=12,
).map("".join) | st.text(max_size=40)


def text(pieces: Pieces) -> str:
    return "".join(piece.text for piece in pieces)


def marked(pieces: Pieces) -> list[str]:
    return [piece.text for piece in pieces if piece.marked]


@given(LINES, LINES)
def test_joined_they_are_the_lines_again(old: str, new: str) -> None:
    before, after = words.differing(old, new)
    assert (text(before), text(after)) == (old, new)
    assert text(words.shared(old, after)) == old
    assert text(words.whole(old, marked=True)) == old
    assert "".join(words.tokens(old)) == old


@given(LINES, LINES)
def test_neighbours_are_one_piece_and_none_is_empty(old: str, new: str) -> None:
    for pieces in words.differing(old, new):
        assert all(piece.text for piece in pieces)
        flags = [piece.marked for piece in pieces]
        assert all(one != other for one, other in itertools.pairwise(flags))


@given(LINES)
def test_a_line_does_not_differ_from_itself(line: str) -> None:
    assert [marked(pieces) for pieces in words.differing(line, line)] == [[], []]
    assert words.likeness(words.bag(line), words.bag(line)) == bool(words.bag(line))


@given(LINES, LINES)
def test_what_is_not_marked_is_in_both(old: str, new: str) -> None:
    before, after = words.differing(old, new)

    def kept(pieces: Pieces) -> list[str]:
        return [
            word
            for piece in pieces
            if not piece.marked
            for word in words.tokens(piece.text)
            if not word.isspace()
        ]

    assert kept(before) == kept(after)


@given(st.lists(LINES, max_size=8), st.lists(LINES, max_size=8))
def test_pairs_never_cross(olds: list[str], news: list[str]) -> None:
    found = words.pairs(olds, news)
    for side in (0, 1):
        places = [pair[side] for pair in found]
        assert places == sorted(set(places))
    for i, j in found:
        assert words.likeness(words.bag(olds[i]), words.bag(news[j])) >= words.ALIKE


@pytest.mark.parametrize(("old", "new", "gone", "came"), [
    ("for d.Next() {", "for d.NextBlock(0) {", ["Next"], ["NextBlock", "0"]),
    ("x = 1", "x = 2", ["1"], ["2"]),
    ("return a", "return a if a else b", [], ["if a else b"]),
    ("合計を計算する", "総計を計算する", ["合"], ["総"]),
    ("    a", "  a", [], []),  # an indentation is never marked
])  # fmt: skip
def test_words_are_told_not_letters(old: str, new: str, gone: list[str], came: list[str]) -> None:
    before, after = words.differing(old, new)
    assert (marked(before), marked(after)) == (gone, came)


def test_the_pairing_has_the_most_in_common() -> None:
    olds = ["first(order)", "second(voucher, order)"]
    news = ["log()", "first(order, 1)", "second(voucher)", "third()"]
    assert words.pairs(olds, news) == [(0, 1), (1, 2)]
    assert words.pairs(["a(b)"], ["x = [y]"]) == []
    assert words.pairs(olds * 30, news) == []


def test_signs_alone_are_nothing_in_common() -> None:
    assert words.likeness(words.bag("a();"), words.bag("b();")) == 0
    assert words.likeness(words.bag("a b a"), words.bag("a c")) == 0.4
    assert words.bag("}") == frozenset()
    assert marked(words.shared("a();", (Piece("b();", True),))) == []


def test_what_is_shared_is_marked_only_where_the_other_line_is() -> None:
    past = (Piece("raise Error("), Piece("order, voucher", True), Piece(")"))
    assert marked(words.shared("raise Error(order, basket)", past)) == ["order,"]
    assert marked(words.shared("raise Error(basket)", past)) == []


def test_the_line_most_like_is_by_its_own_words() -> None:
    past = [words.bag("call(x)"), words.bag("rare_call(" + "y, " * 40 + ")")]
    assert words.nearest(words.bag("rare_call()"), past) == 1
    assert words.nearest(words.bag("call()"), [*past, words.bag("call(x, y)")]) == 0
    assert words.nearest(words.bag("other()"), past) is None
    assert words.nearest(words.bag("}"), past) is None
    assert words.nearest(words.bag("z"), [frozenset()] * words.PAIRED + [words.bag("z")]) is None
