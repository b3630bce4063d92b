"""Silencing: what is a directive, what is said of a bad one, and what it silences.

The directives are put together here, so that this file is not taken to contain any.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bugguard
from bugguard.domain import BugPattern, Finding, FixCommit, Hunk, Match, Rule, Ticket
from bugguard.triage.suppression import Directive, apply, parse, without_directive

MARK = "bugguard" + ": ignore"
SHA = "5333c352" + "0" * 32
TODAY = date(2026, 1, 31)


def finding(line: int = 10, end_line: int = 12, path: str = "a.py") -> Finding:
    tickets = (Ticket("#4485", "", "", "subject"), Ticket("PROJ-12", "", "", "message"))
    hunk = Hunk(path, path, line, line, "", ("+x",))
    fix = FixCommit(SHA, 0, "", "", tickets)
    match = Match(
        Rule.BUG_REPEATED, hunk, BugPattern(SHA, 0, hunk), fix, 0.9, line, end_line, ("+x",)
    )
    return Finding("0" * 16, match)


@pytest.mark.parametrize(
    "comment",
    [
        "x = 1  # {}",
        "// {}",
        "x; /* {} */",
        " * {}",
        "-- {}",
        "<!-- {} -->",
        "; {}",
        "% {}",
        "! {}",
        "(* {} *)",
        "{{- {} -}}",
        "{{# {} #}}",
        "REM {}",
        "#{}",
        "x()  # noqa: E501  # {}",
    ],
)
def test_every_comment_syntax_carries_a_directive(comment: str) -> None:
    line = comment.format(f"{MARK}[#4485] the loop ends elsewhere")
    assert parse([line]) == ((Directive(1, ("#4485",), "the loop ends elsewhere"),), ())


def test_ids_are_kept_as_written() -> None:
    (directive,), _ = parse([f"# {MARK}[ proj-12 , owner/repo#7,5333C352 ]: checked"])
    assert directive.ids == ("proj-12", "owner/repo#7", "5333C352")


@pytest.mark.parametrize(
    "text",
    [
        f"write {MARK}[#1] reason to silence it",
        f'help = "{MARK}[#1]"',
        f"`{MARK}`",
        f"# {MARK}d because",
        f"# {MARK}-list",
        "# my" + f"{MARK}[#1] reason",
        f"premium {MARK}",
        "# bugguard is a tool: ignore it",
    ],
)
def test_prose_is_passed_over(text: str) -> None:
    assert parse([text]) == ((), ())


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ("", "not named"),
        (" it is fine", "not named"),
        ("[] fine", "not named"),
        ("[ ] fine", "not named"),
        ("[#1,] fine", "not named"),
        ("[#1 fine", "not named"),
        ("[BG001] fine", "a rule alone"),
        ("[#1, bg002] fine", "a rule alone"),
        ("[#1]", "reason is missing"),
        ("[#1]  -- ", "reason is missing"),
        ("[#1] */", "reason is missing"),
        ("[until=2027-01-31] r", "not named"),
        ("[#1, until=2027-01-31]", "reason is missing"),
    ],
)
def test_a_directive_that_says_too_little_is_a_problem(rest: str, says: str) -> None:
    directives, (problem,) = parse(["", f"// {MARK}{rest}"], "src/a.c", 40)
    assert directives == ()
    assert (problem.path, problem.line) == ("src/a.c", 41)
    assert says in problem.message
    assert f"{MARK}[TICKET-or-SHA] reason" in problem.message


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("#1, until=", "no day"),
        ("#1, until=soon", "no day"),
        ("#1, until=2027-02-30", "no day"),
        ("#1, until=20270131", "no day"),
        ("#1, until=2027-W01-1", "no day"),
        ("#1, until=２０２７-01-31", "no day"),
        ("#1, until=2027-01-31T00:00", "no day"),
        ("#1, until=2027-01-31, until=2028-01-31", "only one"),
        ("#1, untill=2027-01-31", "only one"),
        ("#1, since=2027-01-31", "only one"),
    ],
)
def test_an_end_that_cannot_be_understood_is_a_problem(inside: str, says: str) -> None:
    directives, (problem,) = parse([f"// {MARK}[{inside}] r"])
    assert directives == ()
    assert says in problem.message
    assert f"{MARK}[TICKET-or-SHA, until=YYYY-MM-DD] reason" in problem.message


@pytest.mark.parametrize(
    "inside", ["#4485, until=2027-01-31", "until = 2027-01-31,#4485", " #4485 ,UNTIL=2027-01-31 "]
)
def test_an_end_is_read(inside: str) -> None:
    (directive,), _ = parse([f"# {MARK}[{inside}] r"])
    assert directive == Directive(1, ("#4485",), "r", date(2027, 1, 31))


def test_the_last_day_still_counts() -> None:
    directive = Directive(10, ("#4485",), "r", date(2027, 1, 31))
    for today, silenced in ((date(2027, 1, 31), 1), (date(2027, 2, 1), 0), (date(2020, 1, 1), 1)):
        assert len(apply([finding()], {"a.py": [directive]}, today)[1]) == silenced


def test_another_directive_holds_where_one_has_ended() -> None:
    ended = Directive(10, ("#4485",), "old", date(2020, 1, 1))
    [silenced] = apply([finding()], {"a.py": [ended, Directive(11, (SHA,), "new")]}, TODAY)[1]
    assert silenced.reason == "new"


@pytest.mark.parametrize("name", ["0" * 16, "ABCDEF0123456789"])
def test_a_finding_is_named_by_its_fingerprint(name: str) -> None:
    one = replace(finding(), fingerprint=name.lower())
    assert apply([one], {"a.py": [Directive(10, (name,), "r")]})[0] == ()
    other = replace(finding(), fingerprint="f" * 16)
    assert apply([other], {"a.py": [Directive(10, (name,), "r")]})[1] == ()


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (f"x = 1  # {MARK}[#1] r", "x = 1  "),
        (f"x();  /* {MARK}[#1] r */", "x();  "),
        (f"x(/** {MARK}[#1] r */", "x("),
        (f"x(///   {MARK}[#1] r", "x("),
        (f"<p> <!-- {MARK}[#1] r -->", "<p> "),
        (f"f(x) (* {MARK}[#1] r *)", "f(x) "),
        (f"f( -- {MARK}[#1] r", "f( "),
        (f"{{{{-- {MARK}[#1] r --}}}}", ""),
        (f"a {{# {MARK}[#1] r #}}", "a "),
        (f"REM {MARK}[#1] r", ""),
        (f"x ;; {MARK}[#1] r", "x "),
        (f"x = 1  # noqa  # {MARK}", "x = 1  # noqa  "),
        (f"  // {MARK}[#1] r", "  "),
        (f'x = "{MARK}[#1] r"', None),
        ("x = 1  # bugguard: is a tool", None),
        ("", None),
    ],
)
def test_a_line_without_its_directive(line: str, left: str | None) -> None:
    assert without_directive(line) == (line if left is None else left)


@pytest.mark.parametrize("line", [9, 10, 11, 12])
def test_it_silences_from_the_line_before_to_the_last(line: int) -> None:
    directive = Directive(line, ("#4485",), "r")
    assert apply([finding()], {"a.py": [directive]}) == ((), (replace(finding(), reason="r"),))


@pytest.mark.parametrize("line", [1, 8, 13])
def test_it_reaches_no_further(line: int) -> None:
    directive = Directive(line, ("#4485",), "r")
    assert apply([finding()], {"a.py": [directive]}) == ((finding(),), ())


@pytest.mark.parametrize("name", ["#4485", "proj-12", "PROJ-12", "5333c35", "5333C352", SHA])
def test_a_fix_is_named_by_ticket_or_sha(name: str) -> None:
    assert apply([finding()], {"a.py": [Directive(10, ("#1", name), "r")]})[0] == ()


@pytest.mark.parametrize("name", ["#448", "4485", "#44850", "5333c3", "5333c353", "", SHA + "0"])
def test_another_name_silences_nothing(name: str) -> None:
    assert apply([finding()], {"a.py": [Directive(10, (name,), "r")]})[1] == ()


def test_a_directive_counts_in_its_own_file_only() -> None:
    assert apply([finding()], {"b.py": [Directive(10, ("#4485",), "r")]})[1] == ()


@given(
    st.lists(
        st.text(st.characters(exclude_categories=[]))
        | st.tuples(st.sampled_from(["# ", "//", "/*", ""]), st.text("[]#1,ab:* -\t\x00é")).map(
            lambda parts: f"{parts[0]}{MARK}{parts[1]}"
        )
    )
)
def test_no_text_breaks_the_parser(lines: list[str]) -> None:
    directives, problems = parse(lines, "p", 5)
    numbers = [item.line for item in (*directives, *problems)]
    assert len(set(numbers)) == len(numbers)
    assert all(5 <= number < 5 + len(lines) for number in numbers)
    assert all(directive.ids and directive.reason for directive in directives)


@pytest.mark.parametrize(
    "piece", ["#", "# ", "//", "bugguard:", f"# {MARK}", "rem ", " ", f"# {MARK}[", "-->"]
)
def test_time_grows_with_the_line_and_no_faster(piece: str) -> None:
    def seconds(times: int) -> float:
        line = f"# {MARK}[#1] r" + piece * times + " bugguard: x"
        lines = [line, piece * times + " bugguard: x"]
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            parse(lines)
            best = min(best, time.perf_counter() - start)
        return best

    # Ten times the length: quadratic work would take a hundred times as long.
    assert seconds(100_000) < 40 * seconds(10_000) + 0.01


def test_the_package_s_own_sources_trip_nothing() -> None:
    package = Path(bugguard.__file__).parent
    for source in sorted(package.rglob("*.py")):
        assert parse(source.read_text(encoding="utf-8").split("\n")) == ((), ()), source
