"""Why a match is one: its channel, its lines, its tokens, the sum that is its score."""

from __future__ import annotations

import math

import pytest
from memory_index import LetterEncoder, MemoryIndex, change, hunk

from bugguard.domain import Channel, LinePair, Match, Origins, Why
from bugguard.match.matcher import Matcher
from bugguard.match.why import explain
from bugguard.patterns.extract import embedded_text
from bugguard.patterns.normalize import edit

BUGGY = """\
def settle(ledger, amount):
    balance = ledger.balance_of(amount.currency)
    ledger.book(balance - amount.value)
    return ledger.close_day()
"""
FIXED = BUGGY.replace("balance - amount.value", "max(balance - amount.value, ledger.overdraft)")
UNGUARDED = """\
def render(template, values):
    source = load_source(template)
    return substitute(source, values)
"""
GUARDED = UNGUARDED.replace("    return", "    assert_not_empty(source, template)\n    return")


@pytest.fixture(scope="module")
def index() -> MemoryIndex:
    return MemoryIndex(
        ("a" * 40, "Fix overdrawn ledgers (#1)", hunk(BUGGY, FIXED)),
        ("b" * 40, "Fix empty templates (#1)", hunk(UNGUARDED, GUARDED)),
        ordinary=[hunk("", "template = 1\n"), hunk("", "template = 2\n")],
    )


def best(index: MemoryIndex, patch: str) -> tuple[Match, Why]:
    match = Matcher(index, LetterEncoder(), edit, embedded_text).match(change(patch))[0]
    return match, explain(match, index, edit)


def test_an_undo_pairs_each_line_with_the_other_side(index: MemoryIndex) -> None:
    _, why = best(index, hunk(FIXED, BUGGY))
    assert why.channel is Channel.UNDO_IN_PLACE
    taken = "    ledger.book(max(balance - amount.value, ledger.overdraft))"
    brought = "    ledger.book(balance - amount.value)"
    assert why.pairs == (
        LinePair("-" + taken, "+" + taken, 1.0),
        LinePair("+" + brought, "-" + brought, 1.0),
    )


def test_an_undo_in_other_words_is_alike_and_not_the_same(index: MemoryIndex) -> None:
    worded = BUGGY.replace("balance - amount.value", "balance - amount.value - ledger.fee")
    _, why = best(index, hunk(FIXED, worded))
    [pair] = [pair for pair in why.pairs if pair.yours[0] == "+"]
    assert pair.fix == "-    ledger.book(balance - amount.value)"
    assert 0.3 < pair.similarity < 1


def test_an_undo_elsewhere_is_told_as_moved(index: MemoryIndex) -> None:
    _, why = best(index, hunk(GUARDED, UNGUARDED, "views.py"))
    assert why.channel is Channel.UNDO_MOVED


def test_a_repeat_of_whole_lines(index: MemoryIndex) -> None:
    _, why = best(index, hunk("", BUGGY.replace("settle", "settle_all"), "jobs.py"))
    assert why.channel is Channel.REPEAT_LINES
    line = "    ledger.book(balance - amount.value)"
    assert LinePair("+" + line, "-" + line, 1.0) in why.pairs


def test_a_repeat_of_tokens(index: MemoryIndex) -> None:
    near = BUGGY.replace("ledger", "journal").replace("balance - amount", "balance  -  +amount")
    _, why = best(index, hunk("", near, "jobs.py"))
    assert why.channel is Channel.REPEAT_TOKENS
    assert why.pairs
    assert all(0 < pair.similarity < 1 for pair in why.pairs)


def test_a_missing_guard_pairs_with_the_code_around_it(index: MemoryIndex) -> None:
    _, why = best(index, hunk("", UNGUARDED, "jobs.py"))
    line = "    source = load_source(template)"
    assert LinePair("+" + line, " " + line, 1.0) in why.pairs


def test_tokens_are_counted_in_commits_rarest_first(index: MemoryIndex) -> None:
    match, why = best(index, hunk(GUARDED, UNGUARDED))
    assert set(why.tokens) == set(match.evidence.tokens)
    # The fix added all three, two ordinary commits one of them.
    assert list(why.tokens.items()) == [("assert_not_empty", 1), ("source", 1), ("template", 3)]
    assert why.commits == 4


@pytest.mark.parametrize("patch", [
    hunk(FIXED, BUGGY), hunk(GUARDED, UNGUARDED, "views.py"), hunk("", BUGGY, "jobs.py"),
])  # fmt: skip
def test_the_sum_is_the_score(index: MemoryIndex, patch: str) -> None:
    match, _ = best(index, patch)
    evidence = match.evidence
    assert evidence.contributions.keys() == evidence.features.keys()
    logit = evidence.constant + sum(evidence.contributions.values())
    assert match.score == pytest.approx(1 / (1 + math.exp(-logit)))


def test_a_fix_of_another_repository_was_not_undone_in_its_place(index: MemoryIndex) -> None:
    elsewhere = Origins(frozenset())
    matcher = Matcher(index, LetterEncoder(), edit, embedded_text, origins=elsewhere)
    [match, *_] = matcher.match(change(hunk(FIXED, BUGGY)))
    assert match.pattern.path == match.hunk.path
    assert explain(match, index, edit).channel is Channel.UNDO_MOVED
