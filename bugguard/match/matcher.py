"""A change against the index: candidates, a closer look at each, a score."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bugguard.domain import (
    BugPattern,
    Change,
    Channel,
    Evidence,
    Hunk,
    LearnedFix,
    Match,
    Origins,
    Rule,
)
from bugguard.domain.change import Lines
from bugguard.domain.edit import CodeLine, Edit
from bugguard.domain.origins import EVERYWHERE
from bugguard.match import repeat, undo
from bugguard.match.candidates import Candidates
from bugguard.match.changed import ChangedCode
from bugguard.match.rarity import Rarity
from bugguard.match.score import repeat_score, undo_score
from bugguard.match.signature import Reading
from bugguard.ports import Encoder, PatternIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bugguard.match.rules import Off
    from bugguard.ports import Floats

MOST_TOKENS = 6  #: named as what made a match
OFFERED = 0.015  #: most that a fix scores which is only offered: below what is worth a warning
BEFORE_OFFERS = 3  #: of what is matched stand before all that is only offered
RULED = 0.001  #: score of a fix that only a rule made of it speaks for
LEAST_LINES = 3  #: of code added; in fewer, only words in common can tell that a bug is repeated


class Past(NamedTuple):
    """One pattern of a remembered fix."""

    fix: LearnedFix
    pattern: BugPattern
    reading: Reading


class Matcher:
    """Matches changes against one index.

    edit_of: how a hunk becomes code; the same function that learning used.
    text_of: what the encoder reads of lines; the same function that learning used.
    known: whether each fix, by its number, may be known (bool, shape (fixes,)); None: all may.
    rules_off: rules that do not count, see :func:`bugguard.match.rules.switched_off`; None: all.
    origins: whose fixes count, and how much.
    """

    def __init__(
        self,
        index: PatternIndex,
        encoder: Encoder,
        edit_of: Callable[[Hunk], Edit],
        text_of: Callable[[tuple[str, ...]], str],
        known: NDArray[np.bool_] | None = None,
        rules_off: Off | None = frozenset(),
        origins: Origins = EVERYWHERE,
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._edit_of = edit_of
        self._text_of = text_of
        self._rarity = Rarity(index)
        self._known = known
        self._rules_off = rules_off
        self._origins = origins
        self._candidates = Candidates(index, self._rarity, known)

    def match(self, change: Change, offers: int = 0) -> list[Match]:
        """All matches, best first; which of them to report is for the caller to say.

        A fix is told once: as undone, or as repeated where that is the better reading. One that is
        matched more weakly than it is offered stands here as both.
        offers: up to how many further fixes to list that the new code may call for, with scores
            below any that is worth reporting. That takes longer than all the rest.
        """
        edits = [self._edit_of(hunk) for hunk in change.hunks]
        edits = [edit for edit in edits if edit.added or edit.removed]
        self._rarity.learn(line for edit in edits for line in edit.lines)
        large = [place for place, edit in enumerate(edits) if len(edit.added) >= LEAST_LINES]
        vectors = dict(zip(large, self._vectors([edits[place] for place in large]), strict=True))
        pairs = self._candidates.pairs(edits, vectors)
        fixes = {number: self._past(self._index.fix(number)) for number in pairs}
        self._origins.look(past.fix.commit for fix in fixes.values() for past in fix.values())
        lines = (past.reading.edit.lines for fix in fixes.values() for past in fix.values())
        self._rarity.learn(line for some in lines for line in some)
        deleted = {file.path for file in change.files if file.status == "D"}
        code = ChangedCode(edits, self._rarity, deleted)

        def vector(place: int) -> Floats:
            if place not in vectors:
                [vectors[place]] = self._vectors([edits[place]])
            return vectors[place]

        matches = []
        for number, fix in fixes.items():
            possible = [self._undone(list(fix.values()), code, change)]
            for ordinal, place, pattern in sorted(pairs[number]):
                if ordinal in fix:
                    hunk = code.readings[place]
                    possible.append(
                        self._repeated(fix[ordinal], pattern, hunk, partial(vector, place))
                    )
            best = max((one for one in possible if one), key=lambda one: one.score, default=None)
            if best is not None:
                matches.append(best)
        if offers:
            told = {match.fix.sha: match.score for match in matches}
            before = sorted(told.values(), reverse=True)[:BEFORE_OFFERS]
            first = min([OFFERED, *(0.99 * score for score in before)])
            for offer in (*self._offers(edits, code, offers, first), *self._ruled(edits, code)):
                if told.get(offer.fix.sha, 0.0) < offer.score:
                    matches.append(offer)
                    told[offer.fix.sha] = offer.score
        return sorted(matches, key=_order)

    def _offers(
        self, edits: Sequence[Edit], code: ChangedCode, most: int, best: float
    ) -> Iterator[Match]:
        """Up to ``most`` fixes, the first with the score ``best``; it halves every forty places."""
        from bugguard.match.offers import offered  # a commit hook never asks

        new = [edit if edit.added else replace(edit, lines=()) for edit in edits]
        found = offered(
            new, self._index, self._rarity, self._edit_of, self._known, most, embed=self._embedded
        )
        for place, offer in enumerate(found):
            reading = Reading(offer.edit, self._rarity)
            past = Past(offer.fix, offer.pattern, reading)
            evidence = Evidence({"rank": float(place + 1)}, channel=Channel.REPEAT_NAMES)
            scored = best * 0.5 ** (place / 40), evidence
            match = self._match(
                Rule.BUG_REPEATED, past, code.readings[offer.place], offer.lines, scored
            )
            if match is not None:
                yield match

    def _ruled(self, edits: Sequence[Edit], code: ChangedCode) -> Iterator[Match]:
        """What rules made of the fixes say. On their own they are right too seldom to warn by."""
        from bugguard.match.rules import fired  # as above

        if self._rules_off is None:
            return
        for one in fired(edits, self._index, self._known, self._rules_off):
            fix = self._index.fix(one.fix)
            pattern = fix.patterns[one.ordinal]
            past = Past(fix, pattern, Reading(self._edit_of(pattern.hunk), self._rarity))
            evidence = Evidence(
                {"support": one.rule.support / max(one.rule.units, 1), "rate": one.rule.rate},
                channel=Channel.REPEAT_RULE,
            )
            hunk = code.readings[one.place]
            match = self._match(Rule.BUG_REPEATED, past, hunk, one.lines, (RULED, evidence))
            if match is not None:
                yield match

    def _embedded(self, pieces: Sequence[Lines]) -> Floats:
        return self._encoder.encode([self._text_of(lines) for lines in pieces])

    def _vectors(self, edits: Sequence[Edit]) -> Sequence[Floats]:
        """One an edit, of its post-image. Without any edit the encoder is not even loaded."""
        texts = [self._text_of(edit.hunk.post_image) for edit in edits]
        return list(self._encoder.encode(texts)) if texts else []

    def _past(self, fix: LearnedFix) -> dict[int, Past]:
        """The fix's patterns that can be matched, by their place in it."""
        return {
            one.ordinal: Past(fix, one, Reading(self._edit_of(one.hunk), self._rarity))
            for one in _active(fix)
        }

    def _undone(self, fix: Sequence[Past], code: ChangedCode, change: Change) -> Match | None:
        foreign = bool(fix) and self._origins.is_foreign(fix[0].fix.commit)
        measured = undo.compare([past.reading for past in fix], code, self._rarity, foreign=foreign)
        if measured is None:
            return None
        past = next(one for one in fix if one.reading is measured.pattern)
        lines = list(undo.lines_of(measured.pattern, measured.hunk))
        scored = undo_score(measured, past.fix.commit, change)
        return self._match(Rule.FIX_UNDONE, past, measured.hunk, lines, scored)

    def _repeated(
        self, past: Past, pattern: int, hunk: Reading, vector: Callable[[], Floats]
    ) -> Match | None:
        measured = repeat.compare(past.reading, hunk, self._rarity)
        if measured is None:
            return None
        lines = list(repeat.lines_of(past.reading, hunk))
        cosines = self._index.vectors(np.array([pattern], dtype=np.int64))[0] @ vector()
        scored = repeat_score(measured, float(cosines[0]), float(cosines[1]))
        return self._match(Rule.BUG_REPEATED, past, hunk, lines, scored)

    def _match(
        self,
        rule: Rule,
        past: Past,
        hunk: Reading,
        lines: Sequence[CodeLine],
        scored: tuple[float, Evidence],
    ) -> Match | None:
        if not lines:
            return None
        score, evidence = scored
        trust = self._origins.weight(past.fix.commit)
        theirs = {token for line in past.reading.edit.lines for token in line.tokens}
        common = theirs & {token for line in lines for token in line.tokens}
        telling = sorted(common, key=lambda token: (-self._rarity.token(token), token))
        # Where lines were added, they are the place: a removed line is no longer there to point at.
        added = [line.number for line in lines if line.marker == "+"]
        numbers = added or [max(line.number, 1) for line in lines]
        return Match(
            rule=rule,
            hunk=hunk.edit.hunk,
            pattern=past.pattern,
            fix=past.fix.commit,
            score=score * trust,
            line=min(numbers),
            end_line=max(numbers),
            yours=tuple(line.marker + line.text for line in lines),
            evidence=replace(evidence, tokens=tuple(telling[:MOST_TOKENS]), trust=trust),
            foreign=self._origins.is_foreign(past.fix.commit),
        )


def _active(fix: LearnedFix) -> Iterator[BugPattern]:
    if fix.dropped is None:
        yield from (one for one in fix.patterns if one.dropped is None)


def _order(match: Match) -> tuple[float, int, str, int]:
    # Of equals the younger fix: it is the one that people remember.
    return (-match.score, -match.fix.time, match.fix.sha, match.line)
