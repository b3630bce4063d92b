"""A lesson's rule has to pass the tests that the rules made from edits pass, and no others."""

from __future__ import annotations

import hashlib

import pytest
from memory_index import change, hunk

from bugguard.domain import Commit, FixCommit, LearnedFix
from bugguard.domain.guard import TokenRule
from bugguard.domain.knowledge import Sample, Statistics
from bugguard.domain.lesson import Lesson, digest_of
from bugguard.patterns import extract, rules
from bugguard.patterns.sample import Sampler
from bugguard.patterns.statistics import Tally

# The edit stands beside visit_each, so that no rule made of it names open_walker.
BEFORE = "walker = open_walker(tree)\nvisit_each(walker, 1000)\n"
FIX = hunk(BEFORE, BEFORE + "close_walker(walker)\n")
WITH = "other = open_walker(found)\nclose_walker(other)\n"
WITHOUT = "other = open_walker(found)\nprint_all(other)\n"
Words = tuple[str, ...]


class History:
    """Fixes after ordinary commits. ordinary: patches, and how many commits are like each."""

    def __init__(self, *fixes: str, ordinary: dict[str, int], fillers: int = 600) -> None:
        tally, sampler = Tally(), Sampler(0)
        patches = [patch for patch, times in ordinary.items() for _ in range(times)]
        patches += [hunk("", f"filler_{n} = {n}\n") for n in range(fillers)]
        for n, patch in enumerate(patches):
            sha = hashlib.sha256(str(n).encode()).hexdigest()[:40]
            one = Commit(sha, (), 0, "Work", change(patch).files)
            tally.count(one)
            sampler.count(one)
        self.fixes = []
        for n, patch in enumerate(fixes):
            made = Commit(f"{n:040x}", (), n, "Fix it", change(patch).files)
            tally.count(made)
            record = FixCommit(made.sha, n, "Fix it", "Fix it")
            self.fixes.append(LearnedFix(record, extract.patterns(made)))
        self.statistics: Statistics = tally.statistics()
        self.sample: Sample = sampler.sample()
        self.edits = rules.rules(self.fixes, self.statistics, self.sample)

    def rules(self, *words: tuple[Words, Words], fix: int = 0) -> list[TokenRule]:
        """What the lesson of a fix gives, or those of all fixes from it on."""
        lessons = {
            number: Lesson("Close it", "model-x", digest_of(self.fixes[number]), *said)
            for number, said in enumerate(words, fix)
        }
        found = rules.lesson_rules(self.fixes, lessons, self.edits, self.statistics, self.sample)
        return list(found)


OPENS: tuple[Words, Words] = (("open_walker",), ("close_walker",))


def test_a_lesson_gives_a_rule_that_the_edit_does_not() -> None:
    history = History(FIX, ordinary={hunk("", WITH): 8})
    assert history.edits == ()
    [rule] = history.rules(OPENS)
    assert (rule.trigger, rule.guard) == OPENS
    assert (rule.commits, rule.fired, rule.units, rule.support) == (608, 0, 8, 8)
    assert (rule.pattern, rule.ordinal, rule.source) == (0, rules.OF_LESSON, "model-x")


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
        ({hunk("", WITHOUT): 8}, 600, False),  # nobody ever used the guard
        ({hunk("", "close_walker(other)\n"): 90, hunk("", WITH): 8}, 600, False),  # all have it
    ],
)
def test_it_has_to_earn_its_place(ordinary: dict[str, int], fillers: int, gives: bool) -> None:
    history = History(FIX, ordinary=ordinary, fillers=fillers)
    assert [(rule.trigger, rule.guard) for rule in history.rules(OPENS)] == [OPENS] * gives


@pytest.mark.parametrize(
    "words",
    [
        (("close_walker",), ("open_walker",)),  # it would fire on the fixed side alone
        (("other",), ("close_walker",)),  # the buggy side has not got it
        (("open_walker", "other"), ("close_walker",)),
        (("open_walker",), ("visit_each",)),  # the buggy side has the guard
        (("open_walker",), ("print_all",)),  # the fixed side has not got it
        (("open_walker",), ("close_walker", "print_all")),  # nor this one
        (("visit_each",), ("close_walker",)),  # nobody else uses it: it cannot fire again
        (("=",), ("close_walker",)),  # no word
        (("open_walker", "="), ("close_walker",)),
        (("open_walker(tree)",), ("close_walker",)),  # of which nobody else uses one
        (("a walker that is opened",), ("close_walker",)),
    ],
)
def test_words_that_make_no_rule(words: tuple[Words, Words]) -> None:
    history = History(FIX, ordinary={hunk("", WITH): 8})
    assert history.rules(words) == []


@pytest.mark.parametrize(
    "words",
    [
        (("open_walker(",), ("close_walker()",)),  # models like to write calls
        (("open_walker", "open_walker"), ("close_walker",)),
    ],
)
def test_words_are_read_as_code(words: tuple[Words, Words]) -> None:
    history = History(FIX, ordinary={hunk("", WITH): 8})
    assert [(rule.trigger, rule.guard) for rule in history.rules(words)] == [OPENS]


def test_the_rarest_word_of_the_trigger_comes_first() -> None:
    both = "walker = open_walker(found)\nclose_walker(walker)\n"
    history = History(FIX, ordinary={hunk("", both): 8, hunk("", "walker = 1000\n"): 9})
    [rule] = history.rules((("walker", "open_walker"), ("close_walker",)))
    assert rule.trigger == ("open_walker", "walker")


OLD, NEW = "size = copy_text(target)\n", "size = copy_bounded(target)\n"
USE = {hunk("", "copy_text(one)\ncopy_bounded(other)\n"): 3}


@pytest.mark.parametrize("needed", [0, 2])
def test_what_the_fix_replaces_is_a_rule_where_nobody_needs_it(needed: int) -> None:
    # Three commits showed both names: too few for the one to belong to the other.
    ordinary = {**USE, hunk("", "copy_text(one)\n"): needed}
    history = History(hunk(OLD, NEW), ordinary=ordinary, fillers=3000)
    history.edits = ()
    found = history.rules((("copy_text",), ("copy_bounded",)))
    assert len(found) == (needed == 0)


@pytest.mark.parametrize(("uses", "count"), [(rules.LEAST_USES - 1, 0), (rules.LEAST_USES, 1)])
def test_a_trigger_that_hardly_anybody_uses_cannot_fire_again(uses: int, count: int) -> None:
    history = History(hunk(OLD, NEW), ordinary=dict.fromkeys(USE, uses))
    history.edits = ()
    assert len(history.rules((("copy_text",), ("copy_bounded",)))) == count


@pytest.mark.parametrize(
    ("guard", "count"),
    [(("copy_bounded",), 0), (("copy_bounded", "lonely_limit"), 1)],
)
def test_what_took_the_place_is_told_by_its_rarest_word(guard: Words, count: int) -> None:
    fix = hunk(OLD, NEW.replace("target", "target, lonely_limit"))
    history = History(fix, ordinary=USE)
    history.edits = ()
    assert len(history.rules((("copy_text",), guard))) == count


def test_what_an_edit_says_already_is_left_out() -> None:
    history = History(hunk(OLD, NEW), ordinary=USE)
    words = (("copy_text",), ("copy_bounded",))
    assert words in [(rule.trigger, rule.guard) for rule in history.edits]
    assert history.rules(words) == []
    history.edits = ()
    assert len(history.rules(words)) == 1


def test_the_rule_belongs_to_the_pattern_that_it_matches() -> None:
    other = hunk("value_of(1000, 2000)\n", "value_of(2000, 1000)\n", "other.py")
    history = History(other, other + FIX, ordinary={hunk("", WITH): 8})
    assert [len(fix.patterns) for fix in history.fixes] == [1, 2]
    [rule] = history.rules(OPENS, fix=1)
    assert rule.pattern == 2
    assert history.rules(OPENS, fix=0) == []


def test_each_lesson_gives_one_rule_in_the_order_of_the_patterns() -> None:
    again = FIX.replace("tree", "wood") + FIX.replace("app.py", "other.py")
    history = History(FIX, again, ordinary={hunk("", WITH): 8})
    assert [rule.pattern for rule in history.rules(OPENS, OPENS)] == [0, 1]


def test_no_words_no_rule_and_what_is_set_aside_gives_none() -> None:
    history = History(FIX, ordinary={hunk("", WITH): 8})
    assert history.rules(((), ())) == []
    assert len(history.rules(OPENS)) == 1
    [fix] = history.fixes
    history.fixes = [LearnedFix(fix.commit, fix.patterns, "duplicate")]
    assert history.rules(OPENS) == []
