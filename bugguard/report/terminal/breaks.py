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


def fitting(text: str, room: int) -> int:
    """How many of its characters fit; at least one, so that there is an end to it."""
    if text.isascii():
        return max(min(len(text), room), 1)
    used = 0
    for place, character in enumerate(text):
        used += width_of(character)
        if used > room:
            return _whole(text, place) or max(place, 1)
    return len(text)


def broken(text: str, room: int, further: int) -> list[tuple[int, int]]:
    """The lines of ``text`` as (start, end), each of at most ``room`` columns.

    Blanks at which it is broken belong to no line. room: at least 2. further: columns of the lines
    after the first, likewise.
    """
    lines: list[tuple[int, int]] = []
    start = 0
    while True:
        fits = start + fitting(text[start:], room)
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


def _whole(text: str, place: int) -> int:
    """The place, or one before it where no character is torn from its marks; 0: there is none."""
    while place > 0 and not _parts(text[place - 1], text[place]):
        place -= 1
    return place
