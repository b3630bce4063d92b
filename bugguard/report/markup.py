"""Strangers' text in Markdown of GitHub's and GitLab's kind, so that it is shown and does nothing.

A backslash keeps Markdown itself away, but not what both hosts look for in the finished text: names
to notify, numbers and shas to link, emoji, formulas. They pass over code, so a word that could be
any of these is shown as code; nothing invisible is put into it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from urllib.parse import quote

from bugguard.report.escape import encodable

_MARKDOWN = re.compile(r"([_`])")
_BLOCK = re.compile(r"[-+=]|[0-9]+[.)]")  #: what would begin a list or an underline
#: @name #1 !1 ~label %milestone &1 $1 ^alert and HTML, links, paths, formulas; x:y and :emoji:;
#: www.x; shas; keys of trackers (PROJ-1)
_LIVE = re.compile(
    r"[@#~%&$^|<>\[\]{}\\/*]|![0-9]|:\S|(?i:www\.)|__|\b[0-9a-fA-F]{7,64}\b"
    r"|[A-Za-z][A-Za-z0-9_]*-[0-9]"
)
_TICKET = re.compile(r"(?:[\w-]+/[\w.-]+)?[#!][0-9]+|[A-Z][A-Z0-9_]*-[0-9]+", re.ASCII)
_LINK = re.compile(r"https?://[A-Za-z0-9]\S*", re.IGNORECASE)


def prose(text: str) -> str:
    """A safe line of plain words as Markdown that shows just them.

    text: without control characters (see ``escape.terminal``).
    """
    runs = groupby(text.split(), key=lambda word: bool(_LIVE.search(word)))
    shown = " ".join(
        code(" ".join(words)) if live else _MARKDOWN.sub(r"\\\1", " ".join(words))
        for live, words in runs
    )
    block = _BLOCK.match(shown)
    return f"{shown[: block.end() - 1]}\\{shown[block.end() - 1 :]}" if block else shown


def code(text: str) -> str:
    """A safe line as code, with as many backticks as it takes; an empty one is a blank."""
    ticks = "`" * (_longest(text) + 1)
    # One blank at each end is taken away again, and makes room for a backtick there.
    return f"{ticks} {text or ' '} {ticks}" if _pads(text) else f"{ticks}{text}{ticks}"


def _pads(text: str) -> bool:
    return not text.strip() or text[0] in "` " or text[-1] in "` "


def fence(lines: Sequence[str], language: str = "diff") -> str:
    """Safe lines as a block of code that none of them can end."""
    ticks = "`" * max(3, max(map(_longest, lines), default=0) + 1)
    return "\n".join([ticks + language, *lines, ticks])


def _longest(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def link(label: str, url: str) -> str:
    """A ticket's id that leads to its record; only the id where the link is none of the web's."""
    leads = address(url).replace("&", "&amp;")  # which begins an entity
    if not leads:
        return code(label)
    shown = label.replace("_", r"\_") if _TICKET.fullmatch(label) else code(label)
    return f"[{shown}]({leads})"


def address(url: str) -> str:
    """The address, quoted so that it ends neither a link nor a line; empty: none of the web's."""
    return quote(encodable(url), safe="/:?#@!&+,;=%~") if _LINK.fullmatch(url) else ""
