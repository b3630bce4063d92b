"""When a rule fires, and when it stays silent."""

from __future__ import annotations

import numpy as np
import pytest
from memory_index import MemoryIndex, change, hunk

from bugguard.domain.guard import TokenRule
from bugguard.errors import ConfigError
from bugguard.match.rules import fired, switched_off
from bugguard.patterns.normalize import edit

FIX = ("5333c352" + "a" * 32, "Fix it", hunk("open_it(path)\n", "open_it(path)\nclose_it(path)\n"))
OTHER = ("77777777" + "b" * 32, "Fix that", hunk("one = 1000\n", "one = 1001\n"))
RULE = TokenRule(0, 1, ("open_it", "path"), ("close_it", "finally"), 1000, 1, 10, 9)


def firing(*patches: str, **options: object) -> list[tuple[int, TokenRule]]:
    index = MemoryIndex(FIX, OTHER, rules=[RULE])
    edits = [edit(one) for one in change("".join(patches)).hunks]
    return [(one.place, one.rule) for one in fired(edits, index, **options)]  # type: ignore[arg-type]


def test_the_trigger_without_the_guard_fires() -> None:
    patch = hunk("start_it(1)\n", "start_it(1)\nuse_it(open_it(\n  the.path))\n", "other.py")
    index = MemoryIndex(FIX, rules=[RULE])
    edits = [edit(one) for one in change(hunk("", "nothing = 1\n", "a.py") + patch).hunks]
    [found] = fired(edits, index)
    assert (found.place, found.fix, found.ordinal, found.rule) == (1, 0, 0, RULE)
    assert [line.text.strip() for line in found.lines] == ["use_it(open_it(", "the.path))"]


@pytest.mark.parametrize(
    "patch",
    [
        hunk("", "open_it(path)\nclose_it(path)\n"),  # the guard is there,
        hunk("", "open_it(path)\nfinally_do = finally\n"),  # or the other guard,
        hunk("close_it(path)\n", "close_it(path)\nopen_it(path)\n"),  # or was there already
        hunk("open_it(path)\n", "open_it(path)\nother(path)\n"),  # the trigger was there already
        hunk("open_it(path)\n", ""),  # or goes
        hunk("", "open_it(name)\n"),  # half of the trigger
        hunk("", "# open_it(path)\n"),  # no code
        hunk("", "open_it(name)\n") + hunk("", "give(path)\n", "b.py"),  # in two hunks
        "",
    ],
)
def test_it_stays_silent(patch: str) -> None:
    assert firing(patch) == []
    assert firing(patch, off=frozenset()) == []


def test_a_guard_that_goes_is_none() -> None:
    patch = hunk("close_it(path)\nmore_of(1)\n", "open_it(path)\nmore_of(1)\n")
    assert firing(patch) == [(0, RULE)]


def test_a_rule_is_told_once() -> None:
    twice = hunk("", "open_it(path)\n", "a.py") + hunk("", "open_it(path)\n", "b.py")
    assert firing(twice) == [(0, RULE)]


def test_a_fix_that_is_not_known_yet_has_no_rules() -> None:
    patch = hunk("", "open_it(path)\n")
    assert firing(patch, known=np.array([False, True])) == []
    assert firing(patch, known=np.array([True, False])) == [(0, RULE)]


def test_a_rule_is_switched_off_by_its_name() -> None:
    index = MemoryIndex(FIX, OTHER, rules=[RULE])
    patch = hunk("", "open_it(path)\n")
    assert switched_off([" 5333C352.1 ", "99999999.1"], index) == {(0, 1)}
    assert firing(patch, off=switched_off(["5333c352.1"], index)) == []
    assert firing(patch, off=switched_off(["5333c352.2", "77777777.1"], index)) == [(0, RULE)]


@pytest.mark.parametrize("name", ["", "5333c352", "5333c352.0", "x.1", "--all", "5333c352.1 2"])
def test_what_is_no_name_of_a_rule_is_said(name: str) -> None:
    with pytest.raises(ConfigError, match="index rules"):
        switched_off([name], MemoryIndex(FIX))


def test_the_best_founded_rules_come_first() -> None:
    weak = TokenRule(0, 2, ("open_it",), ("release",), 1000, 0, 0, 0)
    index = MemoryIndex(FIX, rules=[weak, RULE])
    edits = [edit(one) for one in change(hunk("", "open_it(path)\n")).hunks]
    assert [one.rule for one in fired(edits, index)] == [RULE, weak]
