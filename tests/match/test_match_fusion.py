"""The ways of looking that put fixes in order, each on its own."""

from __future__ import annotations

import pytest
from memory_index import MemoryIndex, change
from test_match_offers import LEAK, NEW, PARSE

from bugguard.match.fusion import WAYS
from bugguard.match.offers import offered
from bugguard.match.rarity import Rarity
from bugguard.patterns.normalize import edit


def offers(*ways: str) -> list[str]:
    index = MemoryIndex(LEAK, PARSE)
    edits = [edit(hunk) for hunk in change(NEW).hunks]
    rarity = Rarity(index)
    rarity.learn(line for one in edits for line in one.lines)
    found = offered(edits, index, rarity, edit, None, 5, ways=ways)
    return [offer.fix.commit.sha[0] for offer in found]


def test_the_missing_companion_alone_offers_the_fix_that_brought_it() -> None:
    assert offers("missing") == ["a"]


@pytest.mark.parametrize(
    "way",
    ["names", "grams", "told"],  # of the lines beside what was added, and of the message
)
def test_twin_a_way_that_sees_nothing_in_common_offers_nothing(way: str) -> None:
    assert offers(way) == []


def test_together_they_offer_it_and_without_any_nothing_is_offered() -> None:
    assert offers(*WAYS)[0] == "a"
    assert offers() == []
