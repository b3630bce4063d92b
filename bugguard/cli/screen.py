"""Results on the user's own terminal: what that can show, and no more loaded than it takes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugguard.cli import console
from bugguard.report import text, view
from bugguard.report.model import Report

if TYPE_CHECKING:
    from bugguard.domain.tickets import TicketRecord
    from bugguard.report.terminal.lines import Screen

#: Terminals that show hyperlinks (OSC 8), by TERM and by TERM_PROGRAM.
_TERMS = ("alacritty", "contour", "foot", "wezterm", "xterm-ghostty", "xterm-kitty")
_PROGRAMS = ("WezTerm", "ghostty", "iTerm.app", "rio", "vscode")


def on_screen(report: Report, work_tree: Path | None) -> str:
    """The report for stdout, laid out and coloured.

    work_tree: to whose files it may link; None: to none.
    """
    if not (report.findings or report.suggested or report.candidates):
        # Nothing to lay out. Most commits are like that, and none of them waits for rich.
        first, end, more = text.brief(report, console.width()).partition("\n")
        found, rest = view.state(first)
        if rest and console.colour(sys.stdout):
            found = click.style(found, fg="green", bold=True)
        return found + rest + end + more
    from bugguard.report.terminal.page import render

    return render(report, _screen(work_tree))


def tickets_on_screen(records: Iterable[tuple[TicketRecord, str]]) -> str:
    """Tickets with their kinds for stdout, in columns."""
    from bugguard.report.terminal.tickets import listed

    return listed(records, _screen())


def _screen(work_tree: Path | None = None) -> Screen:
    from bugguard.report.terminal.lines import Screen

    near = None if os.environ.get("SSH_CONNECTION") else work_tree
    links = hyperlinks(os.environ)
    return Screen(console.width(), console.colour(sys.stdout), links, near)


def hyperlinks(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is known to show hyperlinks; FORCE_HYPERLINK knows better."""
    forced = environ.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced not in ("", "0")
    term = environ.get("TERM", "")
    if "TMUX" in environ or term.startswith(("screen", "tmux")):
        return False  # whatever is behind them is not told
    if "WT_SESSION" in environ or term.startswith(_TERMS):
        return True
    if environ.get("TERM_PROGRAM") in _PROGRAMS:
        return True
    vte = environ.get("VTE_VERSION", "")
    return vte.isascii() and vte.isdigit() and int(vte) > 5000  # 0.50.0 itself crashes on them
