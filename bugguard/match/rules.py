"""Which rules made of past fixes fire on a change: see :mod:`bugguard.domain.guard`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bugguard.domain.edit import CodeLine, Edit, token_feature
from bugguard.domain.guard import TokenRule
from bugguard.errors import ConfigError
from bugguard.ports import PatternIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

CAP = 300  #: a token that is the rarest of more rules than this says too little
MOST = 50  #: rules told of one change; the best founded ones
_ID = re.compile(r"([0-9a-f]{8,64})\.([1-9][0-9]?)")

Off = frozenset[tuple[int, int]]
"""Rules that are switched off, as (number of the fix, the rule's ordinal)."""


class Fired(NamedTuple):
    """A rule that fires on an edit."""

    place: int  #: the edit's place in the change
    fix: int  #: the number of the rule's fix
    ordinal: int  #: the place in its fix of the pattern that the rule was made of
    rule: TokenRule  #: with its trigger, guard, rate and support
    lines: tuple[CodeLine, ...]  #: the edit's added lines that have any of the trigger


def fired(
    edits: Sequence[Edit],
    index: PatternIndex,
    known: NDArray[np.bool_] | None = None,
    off: Off = frozenset(),
) -> list[Fired]:
    """The rules that fire, the best founded first; each on the first edit that it fires on.

    known: which fixes, by number, may be known; None: all. off: see :func:`switched_off`.
    """
    added = [{token for line in edit.added for token in line.tokens} for edit in edits]
    features = sorted({token_feature(token) for tokens in added for token in tokens})
    rules = index.rules(np.array(features, np.uint64), CAP)
    patterns = np.array([rule.pattern for rule in rules], np.int64)
    numbers = index.fix_numbers(patterns).tolist()
    ordinals = index.ordinals(patterns).tolist()
    places: dict[str, list[int]] = {}
    for place, tokens in enumerate(added):
        for token in tokens:
            places.setdefault(token, []).append(place)
    after = [tokens | _tokens(edit.context) for tokens, edit in zip(added, edits, strict=True)]
    found = []
    for number, ordinal, rule in zip(numbers, ordinals, rules, strict=True):
        if (known is not None and not known[number]) or (number, rule.ordinal) in off:
            continue
        for place in places.get(rule.trigger[0], ()):
            if added[place].issuperset(rule.trigger) and after[place].isdisjoint(rule.guard):
                lines = _having(edits[place].added, rule.trigger)
                found.append(Fired(place, number, ordinal, rule, lines))
                break
    return sorted(found, key=_order)[:MOST]


def switched_off(names: Iterable[str], index: PatternIndex) -> Off:
    """The rules that ``check.disabled_rules`` names; those that are not there do no harm.

    Raises ConfigError for what cannot be the name of a rule.
    """
    off: set[tuple[int, int]] = set()
    for name in names:
        match = _ID.fullmatch(name.strip().lower())
        if match is None:
            raise ConfigError(
                f"check.disabled_rules: {name!r:.60} is no rule; name one as "
                "`bugguard index rules` lists it, such as '5333c352.1'"
            )
        off.update((number, int(match[2])) for number in index.find(match[1]))
    return frozenset(off)


def _tokens(lines: Iterable[CodeLine]) -> set[str]:
    return {token for line in lines for token in line.tokens}


def _having(lines: Iterable[CodeLine], tokens: Collection[str]) -> tuple[CodeLine, ...]:
    return tuple(line for line in lines if not set(tokens).isdisjoint(line.tokens))


def _order(one: Fired) -> tuple[float, float, int, int]:
    rule = one.rule
    return (-rule.support / (rule.units + 1), rule.rate, -one.fix, rule.ordinal)
