"""Every format names the same place, however odd the path and whatever became of the file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import READERS
from sample_report import FORMATS, empty, finding

from bugguard.domain import Hunk
from bugguard.report.model import Report

MODULES = {module.__name__.rpartition(".")[2]: module for module in FORMATS.values()}
PATHS = (
    "a b.py", "日本語/計算.py", "a%0Ab.py", "100%.py", "it's.py", 'a"b".py', "a:b,c=d.py", "a#1.py",
    "-rf.py", "@alice.py", "a&b;c.py", "vendor/submodule", "link.py", "\u200fgnp.py",
    "src/[id]/page.tsx", "src/{a,b}.py", "~user.py", "a\\b.py", "a$b$.py", "<a>.py", "*.py",
)  # fmt: skip


def places(name: str, report: Report) -> list[tuple[str, int]]:
    return READERS[name](MODULES[name].render(report))


def at(hunk: Hunk, line: int) -> Report:
    base = finding(1)
    match = replace(base.match, hunk=hunk, line=line, end_line=line)
    return replace(empty(), findings=(replace(base, match=match),))


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("path", PATHS)
def test_an_odd_path_is_named_as_it_is(name: str, path: str) -> None:
    assert places(name, at(Hunk(path, path, 7, 7, "", ("+a",)), 7)) == [(path, 7)]


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12))
def test_all_formats_name_the_same_place(path: str) -> None:
    report = at(Hunk(f"x{path}", "y", 3, 3, "", (" a", "+b")), 4)
    path = f"x{path}".replace("##[", "## [")
    # Code in a heading is read back only where it has no backtick of its own.
    names = [name for name in READERS if name != "markdown" or "`" not in path]
    assert {name: places(name, report) for name in names} == {key: [(path, 4)] for key in names}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(("hunk", "line", "shown"), [
    (Hunk("gone.c", "gone.c", 1, 0, "", ("-a", "-b")), 0, ("gone.c", 1)),  # deleted
    (Hunk("new.c", "old.c", 5, 6, "", (" a", "+b")), 7, ("new.c", 7)),  # renamed
    (Hunk("link", "link", 1, 1, "", ("-a.c", "+b.c")), 1, ("link", 1)),  # a symbolic link's target
    (Hunk("sub", "sub", 1, 1, "", ("-Subproject commit a", "+Subproject commit b")), 1, ("sub", 1)),
])  # fmt: skip
def test_whatever_became_of_the_file_it_has_a_place(
    name: str, hunk: Hunk, line: int, shown: tuple[str, int]
) -> None:
    assert places(name, at(hunk, line)) == [shown]
