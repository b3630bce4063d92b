"""Which past fixes a change may call for again in code that looks different, in order.

No geometry ranks these well enough to warn by. So six weak ways of looking (names, parts of names,
tokens in a row, the fix's own words, a companion that is missing, the meaning of a lesson) each put
the fixes in an order of their own, and their reciprocal ranks are summed (reciprocal rank fusion:
Cormack, Clarke and Büttcher, SIGIR 2009). Without lessons the last of them says nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np

from bugguard.domain.edit import CodeLine, Edit, identifiers
from bugguard.match.rarity import Rarity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]

_T = TypeVar("_T", str, tuple[str, ...])

WINDOW, STEP = 12, 6  #: lines of the changed code looked at together
MOST_WINDOWS = 80  #: of a change; those with the most added lines
WAYS = ("names", "words", "grams", "told", "missing", "lessons")  #: of looking
_K = 20  #: of the fusion: how much the first ranks count more than those below
_SMALL = 6.0  #: the weight of some six rare words: a unit that says less is not sure of anything
_NAME = re.compile(r"[^\W\d]\w+")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_NO_WORDS = frozenset(
    re.findall(
        r"\w+",
        "fix fixes fixed bug issue the an of in to for on with when is not and or closes close "
        "from by if be it this that as are at was use using should we can but will has have add "
        "make sure instead so which don do no only also all",
    )
)


class Unit(NamedTuple):
    """One pattern as these ways of looking see it."""

    fix: int  #: its fix's number
    edit: Edit
    message: str  #: its fix's
    lesson: str = ""  #: its fix's, if a model made one


class Near(NamedTuple):
    """How near the lesson of a fix is to a change."""

    cosine: float  #: above 0
    window: int  #: place of the window that it is nearest to


class Window(NamedTuple):
    """Some lines of a change's post-image."""

    place: int  #: of the edit in the change
    lines: Sequence[CodeLine]
    added: Sequence[CodeLine]


def windows(edits: Sequence[Edit]) -> list[Window]:
    """What new code there is, in pieces of about a function's size."""
    found = []
    for place, edit in enumerate(edits):
        post = [line for line in edit.lines if line.marker != "-"]
        for start in range(0, max(1, len(post) - WINDOW + STEP), STEP):
            lines = post[start : start + WINDOW]
            added = [line for line in lines if line.marker == "+"]
            if added:
                found.append(Window(place, lines, added))
    if len(found) > MOST_WINDOWS:
        found.sort(key=lambda window: -len(window.added))
    return found[:MOST_WINDOWS]


class _Table(Generic[_T]):
    """Units by their features: weights of what each has in common with a window, all at once."""

    def __init__(self, rows: Sequence[Set[_T]], weigh: Callable[[_T], float] | None = None) -> None:
        self._having: defaultdict[_T, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            for feature in row:
                self._having[feature].append(number)
        self._rows = len(rows)
        self._weigh: Callable[[_T], float] = weigh or self._rare
        self.total = np.array([math.fsum(map(self._weigh, row)) for row in rows])

    def _rare(self, feature: _T) -> float:
        """Where the history's statistics do not know a feature: how rare it is among the units."""
        have = len(self._having.get(feature, ()))
        return math.log((self._rows + 1) / (have + 0.5)) / math.log(self._rows + 2)

    def common(self, features: Iterable[_T]) -> Scores:
        sums = np.zeros(self._rows)
        for feature in sorted(features):  # in one order, so that equal sums stay equal
            if feature in self._having:
                sums[self._having[feature]] += self._weigh(feature)
        return sums


def rank(
    pieces: Sequence[Window],
    units: Sequence[Unit],
    rarity: Rarity,
    near: Mapping[int, Near] | None = None,
    *,
    ways: Iterable[str] = WAYS,
) -> list[tuple[int, int, int]]:
    """(fix number, its unit that speaks for it, place of the edit that it speaks of), best first.

    The rarity must have learned all lines of the units. near: by the fix's number, of the fixes
    whose lessons are nearest. ways: those of :data:`WAYS` that count.
    """
    if not units or not pieces:
        return []
    scores, places = _ways(pieces, units, rarity, near or {})
    numbers, row = np.unique([unit.fix for unit in units], return_inverse=True)
    fused = np.zeros(len(numbers))
    for way in ways:
        best = np.zeros(len(numbers))
        np.maximum.at(best, row, scores[way])
        order = np.argsort(np.argsort(-best, kind="stable"), kind="stable")
        fused += np.where(best > 0, 1 / (_K + 1 + order), 0)
    speaking: dict[int, int] = {}
    names = scores["names"]
    for unit, one in enumerate(row.tolist()):
        if one not in speaking or names[unit] > names[speaking[one]]:
            speaking[one] = unit
    ranked = sorted(np.flatnonzero(fused).tolist(), key=lambda one: (-fused[one], one))
    return [(int(numbers[one]), speaking[one], places[speaking[one]]) for one in ranked]


def _ways(
    pieces: Sequence[Window], units: Sequence[Unit], rarity: Rarity, near: Mapping[int, Near]
) -> tuple[Mapping[str, Scores], list[int]]:
    """By each way of looking, how near each unit is to the change: the best of its windows."""
    names = _Table([identifiers(unit.edit.wrong) for unit in units], rarity.token)
    words = _Table([_words(identifiers(unit.edit.wrong)) for unit in units])
    grams = _Table(
        [_grams(unit.edit.wrong) for unit in units], lambda gram: max(map(rarity.token, gram))
    )
    told = _Table([_told(unit.message) | _told(unit.lesson) for unit in units])
    missing = _Missing(units, rarity)
    best = {way: np.zeros(len(units)) for way in WAYS}
    places = [0] * len(units)
    for number, unit in enumerate(units):
        if unit.fix in near:
            best["lessons"][number], window = near[unit.fix]
            places[number] = pieces[window].place  # unless names in common say better
    for piece in pieces:
        here, new = identifiers(piece.lines), identifiers(piece.added)
        common = names.common(here)
        scores = {
            "names": names.common(new) * common / (names.total + _SMALL),
            "words": words.common(_words(here)) ** 2 / (words.total + _SMALL),
            "grams": grams.common(_grams(piece.added))
            * grams.common(_grams(piece.lines))
            / (grams.total + _SMALL),
            "told": told.common(_words(here)) / (told.total + 1),
            "missing": missing.scores(new, here),
        }
        for number in np.flatnonzero(scores["names"] > best["names"]).tolist():
            places[number] = piece.place
        for way, found in scores.items():
            np.maximum(best[way], found, out=best[way])
    return best, places


class _Missing:
    """The companion that is missing: names that a fix brought, which elsewhere in the history come
    with a name that the new code has, and which the new code has not.
    """

    def __init__(self, units: Sequence[Unit], rarity: Rarity) -> None:
        self._rarity = rarity
        before = [
            identifiers(line for line in unit.edit.lines if line.marker != "+") for unit in units
        ]
        self._brought = [
            identifiers(unit.edit.added) - known for unit, known in zip(units, before, strict=True)
        ]
        self._with: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(before):
            for name in row:
                self._with[name].append(number)
        brought = frozenset[str]().union(*self._brought)
        self._seen: Counter[str] = Counter()
        self._together: Counter[tuple[str, str]] = Counter()
        for unit in units:
            after = identifiers(line for line in unit.edit.lines if line.marker != "-")
            self._seen.update(after)
            for guard in after & brought:
                self._together.update((name, guard) for name in after)

    def scores(self, new: Set[str], here: Set[str]) -> Scores:
        scores = np.zeros(len(self._brought))
        for name in new:
            weight = self._rarity.token(name)
            for number in self._with.get(name, ()):
                guards = self._brought[number] - here
                share = max(
                    (self._together[name, guard] * self._rarity.token(guard) for guard in guards),
                    default=0.0,
                )
                scores[number] = max(scores[number], weight * share / (self._seen[name] + 2))
        return scores


def _words(names: Iterable[str]) -> frozenset[str]:
    """The parts of ``camelCase`` and ``snake_case`` names."""
    return frozenset(
        word.lower() for name in names for word in _WORD.findall(name) if len(word) > 1
    )


def _grams(lines: Iterable[CodeLine]) -> frozenset[tuple[str, ...]]:
    """Two and three tokens in a row."""
    found: set[tuple[str, ...]] = set()
    for line in lines:
        found.update(zip(line.tokens, line.tokens[1:], strict=False))
        found.update(zip(line.tokens, line.tokens[1:], line.tokens[2:], strict=False))
    return frozenset(found)


def _told(message: str) -> frozenset[str]:
    return _words(_NAME.findall(message[:600])) - _NO_WORDS
