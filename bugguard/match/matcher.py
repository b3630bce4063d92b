"""A change against the index: candidates, a closer look at each, a score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bugguard.domain import BugPattern, Change, Evidence, Hunk, LearnedFix, Match, Rule
from bugguard.domain.edit import CodeLine, Edit
from bugguard.match import repeat, undo
from bugguard.match.candidates import Candidates
from bugguard.match.changed import ChangedCode
from bugguard.match.rarity import Rarity
from bugguard.match.score import repeat_score, undo_score
from bugguard.ports import Encoder, PatternIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_FIXES = 60  #: fixes looked at closely for one change


class Matcher:
    """Matches changes against one index.

    edit_of: how a hunk becomes code; the same function that learning used.
    text_of: what the encoder reads of lines; the same function that learning used.
    known: whether each fix, by its number, may be known (bool, shape (fixes,)); None: all may.
    """

    def __init__(
        self,
        index: PatternIndex,
        encoder: Encoder,
        edit_of: Callable[[Hunk], Edit],
        text_of: Callable[[tuple[str, ...]], str],
        known: NDArray[np.bool_] | None = None,
    ) -> None:
        self._index = index
        self._edit_of = edit_of
        self._text_of = text_of
        self._rarity = Rarity(index)
        self._candidates = Candidates(index, encoder, self._rarity, known)

    def match(self, change: Change) -> list[Match]:
        """All matches, best first; which of them to report is for the caller to say."""
        edits = [self._edit_of(hunk) for hunk in change.hunks]
        edits = [edit for edit in edits if edit.added or edit.removed]
        self._rarity.learn(line for edit in edits for line in edit.lines)
        found = self._candidates.by_signature(edits)
        meant = self._candidates.by_meaning([self._text_of(one.hunk.post_image) for one in edits])
        code = ChangedCode(edits)
        matches: list[Match] = []
        for number, pairs in self._pairs(found, meant).items():
            fix = self._index.fix(number)
            patterns = {one.ordinal: one for one in active(fix)}
            sides = {ordinal: self._edit_of(one.hunk) for ordinal, one in patterns.items()}
            self._rarity.learn(line for edit in sides.values() for line in edit.lines)
            undone = self._undone(fix, patterns, sides, code, change)
            repeated = (
                self._repeated(fix, patterns[ordinal], sides[ordinal], edits[place], code)
                for ordinal, place in sorted(pairs)
                if ordinal in patterns
            )
            matches += [undone] if undone else _best(one for one in repeated if one)
        return sorted(matches, key=_order)

    def _pairs(
        self, found: Sequence[dict[int, float]], meant: Sequence[dict[int, float]]
    ) -> dict[int, set[tuple[int, int]]]:
        """By fix number, which of its patterns (ordinals) to set beside which edits (places)."""
        ids = np.array(sorted({one for row in (*found, *meant) for one in row}), dtype=np.int64)
        numbers = dict(zip(ids.tolist(), self._index.fix_numbers(ids).tolist(), strict=True))
        ordinals = dict(zip(ids.tolist(), self._index.ordinals(ids).tolist(), strict=True))
        weights: defaultdict[int, float] = defaultdict(float)
        pairs: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        for place, (row, other) in enumerate(zip(found, meant, strict=True)):
            for pattern in (*row, *other):
                pairs[numbers[pattern]].add((ordinals[pattern], place))
            # Several hunks of a change that point to one fix vote together, each with its best.
            best: dict[int, float] = {}
            for pattern, weight in row.items():
                best[numbers[pattern]] = max(best.get(numbers[pattern], 0.0), weight)
            for number, weight in best.items():
                weights[number] += weight
        most = sorted(pairs, key=lambda number: (-weights[number], number))[:MOST_FIXES]
        return {number: pairs[number] for number in most}

    def _undone(
        self,
        fix: LearnedFix,
        patterns: dict[int, BugPattern],
        sides: dict[int, Edit],
        code: ChangedCode,
        change: Change,
    ) -> Match | None:
        measured = undo.compare(list(sides.values()), code, self._rarity)
        if measured is None:
            return None
        ordinal = next(one for one, side in sides.items() if side is measured.pattern)
        lines = list(undo.lines_of(measured.pattern, measured.edit, code, self._rarity))
        return _match(
            Rule.FIX_UNDONE,
            patterns[ordinal],
            fix,
            measured.edit,
            lines,
            undo_score(measured, fix.commit, change),
        )

    def _repeated(
        self, fix: LearnedFix, pattern: BugPattern, side: Edit, edit: Edit, code: ChangedCode
    ) -> Match | None:
        measured = repeat.compare(side, edit, code, self._rarity)
        lines = list(repeat.lines_of(side, edit, self._rarity))
        if not lines:
            return None
        return _match(Rule.BUG_REPEATED, pattern, fix, edit, lines, repeat_score(measured))


def _best(matches: Iterable[Match]) -> list[Match]:
    best = max(matches, key=lambda one: one.score, default=None)
    return [best] if best else []


def _match(
    rule: Rule,
    pattern: BugPattern,
    fix: LearnedFix,
    edit: Edit,
    lines: Sequence[CodeLine],
    scored: tuple[float, Evidence],
) -> Match:
    score, evidence = scored
    numbers = [max(line.number, 1) for line in lines]
    return Match(
        rule=rule,
        hunk=edit.hunk,
        pattern=pattern,
        fix=fix.commit,
        score=score,
        line=min(numbers),
        end_line=max(numbers),
        yours=tuple(line.marker + line.text for line in lines),
        evidence=evidence,
    )


def active(fix: LearnedFix) -> Iterable[BugPattern]:
    """The fix's patterns that can be matched."""
    return (one for one in fix.patterns if one.dropped is None) if fix.dropped is None else ()


def _order(match: Match) -> tuple[float, int, str, int]:
    # Of equals the younger fix: it is the one that people remember.
    return (-match.score, -match.fix.time, match.fix.sha, match.line)
