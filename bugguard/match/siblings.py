"""Which places of a file look like the buggy side of which past fixes: a file against the index.

The cost grows with the file and not with the history: lines and tokens are looked up in inverted
tables, block by block, and only the few patterns that share most with a block are set beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bugguard.domain import Channel, Hunk, LearnedFix, Match, Origins, Rule
from bugguard.domain.edit import CodeLine, Edit, line_feature, token_feature
from bugguard.domain.origins import EVERYWHERE
from bugguard.match.rarity import Gram, Rarity, grams
from bugguard.match.score import sibling_score
from bugguard.match.sibling import Mistake, Sibling, lines_of, measure, taken_back
from bugguard.match.signature import Reading
from bugguard.ports import PatternIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

CAP = 100  #: a feature of more patterns than this says too little to look anything up by
BLOCK = 6  #: lines of code looked up together; each block reaches into the next
BEST = 6  #: patterns set beside a block
LEAST_STANDING = 0.5  #: of the lines that a fix put in; of fewer, the fix is no longer there
_LINE = 3.0  #: a whole line says as much as a few rare tokens
_LEAST_VOTE = 1.5  #: a pattern that shares less than one rare line with a block is no candidate
MOST_TOKENS = 6  #: named as what made a match
_KEPT = 4096  #: fixes of which the code is kept,
_LINES = 200_000  #: and so many lines of which the rarity is


class Place(NamedTuple):
    """A place in a file that looks like a pattern's buggy side."""

    pattern: int  #: its id
    start: int  #: place of the first line among the file's lines of code,
    end: int  #: and that after the last
    match: Match


class Siblings:
    """Sets files beside one index.

    edit_of: how a hunk becomes code; the same function that learning used.
    known: whether each fix, by its number, may be known (bool, shape (fixes,)); None: all may.
    counted: whether the files are of the history that was learned, and their lines counted there.
    origins: whose fixes count, and how much.
    """

    def __init__(
        self,
        index: PatternIndex,
        edit_of: Callable[[Hunk], Edit],
        known: NDArray[np.bool_] | None = None,
        *,
        counted: bool = True,
        origins: Origins = EVERYWHERE,
    ) -> None:
        self._counted = counted
        self._origins = origins
        self._index = index
        self._edit_of = edit_of
        self._known = known
        self._forget()

    def find(self, file: Edit) -> list[Place]:
        """All places of a file, given as one edit that adds all of it, in no order."""
        if self._learned > _LINES or len(self._mistakes) > _KEPT:
            self._forget()
        code = file.added
        self._learned += len(code)
        self._rarity.learn(code)
        bags = [grams([line]).keys() for line in code]
        found = []
        for pattern, blocks in self._candidates(file).items():
            mistake = self._mistake(pattern)[2]
            if mistake is None:
                continue
            regions = _regions(blocks, len(mistake.pre_image), len(code))
            found += self._places(pattern, file, bags, regions)
        return found

    def measure(self, file: Edit, pattern: int, first: int, last: int) -> list[Place]:
        """The place that one pattern has among lines of code of a file, measured again.

        first, last: see :class:`Sibling`. IndexError: there is no pattern of that id.
        """
        self._rarity.learn(file.added)
        bags = [grams([line]).keys() for line in file.added]
        return self._places(pattern, file, bags, [(first, last)])

    def _places(
        self,
        pattern: int,
        file: Edit,
        bags: Sequence[Collection[Gram]],
        regions: Iterable[tuple[int, int]],
    ) -> list[Place]:
        fix, _, mistake = self._mistake(pattern)
        if mistake is None or not mistake.telling or mistake.stands < LEAST_STANDING:
            return []
        home = _name(mistake.reading.edit.hunk.path) == _name(file.hunk.path)
        home = home and not self._origins.is_foreign(fix.commit)
        if home and taken_back(mistake, {line.key for line in file.added}):
            return []
        found: dict[int, Place] = {}
        for first, last in regions:
            sibling = measure(
                mistake,
                file.added,
                bags,
                first,
                last,
                self._rarity,
                home=home,
                counted=self._counted,
            )
            if sibling is not None:
                found.setdefault(sibling.start, self._place(pattern, file, sibling))
        return list(found.values())

    def _place(self, pattern: int, file: Edit, sibling: Sibling) -> Place:
        fix, ordinal, mistake = self._mistake(pattern)
        assert mistake is not None  # noqa: S101  # for the type checker
        code = file.added[sibling.start : sibling.end]
        lines = lines_of(mistake, code, self._rarity)
        score, evidence = sibling_score(sibling, fix.commit)
        trust = self._origins.weight(fix.commit)
        theirs = {token for line in mistake.reading.edit.lines for token in line.tokens}
        common = theirs & {token for line in lines for token in line.tokens}
        telling = sorted(common, key=lambda token: (-self._rarity.token(token), token))
        first, last = code[0].number, code[-1].number
        body = file.hunk.body[first - 1 : last]
        match = Match(
            rule=Rule.UNFIXED_SIBLING,
            hunk=Hunk(file.hunk.path, file.hunk.path, max(first - 1, 0), first, "", body),
            pattern=fix.patterns[ordinal],
            fix=fix.commit,
            score=score * trust,
            line=lines[0].number,
            end_line=lines[-1].number,
            yours=tuple(line.marker + line.text for line in lines),
            evidence=replace(
                evidence,
                tokens=tuple(telling[:MOST_TOKENS]),
                channel=Channel.SIBLING,
                trust=trust,
            ),
            foreign=self._origins.is_foreign(fix.commit),
        )
        return Place(pattern, sibling.start, sibling.end, match)

    def _forget(self) -> None:
        self._rarity = Rarity(self._index)
        self._mistakes: dict[int, tuple[LearnedFix, int, Mistake | None]] = {}
        self._learned = 0

    def _mistake(self, pattern: int) -> tuple[LearnedFix, int, Mistake | None]:
        if pattern not in self._mistakes:
            ids = np.array([pattern], dtype=np.int64)
            fix = self._index.fix(int(self._index.fix_numbers(ids)[0]))
            ordinal = int(self._index.ordinals(ids)[0])
            one = fix.patterns[ordinal]
            mistake = None
            if fix.dropped is None and one.dropped is None:
                edit = self._edit_of(one.hunk)
                self._rarity.learn(edit.lines)
                brought = {
                    line.key for other in fix.patterns for line in self._edit_of(other.hunk).added
                }
                mistake = Mistake(Reading(edit, self._rarity), self._rarity, brought)
            self._mistakes[pattern] = fix, ordinal, mistake
        return self._mistakes[pattern]

    def _candidates(self, file: Edit) -> dict[int, list[int]]:
        """By pattern, the blocks of the file that share most with its buggy side; ascending."""
        code = file.added
        blocks = [code[at : at + BLOCK] for at in range(0, len(code), BLOCK)]
        rows = [_features(lines, self._rarity) for lines in blocks]
        weights: dict[int, float] = {}
        for row in rows:
            weights.update(row)
        unique = sorted(weights)
        asked = np.array(unique, dtype=np.uint64)
        postings = self._index.postings("buggy", asked, CAP)
        patterns, places = postings.pattern, postings.feature
        if self._known is not None and len(patterns):
            kept = self._known[self._index.fix_numbers(patterns)]
            patterns, places = patterns[kept], places[kept]
        if not len(patterns):
            return {}
        order = np.argsort(places, kind="stable")
        patterns, places = patterns[order], places[order]
        ends = np.searchsorted(places, np.arange(len(unique) + 1))
        at = {feature: i for i, feature in enumerate(unique)}
        found: dict[int, list[int]] = {}
        votes = [self._votes(row, at, patterns, ends) for row in rows]
        for block, mine in enumerate(votes):
            total = defaultdict(float, mine)
            for pattern, vote in votes[block + 1].items() if block + 1 < len(votes) else ():
                total[pattern] += vote
            strong = [one for one in total.items() if one[1] >= _LEAST_VOTE]
            strong.sort(key=lambda item: (-item[1], item[0]))
            for pattern, _ in strong[:BEST]:
                found.setdefault(pattern, []).append(block)
        return found

    @staticmethod
    def _votes(
        row: dict[int, float],
        at: dict[int, int],
        patterns: NDArray[np.int64],
        ends: NDArray[np.int64],
    ) -> dict[int, float]:
        votes: defaultdict[int, float] = defaultdict(float)
        for feature, weight in row.items():
            place = at[feature]
            for pattern in patterns[ends[place] : ends[place + 1]].tolist():
                votes[pattern] += weight
        return votes


def _regions(blocks: Sequence[int], size: int, most: int) -> Iterator[tuple[int, int]]:
    """The stretch of lines of code around each block, wide enough for the whole buggy side."""
    for block in blocks:
        yield max(block * BLOCK - size, 0), min((block + 2) * BLOCK + size, most)


def _features(lines: Iterable[CodeLine], rarity: Rarity) -> dict[int, float]:
    """What to look lines up by, with how much each says: a whole line as much as a few tokens."""
    found: dict[int, float] = {}
    for line in lines:
        weights = {token: rarity.token(token) for token in line.tokens}
        found |= {token_feature(token): weight for token, weight in weights.items()}
        found[line_feature(line.key)] = _LINE * max(weights.values(), default=0.0)
    return found


def _name(path: str) -> str:
    return path.rpartition("/")[2]
