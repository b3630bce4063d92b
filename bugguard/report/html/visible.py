"""Strangers' text for a page: whatever cannot be seen, or moves other text, is a visible escape."""

from __future__ import annotations

import re
from typing import NamedTuple

from bugguard.report.escape import terminal
from bugguard.report.excerpt import cut
from bugguard.report.markup import address

WIDTH = 240  #: columns of a line of code; what is longer was written by a program
PROSE = 4_000  #: columns of a paragraph

# Marks without a width, which a browser obeys and nobody sees.
_MARKS = re.compile("[\u200b\u200e\u200f\u2060\ufeff]")
# What is no character at all, and has no place in a page.
_NONE = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


class Link(NamedTuple):
    """Text that may lead somewhere."""

    text: str
    href: str  #: empty: nowhere


def visible(text: str) -> str:
    """One line, to be shown as it is. A browser lays out what ``terminal`` leaves alone."""
    return _MARKS.sub(_escape, plain(text))


def plain(text: str) -> str:
    """One line as other formats show it, for what is read by a program."""
    return _NONE.sub(_escape, terminal(text))


def line(text: str, columns: int = PROSE) -> str:
    """Prose on one line, and not without end."""
    return cut(visible(" ".join(text.split())), columns)


def code(text: str) -> str:
    """A line of code, likewise; blanks at its end say nothing."""
    return cut(visible(text).rstrip(), WIDTH)


def paragraphs(text: str) -> tuple[str, ...]:
    """Prose by its paragraphs, which blank lines part."""
    return tuple(filter(None, map(line, re.split(r"\n\s*\n", text))))


def link(text: str, url: str) -> Link:
    """Leads to ``url`` only where that is an address of the web."""
    return Link(line(text), address(url))


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
