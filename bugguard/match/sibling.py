"""BG003: code that looks like the buggy side of a past fix made elsewhere, and never got it.

A scan sees no change, only code as it stands. So all that tells a forgotten place from the fix's
own is what stands there: the lines that the fix found wrong, in code like that around them, without
anything of the remedy; and that the fix itself still stands where it was made. The code of a fix
that was taken back or replaced since looks the same and was not forgotten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from bugguard.domain.edit import CodeLine
from bugguard.match.rarity import Gram, Rarity, grams
from bugguard.match.signature import Reading, shared

#: Of the mistake and of the code around, what must stand there for a closer look.
LEAST_MISTAKE = 0.7
LEAST_AROUND = 0.4
MOST_REMEDY = 0.3  #: of the remedy; where more of it stands, the fix was made there too
_SLACK = 2  #: further lines of code that may stand between those of the buggy side
_BEYOND = 3  #: lines of code on either side of the wrong ones in which the remedy may stand
_IDIOM = 5  #: a line that stands in so many places is how code is written there
_LARGE = 15  #: lines found wrong; more are a rewrite
_MOSTLY = 0.6  #: of a line, what must be of the mistake
_TELLING = 3.0  #: the weight of a remedy of some two rare tokens


@dataclass(frozen=True, slots=True)
class Sibling:
    """How a place compares to a pattern's buggy side. Shares are by rarity, 0..1."""

    start: int  #: place of its first line among the file's lines of code,
    end: int  #: and that after its last
    mistake: float  #: of what the fix found wrong, what stands there
    around: float  #: of the whole buggy side, what stands there
    wrong: float  #: of the lines that the fix found wrong, those that stand there whole
    remedy: float  #: of what only the fixed side has, what stands there or nearby
    telling: float  #: how much the remedy says at all: the rarities summed up
    weight: float  #: the same of what is alike
    stands: float  #: of the lines that the fix put in, the share that still stands anywhere
    home: bool  #: whether it is in a file of the fix's name
    moved: bool  #: whether the place may be the fix's own, by the lines around
    adds_only: bool  #: the fix removed no line
    large: bool  #: the fix found many lines wrong: it was a rewrite


class Mistake:
    """A pattern's buggy side, with what comparing wants of it; each bag is made once."""

    def __init__(self, reading: Reading, rarity: Rarity, brought: Set[str] = frozenset()) -> None:
        """brought: the keys of all lines that the whole fix adds; what it only moved was right."""
        self.reading = reading
        self._rarity = rarity
        edit = reading.edit
        self.adds_only = not edit.removed
        lost = tuple(line for line in reading.lost_lines if line.key not in brought)
        self.wrong = lost if edit.removed else edit.context
        self.keys = frozenset(line.key for line in self.wrong)
        self.pre_image = tuple(line for line in edit.lines if line.marker != "+")

    @cached_property
    def own(self) -> Counter[Gram]:
        """Grams of the lines that the fix found wrong; of one that only adds, of all around."""
        return grams(self.wrong)

    @cached_property
    def own_weight(self) -> float:
        return self._rarity.weight(self.own)

    @cached_property
    def worth(self) -> dict[Gram, float]:
        """What each gram of the buggy side is worth in finding the place; a wrong one twice."""
        return {
            gram: self._rarity.gram(gram) * (1 + (gram in self.own)) for gram in self.reading.before
        }

    @cached_property
    def before_weight(self) -> float:
        return self._rarity.weight(self.reading.before)

    @cached_property
    def remedy(self) -> Counter[Gram]:
        """What the fixed side has more of, whole lines by their keys included."""
        remedy = Counter({gram: n for gram, n in self.reading.gained.items()
                          if gram not in self.reading.before})  # fmt: skip
        return remedy or Counter({line.key: 1 for line in self.reading.gained_lines})

    @cached_property
    def remedy_weight(self) -> float:
        return self._rarity.weight(self.remedy)

    @cached_property
    def telling(self) -> bool:
        """Whether the lines that were wrong are more than how code is written there."""
        return any(self._rarity.standing(line) < _IDIOM for line in self.wrong)

    @cached_property
    def stands(self) -> float:
        """Of the lines that the fix put in, the share that still stands anywhere; 1: none were."""
        put_in = self.reading.gained_lines
        if not put_in:
            return 1.0
        return sum(self._rarity.standing(line) > 0 for line in put_in) / len(put_in)

    def at_home(self, keys: Set[str]) -> bool:
        """Whether a place with these lines is the fix's own, wherever that has moved since.

        What stands around the fix stands there; where lines of it stand here and nowhere else,
        "there" is here. A sibling's stand in two places at least. What no commit is known to have
        added (0) may stand anywhere.
        """
        around = {line.key: line for line in self.reading.edit.context if line.key in keys}
        alone = sum(self._rarity.standing(line) == 1 for line in around.values())
        return alone > 0.5 * len(around)

    @cached_property
    def joints(self) -> frozenset[tuple[str, str]]:
        """Between which two lines, by their keys, something was put in; one may be missing."""
        found = set()
        lines = self.reading.edit.lines
        for place, line in enumerate(lines):
            if line.marker == "+" and (not place or lines[place - 1].marker != "+"):
                after = next((one.key for one in lines[place:] if one.marker != "+"), "")
                before = lines[place - 1].key if place else ""
                found.add((before, after))
        return frozenset(found)


def measure(
    mistake: Mistake,
    code: Sequence[CodeLine],
    bags: Sequence[Collection[Gram]],
    first: int,
    last: int,
    rarity: Rarity,
    *,
    home: bool,
    counted: bool,
) -> Sibling | None:
    """The place among ``code[first:last]`` that is most like the buggy side; None: none is.

    code: all lines of code of a file; bags: the different grams of each. home: whether the file has
    the name of the fix's own; counted: whether its lines are among those that the history counts.
    """
    width = len(mistake.pre_image) + _SLACK
    start = _densest(mistake.worth, bags[first:last], width) + first
    end = min(start + width, len(code))
    there = grams(code[start:end])
    own = _share(shared(mistake.own, there, rarity), mistake.own_weight)
    if own < LEAST_MISTAKE:
        return None
    alike = shared(mistake.reading.before, there, rarity)
    around = _share(alike, mistake.before_weight)
    if around < LEAST_AROUND:
        return None
    if mistake.adds_only and not _unguarded(mistake, code[start:end]):
        return None
    wrong = [start + place for place in _wrong(mistake, code[start:end], rarity)]
    first, last = (start, end) if mistake.adds_only else (wrong[0], wrong[-1] + 1)
    nearby = code[max(first - _BEYOND, 0) : last + _BEYOND]
    wide = grams(nearby)
    wide.update(line.key for line in nearby)
    remedy = _share(shared(mistake.remedy, wide, rarity), mistake.remedy_weight)
    if remedy > MOST_REMEDY:
        return None
    keys = {line.key for line in code[start:end]}
    # A remedy that tells, and that all stands, shows by itself that the fix is somewhere else.
    told_apart = not home and mistake.remedy_weight >= _TELLING and mistake.stands == 1
    return Sibling(
        start,
        end,
        mistake=own,
        around=around,
        wrong=_share(len(mistake.keys & keys), len(mistake.keys)),
        remedy=remedy,
        telling=mistake.remedy_weight,
        weight=alike,
        stands=mistake.stands,
        home=home,
        moved=counted and not told_apart and mistake.at_home(keys),
        adds_only=mistake.adds_only,
        large=len(mistake.wrong) > _LARGE,
    )


def lines_of(mistake: Mistake, code: Sequence[CodeLine], rarity: Rarity) -> list[CodeLine]:
    """The lines that are mostly what the fix found wrong; never none."""
    return [code[place] for place in _wrong(mistake, code, rarity)]


def _wrong(mistake: Mistake, code: Sequence[CodeLine], rarity: Rarity) -> list[int]:
    shares = []
    for line in code:
        bag = grams([line])
        alike = shared(mistake.own, bag, rarity)
        shares.append(1.0 if line.key in mistake.keys else _share(alike, rarity.weight(bag)))
    least = min(_MOSTLY, max(shares))
    return [place for place, share in enumerate(shares) if share >= least]


def taken_back(mistake: Mistake, keys: Set[str]) -> bool:
    """Whether a file with these lines, the fix's own, has little left of what it put in.

    Then what looks like the buggy side there is what became of the fix, and not forgotten.
    """
    put_in = {line.key for line in mistake.reading.gained_lines}
    return bool(put_in) and len(put_in & keys) < 0.5 * len(put_in)


def _densest(worth: Mapping[Gram, float], bags: Sequence[Collection[Gram]], width: int) -> int:
    """Where the window starts that has most of the mistake, each line counted by itself."""
    values = [sum(worth[gram] for gram in bag if gram in worth) for bag in bags]
    best, start, total = 0.0, 0, 0.0
    for place, value in enumerate(values):
        total += value
        if place >= width:
            total -= values[place - width]
        if total > best + 1e-9:
            best, start = total, max(0, place - width + 1)
    return start


def _unguarded(mistake: Mistake, code: Sequence[CodeLine]) -> bool:
    """Whether the lines that something was put between stand next to each other there."""
    keys = [line.key for line in code]
    pairs = set(pairwise(keys))
    return any(
        (before, after) in pairs if before and after else (before or after) in keys
        for before, after in mistake.joints
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
