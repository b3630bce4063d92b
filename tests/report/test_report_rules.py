"""A rule says where it comes from."""

from __future__ import annotations

from dataclasses import replace

from bugguard.domain import FixCommit
from bugguard.domain.guard import TokenRule
from bugguard.report.rules import listed, record

FIX = FixCommit("5333c352" + "a" * 32, 0, "Fix it", "Fix it")
RULE = TokenRule(0, 1, ("open_it",), ("close_it",), 1000, 1, 10, 9)


def test_one_that_was_made_of_the_edit() -> None:
    assert listed(RULE, FIX).splitlines()[0] == "5333c352.1  who adds open_it needs close_it"
    assert record(RULE, FIX)["source"] == "edit"


def test_one_that_a_model_proposed_is_marked_and_escaped() -> None:
    by_model = replace(RULE, ordinal=4, source="gpt\x1b[2J")
    first = listed(by_model, FIX).splitlines()[0]
    assert first == "5333c352.4  who adds open_it needs close_it  (from a lesson by gpt\\x1b[2J)"
    assert record(by_model, FIX)["source"] == "gpt\x1b[2J"
