"""Whose fixes count, and how much."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from bugguard.domain import FixCommit, Origins
from bugguard.domain.origins import EVERYWHERE


def fix(repository: str, digit: str = "a") -> FixCommit:
    return FixCommit(digit * 40, 0, "Fix it", "Fix it", (), repository)


def test_without_any_say_all_are_own_and_count_whole() -> None:
    assert EVERYWHERE.is_own("github.com/acme/billing")
    assert not EVERYWHERE.is_foreign(fix("github.com/acme/billing"))
    assert EVERYWHERE.weight(fix("github.com/acme/billing")) == 1


def test_the_first_that_fits_decides() -> None:
    weights = ["github.com/acme/billing=1", "github.com/acme/*=0.5", " *.jp/* = 0 "]
    origins = Origins.parse(frozenset(("a",)), weights)
    assert origins.trust("github.com/acme/billing") == 1
    assert origins.trust("github.com/acme/legacy") == 0.5
    assert origins.trust("git.example.jp/請求/x") == 0
    assert origins.trust("github.com/other/x") == 1
    assert (origins.is_own("a"), origins.is_own("b")) == (True, False)


def test_a_weight_is_for_fixes_made_elsewhere_alone() -> None:
    origins = Origins.parse(frozenset(("home",)), ["*=0.5"], lambda shas: {"b" * 40} & {*shas})
    assert origins.weight(fix("home")) == 1
    assert origins.weight(fix("away")) == 0.5
    assert origins.is_foreign(fix("away"))
    # One history was merged into the other, and its fixes are told as the other's.
    assert not origins.is_foreign(fix("away", "b"))
    assert origins.weight(fix("away", "b")) == 1


def test_many_are_looked_for_at_once() -> None:
    asked = []

    def here(shas: Collection[str]) -> set[str]:
        asked.append([*shas])
        return set()

    origins = Origins.parse(frozenset(("home",)), [], here)
    origins.look([fix("home"), fix("home", "c")])
    assert asked == []
    origins.look([fix("away"), fix("home"), fix("away", "b")])
    assert asked == [["a" * 40, "b" * 40]]


@pytest.mark.parametrize("text", ["", "x", "=0.5", "x=2", "x=-1", "x=nan", "x=half", "x="])
def test_what_says_no_weight(text: str) -> None:
    with pytest.raises(ValueError, match="^" + text.replace("=", "[=]")):
        Origins.parse(None, [text])
