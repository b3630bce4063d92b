"""The words in which two versions of some lines differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

Span = tuple[int, int]

_WORD = re.compile(r"\w+|[^\w\s]")
_MOST = 400  #: words of a side; the time grows with their square
_ALIKE = 0.4  #: share of names in common below which nothing but the whole differs


class Differing(NamedTuple):
    """What to emphasize in the lines of either side, and the words that only one side has."""

    before: Sequence[Sequence[Span]]  #: of each line
    after: Sequence[Sequence[Span]]
    lost: frozenset[str]
    gained: frozenset[str]


class _Word(NamedTuple):
    line: int
    start: int
    end: int
    text: str


def differing(before: Sequence[str], after: Sequence[str]) -> Differing:
    """Compares two versions; of those that have little in common nothing is emphasized."""
    old, new = _words(before), _words(after)
    nothing = Differing([()] * len(before), [()] * len(after), frozenset(), frozenset())
    if not old or not new or max(len(old), len(new)) > _MOST:
        return nothing
    matcher = SequenceMatcher(
        None, [word.text for word in old], [word.text for word in new], autojunk=False
    )
    gone: list[_Word] = []
    came: list[_Word] = []
    kept: list[_Word] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            kept += old[a:b]
        else:
            gone += old[a:b]
            came += new[c:d]
    names = len(_names(old)) + len(_names(new))
    if 2 * len(_names(kept)) < _ALIKE * names or not kept:
        return nothing
    names_then, names_now = frozenset(_names(old)), frozenset(_names(new))
    return Differing(
        _spans(gone, before), _spans(came, after), names_then - names_now, names_now - names_then
    )


def found(words: frozenset[str], line: str) -> list[Span]:
    """Where some words stand in a line."""
    return [match.span() for match in _WORD.finditer(line) if match[0] in words]


def _words(lines: Sequence[str]) -> list[_Word]:
    return [
        _Word(number, *match.span(), match[0])
        for number, line in enumerate(lines)
        for match in _WORD.finditer(line)
    ]


def _names(words: Iterable[_Word]) -> list[str]:
    return [word.text for word in words if word.text[0].isalnum() or word.text[0] == "_"]


def _spans(words: Sequence[_Word], lines: Sequence[str]) -> list[list[Span]]:
    """The words' places by line, neighbours as one."""
    spans: list[list[Span]] = [[] for _ in lines]
    last = None
    for word in words:
        here = spans[word.line]
        if last and last.line == word.line and not lines[word.line][last.end : word.start].strip():
            here[-1] = (here[-1][0], word.end)
        else:
            here.append((word.start, word.end))
        last = word
    return spans
