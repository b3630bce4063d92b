"""Text of strangers made safe to show: paths, subjects, tickets and code are all hostile here."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 control characters steer terminals; the bidirectional controls reorder what is read
# (CVE-2021-42574); U+2028 and U+2029 break lines; lone surrogates cannot be encoded at all.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def terminal(text: str) -> str:
    """``text`` on one line, with whatever a terminal would act upon as a visible escape.

    Tabs become spaces. A byte that was not UTF-8 (a lone surrogate of ``surrogateescape``) is
    shown as ``\\xNN``, as git does.
    """
    return _UNSAFE.sub(_visible, text.expandtabs(4))


def encodable(text: str) -> str:
    """``text`` with lone surrogates as visible escapes: strict JSON readers refuse them."""
    return _SURROGATES.sub(_visible, text)


def clip(text: str, columns: int) -> str:
    """``text`` cut with ``…`` to at most ``columns`` terminal columns."""
    used = 0
    fits = 0  # how many characters fit together with the ellipsis
    for place, character in enumerate(text):
        used += _columns(character)
        if used > columns:
            return text[:fits] + "…"
        if used < columns:
            fits = place + 1
    return text


def wrap(text: str, columns: int) -> list[str]:
    """``text``, one line, in lines of at most ``columns`` terminal columns (at least 2).

    Broken at spaces, and between any two characters where a word is too long, as Japanese
    sentences are.
    """
    lines: list[str] = []
    rest = text.strip(" ")
    while (fits := _fitting(rest, columns)) < len(rest):
        space = rest.rfind(" ", 0, fits + 1)
        end = space if space > 0 else fits
        lines.append(rest[:end].rstrip(" "))
        rest = rest[end:].lstrip(" ")
    return [*lines, rest]


def _fitting(text: str, columns: int) -> int:
    """How many of its characters fit."""
    used = 0
    for place, character in enumerate(text):
        used += _columns(character)
        if used > columns:
            return place
    return len(text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape's way to keep a byte
        return f"\\x{code - 0xDC00:02x}"
    named = {"\n": "\\n", "\r": "\\r"}.get(match[0])
    return named or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _columns(character: str) -> int:
    if character < "\x7f":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
