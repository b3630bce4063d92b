"""A question in words -> the past fixes that answer it.

A question may be prose, an error message, a name, a path or a piece of code: everything that is
kept of a fix is one text, and :mod:`bugguard.match.words` ranks the texts. To sum up its reciprocal
ranks and those of the encoder's vectors made it worse; tests/bench/search.py measures both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bugguard.domain import BugPattern, LearnedFix
from bugguard.domain.lesson import Lesson
from bugguard.domain.recalled import Recalled
from bugguard.match.words import WordTable, words
from bugguard.ports import DatedIndex

LONGEST_QUESTION = 10_000  #: characters; what comes after them does not count
_DUPLICATE = "duplicate"  #: the same fix once more, as patterns.refine calls it
_TOLD = 2  #: how often a word counts that people used of the bug, or that
_CHANGED = 2  #: the fix changed; one beside that counts once
_LONGEST_TEXT = 100_000  #: characters of a message


class PastBugs:
    """The fixes of an index, to be asked for. Reads all of them, once."""

    def __init__(self, index: DatedIndex) -> None:
        self._index = index
        self._table = WordTable(map(self._text, range(len(index.times))))

    def __len__(self) -> int:
        return len(self._table)

    @property
    def several(self) -> bool:
        """Whether they are of several repositories."""
        return len(self._index.repositories) > 1

    def search(self, question: str, most: int) -> list[Recalled]:
        """At most that many fixes, the best first: those that the question names, then those
        that have its words.
        """
        question = question[:LONGEST_QUESTION]
        named = [] if len(question.split()) != 1 else self._index.find(question)
        numbers: dict[int, tuple[str, ...]] = dict.fromkeys(named[:most], ())
        found = {one.number: one.words for one in self._table.rank(question, most + len(numbers))}
        shared = numbers | found
        return [self._recalled(one, shared[one], one in numbers) for one in list(shared)[:most]]

    def _recalled(self, number: int, shared: tuple[str, ...], named: bool) -> Recalled:
        fix = self._index.fix(number)
        pattern = self._speaking(fix, shared)
        return Recalled(fix, pattern, shared, self._index.lesson(number), named)

    def _speaking(self, fix: LearnedFix, shared: tuple[str, ...]) -> BugPattern | None:
        """The hunk with the most of the shared words; of equal ones the first that is matched."""
        kept = [one for one in fix.patterns if one.hunk.body]
        rare = {word: self._table.rarity(word) for word in shared}

        def worth(pattern: BugPattern) -> tuple[float, bool]:
            has = set(_code(pattern))
            return sum(rare[word] for word in shared if word in has), pattern.dropped is None

        return max(kept, key=worth, default=None)

    def _text(self, number: int) -> Counter[str]:
        fix = self._index.fix(number)
        if fix.dropped == _DUPLICATE:
            return Counter()
        bag = Counter[str]()
        for text in _told(fix, self._index.lesson(number)):
            bag.update(words(text))
        for word in bag:
            bag[word] *= _TOLD
        bag.update(_code_of(fix))
        return bag


def _told(fix: LearnedFix, lesson: Lesson | None) -> Iterator[str]:
    """What people, and perhaps a model, said of it."""
    yield fix.commit.message[:_LONGEST_TEXT]
    for ticket in fix.commit.tickets:
        yield ticket.id
        if ticket.title not in fix.commit.subject:
            yield ticket.title
    if lesson is not None:
        yield lesson.text


def _code_of(fix: LearnedFix) -> Counter[str]:
    """The words of its hunks: how long a hunk is says nothing, so each counts once."""
    beside: set[str] = set()
    changed: set[str] = set()
    for pattern in fix.patterns:
        for place in (pattern.path, pattern.hunk.heading):
            beside.update(words(place))
        for line in pattern.hunk.body:
            (beside if line[0] == " " else changed).update(words(line[1:]))
    return Counter(dict.fromkeys(beside - changed, 1) | dict.fromkeys(changed, _CHANGED))


def _code(pattern: BugPattern) -> Iterator[str]:
    yield from words(pattern.path)
    yield from words(pattern.hunk.heading)
    for line in pattern.hunk.body:
        yield from words(line[1:])
