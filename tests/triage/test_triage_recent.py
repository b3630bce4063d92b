"""Recent fingerprints: found again, bounded, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from bugguard.domain import BugPattern, Finding, FixCommit, Hunk, Match, Rule
from bugguard.triage import recent


def finding(number: int) -> Finding:
    sha = f"{number:040x}"
    hunk = Hunk("a.py", "a.py", 1, 1, "", ("-a()", "+b()"))
    match = Match(
        Rule.FIX_UNDONE, hunk, BugPattern(sha, 0, hunk), FixCommit(sha, 0, "", ""), 1.0, 1, 1, ()
    )
    return Finding(f"{number:016x}", match)


def test_what_was_found_is_known_again(tmp_path: Path) -> None:
    recent.remember(tmp_path, [finding(1), finding(2)])
    recent.remember(tmp_path, [finding(3)])
    for number in (1, 2, 3):
        assert recent.recall(tmp_path, f"{number:016x}") == f"{number:040x}"
    assert recent.recall(tmp_path, f"{4:016x}") is None


def test_the_oldest_go_first(tmp_path: Path) -> None:
    recent.remember(tmp_path, [finding(number) for number in range(200)])
    recent.remember(tmp_path, [finding(0), finding(200)])
    assert recent.recall(tmp_path, f"{1:016x}") is None
    assert recent.recall(tmp_path, f"{0:016x}") == f"{0:040x}"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"0000000000000001": 7}', "\xff", "[" * 100_000, "9" * 5_000]
)
def test_a_damaged_file_counts_as_none_and_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "recent.json").write_text(text, "latin-1")
    assert recent.recall(tmp_path, f"{1:016x}") is None
    recent.remember(tmp_path, [finding(1)])
    assert recent.recall(tmp_path, f"{1:016x}") == f"{1:040x}"
    assert [path.name for path in tmp_path.iterdir()] == ["recent.json"]
