"""A change against the index: candidates, a closer look at each, a score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

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

MOST_TOKENS = 6  #: named as what made a match
MOST_FIXES = 60  #: fixes looked at closely for one change


class Compared(NamedTuple):
    """The past's side of a comparison."""

    fix: LearnedFix
    pattern: BugPattern
    edit: Edit  #: the pattern's


class Pair(NamedTuple):
    """A pattern to set beside an edit."""

    ordinal: int  #: the pattern's place in its fix
    place: int  #: the edit's place in the change
    pattern: int  #: the pattern's id


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
        self._encoder = encoder
        self._edit_of = edit_of
        self._text_of = text_of
        self._rarity = Rarity(index)
        self._candidates = Candidates(index, self._rarity, known)

    def match(self, change: Change) -> list[Match]:
        """All matches, best first; which of them to report is for the caller to say."""
        edits = [self._edit_of(hunk) for hunk in change.hunks]
        edits = [edit for edit in edits if edit.added or edit.removed]
        self._rarity.learn(line for edit in edits for line in edit.lines)
        vectors = self._encoder.encode([self._text_of(one.hunk.post_image) for one in edits])
        found = self._candidates.by_signature(edits)
        meant = self._candidates.by_meaning(vectors)
        code = ChangedCode(edits)
        matches: list[Match] = []
        for number, pairs in self._pairs(found, meant).items():
            fix = self._index.fix(number)
            patterns = {one.ordinal: one for one in active(fix)}
            sides = {ordinal: self._edit_of(one.hunk) for ordinal, one in patterns.items()}
            self._rarity.learn(line for edit in sides.values() for line in edit.lines)
            possible = [self._undone(fix, patterns, sides, code, change)]
            for pair in sorted(pairs):
                if pair.ordinal in patterns:
                    near = self._cosines(pair, vectors[pair.place])
                    side = Compared(fix, patterns[pair.ordinal], sides[pair.ordinal])
                    possible.append(self._repeated(side, edits[pair.place], code, near))
            # One fix is told once: as undone, or as repeated where that is the better reading.
            best = max((one for one in possible if one), key=lambda one: one.score, default=None)
            if best is not None:
                matches.append(best)
        return sorted(matches, key=_order)

    def _cosines(self, pair: Pair, vector: NDArray[np.float32]) -> tuple[float, float]:
        both = self._index.vectors(np.array([pair.pattern], dtype=np.int64))[0] @ vector
        return float(both[0]), float(both[1])

    def _pairs(
        self, found: Sequence[dict[int, float]], meant: Sequence[dict[int, float]]
    ) -> dict[int, set[Pair]]:
        """By fix number, which of its patterns to set beside which edits."""
        ids = np.array(sorted({one for row in (*found, *meant) for one in row}), dtype=np.int64)
        numbers = dict(zip(ids.tolist(), self._index.fix_numbers(ids).tolist(), strict=True))
        ordinals = dict(zip(ids.tolist(), self._index.ordinals(ids).tolist(), strict=True))
        weights: defaultdict[int, float] = defaultdict(float)
        pairs: defaultdict[int, set[Pair]] = defaultdict(set)
        for place, (row, other) in enumerate(zip(found, meant, strict=True)):
            for pattern in (*row, *other):
                pairs[numbers[pattern]].add(Pair(ordinals[pattern], place, pattern))
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
        scored = undo_score(measured, fix.commit, change)
        side = Compared(fix, patterns[ordinal], measured.pattern)
        return self._match(Rule.FIX_UNDONE, side, measured.edit, lines, scored)

    def _repeated(
        self, side: Compared, edit: Edit, code: ChangedCode, cosines: tuple[float, float]
    ) -> Match | None:
        measured = repeat.compare(side.edit, edit, code, self._rarity)
        lines = list(repeat.lines_of(side.edit, edit, self._rarity))
        scored = repeat_score(measured, *cosines)
        return self._match(Rule.BUG_REPEATED, side, edit, lines, scored)

    def _match(
        self,
        rule: Rule,
        side: Compared,
        edit: Edit,
        lines: Sequence[CodeLine],
        scored: tuple[float, Evidence],
    ) -> Match | None:
        if not lines:
            return None
        score, evidence = scored
        theirs = {token for line in side.edit.lines for token in line.tokens}
        shared = theirs & {token for line in lines for token in line.tokens}
        telling = sorted(shared, key=lambda token: (-self._rarity.token(token), token))
        numbers = [max(line.number, 1) for line in lines]
        return Match(
            rule=rule,
            hunk=edit.hunk,
            pattern=side.pattern,
            fix=side.fix.commit,
            score=score,
            line=min(numbers),
            end_line=max(numbers),
            yours=tuple(line.marker + line.text for line in lines),
            evidence=replace(evidence, tokens=tuple(telling[:MOST_TOKENS])),
        )


def active(fix: LearnedFix) -> Iterable[BugPattern]:
    """The fix's patterns that can be matched."""
    return (one for one in fix.patterns if one.dropped is None) if fix.dropped is None else ()


def _order(match: Match) -> tuple[float, int, str, int]:
    # Of equals the younger fix: it is the one that people remember.
    return (-match.score, -match.fix.time, match.fix.sha, match.line)
