"""Changes that bring a past bug back: each must be told, with the right fix and rule."""

from __future__ import annotations

from typing import Any

import pytest
from program import FINDINGS, bugguard
from shop import FIXES, GUARD, JAPANESE, REPLACED, TWO_HUNKS, Fix, Shop

pytestmark = pytest.mark.functional

NUMBERS = {REPLACED: "#12", GUARD: "#34", TWO_HUNKS: "#56", JAPANESE: "#78"}


def told(shop: Shop, fix: Fix, *arguments: str) -> dict[str, Any]:
    """The one finding on what is staged, which is to name the fix."""
    result = bugguard(shop, "check", "--format", "json", "--candidates", "2", *arguments)
    assert result.code == FINDINGS, result.out
    [finding] = result.json["findings"]
    assert [ticket["id"] for ticket in finding["fix"]["tickets"]] == [NUMBERS[fix]]
    found: dict[str, Any] = finding
    return found


@pytest.mark.parametrize("fix", FIXES, ids=NUMBERS.get)
def test_undone_to_the_letter(shop: Shop, fix: Fix) -> None:
    shop.stage(shop.undone(fix))
    finding = told(shop, fix)
    assert finding["rule"] == "BG001"
    assert finding["path"] == fix.path
    # Where it says, there the mistake stands.
    lines = shop.read(fix.path).splitlines()
    stretch = lines[finding["line"] - 1 : finding["end_line"]]
    assert any(line in stretch for line in fix.buggy.splitlines())


@pytest.mark.parametrize("fix", FIXES, ids=NUMBERS.get)
def test_undone_by_git_revert(shop: Shop, fix: Fix) -> None:
    place = len(FIXES) - 1 - FIXES.index(fix)
    shop.git("revert", "--no-edit", f"HEAD~{place}")
    assert told(shop, fix, "--commit", "HEAD")["rule"] == "BG001"


def test_undone_in_other_words(shop: Shop) -> None:
    worse = "    rebate = voucher.percent * amount / 100\n"
    shop.stage(shop.replaced(REPLACED.path, (REPLACED.fixed, worse)))
    assert told(shop, REPLACED)["rule"] == "BG001"


def test_guard_removed_and_its_neighbour_changed(shop: Shop) -> None:
    edit = (GUARD.fixed, "    char *buffer = calloc(1, header->length);\n")
    shop.stage(shop.replaced(GUARD.path, edit))
    assert told(shop, GUARD)["rule"] == "BG001"


@pytest.mark.parametrize("fix", FIXES, ids=NUMBERS.get)
def test_undone_after_the_file_moved(shop: Shop, fix: Fix) -> None:
    moved = "moved/" + fix.path.rpartition("/")[2]
    (shop.path / "moved").mkdir()
    shop.git("mv", fix.path, moved)
    shop.commit(message="Move a file")
    assert bugguard(shop, "index", "update").code == 0
    shop.stage(shop.replaced(moved, *((fixed, buggy) for buggy, fixed in fix.edits)))
    assert told(shop, fix)["path"] == moved


@pytest.mark.parametrize("fix", FIXES, ids=NUMBERS.get)
def test_undone_after_the_file_was_renamed(shop: Shop, fix: Fix) -> None:
    renamed = fix.path.replace("/", "/new_")
    shop.git("mv", fix.path, renamed)
    shop.commit(message="Rename a file")
    assert bugguard(shop, "index", "update").code == 0
    shop.stage(shop.replaced(renamed, *((fixed, buggy) for buggy, fixed in fix.edits)))
    assert told(shop, fix)["path"] == renamed


def test_undone_while_the_file_is_renamed(shop: Shop) -> None:
    shop.git("mv", TWO_HUNKS.path, "shop/tokens.py")
    edits = ((fixed, buggy) for buggy, fixed in TWO_HUNKS.edits)
    shop.stage(shop.replaced("shop/tokens.py", *edits))
    assert told(shop, TWO_HUNKS)["path"] == "shop/tokens.py"


def test_undone_together_with_other_work(shop: Shop) -> None:
    shop.stage({"shop/new.py": "".join(f"new_value_{n} = make_new({n})\n" for n in range(80))})
    undone = shop.undone(GUARD)[GUARD.path]
    shop.stage(
        {GUARD.path: undone.replace("int parse_trailer", "/* The end. */\nint parse_trailer")}
    )
    assert told(shop, GUARD)["rule"] == "BG001"


def test_all_hunks_of_a_fix_are_one_finding(shop: Shop) -> None:
    shop.stage(shop.undone(TWO_HUNKS))
    whole = told(shop, TWO_HUNKS)
    shop.git("reset", "-q", "--hard")
    buggy, fixed = TWO_HUNKS.edits[0]
    shop.stage(shop.replaced(TWO_HUNKS.path, (fixed, buggy)))
    assert told(shop, TWO_HUNKS)["score"] < whole["score"]


def test_several_fixes_undone_at_once_are_each_told(shop: Shop) -> None:
    for fix in FIXES:
        shop.stage(shop.undone(fix))
    result = bugguard(shop, "check", "--format", "json")
    assert result.code == FINDINGS
    ids = {finding["fix"]["tickets"][0]["id"] for finding in result.json["findings"]}
    assert ids == set(NUMBERS.values())


def body(fix: Fix, shop: Shop) -> str:
    """The function around the mistake, as it was before the fix."""
    [text] = shop.undone(fix).values()
    at = text.index(fix.buggy)
    start = max(text.rfind("\n\n", 0, at) + 2, 0)
    end = text.find("\n\n", at)
    return text[start : len(text) if end < 0 else end + 1]


@pytest.mark.parametrize("fix", FIXES, ids=NUMBERS.get)
def test_the_mistake_pasted_into_another_file(shop: Shop, fix: Fix) -> None:
    copied = f"copied/other.{fix.path.rpartition('.')[2]}"
    shop.stage({copied: body(fix, shop)})
    assert told(shop, fix)["rule"] == "BG002"


def test_a_near_copy_of_the_mistake(shop: Shop) -> None:
    near = body(REPLACED, shop).replace("apply_voucher", "redeem_coupon").replace("CENT", "UNIT")
    shop.stage({"shop/coupons.py": f"from shop.prices import subtotal\n\n\n{near}"})
    assert told(shop, REPLACED)["rule"] == "BG002"
