"""The three sides of a finding, line by line: then, fixed, and yours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bugguard.domain import Hunk, Match, Rule
from bugguard.report.html import words
from bugguard.report.html.visible import code
from bugguard.report.html.words import Pieces
from bugguard.report.words import count

LINES = 40  #: of a side, at most
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


class _Raw(NamedTuple):
    """A line before its words are compared, which is done for those alone that are shown."""

    kind: str
    number: int | None
    text: str
    became: str | None = None  #: what stands in its place on the other side; None: nothing does
    hit: bool = False

    @property
    def pieces(self) -> Pieces:
        """With the words marked that it does not share with the other side."""
        if self.became is None:
            return words.whole(self.text, marked=self.kind != "same")
        if self.kind == "gone":
            return words.differing(self.text, self.became)[0]
        return words.differing(self.became, self.text)[1]


def three(match: Match, most: int = LINES) -> ThreeWay:
    """Words are marked where ``then`` and ``fixed`` differ, and where ``yours`` has the same.

    most: lines of each side that are shown.
    """
    past = list(_past(match.pattern.hunk))
    then, fixed = (
        tuple(_past_line(raw) for raw in _shown([one for one in past if one.kind in kinds], most))
        for kinds in (("same", "gone"), ("same", "new"))
    )
    yours = tuple(_liken(_shown(_yours(match), most), past, match.rule))
    longest = max((len(_text(line.pieces)) for line in (*then, *fixed, *yours)), default=0)
    return ThreeWay(
        Side(then, "(nothing stood here)"),
        Side(fixed, "(nothing stands here any more)"),
        Side(yours, "(nothing stands here)"),
        longest <= NARROW,
    )


def _past(hunk: Hunk) -> Iterator[_Raw]:
    """The fix's hunk, both sides."""
    run: list[tuple[str, int, str]] = []
    old, new = hunk.old_start, hunk.new_start
    for text in hunk.body:
        marker = text[:1]
        number = new if marker == "+" else old
        old, new = old + (marker != "+"), new + (marker != "-")
        shown = code(text[1:])
        if marker in ("+", "-"):
            run.append((marker, number, shown))
        else:
            yield from _run(run)
            yield _Raw("same", number, shown)
            run = []
    yield from _run(run)


def _run(run: Sequence[tuple[str, int, str]]) -> Iterator[_Raw]:
    """Lines that went and came at one place, those that are one line changed side by side."""
    gone = [(number, text) for marker, number, text in run if marker == "-"]
    came = [(number, text) for marker, number, text in run if marker == "+"]
    pairs = words.pairs([text for _, text in gone], [text for _, text in came])
    after = {i: came[j][1] for i, j in pairs}
    before = {j: gone[i][1] for i, j in pairs}
    for place, (number, text) in enumerate(gone):
        yield _Raw("gone", number, text, after.get(place))
    for place, (number, text) in enumerate(came):
        yield _Raw("new", number, text, before.get(place))


def _past_line(raw: _Raw) -> Line:
    """Where a whole line went or came, the line's own colour says so: no word of it is marked."""
    whole = raw.became is None
    return Line(raw.kind, raw.number, words.whole(raw.text) if whole else raw.pieces)


def _yours(match: Match) -> list[_Raw]:
    """The changed hunk, or where the match's lines are not found in it, just these."""
    told = _flags(match)
    rows: list[tuple[str, int | None, str, bool]]
    if told is None:
        rows = [(text[:1], None, text[1:], True) for text in match.yours]
    else:
        numbered = match.hunk.numbered()
        rows = [(*row, flag) for row, flag in zip(numbered, told, strict=True)]
    kinds = {"+": "new", "-": "gone"}
    return [
        _Raw(kinds.get(marker, "same"), None if marker == "-" else number, code(text), None, flag)
        for marker, number, text, flag in rows
    ]


def _liken(lines: Sequence[_Raw], past: Sequence[_Raw], rule: Rule) -> Iterator[Line]:
    """With the words marked that each has in common with the past line most like it."""
    sides = {kind: [one for one in past if one.kind == kind] for kind in ("gone", "new", "same")}
    # A fix that only added left the code around it wrong: that is what is repeated.
    around = [one._replace(kind="gone") for one in sides["same"]]
    likely = {"new": sides["gone"] or around, "gone": sides["new"], "same": []}
    bags = {kind: [words.bag(one.text) for one in some] for kind, some in likely.items()}
    standing = rule is Rule.UNFIXED_SIBLING  # it reads a file, in which nothing is changed
    for raw in lines:
        pieces = words.whole(raw.text)
        if raw.hit:
            place = words.nearest(words.bag(raw.text), bags[raw.kind])
            if place is not None:
                pieces = words.shared(raw.text, likely[raw.kind][place].pieces)
        kind = "same" if standing and raw.kind == "new" else raw.kind
        yield Line(kind, raw.number, pieces, raw.hit)


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


def _shown(lines: Sequence[_Raw], most: int) -> list[_Raw]:
    """Without the indentation that all of them have, for which a page has no room."""
    kept = _folded(lines, most)
    texts = [one.text for one in kept if one.kind != "gap" and one.text.strip()]
    indent = min((len(text) - len(text.lstrip(" ")) for text in texts), default=0)
    return [one if one.kind == "gap" else one._replace(text=one.text[indent:]) for one in kept]


def _folded(lines: Sequence[_Raw], most: int) -> list[_Raw]:
    """At most so many, those that tell and what is around them first."""
    if len(lines) <= most:
        return list(lines)
    hits = [place for place, line in enumerate(lines) if line.hit]
    changed = (place for place, line in enumerate(lines) if line.kind != "same")
    places = hits or list(changed) or [0]
    kept: dict[int, None] = dict.fromkeys(places[:most])
    for distance in range(1, _AROUND + 1):
        for place in places:
            for near in (place - distance, place + distance):
                if 0 <= near < len(lines) and len(kept) < most:
                    kept.setdefault(near)
    shown: list[_Raw] = []
    last = -1
    for place in [*sorted(kept), len(lines)]:
        if place - last > 1:
            left = count(place - last - 1, "line")
            shown.append(_Raw("gap", None, f"… {left}"))
        if place < len(lines):
            shown.append(lines[place])
        last = place
    return shown


def _text(pieces: Pieces) -> str:
    return "".join(piece.text for piece in pieces)
