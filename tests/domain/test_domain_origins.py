"""Whose fixes count, and how much."""

from __future__ import annotations

import pytest

from bugguard.domain import Origins
from bugguard.domain.origins import EVERYWHERE


def test_without_any_say_all_are_own_and_count_whole() -> None:
    assert EVERYWHERE.is_own("github.com/acme/billing")
    assert EVERYWHERE.weight("github.com/acme/billing") == 1


def test_the_first_that_fits_decides() -> None:
    weights = ["github.com/acme/billing=1", "github.com/acme/*=0.5", " *.jp/* = 0 "]
    origins = Origins.parse(frozenset(("a",)), weights)
    assert origins.weight("github.com/acme/billing") == 1
    assert origins.weight("github.com/acme/legacy") == 0.5
    assert origins.weight("git.example.jp/請求/x") == 0
    assert origins.weight("github.com/other/x") == 1
    assert (origins.is_own("a"), origins.is_own("b")) == (True, False)


@pytest.mark.parametrize("text", ["", "x", "=0.5", "x=2", "x=-1", "x=nan", "x=half", "x="])
def test_what_says_no_weight(text: str) -> None:
    with pytest.raises(ValueError, match="^" + text.replace("=", "[=]")):
        Origins.parse(None, [text])
