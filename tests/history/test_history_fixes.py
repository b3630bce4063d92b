"""The history/fixes room: which messages are bug fixes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.errors import ConfigError
from bugguard.history.fixes import FixRules, judge_message

FIXES = [
    ("Fix crash on empty input", "fix-word"),
    ("Fixed #31234 -- Fixed crash of the admin on empty querysets", "fix-word"),
    ("reverseproxy: Fix incorrect `health_headers` parsing (#4485)", "fix-word"),
    ("[fix] drop the stale lock", "fix-word"),
    ("[BUG-12] Fix double free in parser", "fix-word"),
    ("bpo-123: fix reference leak", "fix-word"),
    ("gh-123: Fix a race in the import lock", "fix-word"),
    ("fix issue317: support the is_package method", "fix-word"),
    ("Hotfix for login loop", "fix-word"),
    ("Repair colorama wrapping on Windows", "fix-word"),
    ("Fix failing test on Windows by closing the file first", "fix-word"),
    ("Adds unit tests for the history, bug fixes", "fix-word"),
    ("Fix typos, fix overflow in the length check", "fix-word"),
    ("Fix docs builder crash", "fix-word"),
    ("Fix test client losing cookies", "fix-word"),
    ("fix: catch the right error", "conventional"),
    ("fix(django)!: catch the right error (#9392)", "conventional"),
    ("Bugfix: revoked tasks now update their status", "conventional"),
    ("Don't crash and burn on empty lines", "symptom"),
    ("Prevent off-by-one read in stringmatchlen()", "symptom"),
    ("Correctly handle lost worker processes", "symptom"),
    ("Sets task counts properly when not visible", "symptom"),
    ("Typo caused the hook to be patched late, causing hangs", "symptom"),
    ("Fixes gh-12", "closes-ticket"),
    ("Fixed #12", "closes-ticket"),
    ("SORT with STORE removes key if result is empty (fixes #227)", "closes-ticket"),
    ("Discard jobs on flush (#68)\n\nFixes #6855.", "closes-ticket"),
    ("Reject MOVE to the same database\n\nResolves PROJ-12", "closes-ticket"),
    ("Only send the path\n\nCloses: group/project#4", "closes-ticket"),
    ('net: check the length\n\nFixes: 1234567890ab ("net: parse")', "fixes-trailer"),
    ('Add a length check\n\nFixes: 1234567890ab ("net: parse")', "fixes-trailer"),
    (
        "Allowing non-boolean returns from complete. This should fix a few sources",
        "fix-word",
    ),
    ("Store the scope in the closure\n\nThis patch fixes the lost scope.", "fix-sentence"),
    ('Revert "Cache results"\n\nIt causes a crash on shutdown.', "broken-revert"),
    ("空配列でクラッシュする不具合を修正", "fix-word"),
    ("ログイン時の例外処理の対応漏れ", "fix-word"),
    ("コメント投稿の不具合を修正", "fix-word"),
    ("デグレ対応", "symptom"),
]

NOT_FIXES = [
    ("", "no-fix-word"),
    ("Parse in one pass", "no-fix-word"),
    ("A prefix becomes a suffix in the fixture", "no-fix-word"),
    ("Split src/fix/helpers.py", "no-fix-word"),
    ("Use a fixed size buffer", "no-fix-word"),
    ("Debug output for the scheduler", "no-fix-word"),
    ("Add option --fix", "feature"),
    ("Add crash reports", "feature"),
    ("feat: retry uploads\n\nCloses #12", "feature"),
    ("Add retries\n\nCloses #12", "feature"),
    ("Fixed #12 -- Added JSON support", "feature"),
    ("Make the timeout configurable\n\nCloses #12", "other-work"),
    ("Remove the old cache. Closes #12", "other-work"),
    ("Release 1.2.3", "version-bump"),
    ("Bump version to 2.0", "version-bump"),
    ("v1.2.3", "version-bump"),
    ("Bump urllib3 from 1.0 to 1.1\n\nFixes #12", "dependency"),
    ("fix(deps): update the bundler", "dependency"),
    ("Fix typo", "typo"),
    ("Correct spelling error", "typo"),
    ("fix: typo in a message", "typo"),
    ("誤字を修正", "typo"),
    ("Fix the readme", "docs"),
    ("Fix broken link in README.md", "docs"),
    ("docs: fix the example", "docs"),
    ("Fix documentation errors", "docs"),
    ("Fix comments referring to old ids", "docs"),
    ("ドキュメントの誤りを修正", "docs"),
    ("Fix tests", "tests"),
    ("Fix flaky test of the scheduler", "tests"),
    ("Tests: fix cleanup", "tests"),
    ("fix(tests): wait longer", "tests"),
    ("Fix memory leak in tests", "tests"),
    ("テストを修正", "tests"),
    ("Fix CI", "ci"),
    ("Fix the build", "ci"),
    ("ci: fix the cache key", "ci"),
    ("Fix lint", "formatting"),
    ("Fix flake8 errors", "formatting"),
    ("fix mypy finding", "formatting"),
    ("pep8 fixes", "formatting"),
    ("Fix import order", "formatting"),
    ("インデント修正", "formatting"),
    ("fixes", "weak"),
    ("Some more minor fixes and cleanups", "weak"),
    ("chore: fix paths of the release job", "chore"),
    ('Revert "Fix crash on empty input"\n\nThis reverts commit 1234567.', "revert"),
    ("Merge branch 'fix-crash' into main", "no-fix-word"),
    ("Merge pull request #1 from someone/fix-x\n\nAdd more colours", "feature"),
    ("Fix PEP-8", "formatting"),
]


@pytest.mark.parametrize(("message", "reason"), FIXES)
def test_fixes_are_learned_for_the_right_reason(message: str, reason: str) -> None:
    decision = judge_message(message, 1)
    assert (decision.learned, decision.reason) == (True, reason)
    assert decision.because.lower() in message.lower()
    assert decision.because


@pytest.mark.parametrize(("message", "reason"), NOT_FIXES)
def test_other_work_is_not_learned(message: str, reason: str) -> None:
    decision = judge_message(message, 1)
    assert (decision.learned, decision.reason) == (False, reason)


@pytest.mark.parametrize("message", [
    "Fixed #12 -- Added JSON support",
    "Make the timeout configurable\n\nCloses #12",
    "Remove the old cache. Closes #12",
    "Fix typo",
    "Fix mypy finding",
    "Fix error in docstring of the parser",
])  # fmt: skip
def test_lesser_repairs_are_remembered(message: str) -> None:
    decision = judge_message(message, 1)
    assert (decision.learned, decision.lesser, decision.remembered) == (False, True, True)


@pytest.mark.parametrize("message", [
    "Add JSON support",
    "Remove the old cache",
    "docs: describe the parser",
    "Fix CI",
    "Bump urllib3 from 1.0 to 1.1\n\nFixes #12",
    "Merge branch 'fix-crash' into main",
])  # fmt: skip
def test_twin_other_work_is_not_remembered(message: str) -> None:
    assert not judge_message(message, 1).remembered


def test_a_merge_is_never_a_fix() -> None:
    rules = FixRules(fix_subjects=("fix",))
    assert judge_message("Fix crash", 2, rules).reason == "merge"


def test_a_root_commit_can_be_a_fix() -> None:
    assert judge_message("Fix crash", 0).learned


def test_a_squash_under_a_merge_subject_is_judged_by_its_rest() -> None:
    message = "Merge pull request #1 from someone/feature\n\nFix crash on empty input"
    assert judge_message(message, 1).reason == "fix-word"


def test_carriage_returns_and_blank_lines_do_not_matter() -> None:
    assert judge_message("\r\n\nFix crash\r\n\r\nbody\r\n", 1).reason == "fix-word"


def test_configured_subjects_win_and_exclusion_wins_over_them() -> None:
    rules = FixRules(fix_subjects=("^INC-",), not_fix_subjects=("noise$",))
    assert judge_message("INC-7 tidy up", 1, rules).reason == "configured"
    assert judge_message("INC-7 noise", 1, rules).reason == "excluded"
    assert judge_message("Fix crash noise", 1, rules).reason == "excluded"


def test_a_configured_ticket_can_be_closed() -> None:
    message = "Reject empty names\n\nFixes TRK_12"
    assert not judge_message(message, 1).learned
    rules = FixRules(ticket_patterns=(r"TRK_\d+",))
    assert judge_message(message, 1, rules).because == "Fixes TRK_12"


@pytest.mark.parametrize("setting", ["fix_subjects", "not_fix_subjects", "ticket_patterns"])
def test_a_bad_regex_is_named(setting: str) -> None:
    with pytest.raises(ConfigError, match=rf"{setting}: '\(x'"):
        FixRules(**{setting: ("(x",)})


def test_nothing_beyond_the_bounds_is_read() -> None:
    rules = FixRules(fix_subjects=("needle",))
    assert not judge_message("x" * 2_000 + "needle", 1, rules).learned
    assert not judge_message("Tidy\n" + "y\n" * 40_000 + "Fixes #1", 1).learned


@given(st.text(), st.integers(0, 3))
def test_any_message_gets_a_decision(message: str, parents: int) -> None:
    decision = judge_message(message, parents)
    assert decision.reason
    assert not (decision.learned and parents > 1)


@pytest.mark.parametrize(
    "unit", ["fix -", "typo ", "docs/", "fix a ", "this fixes a.a/\n", "修正の"]
)
def test_hostile_messages_take_no_more_time_beyond_the_bounds(unit: str) -> None:
    def seconds(size: int) -> float:
        message = "fix " + unit * (size // len(unit))
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            judge_message(message, 1)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(4_000_000) < 20 * seconds(64 * 1024) + 0.02
