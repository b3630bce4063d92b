"""Ranking by words: BM25 to the letter, and words as people and programmers write them."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.match.words import LONGEST, MOST_WORDS, WordTable, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Fix the parser", "fix the parser"),
        ("parseHeader", "parseheader parse header"),
        ("HTTPServer", "httpserver http server"),
        ("health_headers", "health_headers health headers"),
        ("__init__", "__init__ init"),
        ("utf8mb4", "utf8mb4 utf mb"),
        ("see #4485, x y", "see 4485"),
        ("src/tls/conn.go:12", "src tls conn go 12"),
        ("Über straße", "über straße"),
        ("数量が", "数量 量が"),
        ("数", "数"),
        ("入力checkの値", "check 入力 の値"),
        ("e" * (LONGEST + 1), ""),
        ("日" * 3, "日日 日日"),
        ("", ""),
    ],
)
def test_words(text: str, found: str) -> None:
    assert list(words(text)) == found.split()


@given(st.text())
def test_any_text_has_words_in_lower_case_of_bounded_length(text: str) -> None:
    for word in words(text):
        assert word == word.lower()
        assert 0 < len(word) <= 3 * LONGEST  # some letters are longer in lower case


_BAGS = st.lists(
    st.dictionaries(
        st.sampled_from(["null", "header", "crash", "map", "retry"]), st.integers(1, 5)
    ),
    max_size=12,
)


@given(_BAGS, st.lists(st.sampled_from(["null", "header", "crash", "other"]), max_size=6))
def test_the_ranking_is_bm25(bags: list[dict[str, int]], asked: list[str]) -> None:
    """Against the formula as it is written down, one text at a time."""
    k1, b = 1.2, 0.75
    mean = max(sum(sum(bag.values()) for bag in bags) / max(len(bags), 1), 1)
    expected = {}
    for number, bag in enumerate(bags):
        score = 0.0
        for word in set(asked) & set(bag):
            have = sum(word in other for other in bags)
            idf = math.log(1 + (len(bags) - have + 0.5) / (have + 0.5))
            long = 1 - b + b * sum(bag.values()) / mean
            score += idf * bag[word] * (k1 + 1) / (bag[word] + k1 * long)
        if score:
            expected[number] = score
    ranked = WordTable(bags).rank(" ".join(asked), 100)
    assert {one.number: one.score for one in ranked} == pytest.approx(expected, rel=1e-5)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    for one in ranked:
        assert set(one.words) == set(asked) & set(bags[one.number])


def test_rare_words_come_first_and_of_equal_texts_the_later() -> None:
    table = WordTable(
        [{"crash": 1, "null": 1}, {"crash": 1}, {"crash": 1}, {"crash": 1, "null": 1}]
    )
    ranked = table.rank("crash null", 10)
    assert [one.number for one in ranked] == [3, 0, 2, 1]
    assert ranked[0].words == ("null", "crash")
    assert [one.number for one in table.rank("crash null", 1)] == [3]


def test_a_word_that_is_often_asked_for_counts_once() -> None:
    table = WordTable([{"crash": 1}, {"null": 1}])
    [one] = table.rank("crash " * 50, 10)
    assert one.score == table.rank("crash", 10)[0].score


def test_of_a_long_question_the_rarest_words_count() -> None:
    common = {
        f"common{letter}{other}": 1 for letter in "abcdefghijklmnop" for other in "abcdefghijklmnop"
    }
    assert len(common) > MOST_WORDS
    table = WordTable([common, common | {"rarest": 1}])
    known = table.known(" ".join([*common, "rarest", "unheard"]))
    assert known[0] == "rarest"
    assert len(known) == MOST_WORDS


def test_nothing_is_found_in_nothing() -> None:
    assert WordTable([]).rank("crash", 10) == []
    assert WordTable([Counter()]).rank("crash", 10) == []
    assert WordTable([{"crash": 1}]).rank("", 10) == []
