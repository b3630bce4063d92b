"""Recent fingerprints: found again, bounded, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from bugguard.domain import BugPattern, Finding, FixCommit, Hunk, Match, Rule
from bugguard.triage import recent
from bugguard.triage.fingerprint import edit_digest
from bugguard.triage.recent import Known


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


def test_what_a_vote_needs_is_known_too(tmp_path: Path) -> None:
    recent.remember(tmp_path, [finding(1)])
    digest = edit_digest(finding(1).match.pattern)
    assert recent.find(tmp_path, f"{1:016x}") == Known(f"{1:040x}", "BG001", digest)


def test_what_an_older_bugguard_kept_is_known_by_its_fix(tmp_path: Path) -> None:
    (tmp_path / "recent.json").write_text(f'{{"{1:016x}": "{1:040x}"}}')
    assert recent.find(tmp_path, f"{1:016x}") == Known(f"{1:040x}")
    recent.remember(tmp_path, [finding(2)])
    assert recent.recall(tmp_path, f"{1:016x}") == f"{1:040x}"


def test_the_oldest_go_first(tmp_path: Path) -> None:
    recent.remember(tmp_path, [finding(number) for number in range(200)])
    recent.remember(tmp_path, [finding(0), finding(200)])
    assert recent.recall(tmp_path, f"{1:016x}") is None
    assert recent.recall(tmp_path, f"{0:016x}") == f"{0:040x}"


@pytest.mark.parametrize(
    "text",
    [
        '{"0000000000000001": []}',
        '{"0000000000000001": ["a", 7]}',
        "",
        "{",
        "[]",
        "null",
        '{"0000000000000001": 7}',
        "\xff",
        "[" * 100_000,
        "9" * 5_000,
    ],
)
def test_a_damaged_file_counts_as_none_and_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "recent.json").write_text(text, "latin-1")
    assert recent.recall(tmp_path, f"{1:016x}") is None
    recent.remember(tmp_path, [finding(1)])
    assert recent.recall(tmp_path, f"{1:016x}") == f"{1:040x}"
    assert [path.name for path in tmp_path.iterdir()] == ["recent.json"]
