"""Which words of two lines differ, and which they share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

ALIKE = 0.4  #: the least share of words in common of two lines that are one line changed
PAIRED = 40  #: lines a side that are set beside each other; more were written anew

# A word, a run of blanks, or one sign. Japanese has no blanks, so each of its letters is a word.
_CJK = "\u3040-\u30ff\u3400-\u9fff"
_TOKENS = re.compile(rf"[{_CJK}]|(?:(?![{_CJK}])\w)+|\s+|[^\w\s]")


class Piece(NamedTuple):
    """A stretch of a line."""

    text: str
    marked: bool = False


Pieces = tuple[Piece, ...]
Bag = frozenset[tuple[str, int]]  #: a word, and the how manieth of its kind


def tokens(text: str) -> list[str]:
    """The line in words; joined they are the line again."""
    return _TOKENS.findall(text)


def differing(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Both lines, with what the other has not marked. Joined they are the lines again."""
    ours, theirs = tokens(old), tokens(new)
    same_ours, same_theirs = [False] * len(ours), [False] * len(theirs)
    for one, other, size in _blocks(ours, theirs):
        for place in range(size):
            same_ours[one + place] = same_theirs[other + place] = True
    return (
        _pieces(ours, [not same for same in same_ours]),
        _pieces(theirs, [not same for same in same_theirs]),
    )


def shared(line: str, other: Pieces) -> Pieces:
    """The line, with the words marked that it shares with what is marked in the other one."""
    ours = tokens(line)
    theirs, telling = [], []
    for piece in other:
        some = tokens(piece.text)
        theirs += some
        telling += [piece.marked] * len(some)
    marked = [False] * len(ours)
    for one, there, size in _blocks(ours, theirs):
        for place in range(size):
            marked[one + place] = telling[there + place]
    # Signs alone are in every line: to share these says nothing.
    return tuple(
        piece._replace(marked=piece.marked and bool(bag(piece.text)))
        for piece in _pieces(ours, marked)
    )


def whole(line: str, *, marked: bool = False) -> Pieces:
    """The line in one piece; its indentation is never marked."""
    text = line.lstrip() if marked else line
    indent = line[: len(line) - len(text)]
    return tuple(piece for piece in (Piece(indent), Piece(text, marked)) if piece.text)


def bag(line: str) -> Bag:
    """The line's words, each as often as it has it; signs and blanks aside."""
    times: dict[str, int] = {}
    for word in tokens(line):
        if word[0].isalnum() or word[0] == "_":
            times[word] = times.get(word, 0) + 1
    return frozenset((word, nth) for word, often in times.items() for nth in range(often))


def likeness(one: Bag, other: Bag) -> float:
    """Of the words of two lines the share that both have, 0..1."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def nearest(line: Bag, others: Sequence[Bag]) -> int | None:
    """The place of the line that has most of this one's words; None: none has enough of them.

    Only the first :data:`PAIRED` are looked at.
    """
    best, found = (ALIKE, 0.0), None
    own = max(len(line), 1)
    for place, other in enumerate(others[:PAIRED]):
        alike = (len(line & other) / own, likeness(line, other))
        if alike > best:
            best, found = alike, place
    return found


def pairs(olds: Sequence[str], news: Sequence[str]) -> list[tuple[int, int]]:
    """Which old line became which new one, by their places, ascending in both.

    Of all ways to pair without crossing, the one with the most in common.
    """
    if not olds or not news or max(len(olds), len(news)) > PAIRED:
        return []
    left, right = [bag(one) for one in olds], [bag(one) for one in news]
    alike = [[likeness(one, other) for other in right] for one in left]
    best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for i in reversed(range(len(olds))):
        for j in reversed(range(len(news))):
            taken = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= ALIKE else 0.0
            best[i][j] = max(taken, best[i + 1][j], best[i][j + 1])
    found = []
    i = j = 0
    while i < len(olds) and j < len(news):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def _blocks(ours: list[str], theirs: list[str]) -> list[tuple[int, int, int]]:
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return [(one, other, size) for one, other, size in matcher.get_matching_blocks()]


def _pieces(words: list[str], marked: list[bool]) -> Pieces:
    """Neighbours put together. Blanks follow what is around them, so that marks do not flicker."""
    flags = list(marked)
    for place, word in enumerate(words):
        if word.isspace():
            inside = 0 < place < len(words) - 1
            flags[place] = inside and marked[place - 1] and marked[place + 1]
    found: list[Piece] = []
    for word, flag in zip(words, flags, strict=True):
        if found and found[-1].marked == flag:
            found[-1] = Piece(found[-1].text + word, flag)
        else:
            found.append(Piece(word, flag))
    return tuple(found)
