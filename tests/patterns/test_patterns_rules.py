"""Which rules a fix gives, and which it does not."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from memory_index import change, hunk

from bugguard.domain import Commit, FixCommit, LearnedFix
from bugguard.domain.guard import TokenRule
from bugguard.patterns import extract, rules
from bugguard.patterns.sample import Sampler
from bugguard.patterns.statistics import Tally

BEFORE = "walker = open_walker(tree)\nvisit_each(walker)\n"
AFTER = "walker = open_walker(tree)\nvisit_each(walker)\nclose_walker(walker)\n"
WITH = "other = open_walker(found)\nclose_walker(other)\n"
WITHOUT = "other = open_walker(found)\nprint_all(other)\n"


def learned(
    fix: str, ordinary: dict[str, int], fillers: int = 600
) -> tuple[tuple[TokenRule, ...], LearnedFix]:
    """The rules of a fix. ordinary: patches, and how many commits are like each."""
    tally, sampler = Tally(), Sampler(0)
    patches = [patch for patch, times in ordinary.items() for _ in range(times)]
    patches += [hunk("", f"filler_{n} = {n}\n") for n in range(fillers)]
    for n, patch in enumerate(patches):
        sha = hashlib.sha256(str(n).encode()).hexdigest()[:40]
        one = Commit(sha, (), 0, "Work", change(patch).files)
        tally.count(one)
        sampler.count(one)
    made = Commit("f" * 40, (), 1, "Fix it", change(fix).files)
    tally.count(made)
    record = FixCommit(made.sha, 1, "Fix it", "Fix it")
    remembered = LearnedFix(record, extract.patterns(made))
    found = rules.rules([remembered], tally.statistics(), sampler.sample())
    return found, remembered


def told(found: tuple[TokenRule, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(rule.trigger, rule.guard) for rule in found]


def test_what_goes_together_elsewhere_is_a_rule() -> None:
    found, _ = learned(hunk(BEFORE, AFTER), {hunk("", WITH): 8})
    # visit_each stands nearest to the insertion, but nobody else uses it.
    assert found == ()
    found, _ = learned(NEAR, {hunk("", WITH): 8})
    [rule] = found
    assert (rule.trigger, rule.guard) == (("open_walker",), ("close_walker",))
    assert (rule.commits, rule.fired, rule.units, rule.support) == (608, 0, 8, 8)
    assert (rule.pattern, rule.ordinal) == (0, 1)


OPENED = "walker = open_walker(tree)\n"
NEAR = hunk(OPENED, OPENED + "close_walker(walker)\n")


@pytest.mark.parametrize(
    ("ordinary", "fillers", "gives"),
    [
        ({hunk("", WITH): 8, hunk("", WITHOUT): 1}, 600, True),
        ({hunk("", WITH): 8, hunk("", WITHOUT): 2}, 600, False),  # fires on more than 0.2 %
        ({hunk("", WITH): 8, hunk("", WITHOUT): 2}, 1200, True),
        ({hunk("", WITH): 9, hunk("", WITHOUT): 3}, 3000, False),  # the guard is missing too often
        ({hunk("", WITH): rules.LEAST_SUPPORT - 1}, 600, False),  # too few have ever shown it
        ({hunk("", WITH): 5}, rules.LEAST_COMMITS - 5, True),
        ({hunk("", WITH): 5}, rules.LEAST_COMMITS - 6, False),  # too little to measure by
        ({hunk("", WITH): 40}, 600, False),  # what many commits add triggers nothing
    ],
)
def test_a_rule_has_to_earn_its_place(ordinary: dict[str, int], fillers: int, gives: bool) -> None:
    found, _ = learned(NEAR, ordinary, fillers)
    assert ((("open_walker",), ("close_walker",)) in told(found)) == gives


def test_a_guard_in_the_context_counts_as_one() -> None:
    around = hunk("close_walker(one)\n", "close_walker(one)\nother = open_walker(found)\n")
    found, _ = learned(NEAR, {around: 8, hunk("", "close_walker(one)\n"): 3})
    assert [(rule.units, rule.support) for rule in found] == [(8, 8)]


def test_a_trigger_in_the_context_is_none() -> None:
    around = hunk("other = open_walker(found)\n", "other = open_walker(found)\nprint_all()\n")
    found, _ = learned(NEAR, {hunk("", WITH): 8, around: 30}, 2000)
    assert [(rule.fired, rule.units) for rule in found if rule.guard == ("close_walker",)] == [
        (0, 8)
    ]


OLD, NEW = "size = copy_text(target)\n", "size = copy_bounded(target)\n"
REPLACED = (("copy_text",), ("copy_bounded",))


@pytest.mark.parametrize("shown", [0, 2])
def test_what_the_fix_replaces_is_a_rule_where_nobody_needs_it(shown: int) -> None:
    """Earlier uses of the old name were in fixes or outside of the sample."""
    use = hunk("", "copy_text(one)\ncopy_bounded(other)\n")
    found, _ = learned(hunk(OLD, NEW), {use: 3})
    assert REPLACED in told(found)
    needed = {use: 3, hunk("", "copy_text(one)\n"): shown}
    assert (REPLACED in told(learned(hunk(OLD, NEW), needed, 3000)[0])) == (shown == 0)


def test_a_name_of_the_fix_alone_cannot_fire_again() -> None:
    assert learned(hunk(OLD, NEW), {})[0] == ()


@pytest.mark.parametrize("fix", [NEAR, hunk(OLD, NEW), hunk(BEFORE + OLD, AFTER + NEW)])
def test_rules_match_the_buggy_side_and_not_the_fixed_one(fix: str) -> None:
    use = hunk("", WITH + "copy_text(one)\ncopy_bounded(other)\nvisit_each(one)\n")
    found, remembered = learned(fix, {use: 8})
    assert found
    assert len(found) <= rules.MOST_RULES
    for rule in found:
        pattern = remembered.patterns[rule.pattern]
        buggy, fixed = " ".join(pattern.buggy), " ".join(pattern.fixed)
        assert all(token in buggy for token in rule.trigger)
        assert not any(token in buggy for token in rule.guard)
        assert any(token in fixed for token in rule.guard)


def test_what_is_set_aside_gives_no_rule() -> None:
    found, remembered = learned(NEAR, {hunk("", WITH): 8})
    assert found
    aside = replace(remembered, dropped="duplicate")
    tally, sampler = Tally(), Sampler(0)
    for n in range(rules.LEAST_COMMITS):
        one = Commit(f"{n:040x}", (), 0, "Work", change(hunk("", WITH)).files)
        tally.count(one)
        sampler.count(one)
    assert rules.rules([aside], tally.statistics(), sampler.sample()) == ()
