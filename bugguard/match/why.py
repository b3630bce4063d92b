"""What made a match, found again from the match itself: only who asks why pays for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from bugguard.domain import Channel, Hunk, LinePair, Match, Rule, Why
from bugguard.domain.edit import CodeLine, Edit, token_feature
from bugguard.match.rarity import Gram, Rarity, grams
from bugguard.match.signature import shared
from bugguard.ports import PatternIndex


def explain(match: Match, index: PatternIndex, edit_of: Callable[[Hunk], Edit]) -> Why:
    """``match``: one that was made against the index; edit_of: how a hunk becomes code."""
    tokens = sorted(set(match.evidence.tokens))
    features = np.array([token_feature(token) for token in tokens], dtype=np.uint64)
    counts = dict(zip(tokens, map(int, index.frequency(features)), strict=True))
    pairs = _pairs(match, Rarity(index), edit_of)
    return Why(
        channel=match.evidence.channel or _channel(match, pairs),
        pairs=pairs,
        tokens=dict(sorted(counts.items(), key=lambda item: (item[1], item[0]))),
        commits=index.commits,
    )


def _pairs(match: Match, rarity: Rarity, edit_of: Callable[[Hunk], Edit]) -> tuple[LinePair, ...]:
    told = set(match.yours)
    yours = [
        line for line in edit_of(match.hunk).lines if line.marker != " " and _marked(line) in told
    ]
    fix = edit_of(match.pattern.hunk)
    rarity.learn((*yours, *fix.lines))
    buggy = fix.removed
    if match.rule is not Rule.FIX_UNDONE and not buggy:
        # A fix that only adds has its mistake in what it left out, in the code around.
        buggy = fix.context
    sides = {"+": [_read(line, rarity) for line in buggy]}
    sides["-"] = [_read(line, rarity) for line in fix.added]
    pairs = (_pair(_read(line, rarity), sides[line.marker], rarity) for line in yours)
    return tuple(pair for pair in pairs if pair)


class _Read(NamedTuple):
    """A line with what comparing wants of it, made once."""

    line: CodeLine
    grams: Counter[Gram]
    weight: float


def _read(line: CodeLine, rarity: Rarity) -> _Read:
    bag = grams([line])
    return _Read(line, bag, rarity.weight(bag))


def _pair(yours: _Read, fix: Sequence[_Read], rarity: Rarity) -> LinePair | None:
    """The line beside the one of the fix that is most like it, if any is at all."""
    alike = [(_similarity(yours, other, rarity), other.line) for other in fix]
    similarity, other = max(alike, key=lambda one: one[0], default=(0.0, yours.line))
    if not similarity:
        return None
    return LinePair(_marked(yours.line), _marked(other), similarity)


def _marked(line: CodeLine) -> str:
    return line.marker + line.text


def _similarity(left: _Read, right: _Read, rarity: Rarity) -> float:
    """Weighted Jaccard similarity of their tokens and pairs of tokens, 0..1."""
    if left.line.key == right.line.key:
        return 1.0
    both = shared(left.grams, right.grams, rarity)
    # Lines that differ in brackets or quotes alone are not the same, and nobody is to read so.
    return min(0.99, both / (left.weight + right.weight - both)) if both else 0.0


def _channel(match: Match, pairs: Sequence[LinePair]) -> Channel:
    if match.rule is Rule.FIX_UNDONE:
        here = not match.foreign and match.pattern.path in (match.hunk.path, match.hunk.old_path)
        return Channel.UNDO_IN_PLACE if here else Channel.UNDO_MOVED
    if any(pair.similarity == 1 for pair in pairs):
        return Channel.REPEAT_LINES
    return Channel.REPEAT_TOKENS if match.evidence.tokens else Channel.REPEAT_MEANING
