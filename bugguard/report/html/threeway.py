"""The three sides of a finding, line by line: then, fixed, and yours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from bugguard.domain import Hunk, Match, Rule
from bugguard.report.html import words
from bugguard.report.html.visible import code
from bugguard.report.html.words import Piece, Pieces
from bugguard.report.words import count

LINES = 40  #: of a side
NARROW = 46  #: columns of code of which three fit beside each other on a usual screen
_AROUND = 3  #: lines kept around what a long side is shown for


class Line(NamedTuple):
    """One line as it is shown."""

    kind: str  #: ``same``, ``gone``, ``new``, or ``gap``: some that are not shown
    number: int | None  #: in its file; None: it stands in none
    pieces: Pieces
    hit: bool = False  #: whether the finding rests on it


class Side(NamedTuple):
    """One of the three."""

    lines: tuple[Line, ...]
    empty: str  #: what to say where there is no line


class ThreeWay(NamedTuple):
    """What stood there, what the fix made of it, and what the change does."""

    then: Side
    fixed: Side
    yours: Side
    narrow: bool  #: whether the three fit beside each other


class _Past(NamedTuple):
    """The fix's hunk with its words marked."""

    lines: list[Line]  #: of both sides, in the hunk's order

    def side(self, kind: str) -> list[Line]:
        return [line for line in self.lines if line.kind in ("same", kind)]

    def pieces(self, kind: str) -> list[Pieces]:
        return [line.pieces for line in self.lines if line.kind == kind]


def three(match: Match) -> ThreeWay:
    """Words are marked where ``then`` and ``fixed`` differ, and where ``yours`` has the same."""
    past = _past(match.pattern.hunk)
    then, fixed = (
        tuple(map(_calm, _flush(_folded(past.side(kind), _changed)))) for kind in ("gone", "new")
    )
    yours = _flush(_folded(_yours(match, past), _hit))
    longest = max((len(_text(line.pieces)) for line in (*then, *fixed, *yours)), default=0)
    return ThreeWay(
        Side(then, "(nothing stood here)"),
        Side(fixed, "(nothing stands here any more)"),
        Side(yours, "(nothing stands here)"),
        longest <= NARROW,
    )


def _past(hunk: Hunk) -> _Past:
    lines: list[Line] = []
    run: list[tuple[str, int, str]] = []
    old, new = hunk.old_start, hunk.new_start
    for text in hunk.body:
        marker = text[:1]
        number = new if marker == "+" else old
        old, new = old + (marker != "+"), new + (marker != "-")
        shown = code(text[1:])
        if marker not in ("+", "-"):
            lines += [*_run(run), Line("same", number, words.whole(shown))]
            run = []
        else:
            run.append((marker, number, shown))
    return _Past([*lines, *_run(run)])


def _run(run: Sequence[tuple[str, int, str]]) -> Iterable[Line]:
    """Lines that went and came at one place; those that are one line changed are told by words."""
    gone = [(number, text) for marker, number, text in run if marker == "-"]
    came = [(number, text) for marker, number, text in run if marker == "+"]
    before = [words.whole(text, marked=True) for _, text in gone]
    after = [words.whole(text, marked=True) for _, text in came]
    for i, j in words.pairs([text for _, text in gone], [text for _, text in came]):
        before[i], after[j] = words.differing(gone[i][1], came[j][1])
    for (number, _), pieces in zip(gone, before, strict=True):
        yield Line("gone", number, pieces)
    for (number, _), pieces in zip(came, after, strict=True):
        yield Line("new", number, pieces)


def _yours(match: Match, past: _Past) -> list[Line]:
    """The changed hunk, or where the match's lines are not found in it, just these."""
    standing = match.rule is Rule.UNFIXED_SIBLING  # it reads a file, in which nothing is changed
    told = _flags(match)
    rows: list[tuple[str, int | None, str, bool]]
    if told is None:
        rows = [(text[:1], None, text[1:], True) for text in match.yours]
    else:
        numbered = match.hunk.numbered()
        rows = [(*row, flag) for row, flag in zip(numbered, told, strict=True)]
    # A fix that only added left the code around it wrong: that is what is repeated.
    around = [words.whole(_text(pieces), marked=True) for pieces in past.pieces("same")]
    sides = {"+": past.pieces("gone") or around, "-": past.pieces("new")}
    lines = []
    for marker, number, text, flag in rows:
        shown = code(text)
        pieces = _likened(shown, sides.get(marker, [])) if flag else words.whole(shown)
        kind = {"+": "new", "-": "gone"}.get(marker, "same")
        lines.append(
            Line("same" if standing else kind, None if kind == "gone" else number, pieces, flag)
        )
    return lines


def _flags(match: Match) -> list[bool] | None:
    """Of each line of the changed hunk, whether the match rests on it; None: they are not there.

    The match's lines are known by their text, in their order, and by the range of the added ones.
    """
    numbered = list(match.hunk.numbered())
    lines = [marker + text for marker, _, text in numbered]
    inside = [
        marker != "+" or match.line <= number <= match.end_line for marker, number, _ in numbered
    ]
    fits = [text if within else None for text, within in zip(lines, inside, strict=True)]
    found = _places(match.yours, fits) or _places(match.yours, lines)
    if found is None:
        return None
    return [place in found for place in range(len(lines))]


def _places(wanted: Sequence[str], lines: Sequence[str | None]) -> set[int] | None:
    """Where they stand in that order, close together; None: nowhere."""
    end = -1
    for text in wanted:
        end = next((n for n in range(end + 1, len(lines)) if lines[n] == text), len(lines))
    if end == len(lines):
        return None
    found: set[int] = set()
    for text in reversed(wanted):  # the same backwards, as early lines were taken at their first
        end = next(n for n in range(end, -1, -1) if lines[n] == text)
        found.add(end)
        end -= 1
    return found


def _likened(text: str, others: Sequence[Pieces]) -> Pieces:
    """With the words marked that it has in common with the past line most like it."""
    past = words.likest(text, others)
    return words.whole(text) if past is None else words.shared(text, past)


def _calm(line: Line) -> Line:
    """Where a whole line went or came, the line's own colour says so: no word of it is marked."""
    if all(piece.marked or not piece.text.strip() for piece in line.pieces):
        return line._replace(pieces=words.whole(_text(line.pieces)))
    return line


def _flush(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Without the indentation that all of them have, for which a page has no room."""
    texts = [text for line in lines if line.kind != "gap" and (text := _text(line.pieces)).strip()]
    indent = min((len(text) - len(text.lstrip(" ")) for text in texts), default=0)
    return tuple(
        line if line.kind == "gap" else line._replace(pieces=words.cut(line.pieces, indent))
        for line in lines
    )


def _text(pieces: Pieces) -> str:
    return "".join(piece.text for piece in pieces)


def _changed(line: Line) -> bool:
    return line.kind != "same"


def _hit(line: Line) -> bool:
    return line.hit


def _folded(lines: Sequence[Line], telling: Callable[[Line], bool]) -> tuple[Line, ...]:
    """At most :data:`LINES`, those that tell and what is around them first."""
    if len(lines) <= LINES:
        return tuple(lines)
    places = [place for place, line in enumerate(lines) if telling(line)] or [0]
    kept: dict[int, None] = dict.fromkeys(places[:LINES])
    for distance in range(1, _AROUND + 1):
        for place in places:
            for near in (place - distance, place + distance):
                if 0 <= near < len(lines) and len(kept) < LINES:
                    kept.setdefault(near)
    shown: list[Line] = []
    last = -1
    for place in [*sorted(kept), len(lines)]:
        if place - last > 1:
            left = count(place - last - 1, "line")
            shown.append(Line("gap", None, (Piece(f"… {left}"),)))
        if place < len(lines):
            shown.append(lines[place])
        last = place
    return tuple(shown)
