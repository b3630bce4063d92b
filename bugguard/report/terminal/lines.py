"""Pieces of text put into lines: side by side while they fit, else one below the other."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rich.console import Console, RenderableType
from rich.segment import Segments
from rich.style import Style
from rich.text import Text

from bugguard.report.escape import terminal
from bugguard.report.terminal.breaks import broken, columns, fitting

#: Only the 16 colours that everybody's own scheme has, and those of them that can be read on dark
#: and on light; no background.
STYLES = {
    "path": Style(bold=True),
    "rule": Style(color="magenta", bold=True),
    "dim": Style(dim=True),
    "then": Style(color="red"),
    "fixed": Style(color="green"),
    "yours": Style(),  # some schemes have one red for red and magenta
    "plain": Style(),
    "strong": Style(bold=True),
    "alarm": Style(color="red", bold=True),
    "differs": Style(bold=True, underline=True),
}

LABEL = 10  #: columns of the labels
STACKED = 40  #: columns below which labels stand above, not beside
LEAST = 20  #: columns to which even a narrower terminal gets lines


@dataclass(frozen=True, slots=True)
class Screen:
    """What a terminal can do."""

    width: int  #: columns
    colour: bool = False  #: whether it is to get any escape sequence at all
    links: bool = False  #: whether it shows hyperlinks (OSC 8)
    root: Path | None = None  #: the work tree, for links to files; None: none are made

    @property
    def linking(self) -> bool:
        """Whether there are links, so that no address need be told."""
        return self.colour and self.links


class Piece(NamedTuple):
    """A text that stays together where it can, and the blanks before it on the same line."""

    text: Text
    gap: int = 1


def shown(text: str, role: str = "plain", link: str = "") -> Text:
    """A stranger's text, escaped; no markup in it has a meaning. link: safe as it is."""
    style = STYLES[role]
    return Text(terminal(text), Style.combine([style, Style(link=link)]) if link else style)


def joined(*texts: Text) -> Text:
    """The texts one behind the other, each in its own style."""
    whole = Text()
    for text in texts:
        whole.append_text(text)
    return whole


def cut(text: Text, most: int) -> Text:
    """The text in at most ``most`` columns, with an ellipsis where there was more."""
    if columns(text.plain) <= most:
        return text
    return joined(text[: fitting(text.plain, most - 1)], Text("…"))


def pieces(text: Text, room: int, further: int | None = None, hanging: int = 0) -> list[Text]:
    """The text in lines of ``room`` columns, and of ``further`` after the first.

    hanging: by how much those are indented.
    """
    further = room if further is None else further
    places = broken(text.plain, room, further - hanging)
    ends = [end for place in places for end in place][1:]
    first, *more = text.divide(ends)[: 2 * len(places) : 2]
    return [first, *(joined(Text(" " * hanging), one) for one in more)]


def flow(listed: Sequence[Piece], width: int, indent: int = 0, further: int = 4) -> Iterator[Text]:
    """The pieces one behind the other; the first line and those after it are indented so far."""
    line = Text(" " * indent)
    empty = True
    for text, gap in listed:
        used = columns(line.plain)
        if not empty and used + gap + columns(text.plain) > width:
            yield line
            line, empty, used = Text(" " * further), True, further
        if not empty:
            line.append(" " * gap)
        first, *more = pieces(text, max(width - used, 2), width - further)
        line.append_text(first)
        empty = False
        for one in more:
            yield line
            line = joined(Text(" " * further), one)
    yield line


def labelled(label: str, lines: Sequence[Text], width: int) -> Iterator[Text]:
    """Lines with a label beside the first, or above it where there is no room."""
    stacked = width < STACKED
    head = Text(f"  {label}", STYLES["dim"])
    if stacked and label:
        yield head
    for place, line in enumerate(lines):
        front = Text("    ") if stacked else Text(" " * LABEL)
        if place == 0 and label and not stacked:
            front = Text(f"  {label:<{LABEL - 2}}", STYLES["dim"])
        yield joined(front, line)


def room_of(width: int) -> int:
    """Columns beside the labels."""
    return width - (4 if width < STACKED else LABEL)


def drawn(lines: Sequence[Text], screen: Screen) -> str:
    """The lines as characters for the screen, each with a newline at its end."""
    console = _console(screen)
    return _written(
        console, Segments(one for line in lines for one in line.render(console, end="\n"))
    )


def composed(parts: Sequence[RenderableType], screen: Screen) -> str:
    """Whatever rich can lay out, one below the other, within the screen's width."""
    return _written(_console(screen), *parts)


def _console(screen: Screen) -> Console:
    return Console(
        file=io.StringIO(),
        width=max(screen.width, LEAST),
        force_terminal=True,
        color_system="standard" if screen.colour else None,
        legacy_windows=False,
        _environ={},  # what the user's has to say is in the screen
    )


def _written(console: Console, *parts: RenderableType) -> str:
    with console.capture() as written:
        for part in parts:
            console.print(part, end="", crop=False)
    return written.get()
