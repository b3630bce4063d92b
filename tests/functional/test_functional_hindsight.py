"""``bugguard eval`` without labels: a shop's own last commits, and what came of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from program import CLEAN, USAGE, bugguard
from repository import Repository
from shop import GUARD, REPLACED, Shop

pytestmark = pytest.mark.functional


@pytest.fixture
def undone(shop: Shop) -> tuple[Shop, str, str]:
    """A fix taken back, an ordinary commit, and the fix made again; (shop, change, later)."""
    shop.stage(shop.undone(REPLACED))
    change = shop.commit(message="Tidy up the prices\x1b[31m")
    shop.commit({"shop/new.py": "def greet(name):\n    return f'hello {name}'\n"}, "Greet")
    later = shop.commit(shop.replaced(REPLACED.path, *REPLACED.edits), "fix: vouchers once more")
    assert bugguard(shop, "index", "build").code == CLEAN
    return shop, change, later


def fix_of(shop: Shop, words: str) -> str:
    return shop.text("log", "--format=%H", f"--grep={words}", "-1").strip()


def test_a_warning_that_history_shows_to_be_right(undone: tuple[Shop, str, str]) -> None:
    shop, change, later = undone
    told = bugguard(shop, "eval", "--json").json
    assert told.pop("seconds") >= 0
    [warning] = told["warnings"]
    fix = fix_of(shop, "vouchers took more")
    assert warning["score"] >= told["threshold"]
    assert {**warning, "score": 1} == {
        "change": change,
        "subject": "Tidy up the prices\x1b[31m",
        "fix": fix,
        "fix_subject": REPLACED.message,
        "rule": "BG001",
        "score": 1,
        "kind": "undone",
        "later": later,
    }
    assert told["truth"] == [
        {"fix": fix, "change": change, "later": later, "kind": "undone", "score": warning["score"]}
    ]
    commits = int(shop.text("rev-list", "--count", "HEAD"))
    assert (told["commits"], told["alerted"], told["warned"], told["right"]) == (commits, 1, 1, 1)
    steps = {step["threshold"]: step for step in told["thresholds"]}
    assert list(steps) == sorted(steps)
    assert steps[told["threshold"]]["alerted"] == round(1 / commits, 4)
    for threshold, step in steps.items():
        assert step["caught"] == float(warning["score"] >= threshold)


def test_only_fixes_of_its_own_past_count(undone: tuple[Shop, str, str]) -> None:
    """The last commit but one knows only the first fix; the one before the fix knows nothing."""
    shop, change, later = undone
    told = bugguard(shop, "eval", "--threshold", "0", "--json").json
    fixes = shop.text("log", "--reverse", "--format=%H").split()
    for warning in told["warnings"]:
        assert fixes.index(warning["fix"]) < fixes.index(warning["change"])
    assert any(warning["change"] == change for warning in told["warnings"])
    # The first fix is in the later one's past, so what it takes back again is no undo of itself.
    assert later not in {warning["fix"] for warning in told["warnings"]}


def test_for_people(undone: tuple[Shop, str, str]) -> None:
    shop, change, later = undone
    result = bugguard(shop, "eval", "--last", "3", "--threshold", "0.0525")
    assert result.code == CLEAN
    assert result.err == ""
    assert "would have warned 1 time in 3 commits, 1 of them right" in result.out
    assert "alerts in 100 commits: 33.3 (1 commit, at threshold 0.0525)" in result.out
    assert "is not known to be wrong" in result.out
    fix = fix_of(shop, "vouchers took more")
    right = f"BG001 {change[:8]} takes back {fix[:8]}, right: the fix was made again in {later[:8]}"
    assert right in result.out
    assert "\x1b" not in result.out
    assert "Tidy up the prices\\x1b[31m" in result.out
    [marked] = re.findall(r"^> .*#.*$", result.out, re.MULTILINE)
    assert marked.split()[1:4] == ["0.0525", "33.3", "%"]
    assert "100.0 % " + "#" * 20 in marked


def test_past_bugs_are_planted_beside_repaired_twins(shop: Shop) -> None:
    """In Python only: no other language of the shop has a second file."""
    told = bugguard(shop, "eval", "--json").json
    planted = {row["name"]: row for row in told["planted"]}
    assert list(planted) == ["as it is", "renamed", "reformatted", "half"]
    assert {row["n"] for row in planted.values()} == {2}
    assert {row["twins"] for row in planted.values()} == {0.0}
    assert planted["as it is"]["caught"] >= 0.5
    caught = [step["planted"] for step in told["thresholds"]]
    assert caught == sorted(caught, reverse=True)
    assert caught[0] > caught[-1]


def test_a_history_that_shows_nothing(shop: Shop) -> None:
    result = bugguard(shop, "eval", "--last", "1")
    assert "would have warned 0 times in 1 commit, 0 of them right" in result.out
    assert "history shows no bug brought back in these commits" in result.out
    assert bugguard(shop, "eval", "--last", "1", "--json").json["thresholds"][0]["caught"] is None


def test_a_bare_repository(shop: Shop, tmp_path: Path) -> None:
    bare = Repository.clone(shop.path, tmp_path / "bare.git", "--bare")
    index = shop.path / ".git" / "bugguard"
    result = bugguard(bare, "eval", "--repo", str(bare.path), "--index", str(index), "--json")
    assert result.code == CLEAN
    assert result.json["commits"] == 5


def test_a_shallow_clone(undone: tuple[Shop, str, str], tmp_path: Path) -> None:
    """Its oldest commit is left out, for what it changed is not here; what is known is as ever."""
    shop, change, _ = undone
    clone = Repository.clone(f"file://{shop.path}", tmp_path / "shallow", "--depth=4")
    index = shop.path / ".git" / "bugguard"
    told: Any = bugguard(clone, "eval", "--index", str(index), "--json").json
    assert told["commits"] == 3
    assert [warning["change"] for warning in told["warnings"]] == [change]


def test_before_the_first_commit(shop: Shop, tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty")
    result = bugguard(empty, "eval", "--index", str(shop.path / ".git" / "bugguard"))
    assert result.code == USAGE
    assert "there is no commit 'HEAD'" in result.complaint


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--rate", "0.1"], "--rate only goes with --calibrate"),
        (["--dry-run"], "--dry-run only goes with --calibrate"),
        (["--ordinary", "FILE"], "--ordinary only goes with --labels"),
        (["--labels", "FILE", "--last", "3"], "--labels does not go with --last"),
        (["--calibrate", "--compare", "a", "b"], "--calibrate does not go with --compare"),
        (["--calibrate", "--threshold", "0.4"], "--calibrate does not go with --threshold"),
        (["--last", "0"], "--last"),
        (["--threshold", "2"], "check.threshold must be a number from 0 to 1"),
    ],
)
def test_options_that_make_no_sense(
    shop: Shop, tmp_path: Path, options: list[str], says: str
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    result = bugguard(shop, "eval", *(str(file) if one == "FILE" else one for one in options))
    assert result.code == USAGE
    assert says in result.err
    assert "Traceback" not in result.err


def test_a_guard_planted_elsewhere_needs_a_file_of_its_kind(shop: Shop) -> None:
    before = bugguard(shop, "eval", "--last", "1", "--json").json["planted"][0]["n"]
    shop.commit({"src/other.c": "int other(void) {\n    return OTHER;\n}\n"}, "Add another")
    after = bugguard(shop, "eval", "--last", "1", "--json").json["planted"][0]["n"]
    assert (before, after) == (2, 3)
    assert GUARD.path.endswith(".c")
