"""Lessons help to offer, by their words and by what they mean, and never make a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from memory_index import LetterEncoder, MemoryIndex, change, hunk
from numpy.typing import NDArray
from test_match_offers import LEAK, NEW, NOTHING, PARSE

from bugguard.domain import Match
from bugguard.match import offers
from bugguard.match.fusion import WAYS
from bugguard.match.matcher import Matcher
from bugguard.match.offers import offered
from bugguard.match.rarity import Rarity
from bugguard.patterns.extract import embedded_text
from bugguard.patterns.normalize import edit
from bugguard.pipeline.check import chosen

#: In letters, as near to NOTHING's line as can be; and a lesson that shares hardly any with it.
NEAR, FAR = "double ratio_of_widths = width_of(left) / 2;", "QQQQ"


def listed(
    patch: str,
    lessons: Mapping[int, str],
    *,
    ways: Sequence[str] = WAYS,
    known: Sequence[bool] | None = None,
    vectors: bool = True,
) -> list[str]:
    """Which fixes are offered, the likeliest first."""
    index = MemoryIndex(LEAK, PARSE, lessons=lessons)
    edits = [edit(one) for one in change(patch).hunks]
    rarity = Rarity(index)
    rarity.learn(line for one in edits for line in one.lines)
    mask = None if known is None else np.array(known)

    def embed(pieces: Sequence[tuple[str, ...]]) -> NDArray[np.float32]:
        return LetterEncoder().encode([embedded_text(lines) for lines in pieces])

    found = offered(
        edits, index, rarity, edit, mask, 5, embed=embed if vectors else None, ways=ways
    )
    return [offer.fix.commit.sha[0] for offer in found]


def matches(patch: str, lessons: Mapping[int, str], asked: int = 5) -> list[Match]:
    index = MemoryIndex(LEAK, PARSE, lessons=lessons)
    matcher = Matcher(index, LetterEncoder(), edit, embedded_text)
    return matcher.match(change(patch), asked)


def test_a_lesson_near_to_the_change_offers_a_fix_that_no_name_finds() -> None:
    assert listed(NOTHING, {}) == []
    assert listed(NOTHING, {1: NEAR}) == ["b"]


def test_the_nearest_comes_first() -> None:
    assert listed(NOTHING, {0: NEAR, 1: "ratio of widths"}) == ["a", "b"]
    assert listed(NOTHING, {0: "ratio of widths", 1: NEAR}) == ["b", "a"]


def test_twin_a_lesson_that_has_nothing_to_do_with_it_offers_nothing() -> None:
    assert listed(hunk("", "abcd = abcd\n", "a.c"), {1: FAR}) == []


@pytest.mark.parametrize("ways", [(), ("names", "words", "grams", "told", "missing"), ("told",)])
def test_without_that_way_of_looking_a_lesson_counts_in_no_way(ways: tuple[str, ...]) -> None:
    assert listed(NOTHING, {1: NEAR}, ways=ways) == []
    assert listed(NEW, {0: NEAR, 1: NEAR}, ways=ways) == listed(NEW, {}, ways=ways)


def test_the_words_of_a_lesson_join_those_of_the_message() -> None:
    """PARSE shares a name with this, and its message no word."""
    patch = hunk("", "report_error(reader, wider_margins);\n", "reader.c")
    ways = ("told", "lessons")
    assert listed(patch, {}, ways=ways, vectors=False) == []
    assert listed(patch, {1: "Mind the margins"}, ways=ways, vectors=False) == ["b"]
    assert listed(patch, {1: "Mind the gap"}, ways=ways, vectors=False) == []


def test_a_fix_that_was_not_there_yet_is_not_offered() -> None:
    lessons = {0: NEAR, 1: NEAR}
    assert listed(NOTHING, lessons) == ["a", "b"]
    assert listed(NOTHING, lessons, known=[False, True]) == ["b"]
    assert listed(NOTHING, lessons, known=[False, False]) == []


def test_only_the_nearest_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "NEAREST", 1)
    assert listed(NOTHING, {0: "ratio of widths", 1: NEAR}) == ["b"]
    # Those that must not be known do not take the place of those that may.
    assert listed(NOTHING, {0: "ratio of widths", 1: NEAR}, known=[True, False]) == ["a"]


def test_it_is_offered_at_the_hunk_that_its_lesson_is_near_to() -> None:
    other = hunk("", "zzz = yyy(xxx, 1000)\n", "other.py")
    for patch in (other + NOTHING, NOTHING + other):
        [match] = matches(patch, {1: NEAR})
        assert match.hunk.path == "shapes.c"
        assert any("ratio_of_widths" in line for line in match.yours)


def test_a_lesson_never_makes_a_finding() -> None:
    for patch in (NEW, NOTHING):
        for lessons in ({}, {0: NEAR, 1: NEAR}, {1: "double ratio dictGetIterator de di"}):
            reported, _ = chosen(matches(patch, lessons), 0.0)
            plain, _ = chosen(matches(patch, {}), 0.0)
            assert reported == plain
            assert not any(match.offered for match in reported)


def test_who_asks_for_no_offers_reads_no_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a lesson was read")

    monkeypatch.setattr(MemoryIndex, "lesson", never)
    monkeypatch.setattr(MemoryIndex, "taught", never)
    matches(NOTHING, {1: NEAR}, 0)
    with pytest.raises(AssertionError, match="a lesson was read"):
        matches(NOTHING, {1: NEAR}, 5)


def test_without_lessons_no_vector_is_made_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("embedded for nothing")

    monkeypatch.setattr(LetterEncoder, "encode", never)
    assert listed(NEW, {})[0] == "a"


def test_nothing_added_asks_for_nothing() -> None:
    assert listed(hunk("value = make_it(1000)\n", "", "a.py"), {1: NEAR}) == []
