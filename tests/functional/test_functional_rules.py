"""``bugguard index rules``: what is listed, and how it is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import CLEAN, USAGE, bugguard
from repository import Repository

pytestmark = pytest.mark.functional

OPENED = b"first = open_walker(tree)\n"


@pytest.fixture(scope="module")
def walkers(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Nine commits close what they open; one did not and was mended; 540 do other things."""
    repository = Repository(tmp_path_factory.mktemp("walkers") / "r")
    closes = b"one = open_walker(other)\nclose_walker(one)\n"
    repository.load([
        (b"Look at the tree", {b"first.py": OPENED}),
        *((b"Walk", {b"m%d.py" % n: closes}) for n in range(9)),
        *((b"Work", {b"w%d.py" % n: b"value_%d = make_it(%d)\n" % (n, n)}) for n in range(540)),
        (b"Fix the \x1b[31mleak (#12)", {b"first.py": OPENED + b"close_walker(first)\n"}),
    ])  # fmt: skip
    assert bugguard(repository, "index", "build").code == CLEAN
    return repository


def test_a_rule_is_listed_with_what_bears_it_out(walkers: Repository) -> None:
    result = bugguard(walkers, "index", "rules")
    assert result.code == CLEAN
    first, fix, evidence = result.out.splitlines()
    assert first == f"{walkers.sha()[:8]}.1  who adds open_walker needs close_walker"
    assert "#12" in fix
    assert "\x1b" not in result.out
    assert evidence.strip() == (
        "fires on 0.18% of 550 ordinary commits; of 10 hunks with the trigger, 9 have the guard"
    )


def test_json_and_one_fix(walkers: Repository) -> None:
    for name in ("#12", walkers.sha()[:6]):
        told = bugguard(walkers, "index", "rules", "--json", "--fix", name).json
        assert told["total"] == 1
        [rule] = told["rules"]
        assert rule["id"] == f"{walkers.sha()[:8]}.1"
        assert (rule["trigger"], rule["guard"]) == (["open_walker"], ["close_walker"])
        assert (rule["commits"], rule["fired"], rule["hunks"], rule["support"]) == (550, 1, 10, 9)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--fix", "#999"), "no remembered fix is called '#999'"),
        (("--fix", "--all"), "no remembered fix"),
        (("--index", "nowhere"), "bugguard index build"),
    ],
)
def test_what_cannot_be_listed(walkers: Repository, arguments: tuple[str, ...], says: str) -> None:
    result = bugguard(walkers, "index", "rules", *arguments)
    assert result.code == USAGE
    assert says in result.complaint


def test_a_history_without_rules(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    repository.commit({"a.py": "value = make(1)\n"}, "fix: wrong")
    assert bugguard(repository, "index", "build").code == CLEAN
    assert bugguard(repository, "index", "rules").out == "no rules\n"
    assert json.loads(bugguard(repository, "index", "rules", "--json").out) == {
        "total": 0,
        "rules": [],
    }


def test_rules_are_settings_too(walkers: Repository) -> None:
    shown = bugguard(walkers, "config", "show", BUGGUARD_CHECK_RULES="off")
    assert shown.code == CLEAN
    assert "rules = false" in shown.out
