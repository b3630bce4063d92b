"""Texts by the words that they have in common with a question, the rarest counting most.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
with their usual constants. Words are those of prose and of code alike: ``parseHeader`` is itself
and ``parse`` and ``header``.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_WORDS = 200  #: of a question; of more, the rarest count
LONGEST = 60  #: characters of a word; what is longer is data
_K1, _B = 1.2, 0.75
_NAME = re.compile(r"\w{1,256}")  # what is longer is no name
_RUN = re.compile(r"\d+|[^\W\d_]+")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
#: Scripts without spaces between words: there two characters in a row stand for a word.
_UNSPACED = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


def words(text: str) -> Iterator[str]:
    """The words of a text in lower case; a name comes before its parts."""
    return chain.from_iterable(map(_of_name, _NAME.findall(text)))


@lru_cache(maxsize=1 << 15)  # a history has few names, and has them often
def _of_name(name: str) -> tuple[str, ...]:
    if not name.isascii():
        parts = [part for run in _RUN.findall(name) for part in _spaced(run)]
        return tuple(map(str.lower, parts))
    parts = [part for part in _CAMEL.findall(name) if 1 < len(part) <= LONGEST]
    if parts != [name] and 1 < len(name) <= LONGEST:
        parts.insert(0, name)
    return tuple(map(str.lower, parts))


def _spaced(run: str) -> Iterator[str]:
    """Its words, where one script may follow another without a space."""
    for stretch in _UNSPACED.split(run):
        if 1 < len(stretch) <= LONGEST:
            yield stretch
    for stretch in _UNSPACED.findall(run):
        yield from map("".join, pairwise(stretch))
        if len(stretch) == 1:
            yield stretch


_Row = tuple[NDArray[np.int32], NDArray[np.float32]]


class Ranked(NamedTuple):
    """A text that has words of the question."""

    number: int  #: its place among the texts
    score: float  #: above 0; only good to compare within one question
    words: tuple[str, ...]  #: those in common, what counts most first


class WordTable:
    """Which texts have which words, in a few arrays."""

    def __init__(self, texts: Iterable[Mapping[str, int]]) -> None:
        """texts: for each one its words, and how often each of them counts."""
        self._ids: dict[str, int] = {}
        word, text, count = array("l"), array("l"), array("f")
        lengths = []
        for number, bag in enumerate(texts):
            for name, often in bag.items():
                word.append(self._ids.setdefault(name, len(self._ids)))
                text.append(number)
                count.append(often)
            lengths.append(sum(bag.values()))
        ids = np.array(word, dtype=np.int64)
        order = np.argsort(ids, kind="stable")
        self._texts = np.array(text, dtype=np.int32)[order]
        times = np.array(count, dtype=np.float32)[order]
        self._starts = np.searchsorted(ids[order], np.arange(len(self._ids) + 1))
        long = np.array(lengths, dtype=np.float32)
        norm = _K1 * (1 - _B + _B * long / max(float(long.mean()) if len(long) else 0, 1))
        self._weights = times * (_K1 + 1) / (times + norm[self._texts])
        self._total = len(lengths)

    def __len__(self) -> int:
        return self._total

    def rarity(self, word: str) -> float:
        """What a word counts for: its inverse document frequency; 0 where no text has it."""
        place = self._ids.get(word)
        if place is None:
            return 0.0
        have = int(self._starts[place + 1] - self._starts[place])
        return math.log(1 + (self._total - have + 0.5) / (have + 0.5))

    def known(self, question: str) -> list[str]:
        """The question's words that any text has, the rarest first, each once."""
        unique = [word for word in dict.fromkeys(words(question)) if word in self._ids]
        return sorted(unique, key=lambda word: (-self.rarity(word), word))[:MOST_WORDS]

    def rank(self, question: str, most: int) -> list[Ranked]:
        """At most that many texts with words of the question, the best first; of equal ones the
        later.
        """
        asked = self.known(question)
        scores = np.zeros(self._total)
        rows = [self._row(word) for word in asked]
        for numbers, added in rows:
            scores[numbers] += added
        found = np.flatnonzero(scores)
        best = found[np.lexsort((-found, -scores[found].round(9)))][:most].tolist()
        return [Ranked(one, float(scores[one]), _shared(one, asked, rows)) for one in best]

    def _row(self, word: str) -> _Row:
        start, end = self._starts[self._ids[word] : self._ids[word] + 2].tolist()
        return self._texts[start:end], self._weights[start:end] * np.float32(self.rarity(word))


def _shared(number: int, asked: list[str], rows: list[_Row]) -> tuple[str, ...]:
    shares = []
    for word, (numbers, added) in zip(asked, rows, strict=True):
        place = int(np.searchsorted(numbers, number))
        if place < len(numbers) and numbers[place] == number:
            shares.append((-float(added[place]), word))
    return tuple(word for _, word in sorted(shares))
