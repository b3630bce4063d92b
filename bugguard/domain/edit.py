"""A hunk as matching sees it: its lines of code, without what no bug ever depended on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from bugguard.domain.change import Hunk

#: An identifier or keyword of at least two characters.
CODE_WORD = re.compile(r"[^\W\d]\w+")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line that has code on it."""

    marker: str  #: ``' '``, ``'-'`` or ``'+'``
    number: int  #: post-image line number; of a removed line, the line that follows it
    text: str  #: as written, without its line end
    key: str  #: the code without white space and comments; equal keys are the same line
    tokens: tuple[str, ...]  #: identifiers, numbers and operators, in order


@dataclass(frozen=True)
class Edit:
    """What a hunk does to the code. Blank, comment and import lines are left out."""

    hunk: Hunk
    lines: tuple[CodeLine, ...]

    @cached_property
    def removed(self) -> tuple[CodeLine, ...]:
        return tuple(line for line in self.lines if line.marker == "-")

    @cached_property
    def added(self) -> tuple[CodeLine, ...]:
        return tuple(line for line in self.lines if line.marker == "+")

    @cached_property
    def context(self) -> tuple[CodeLine, ...]:
        return tuple(line for line in self.lines if line.marker == " ")

    @cached_property
    def wrong(self) -> tuple[CodeLine, ...]:
        """What a fix found wrong: the lines it removed, or those beside what it put in."""
        if self.removed:
            return self.removed
        beside = []
        for place, line in enumerate(self.lines):
            around = self.lines[max(place - 1, 0) : place + 2]
            if line.marker == " " and any(other.marker == "+" for other in around):
                beside.append(line)
        return tuple(beside) or self.context


def identifiers(lines: Iterable[CodeLine]) -> frozenset[str]:
    """The names on the lines, of at least two characters."""
    return frozenset(token for line in lines for token in line.tokens if CODE_WORD.fullmatch(token))


def line_feature(key: str) -> int:
    """A line's 64-bit name in the index."""
    return _hash(b"l", key)


def token_feature(token: str) -> int:
    """A token's 64-bit name in the index."""
    return _hash(b"t", token)


def wrong_feature(name: str) -> int:
    """The name in the index of an identifier on a line that a fix found wrong."""
    return _hash(b"w", name)


def _hash(kind: bytes, text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8, person=kind).digest()
    return int.from_bytes(digest, "little")
