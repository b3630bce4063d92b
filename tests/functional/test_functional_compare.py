"""``bugguard eval --compare A B``: what one setting tells and the other does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import CLEAN, USAGE, bugguard
from shop import REPLACED, Shop

pytestmark = pytest.mark.functional


def fix_of(shop: Shop, words: str) -> str:
    return shop.text("log", "--format=%H", f"--grep={words}", "-1").strip()


@pytest.fixture
def labels(shop: Shop, tmp_path: Path) -> Path:
    """One undone fix, committed after all that the index knows."""
    shop.stage(shop.undone(REPLACED))
    change = shop.commit(message="Tidy up")
    case = {"fix": fix_of(shop, "vouchers took more"), "change": change, "label": "regression"}
    file = tmp_path / "labels.jsonl"
    file.write_text(json.dumps(case) + "\n")
    return file


@pytest.fixture
def poor(shop: Shop, tmp_path: Path) -> Path:
    """An index that was made before the fix of the vouchers was learned as one."""
    folder = tmp_path / "poor"
    skip = {"BUGGUARD_LEARN_NOT_FIX_SUBJECTS": "vouchers"}
    assert bugguard(shop, "index", "build", "--output", folder, **skip).code == CLEAN
    return folder


def test_two_thresholds(shop: Shop, labels: Path) -> None:
    options = ("--labels", str(labels), "--json")
    told = bugguard(shop, "eval", "--compare", "threshold=1", "threshold=0.01", *options).json
    assert (told["a"]["name"], told["a"]["threshold"], told["a"]["caught"]) == ("threshold=1", 1, 0)
    assert (told["b"]["threshold"], told["b"]["caught"]) == (0.01, 1)
    [gained] = told["gained"]
    assert (gained["kind"], gained["wanted"]) == ("regression", True)
    assert (gained["told_by_a"], gained["told_by_b"]) == (False, True)
    assert gained["a"] == gained["b"] > 0.01
    assert (told["cases"], told["quiet"], told["lost"], told["better"]) == (1, 0, [], "B")


def test_two_indexes(shop: Shop, labels: Path, poor: Path) -> None:
    full = shop.path / ".git" / "bugguard"
    result = bugguard(shop, "eval", "--compare", str(full), str(poor), "--labels", str(labels))
    assert result.code == CLEAN
    assert "lost: told by A only (1)" in result.out
    fix = fix_of(shop, "vouchers took more")
    [line] = [line for line in result.out.splitlines() if line.startswith("  regression")]
    assert fix[:8] in line
    assert line.endswith("B    -")
    last = result.out.splitlines()[-1]
    assert last.startswith(f"A is better ({full})")


def test_the_same_twice_and_worse_in_one_way(shop: Shop, labels: Path, tmp_path: Path) -> None:
    options = ("--labels", str(labels))
    same = bugguard(shop, "eval", "--compare", "threshold=0.2", "threshold=0.2", *options)
    assert same.out.splitlines()[-1].startswith("neither is better")
    assert "told by" not in same.out
    # The undone fix is caught by a low threshold only, which also alerts on a look-alike.
    look_alike = json.loads(labels.read_text()) | {"label": "superseded"}
    labels.write_text(labels.read_text() + json.dumps(look_alike) + "\n")
    mixed = bugguard(shop, "eval", "--compare", "threshold=1", "threshold=0.01", *options)
    assert "gained: told by B only (1)" in mixed.out
    assert "new alarms: told by B only (1)" in mixed.out
    assert mixed.out.splitlines()[-1].startswith("neither is better")


def test_ordinary_commits_that_alert_are_alarms(shop: Shop, labels: Path, tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary.txt"
    ordinary.write_text(f"{shop.sha()}\n{shop.sha('HEAD~1')}\n")
    labels.write_text("\n")
    told = bugguard(
        shop, "eval", "--compare", "threshold=0.01", "threshold=1",
        "--labels", str(labels), "--ordinary", str(ordinary), "--json",
    ).json  # fmt: skip
    assert (told["cases"], told["quiet"]) == (0, 2)
    [gone] = told["gone_alarms"]
    assert (gone["kind"], gone["change"]) == ("ordinary", shop.sha())
    assert gone["fix"] == fix_of(shop, "vouchers took more")
    assert told["better"] == "B"


def test_on_what_history_shows(shop: Shop, poor: Path) -> None:
    shop.stage(shop.undone(REPLACED))
    change = shop.commit(message="Tidy up")
    shop.commit({"shop/new.py": "def greet(name):\n    return f'hello {name}'\n"}, "Greet")
    shop.commit(shop.replaced(REPLACED.path, *REPLACED.edits), "fix: vouchers once more")
    full = shop.path / ".git" / "bugguard"
    told = bugguard(shop, "eval", "--compare", str(poor), str(full), "--json").json
    gained = [row for row in told["gained"] if row["kind"] == "undone"]
    assert [(row["change"], row["a"]) for row in gained] == [(change, None)]
    # Only fixes that both remember are planted.
    assert {row["kind"] for row in told["gained"]} <= {"undone"}
    assert told["cases"] > 1
    assert told["better"] == "B"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("threshold=high", "check.threshold must be a number from 0 to 1"),
        ("threshold=2", "check.threshold must be a number from 0 to 1"),
        ("nowhere", "nowhere"),
        ("encoder=", "encoder must be"),
        ("", "index must be"),
        ("learn.since=2020", "learn.since=2020"),
    ],
)
def test_what_is_no_setting(shop: Shop, name: str, says: str) -> None:
    result = bugguard(shop, "eval", "--compare", "threshold=0.5", name)
    assert result.code == USAGE
    assert says in result.complaint
