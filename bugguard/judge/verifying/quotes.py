"""Whether a judge's quotes stand in what it was shown, and what they say there.

Models trim lines, join them, drop the markers of a diff, straighten or curl quotation marks and put
an ellipsis where they stopped. All that is forgiven where it is sought; what is kept is the text
that was shown, never the model's spelling of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bugguard.domain import Section
from bugguard.judge.schema import Quote
from bugguard.judge.verifying.folding import Folded

LONGEST = 500  #: characters of a quote
SHORTEST = 6  #: characters that are not blank
_WORD_CHARACTERS = 3
_MOST_PLACES = 100  #: where a quote is looked at

_MARKER = re.compile(r"^[-+ ]", re.MULTILINE)
_BLANKS = re.compile(r"\s+")
_SPELLED = re.compile(r"[^\x20-\x7e\n]")
_ELLIPSIS = r"(?:\.{3}|\[\.{3}\])"
_BEGUN = re.compile(rf"^{_ELLIPSIS}\s*")
_ENDED = re.compile(rf"\s*{_ELLIPSIS}$")
_WRAPPED = re.compile(r"""^(["'`]+)(.+)\1$""", re.DOTALL)
_ONE = {
    **dict.fromkeys("‘’‚‛′＇", "'"),
    **dict.fromkeys("“”„‟″＂", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
}


class Standing(NamedTuple):
    """A quote that stands in what was shown."""

    where: str  #: the section's name
    text: str  #: as it was shown, less what steers a terminal


class Shown:
    """The sections as they were shown, ready to be searched."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = [_Searched(section) for section in sections]

    def find(self, quote: Quote) -> Standing | None:
        """Where the quote stands: in the section that it names, or else in the first that has it.

        None where it stands nowhere, is too long, or says too little to be evidence.
        """
        wanted = quote.quote.strip()
        if len(wanted) > LONGEST or not says_something(wanted):
            return None
        named = quote.where.strip().casefold()
        spellings = list(_spellings(wanted))
        for section in sorted(self._sections, key=lambda one: one.where.casefold() != named):
            for text, folded in section.views():
                for spelling in spellings:
                    span = spelling.find(folded)
                    shown = _shown(text, *span) if span else ""
                    if shown and len(shown) <= LONGEST and says_something(shown):
                        return Standing(section.where, shown)
        return None


class _Searched:
    """A section, folded in further ways only where the ones before had not what was sought."""

    def __init__(self, section: Section) -> None:
        self.where = section.where
        self._known: list[tuple[str, Folded]] = []
        self._others = _views(section.text)

    def views(self) -> Iterator[tuple[str, Folded]]:
        yield from self._known
        for view in self._others:
            self._known.append(view)
            yield view


def says_something(text: str) -> bool:
    """Whether it is enough to be evidence: ``}`` and ``else:`` are not."""
    solid = sum(not character.isspace() for character in text)
    words = sum(character.isalnum() or character == "_" for character in text)
    return solid >= SHORTEST and words >= _WORD_CHARACTERS


class _Spelling(NamedTuple):
    """A way to read a quote, folded, and whether it may begin or end within a word."""

    text: str
    begun: bool
    ended: bool

    def find(self, folded: Folded) -> tuple[int, int] | None:
        """The span of the original where it stands first."""
        if not self.text:
            return None
        at = -1
        for _ in range(_MOST_PLACES):
            at = folded.text.find(self.text, at + 1)
            if at < 0:
                break
            end = at + len(self.text)
            begins = self.begun or not _inside(folded.text, at)
            if begins and (self.ended or not _inside(folded.text, end)):
                return folded.span(at, end)
        return None


def _inside(text: str, place: int) -> bool:
    """Whether the place is in the middle of an ASCII word: ``safe`` is no quote of ``unsafe``."""
    return bool(re.fullmatch(r"[A-Za-z0-9_]{2}", text[max(0, place - 1) : place + 1]))


def _spellings(quote: str) -> Iterator[_Spelling]:
    """What the quote may mean, the most literal first."""
    texts = [quote]
    if wrapped := _WRAPPED.match(quote):
        texts.append(wrapped[2])
    if "\\" in quote:  # escaped once too often
        texts.append(quote.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"'))
    for text in texts:
        for marker in (None, _MARKER):
            whole = _folded(text, marker).text.strip()
            yield _Spelling(whole, False, False)
            trimmed = _ENDED.sub("", _BEGUN.sub("", whole))
            if trimmed != whole and says_something(trimmed):
                yield _Spelling(trimmed, bool(_BEGUN.match(whole)), bool(_ENDED.search(whole)))


def _views(text: str) -> Iterator[tuple[str, Folded]]:
    """The text as it is, without a diff's markers, and each side of a diff alone.

    For a quote may leave out the markers, and the lines of the other side.
    """
    yield text, _folded(text, None)
    yield text, _folded(text, _MARKER)
    lines = text.split("\n")
    first = {line[:1] for line in lines}
    if first <= set(" +-@\\") | {""} and first >= set("+-"):
        for other in "+-":
            side = "\n".join(line for line in lines if line[:1] != other)
            yield side, _folded(side, _MARKER)


def _folded(text: str, marker: re.Pattern[str] | None) -> Folded:
    folded = Folded.of(text)
    if marker is not None:
        folded = folded.sub(marker, lambda match: "")
    return folded.sub(_SPELLED, _spelled).sub(_BLANKS, lambda match: " ")


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    if character.isspace():
        return " "
    unseen = unicodedata.category(character) in ("Cc", "Cf")
    return "" if unseen else _ONE.get(character, character)


def _shown(text: str, start: int, end: int) -> str:
    """What stands there. Of several lines, the first is shown from its marker on."""
    if "\n" in text[start:end]:
        begin = text.rfind("\n", 0, start) + 1
        if re.fullmatch(r"[-+ ]?\s*", text[begin:start]):
            start = begin
    lines = [line.rstrip() for line in visible(text[start:end]).split("\n")]
    shown = "\n".join(line for line in lines if line)
    return shown if len(shown) <= LONGEST else re.sub(r" {2,}", " ", shown)


def visible(text: str) -> str:
    """Without whatever steers, hides or cannot be encoded; line breaks stay, tabs are blanks."""
    return "".join(
        character
        for character in text.expandtabs(4)
        if character == "\n"
        or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
