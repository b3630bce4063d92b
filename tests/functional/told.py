"""Which of the shop's fixes ``bugguard check`` names."""

from __future__ import annotations

from collections.abc import Mapping

from program import CLEAN, FINDINGS, bugguard
from shop import GUARD, JAPANESE, REPLACED, TWO_HUNKS, Shop

NUMBERS = {REPLACED: "#12", GUARD: "#34", TWO_HUNKS: "#56", JAPANESE: "#78"}


def told(shop: Shop, *arguments: str) -> set[str]:
    """By ticket, or by subject where a fix has none; fails where nothing was looked at."""
    result = bugguard(shop, "check", "--format", "json", *arguments)
    assert result.code in (CLEAN, FINDINGS), result
    assert result.json["stats"]["hunks"] > 0
    fixes = [finding["fix"] for finding in result.json["findings"]]
    assert (result.code == FINDINGS) == bool(fixes)
    return {fix["tickets"][0]["id"] if fix["tickets"] else fix["subject"] for fix in fixes}


def told_of(shop: Shop, files: Mapping[str, str | None]) -> set[str]:
    """The same of files that are staged on top of the last commit, and unstaged again."""
    shop.stage(files)
    try:
        return told(shop)
    finally:
        shop.git("reset", "-q", "--hard")
