"""Text rewritten so that it can be searched, with the way back to where each character stood.

What a reader, a browser or a terminal makes of a text is not what its code points say: full-width
and mathematical forms (NFKC), look-alike letters of other alphabets, marks and zero-width
characters in between, HTML entities, percent forms and Markdown's backslashes all read as plain
letters. :func:`unmasked` shows a text as it reads; :func:`plain` makes it safe to show.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

#: What stands where something was taken out.
REMOVED = "[…]"

_ROUNDS = 8  #: layers of encoding that are undone; what is wrapped deeper is an attack


class Folded(NamedTuple):
    """A text, and for each of its characters the span ``[start, end)`` of the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> Folded:
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def sub(self, pattern: re.Pattern[str], write: Callable[[re.Match[str]], str]) -> Folded:
        """Every match of ``pattern``, none of them empty, as ``write`` writes it.

        Each character written stands for the whole of what it replaces.
        """
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for match in pattern.finditer(self.text):
            begin, end = match.span()
            written = write(match)
            parts += self.text[last:begin], written
            starts += self.starts[last:begin]
            starts += [self.starts[begin]] * len(written)
            ends += self.ends[last:begin]
            ends += [self.ends[end - 1]] * len(written)
            last = end
        if not last:
            return self
        parts.append(self.text[last:])
        starts += self.starts[last:]
        ends += self.ends[last:]
        return Folded("".join(parts), starts, ends)

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Where ``text[begin:end]``, which is not empty, stood in the original."""
        return self.starts[begin], self.ends[end - 1]


# Pairs of a letter or sign and the ASCII one that it looks like; NFKC leaves them as they are.
_PAIRS = (
    "аaеeоoрpсcуyхxіiѕsјjһhԁdԛqԝwӏlтtкkмmнhвbгrпn"
    "АAВBЕEКKМMНHОOРPСCТTХXУYЅSІIЈJԌG"
    "οoρpνvαaιiκkτtυuΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX"
    "ıiɡgɑaɩiտsօoհhցgքp"
    "№#♯#⌗#⋕#⧣#ǃ!‐-‒-−-⁃-⁄/∕/⧸/⟋/∖\\⧵\\∶:꞉:ː:׃:․."
)
_ALIKE = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_LOOKS_ALIKE = re.compile("[" + "".join(map(re.escape, _ALIKE)) + "]")
# Blank or invisible, though Unicode calls them letters and symbols.
_INVISIBLE = "\u115f\u1160\u3164\uffa0"
_BLANK = "\u2800"

#: NFKC would make a row of dots of it, a word that is no sign any more, and bad typography.
_KEPT = "…№（）！？：；，～"
_NORMALIZED = re.compile(f"[^{_KEPT}]+")
_ODD = re.compile(r"[^\x20-\x7e\n…]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};)")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_DELIMITERS = re.compile(r"[\s<>\"`]")
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_IDEOGRAPHIC_STOP = re.compile(r"(?<=[A-Za-z0-9])。(?=[A-Za-z0-9])")  # as in a host's name
_REMOVED = re.compile(re.escape(REMOVED))
_MARKS = re.compile(r"[*~]+|(?<!`)`{1,9}(?=[0-9#!])|(?<=[#!-])`{1,9}")
_SPACES = re.compile(r"\s{2,}")
_CSI = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]")


class _Plain(dict[int, str]):
    """Each character as it may be shown: nothing that is a control or cannot be seen."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if character in "\n\r\x0b\x0c\x1c\x1d\x1e\x85" or category in ("Zl", "Zp"):
            shown = "\n"
        elif character in "\t\x1f" or category == "Zs" or character in _BLANK:
            shown = " "
        else:
            shown = "" if category[0] == "C" or character in _INVISIBLE else character
        self[code] = shown
        return shown


class _Read(dict[int, str]):
    """Each character as the ASCII ones that it reads as, where there are such."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = character in "…" or character in _ALIKE
        shown = character if kept else unicodedata.normalize("NFKC", character)
        shown = "".join(_read_one(one) for one in shown.translate(_PLAIN))
        self[code] = shown
        return shown


def _read_one(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Mn", "Me"):
        return ""
    return str(int(character)) if category == "Nd" else character


_PLAIN = _Plain()
_READ = _Read()


def unmasked(text: str) -> Iterator[Folded]:
    """``text`` as it reads, in each way that differs: for searching, never for showing.

    Character by character; with entities and percent forms undone; with look-alike letters as what
    they look like; without backslashes and marks of emphasis. No way covers the others:
    ``*abc1234`` alone is a word, and so is what is left of ``abc*1234``.
    """
    read = Folded.of(text).sub(_ODD, lambda match: match[0].translate(_READ))
    read = _spaced(read.sub(_REMOVED, lambda match: " "))
    yield read
    for decode in (_decoded, _alike, _unmarked):
        before, read = read, _spaced(decode(read))
        if read.text != before.text:
            yield read


def _spaced(read: Folded) -> Folded:
    return read.sub(_SPACES, lambda match: "\n" if "\n" in match[0] else " ")


def _decoded(read: Folded) -> Folded:
    for _ in range(_ROUNDS):
        before = read
        read = read.sub(_ENTITY, lambda match: _entity(match).translate(_READ))
        read = read.sub(_PERCENT, _percent)
        if read.text == before.text:
            break
    return read


def _alike(read: Folded) -> Folded:
    return read.sub(_LOOKS_ALIKE, lambda match: _ALIKE[match[0]])


def _unmarked(read: Folded) -> Folded:
    read = read.sub(_BACKSLASH, lambda match: "").sub(_MARKS, lambda match: "")
    return read.sub(_IDEOGRAPHIC_STOP, lambda match: ".")


def plain(text: str) -> str:
    """``text`` in NFKC, its HTML entities undone, without anything that steers or hides.

    No control but ``\\n`` is left, no format character (zero-width, bidirectional, soft hyphen,
    tags), no lone surrogate, nothing private or unassigned. ``…``, ``№`` and the wide punctuation
    of Japanese stay as they are.
    """
    for _ in range(_ROUNDS):
        before = text
        text = _CSI.sub("", text).replace("\r\n", "\n").translate(_PLAIN)
        text = _NORMALIZED.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
        text = _ENTITY.sub(_entity, text)
        if text == before:
            return text
    return text.replace("&", "").translate(_PLAIN)


def _entity(match: re.Match[str]) -> str:
    return html.unescape(match[0] if match[0].endswith(";") else match[0] + ";")


def _percent(match: re.Match[str]) -> str:
    """What the percent forms stand for; a delimiter among them does not end a link."""
    return _DELIMITERS.sub("_", unquote(match[0], errors="replace").translate(_READ))
