"""On a real terminal the report is laid out and coloured; everywhere else it is as it was."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from onscreen import seen
from program import CLEAN, FINDINGS, bugguard, execute
from rich.cells import cell_len
from shop import JAPANESE, REPLACED, Shop
from terminals import PROBE, on_terminal

pytestmark = pytest.mark.functional


@pytest.fixture
def undone(shop: Shop) -> Shop:
    shop.stage(shop.undone(REPLACED))
    return shop


@pytest.mark.parametrize("command", ["check", "hook"])
def test_a_finding_is_laid_out_by_rich(undone: Shop, command: str) -> None:
    shown = on_terminal(undone, command, command=PROBE)
    assert shown.code == FINDINGS, shown
    assert "rich.console" in shown.err.splitlines()
    told = seen(shown.text)
    assert {"1", "31", "32", "35"} <= told.codes
    assert "1 finding in" in told.text


@pytest.mark.parametrize("command", ["check", "hook"])
def test_a_clean_commit_does_not_wait_for_it(shop: Shop, command: str) -> None:
    shop.stage({"shop/new.py": "new_value = make_new(1)\n"})
    shown = on_terminal(shop, command, command=PROBE)
    assert shown.code == CLEAN, shown
    assert "\x1b[32m\x1b[1m0 findings\x1b[0m in 1 hunk" in shown.text
    assert not any(name.split(".")[0] == "rich" for name in shown.err.splitlines())


@pytest.mark.parametrize("command", ["check", "hook"])
def test_a_pipe_gets_the_plain_text_without_it(undone: Shop, command: str) -> None:
    result = execute(undone, [*PROBE, command], NO_COLOR="", TERM="xterm-kitty", COLUMNS="40")
    assert result.code == FINDINGS
    assert not any(name.split(".")[0] == "rich" for name in result.err.splitlines())
    assert "\x1b" not in result.out
    assert "     silence: bugguard: ignore[#12] reason\n" in result.out


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("number", [REPLACED, JAPANESE])
def test_the_lines_fit_the_terminal(shop: Shop, number: int, columns: int) -> None:
    shop.stage(shop.undone(number))
    for variables in ({}, {"COLUMNS": str(columns)}):
        size = 120 if variables else columns
        shown = on_terminal(shop, "check", "--why", columns=size, **variables)
        assert shown.code == FINDINGS, shown
        lines = seen(shown.text).text.splitlines()
        assert max(map(cell_len, lines)) <= columns
        assert any(line.startswith("  yours") for line in lines)


def test_a_terminal_that_does_not_tell_its_size_has_100_columns(undone: Shop) -> None:
    shown = seen(on_terminal(undone, "check", columns=0).text).text
    assert "     silence: bugguard: ignore[#12] reason\n" in shown
    narrow = seen(on_terminal(undone, "check", columns=60).text).text
    assert "\n  silence: bugguard: ignore[#12] reason\n" in narrow


def test_a_terminal_between_has_the_size_of_the_one_behind_it(undone: Shop) -> None:
    """As pre-commit's own has no size."""
    shown = seen(on_terminal(undone, "hook", columns=0, behind=60).text).text
    assert "\n  silence: bugguard: ignore[#12] reason\n" in shown
    assert max(map(cell_len, shown.splitlines())) <= 60


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_without_colours_there_is_no_escape_sequence(
    undone: Shop, variables: dict[str, str]
) -> None:
    shown = on_terminal(undone, "check", columns=60, FORCE_HYPERLINK="1", **variables)
    assert "\x1b" not in shown.text
    coloured = on_terminal(undone, "check", columns=60)
    assert shown.text.split(" in ")[0] == seen(coloured.text).text.split(" in ")[0]


def test_colours_can_be_asked_for_in_a_pipe(undone: Shop) -> None:
    result = bugguard(undone, "check", FORCE_COLOR="1", COLUMNS="60")
    assert {"31", "32", "35"} <= seen(result.out).codes
    assert max(map(cell_len, seen(result.out).text.splitlines())) <= 60


def test_a_place_is_a_link_where_the_terminal_knows_links(undone: Shop) -> None:
    shown = seen(on_terminal(undone, "check", TERM_PROGRAM="vscode").text)
    [place] = [link for link in shown.links if link.startswith("file:")]
    path, line = place.removeprefix("file://").split("#")
    assert Path(path).is_file()
    assert f":{line}  BG001 " in shown.text
    far = seen(on_terminal(undone, "check", TERM_PROGRAM="vscode", SSH_CONNECTION="a").text)
    assert far.text.split(" in ")[0] == shown.text.split(" in ")[0]
    assert not any(link.startswith("file:") for link in far.links)
    assert seen(on_terminal(undone, "check").text).links == []


def test_other_formats_and_files_are_no_terminal_s_business(undone: Shop, tmp_path: Path) -> None:
    shown = on_terminal(undone, "check", "--format", "json")
    assert json.loads(shown.text)["findings"]
    file, other = tmp_path / "report.txt", tmp_path / "other.txt"
    shown = on_terminal(undone, "check", "--output", str(file), "--report", f"text={other}")
    assert shown.text == ""
    plain = bugguard(undone, "check").out.split(" in ")[0]
    assert file.read_text("utf-8").split(" in ")[0] == plain
    assert other.read_text("utf-8").split(" in ")[0] == plain


def test_a_scan_is_laid_out_too(shop: Shop) -> None:
    shop.commit(shop.undone(REPLACED), "Tidy up")
    shown = on_terminal(shop, "scan", ".", "--threshold", "0", columns=60, command=PROBE)
    told = seen(shown.text)
    assert "file" in told.text
    assert max(map(cell_len, told.text.splitlines())) <= 60
    assert ("rich.console" in shown.err.splitlines()) == (shown.code == FINDINGS)


def test_a_terminal_without_unicode_ends_nothing(undone: Shop) -> None:
    variables = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    shown = on_terminal(undone, "check", "--why", **variables)
    assert shown.code == FINDINGS, shown
    assert shown.text.isascii()


def test_the_installed_program_itself(undone: Shop) -> None:
    shown = on_terminal(undone, "check", command=(sys.executable, "-m", "bugguard"))
    assert shown.code == FINDINGS
    assert "35" in seen(shown.text).codes


def test_a_past_fix_is_shown_with_a_coloured_diff(shop: Shop) -> None:
    shown = on_terminal(shop, "show", "#12")
    assert shown.code == CLEAN
    assert {"31", "32"} <= seen(shown.text).codes
    assert seen(shown.text).text == bugguard(shop, "show", "#12").out


PROJECT = "gitlab.example/web/shop"


def test_tickets_are_listed_in_columns(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "tickets.jsonl"
    title = "クーポンの割引額が注文金額を超える"
    file.write_text(json.dumps({"id": "#12", "title": title, "labels": ["bug"]}) + "\n", "utf-8")
    imported = bugguard(
        shop, "tickets", "import", str(file), "--project", "gitlab.example/web/shop"
    )
    assert imported.code == CLEAN, imported
    shown = seen(on_terminal(shop, "tickets", "list", columns=60).text)
    assert f"{PROJECT}\n  #12  a bug  {title}  [bug]" in shown.text
    piped = bugguard(shop, "tickets", "list").out
    assert piped == f"{PROJECT} #12  a bug  {title}  [bug]\n"
