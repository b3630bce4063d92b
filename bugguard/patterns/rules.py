"""Trigger and guard: small rules made of a fix, for repeats in code that looks different.

Of a fix that releases an iterator after a loop, the rule is: who adds ``getIterator`` has
``releaseIterator`` in the same hunk. A fix proposes such rules by its own edit, and the rest of the
history says which of them are worth anything: a rule has to match the fix's buggy side and not its
fixed side, may hardly ever fire on ordinary commits, and its guard has to go with its trigger
elsewhere too, unless the fix put the one in place of the other. A lesson may propose one rule more
for its fix, which has to pass all the same tests.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from bugguard.domain import LearnedFix
from bugguard.domain.edit import CodeLine, Edit, token_feature
from bugguard.domain.guard import TokenRule
from bugguard.domain.knowledge import Sample, Statistics
from bugguard.domain.lesson import MOST_GUARD, MOST_TRIGGER, Lesson
from bugguard.patterns.measure import Measure, Units
from bugguard.patterns.normalize import edit, tokens
from bugguard.patterns.statistics import frequencies

MOST_RULES = 3  #: of one fix, made of its edit
OF_LESSON = MOST_RULES + 1  #: ordinal of a lesson's rule, whatever rules the edit gives
MOST_FIRED = 0.002  #: of the ordinary commits; who fires more often is noise
LEAST_COMMITS = 100  #: in a smaller sample nothing tells that a rule hardly ever fires
LEAST_USES = 3  #: commits that add a token; one that nobody else uses cannot fire again
COMMON = 0.05  #: of all commits; a trigger needs one token that fewer of them add
LEAST_SUPPORT = 5  #: hunks that show the guard beside the trigger, for it to belong there
LEAST_SHARE = 0.8  #: of the hunks that add the trigger, those have the guard
_USUAL = 0.1  #: of all hunks; what more of them have is a keyword and mends nothing
_TRIGGERS = 4  #: tokens of a pattern that triggers are made of
_GUARDS = 4  #: tokens of a pattern that are tried as guards
_WORD = re.compile(r"[^\W\d]\w{2,}")


class Proposal(NamedTuple):
    """What the two sides of a pattern offer, tokens in the order of their lines."""

    pattern: int
    near: tuple[str, ...]  #: on the buggy side, on the edited lines or next to them
    gone: frozenset[str]  #: on the buggy side only
    new: tuple[str, ...]  #: on the fixed side only


def rules(
    fixes: Sequence[LearnedFix], statistics: Statistics, sample: Sample
) -> tuple[TokenRule, ...]:
    """The rules of all fixes, in the order of their patterns and ordinals.

    fixes: refined, in canonical order.
    """
    if len(sample.commits) < LEAST_COMMITS:
        return ()
    proposals = list(_proposals(fixes))
    words = {token for some in proposals for one in some for token in (*one.near, *one.new)}
    uses = _uses(words, statistics)
    measure = Measure(sample)
    return tuple(
        rule for some in proposals for rule in _best(_rules(some, uses, statistics.total, measure))
    )


def lesson_rules(
    fixes: Sequence[LearnedFix],
    lessons: Mapping[int, Lesson],
    made: Iterable[TokenRule],
    statistics: Statistics,
    sample: Sample,
) -> tuple[TokenRule, ...]:
    """The rules that lessons propose and that pass the tests: at most one a lesson, in the order of
    their patterns.

    fixes: as for :func:`rules`. lessons: by the number of their fix. made: the rules made of the
    fixes' edits; what one of them says already is left out.
    """
    asked = [(number, lesson) for number, lesson in sorted(lessons.items()) if lesson.trigger]
    if len(sample.commits) < LEAST_COMMITS or not asked:
        return ()
    first = np.cumsum([0, *(len(fix.patterns) for fix in fixes)]).tolist()
    said: defaultdict[int, list[TokenRule]] = defaultdict(list)
    for rule in made:
        said[rule.pattern].append(rule)
    measure = Measure(sample)
    found = []
    for number, lesson in asked:
        fix, start = fixes[number], first[number]
        edits = [edit(one.hunk) for one in fix.patterns] if fix.dropped is None else []
        tried = [
            _of_lesson(start + one.ordinal, edits[one.ordinal], lesson, statistics, measure)
            for one in fix.patterns[: len(edits)]
            if one.dropped is None
        ]
        known = [rule for one in range(start, first[number + 1]) for rule in said[one]]
        earned = [
            rule for rule in tried if rule and not any(_alike(rule, other) for other in known)
        ]
        found += sorted(earned, key=_order)[:1]
    return tuple(found)


def propose(pattern: int, one: Edit) -> Proposal:
    """What an edit offers."""
    buggy = {token for line in one.lines if line.marker != "+" for token in line.tokens}
    fixed = {token for line in one.lines if line.marker != "-" for token in line.tokens}
    near = [token for line in one.removed or _beside(one.lines) for token in line.tokens]
    new = [token for line in one.added for token in line.tokens if token not in buggy]
    return Proposal(
        pattern, tuple(dict.fromkeys(near)), frozenset(buggy - fixed), tuple(dict.fromkeys(new))
    )


def _proposals(fixes: Sequence[LearnedFix]) -> Iterator[list[Proposal]]:
    """Those of each fix."""
    first = 0
    for fix in fixes:
        if fix.dropped is None:
            yield [
                propose(first + one.ordinal, edit(one.hunk))
                for one in fix.patterns
                if one.dropped is None
            ]
        first += len(fix.patterns)


def _beside(lines: Sequence[CodeLine]) -> Iterator[CodeLine]:
    """The lines between which something is inserted."""
    for before, after in pairwise(lines):
        if (before.marker == "+") != (after.marker == "+"):
            yield after if before.marker == "+" else before


def _uses(tokens: Iterable[str], statistics: Statistics) -> dict[str, int]:
    """In how many commits each word was added; tokens that are no word are left out."""
    words = sorted(token for token in tokens if _WORD.fullmatch(token) or token[:1].isdigit())
    features = np.array([token_feature(word) for word in words], np.uint64)
    return dict(zip(words, frequencies(statistics, features)[0].tolist(), strict=True))


def _rules(
    proposals: Sequence[Proposal], uses: dict[str, int], total: int, measure: Measure
) -> Iterator[TokenRule]:
    for one in proposals:
        used = [token for token in one.near if uses.get(token, 0) >= LEAST_USES]
        near = sorted(used, key=lambda token: (token not in one.gone, uses[token], token))
        near = sorted(near[:_TRIGGERS], key=lambda token: (uses[token], token))
        guards = _guards(one, uses)[:_GUARDS]
        if not guards:
            continue
        for size in (1, 2, 3):
            for trigger in combinations(near, size):
                if not _tells(trigger, uses, total):
                    continue
                units = measure.adding(trigger)
                for guard in guards:
                    rule = _earned(one, trigger, (guard,), units, guard == guards[0], measure)
                    if rule:
                        yield rule


def _of_lesson(
    pattern: int, one: Edit, lesson: Lesson, statistics: Statistics, measure: Measure
) -> TokenRule | None:
    """The rule that a lesson proposes, if it is one of this pattern's and passes the tests."""
    proposal = propose(pattern, one)
    buggy = {token for line in one.lines if line.marker != "+" for token in line.tokens}
    trigger, guard = (tuple(dict.fromkeys(tokens(" ".join(words))))
                      for words in (lesson.trigger, lesson.guard))  # fmt: skip
    if not (0 < len(trigger) <= MOST_TRIGGER and 0 < len(guard) <= MOST_GUARD):
        return None
    # It has to match the buggy side, and every guard is to keep it from the fixed one.
    if not buggy.issuperset(trigger) or not set(proposal.new).issuperset(guard):
        return None
    uses = _uses({*trigger, *proposal.new}, statistics)
    if any(uses.get(token, 0) < LEAST_USES for token in trigger):
        return None
    trigger = tuple(sorted(trigger, key=lambda token: (uses[token], token)))
    guards = _guards(proposal, uses)
    if not _tells(trigger, uses, statistics.total) or not set(guards).issuperset(guard):
        return None
    units = measure.adding(trigger)
    rule = _earned(proposal, trigger, guard, units, guards[0] in guard, measure)
    return replace(rule, ordinal=OF_LESSON, source=lesson.model) if rule else None


def _guards(one: Proposal, uses: dict[str, int]) -> list[str]:
    """What can be a guard, the rarest first."""
    guards = [token for token in one.new if uses.get(token, 0) and _WORD.fullmatch(token)]
    return sorted(guards, key=lambda token: (uses[token], token))


def _tells(trigger: tuple[str, ...], uses: dict[str, int], total: int) -> bool:
    """Whether its rarest token is rare enough, and a word."""
    return uses[trigger[0]] <= COMMON * total and bool(_WORD.fullmatch(trigger[0]))


def _earned(
    one: Proposal,
    trigger: tuple[str, ...],
    guard: tuple[str, ...],
    units: Units,
    is_rarest: bool,
    measure: Measure,
) -> TokenRule | None:
    """The rule, if the sample bears it out.

    units: the hunks that add the trigger. is_rarest: whether the guard has the rarest of all words
        that could be one.
    """
    if any(measure.share(token) > _USUAL for token in guard):
        return None
    without = units.difference(*map(measure.having, guard))
    fired = measure.commits(without)
    if fired > MOST_FIRED * measure.total:
        return None
    support = len(units) - len(without)
    share = support / len(units) if units else 0.0
    belongs = support >= LEAST_SUPPORT and share >= LEAST_SHARE
    # The fix put the one in place of the other, and nobody ever needed the old one again.
    replaced = is_rarest and not one.gone.isdisjoint(trigger) and not fired
    if not belongs and not replaced:
        return None
    return TokenRule(one.pattern, 0, trigger, guard, measure.total, fired, len(units), support)


def _best(candidates: Iterable[TokenRule]) -> list[TokenRule]:
    """Of one fix the best, numbered; what says the same in other words is left out."""
    chosen: list[TokenRule] = []
    for rule in sorted(candidates, key=_order):
        if len(chosen) < MOST_RULES and not any(_alike(rule, one) for one in chosen):
            chosen.append(rule)
    chosen.sort(key=lambda rule: rule.pattern)
    return [replace(rule, ordinal=place) for place, rule in enumerate(chosen, 1)]


def _alike(rule: TokenRule, other: TokenRule) -> bool:
    if rule.trigger == other.trigger:
        return True
    return rule.guard == other.guard and not set(rule.trigger).isdisjoint(other.trigger)


def _order(rule: TokenRule) -> tuple[float, int, int, int, tuple[str, ...], tuple[str, ...]]:
    """What is seen to go together first, then what fires least and asks for least."""
    told = round(rule.support / (rule.units + 1), 6)  # of few hunks less than of many
    return (-told, rule.fired, len(rule.trigger), rule.pattern, rule.trigger, rule.guard)
