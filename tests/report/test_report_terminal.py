"""The report on a terminal: the plain text's facts, within the width, and nothing that steers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onscreen import seen
from rich.cells import cell_len
from sample_report import empty, explained, finding, judged, sample
from strangers import many, reports

from bugguard.domain import Finding, Hunk, Ticket
from bugguard.report import text, view
from bugguard.report.model import Report
from bugguard.report.terminal.breaks import columns
from bugguard.report.terminal.lines import Screen
from bugguard.report.terminal.page import render

EVERYTHING = (sample(), judged(), explained(), empty())
SCREENS = st.builds(Screen, st.integers(20, 200), st.booleans(), st.booleans())
#: Of all that there is only what can be read on dark and on light.
CODES = {"0", "1", "2", "4", "31", "32", "35"}


def told(*findings: Finding) -> Report:
    return replace(empty(), findings=findings)


def squeezed(words: str) -> str:
    return words.replace(" ", "").replace("\n", "")


def unnumbered(report: Report) -> Report:
    """The report with nothing that says where in the file a line stands."""

    def without(group: tuple[Finding, ...] | None) -> tuple[Finding, ...] | None:
        return group and tuple(
            replace(one, match=replace(one.match, hunk=replace(one.match.hunk, body=())))
            for one in group
        )

    return replace(
        report,
        findings=without(report.findings) or (),
        suggested=without(report.suggested),
        candidates=without(report.candidates),
    )


@given(reports() | st.sampled_from(EVERYTHING), SCREENS)
def test_lines_fit_and_only_colours_and_safe_links_steer(report: Report, screen: Screen) -> None:
    shown = seen(render(report, screen))
    for line in shown.text.split("\n"):
        assert cell_len(line) <= columns(line) <= screen.width, line
    assert shown.codes <= (CODES if screen.colour else set())
    assert screen.links or not shown.links
    assert all(link.startswith(("http://", "https://")) for link in shown.links)
    assert screen.colour or not shown.links


@given(reports() | st.sampled_from(EVERYTHING))
def test_it_tells_what_the_plain_text_tells(report: Report) -> None:
    report = unnumbered(report)
    drawn = seen(render(report, Screen(200, colour=True))).text
    assert squeezed(drawn) == squeezed(text.render(report, 100_000))


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("report", [judged(), explained(), told(sample().findings[0])])
def test_nothing_of_ordinary_length_is_cut(report: Report, width: int) -> None:
    whole = squeezed(text.render(unnumbered(report), 100_000))
    drawn = squeezed(render(unnumbered(report), Screen(width)))
    assert drawn == whole or "ａｂｃ" in whole or "argument,argument" in whole


@pytest.mark.parametrize("width", [-1, 0, 1, 19])
def test_no_width_is_too_small(width: int) -> None:
    assert "#4485" in render(sample(), Screen(width))
    assert max(map(cell_len, render(sample(), Screen(width)).split("\n"))) <= 20


def test_labels_stand_above_where_there_is_no_room_beside() -> None:
    assert "\n  then\n      - x = 1\n" in render(sample(), Screen(39))
    assert "\n  then      - x = 1\n" in render(sample(), Screen(40))


MARKUP = (
    "[red]x[/red] [link=https://evil.example]y[/link] [/] :bug: \\[b] https://a.example [@click=q]"
)


def test_markup_has_no_meaning() -> None:
    one = finding(
        1, path=MARKUP, subject=MARKUP, past=("-" + MARKUP, "+" + MARKUP), yours=("+" + MARKUP,),
        tickets=(Ticket(MARKUP, "title " + MARKUP, "", "subject"),),
    )  # fmt: skip
    report = replace(told(one), notes=(MARKUP,))
    shown = seen(render(report, Screen(200, colour=True, links=True)))
    assert shown.text.count(MARKUP) >= 6
    assert shown.links == []


LINK = "https://gitlab.example/web/shop/-/issues/12"


def ticketed(*tickets: Ticket, links: bool = True, colour: bool = True) -> tuple[str, list[str]]:
    shown = seen(render(told(finding(1, tickets=tickets)), Screen(100, colour, links)))
    return shown.text, shown.links


def test_tickets_are_links_where_the_terminal_knows_them() -> None:
    ticket = Ticket("#12", "端数がずれる", LINK, "gitlab: subject")
    words, links = ticketed(ticket)
    assert set(links) == {LINK}
    assert LINK not in words
    assert "\n  ticket  #12 端数がずれる\n" in words
    for words, links in (ticketed(ticket, links=False), ticketed(ticket, colour=False)):
        assert links == []
        assert f"\n  {LINK}\n" in words


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "file:///etc/passwd", "ftp://a.example/", "x-man-page://ls",
        f"{LINK}\x1b]0;owned\x07", f"{LINK}\x1b\\", f"{LINK}\x9c", f"{LINK}\u202egnp",
        f"{LINK}\udcff", f"{LINK}\n", f"{LINK}/{'a' * 2000}",
    ],
)  # fmt: skip
def test_no_link_leads_anywhere_else_and_its_address_is_told(url: str) -> None:
    words, links = ticketed(Ticket("#12", "", url, "subject"))
    assert links == []
    assert squeezed(view.terminal(url)) in squeezed(words)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://例え.example/課題 12", "https://%E4%BE%8B%E3%81%88.example/%E8%AA%B2%E9%A1%8C%2012"),
        ("HTTP://a.example/?a=b&c=%20;d#e", "HTTP://a.example/?a=b&c=%20;d#e"),
        ("https://a.example/<b>\"'", "https://a.example/%3Cb%3E%22'"),
    ],
)  # fmt: skip
def test_a_link_is_nothing_but_ascii(url: str, link: str) -> None:
    assert ticketed(Ticket("#12", "", url, "subject"))[1] == [link]


def test_an_address_that_no_shown_ticket_links_to_is_told() -> None:
    names = [Ticket(f"#{number}", "", "", "subject") for number in range(4)]
    words, links = ticketed(*names, Ticket("#9", "", LINK, "subject"))
    assert links == []
    assert LINK in words


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "決済 a").mkdir()
    (tmp_path / "決済 a" / "b.py").write_text("x = 1\n")
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link.py").symlink_to("決済 a/b.py")
    return tmp_path


def places(tree: Path, path: str, links: bool = True) -> list[str]:
    report = told(finding(1, path=path, line=7))
    return seen(render(report, Screen(100, True, links, tree))).links


def test_a_place_is_a_link_to_its_file(tree: Path) -> None:
    address = f"{(tree / '決済 a' / 'b.py').as_uri()}#7"
    assert places(tree, "決済 a/b.py") == [address]
    assert places(tree, "決済 a/b.py", links=False) == []
    assert places(tree / "決済 a", "b.py") == [address]


@pytest.mark.parametrize(
    "path",
    ["run.sh", "link.py", "gone.py", "決済 a", "../../../../../../etc/passwd", "/etc/passwd",
     "a\0b", "\udcff", "", "x" * 5000],
)  # fmt: skip
def test_a_click_starts_nothing_and_leaves_no_work_tree(tree: Path, path: str) -> None:
    assert places(tree, path) == []
    assert places(tree / "決済 a", "../run.sh") == []
    assert places(tree / "決済 a", "../link.py") == []


NUMBERED = (" a()", "-b()", "+c(1)", " x()", "+c(2)\r", "+d()", "+c(1)", "+d()", "+e()")


@pytest.mark.parametrize(
    ("yours", "lines", "numbers"),
    [
        ((" a()", "-b()", "+c(1)"), (98, 98), ["     a()", "   - b()", "98 > c(1)"]),
        (("+c(2)\r", "+e()"), (100, 104), ["100 > c(2)", "104 > e()"]),
        (("+c(1)", "+c(2)", "+d()"), (98, 101), [" 98 > c(1)", "100 > c(2)", "101 > d()"]),
        # Which of the two it is, nobody knows.
        (("+c(2)", "+d()", "+e()"), (100, 104), ["100 > c(2)", "    > d()", "104 > e()"]),
        (("+e()", "+c(2)"), (98, 104), ["> e()", "> c(2)"]),
        (("+elsewhere()",), (98, 104), ["> elsewhere()"]),
    ],
)
def test_lines_of_the_change_have_their_numbers(
    yours: tuple[str, ...], lines: tuple[int, int], numbers: list[str]
) -> None:
    one = finding(1, yours=yours).match
    hunk = Hunk("a.py", "a.py", 95, 97, "", NUMBERED)
    one = replace(one, hunk=hunk, line=lines[0], end_line=lines[1])
    drawn = render(told(replace(finding(1), match=one)), Screen(80)).split("\n")
    start = next(n for n, line in enumerate(drawn) if line.startswith("  yours"))
    assert [line[10:] for line in drawn[start : start + len(yours)]] == numbers


def test_the_words_that_differ_stand_out() -> None:
    drawn = render(told(sample().findings[1]), Screen(80, colour=True))
    assert "\x1b[1;4;31mint\x1b[0m" in drawn
    assert "\x1b[1;4;32m切り捨て\x1b[0m" in drawn
    assert "\x1b[1;4mint\x1b[0m" in drawn


def test_the_end_says_whether_all_is_well() -> None:
    alarm = render(sample(), Screen(100, colour=True))
    assert "\n\x1b[1;31m5 findings\x1b[0m in 14 hunks" in alarm
    spared = replace(empty(), findings=(replace(finding(1), downgraded=True),))
    assert "\n\x1b[1m1 finding\x1b[0m in 1 hunk" in render(spared, Screen(100, colour=True))


def test_what_is_too_long_goes_on_below_its_beginning() -> None:
    past = ("-if x:", "-    " + "call(the_argument) + " * 6, "+pass")
    drawn = render(unnumbered(told(finding(1, past=past))), Screen(60))
    assert (
        "  then    - if x:\n"
        "          -     call(the_argument) + call(the_argument) +\n"
        "                call(the_argument) + call(the_argument) +\n"
        "                call(the_argument) + call(the_argument) +\n"
    ) in drawn
    why = render(explained(), Screen(60))
    assert "  +1.50   1.00  lines that the fix removed come\n" + " " * 25 + "back\n" in why


def test_what_a_program_wrote_is_cut() -> None:
    one = finding(
        1, subject="subject" * 9_999, past=("-" + "then" * 99_999, "+" + "x " * 99_999),
        yours=("+" + "端" * 99_999,), tickets=(Ticket("#" * 99, "title" * 9_999, "", "subject"),),
    )  # fmt: skip
    drawn = render(told(one), Screen(100))
    assert 20 < drawn.count("\n") < 40
    assert drawn.count("…") >= 5


def test_an_endless_address_and_path_are_told_at_once() -> None:
    url, path = "https://a.example/" + "é" * 300_000, "a/" * 100_000
    drawn = render(told(finding(1, path=path, tickets=(Ticket("#1", "", url, ""),))), Screen(60))
    assert drawn.count("é") == 300_000


def test_a_number_beyond_all_files_leaves_room_for_code() -> None:
    far = 10**30
    one = replace(finding(1, yours=("+a(1)",), line=far), fingerprint="f")
    hunk = Hunk("a", "a", far, far, "", ("+a(1)",))
    one = replace(one, match=replace(one.match, hunk=hunk))
    assert str(far) in render(told(one), Screen(20)).replace("\n", "")


def test_many_findings_are_all_told() -> None:
    drawn = render(many(300), Screen(100, colour=True))
    assert seen(drawn).text.count("whole fix: bugguard show") == 300
