"""What a terminal can show is told by its environment; what it gets follows from that."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from sample_report import finding

from bugguard.cli.screen import hyperlinks, on_screen
from bugguard.domain import Skipped
from bugguard.report import text
from bugguard.report.model import IndexFacts, Report, Stats

CLEAN = Report("0", IndexFacts(1, 42, "static", ""), (), Stats(11, 0.05))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(report: Report, monkeypatch: pytest.MonkeyPatch, **environ: str) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"COLUMNS": "60", **environ}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout", Terminal())
    return on_screen(report, None)


@pytest.mark.parametrize(
    ("environ", "known"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "alacritty"}, True),
        ({"TERM": "foot-extra"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "6800"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "5000"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4205"}, False),
        ({"VTE_VERSION": "x"}, False),
        ({"VTE_VERSION": "²"}, False),
        ({"WT_SESSION": "a-b"}, True),
        ({"WT_SESSION": "a-b", "TMUX": "1,2,3"}, False),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "vscode"}, False),
        ({"TERM": "screen", "VTE_VERSION": "6800"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"FORCE_HYPERLINK": "1", "TMUX": "1,2,3"}, True),
        ({"FORCE_HYPERLINK": "0", "TERM": "xterm-kitty"}, False),
        ({"FORCE_HYPERLINK": "", "TERM": "xterm-kitty"}, False),
    ],
)  # fmt: skip
def test_hyperlinks_are_for_terminals_that_are_known_to_show_them(
    environ: dict[str, str], known: bool
) -> None:
    assert hyperlinks(environ) is known


def test_a_clean_run_is_told_in_green(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(CLEAN, monkeypatch) == (
        "\x1b[32m\x1b[1m0 findings\x1b[0m in 11 hunks, checked against 42 past fixes in\n0.05 s\n"
    )
    assert shown(CLEAN, monkeypatch, NO_COLOR="1") == text.brief(CLEAN, 60)


def test_that_nothing_was_checked_is_not_told_in_green(monkeypatch: pytest.MonkeyPatch) -> None:
    skipped = Stats(0, 0.05, (Skipped("a.md", "in none of the languages"),))
    told = shown(replace(CLEAN, stats=skipped), monkeypatch)
    assert told == "0 hunks checked\n1 file skipped: 1 in none of the languages\n"


def test_the_lines_of_a_clean_run_fit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = replace(CLEAN, notes=("端数 " * 40, "x" * 100))
    lines = shown(noted, monkeypatch, NO_COLOR="1").splitlines()
    assert max(map(cell_len, lines)) <= 60
    assert len(lines) == 2 + 4 + 3


@pytest.mark.parametrize("group", ["findings", "suggested", "candidates"])
def test_whatever_there_is_to_tell_is_told(group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = replace(CLEAN, **{group: (finding(1),)})  # type: ignore[arg-type]
    assert "\x1b[1mcaddyfile.go:112\x1b[0m" in shown(report, monkeypatch)


def test_a_clean_run_loads_no_rich() -> None:
    program = (
        "import sys\n"
        "from bugguard.cli.screen import on_screen\n"
        "from bugguard.report.model import IndexFacts, Report, Stats\n"
        "on_screen(Report('0', IndexFacts(1, 42, 'static', ''), (), Stats(11, 0.05)), None)\n"
        "print('rich' in sys.modules)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, cwd=root, check=True
    )
    assert done.stdout == b"False\n"
