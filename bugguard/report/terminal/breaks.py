"""Where a line of text is broken, measured in terminal columns; Japanese between characters."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size

_CLOSING = frozenset(
    "、。，．・：；？！）］｝」』】〉》〕’”゛゜ーヽヾゝゞ々…‥ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_OPENING = frozenset("（［｛「『【〈《〔‘“")
_JOINER = "\u200d"


@lru_cache(maxsize=4096)
def width_of(character: str) -> int:
    """Columns of a character, 0 to 2: where terminals differ, the most that one of them takes.

    A sequence that some terminals join to one picture counts as if it were not joined.
    """
    cells = get_character_cell_size(character)
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    if character == "\ufe0f":  # makes the picture before it a wide one
        return 1
    return cells


def columns(text: str) -> int:
    """Columns of a text, never less than any terminal takes."""
    return len(text) if text.isascii() else sum(map(width_of, text))


def fitting(text: str, room: int, start: int = 0) -> int:
    """Where what fits of the text from ``start`` on ends; at least one character does."""
    near = text[start : start + room + 1]
    if near.isascii():
        return max(min(len(text), start + room), start + 1)
    used = 0
    for place in range(start, len(text)):
        used += width_of(text[place])
        if used > room:
            return max(_whole(text, start, place), start + 1)
    return len(text)


def broken(text: str, room: int, further: int) -> list[tuple[int, int]]:
    """The lines of ``text`` as (start, end), each of at most ``room`` columns.

    Blanks at which it is broken belong to no line. room: at least 2. further: columns of the lines
    after the first, likewise.
    """
    lines: list[tuple[int, int]] = []
    start = 0
    while True:
        fits = fitting(text, room, start)
        if fits >= len(text):
            return [*lines, (start, len(text))]
        end = _break(text, start, fits)
        lines.append((start, start + len(text[start:end].rstrip(" "))))
        start = end
        while start < len(text) and text[start] == " ":
            start += 1
        if start == len(text):
            return lines
        room = further


def _break(text: str, start: int, fits: int) -> int:
    """The last good place to break between ``start`` and ``fits``; ``fits`` if there is none."""
    if text[fits] == " ":
        return fits
    for place in range(fits, start, -1):
        before, after = text[place - 1], text[place]
        if before == " ":
            if text[start:place].strip(" "):
                return place - 1
            break  # nothing but the indentation stands before it
        wide = width_of(before) == 2 or width_of(after) == 2
        if wide and _parts(before, after) and after not in _CLOSING and before not in _OPENING:
            return place
    return fits


def _parts(before: str, after: str) -> bool:
    """Whether a break between the two leaves both of them whole."""
    return (
        before != _JOINER
        and after != "\ufe0f"
        and not 0x1F3FB <= ord(after) <= 0x1F3FF  # the colour of a skin
        and width_of(after) > 0
    )


def _whole(text: str, start: int, place: int) -> int:
    """The place, or one before it where no character is torn from its marks, if there is one."""
    for before in range(place, start, -1):
        if _parts(text[before - 1], text[before]):
            return before
    return place
