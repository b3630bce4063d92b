"""Changes that look like a past bug and are none: each must be let through."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from program import CLEAN, bugguard
from shop import FIXES, GUARD, JAPANESE, REPLACED, TWO_HUNKS, Fix, Shop

pytestmark = pytest.mark.functional


def assert_silent(shop: Shop) -> None:
    """Nothing that is staged is reported."""
    result = bugguard(shop, "check", "--candidates", "1", "--format", "json")
    assert result.json["stats"]["hunks"] > 0
    assert result.code == CLEAN, result.out


def moved_block(shop: Shop) -> None:
    """The fixed function goes to the end of its file as it is."""
    content = shop.read(REPLACED.path)
    start, end = content.index("def apply_voucher"), content.index("def invoice_number")
    block = content[start:end]
    shop.stage({REPLACED.path: content.replace(block, "") + "\n\n" + block.rstrip() + "\n"})


def moved_to_another_file(shop: Shop) -> None:
    content = shop.read(REPLACED.path)
    start, end = content.index("def apply_voucher"), content.index("def invoice_number")
    block = content[start:end].rstrip() + "\n"
    rest = content[:start] + content[end:]
    shop.stage({REPLACED.path: rest, "shop/vouchers.py": f"from shop.prices import *\n\n\n{block}"})


def renamed_variable(shop: Shop) -> None:
    content = shop.read(REPLACED.path)
    shop.stage({REPLACED.path: content.replace("rebate", "discount")})


def renamed_function(shop: Shop) -> None:
    content = shop.read(GUARD.path)
    shop.stage({GUARD.path: content.replace("reader_remaining", "reader_left")})


def renamed_file(shop: Shop) -> None:
    shop.git("mv", "shop/sessions.py", "shop/tokens.py")
    content = shop.read("shop/tokens.py")
    shop.stage(
        {
            "shop/tokens.py": content.replace("customer's", "shop's").replace(
                "import time", "import time  # the clock"
            )
        }
    )


def shuffled_imports(shop: Shop) -> None:
    content = shop.read(TWO_HUNKS.path)
    shop.stage({TWO_HUNKS.path: content.replace("import time\n", "import math\nimport time\n")})


def comments_and_white_space(shop: Shop) -> None:
    content = shop.read(TWO_HUNKS.path).replace("    ", "  ").replace("\n\n  def", "\n\n\n  def")
    shop.stage({TWO_HUNKS.path: content.replace("class ", "# Sessions.\nclass ")})


def comment_in_the_fixed_line(shop: Shop) -> None:
    line = REPLACED.fixed.rstrip("\n")
    shop.stage(shop.replaced(REPLACED.path, (line, line + "  # never below zero")))


def wrapped_line(shop: Shop) -> None:
    wrapped = (
        "    rebate = min(\n"
        "        amount, amount * voucher.percent / 100 + voucher.fixed_amount\n"
        "    )\n"
    )
    shop.stage(shop.replaced(REPLACED.path, (REPLACED.fixed, wrapped)))


def feature_removed(shop: Shop) -> None:
    """The whole function goes, and its guard with it."""
    content = shop.read(GUARD.path)
    start, end = content.index("int parse_header"), content.index("int parse_trailer")
    shop.stage({GUARD.path: content[:start] + content[end:]})


def file_removed(shop: Shop) -> None:
    shop.stage({TWO_HUNKS.path: None})


def class_rewritten(shop: Shop) -> None:
    rewritten = (
        "export const total = (items) => items.reduce((sum, one) => sum + one.price, 0);\n"
        "export const names = (items) => items.map((one) => one.article.name).sort();\n"
    )
    shop.stage({JAPANESE.path: rewritten})


def other_work(shop: Shop) -> None:
    edit = (
        "def invoice_number(year, counter):\n",
        "def order_number(shop_code, counter):\n"
        '    return f"{shop_code}/{counter:08d}"\n'
        "\n\ndef invoice_number(year, counter):\n",
    )
    shop.stage(shop.replaced(REPLACED.path, edit))


def fixed_further(shop: Shop) -> None:
    """The same line again, better still."""
    better = "    rebate = min(amount, rebate_of(amount, voucher) + voucher.fixed_amount)\n"
    shop.stage(shop.replaced(REPLACED.path, (REPLACED.fixed, better)))


@pytest.mark.parametrize("change", [
    moved_block, moved_to_another_file, renamed_variable, renamed_function, renamed_file,
    shuffled_imports, comments_and_white_space, comment_in_the_fixed_line, wrapped_line,
    feature_removed, file_removed, class_rewritten, other_work, fixed_further,
])  # fmt: skip
def test_look_alikes(shop: Shop, change: Callable[[Shop], None]) -> None:
    change(shop)
    assert_silent(shop)


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.path)
def test_the_fix_itself_on_another_branch(shop: Shop, fix: Fix) -> None:
    """A backport, by cherry-pick and by hand: it does what the fix did, on the old code."""
    fixed = shop.sha(f"HEAD~{len(FIXES) - 1 - FIXES.index(fix)}")
    shop.git("checkout", "-q", "-b", "stable", "HEAD~4")
    shop.git("cherry-pick", "--no-commit", fixed)
    assert_silent(shop)
    shop.commit(message=f"{fix.message}\n\n(cherry picked from commit {fixed})")
    assert bugguard(shop, "check", "--commit", "HEAD").code == CLEAN


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.path)
def test_the_fixed_code_in_another_file(shop: Shop, fix: Fix) -> None:
    """The twin of a copied bug: the same block, right."""
    copy = {"copied/" + fix.path: shop.read(fix.path)}
    shop.stage(copy)
    assert_silent(shop)


def test_a_revert_in_whose_place_comes_a_better_fix(shop: Shop) -> None:
    """In one range the fix is reverted and made anew: its net change takes nothing back."""
    start = shop.sha()
    shop.git("revert", "--no-edit", "HEAD~3")
    better = (
        "    rebate = amount * voucher.percent / 100\n",
        "    rebate = min(amount, amount * voucher.percent / 100 + voucher.fixed_amount)\n"
        "    rebate = max(rebate, Decimal(0))\n",
    )
    shop.commit(shop.replaced(REPLACED.path, better), "fix: vouchers again, and never below 0")
    assert bugguard(shop, "check", "--range", f"{start}..HEAD").code == CLEAN


def test_docs_and_tests_never_fire(shop: Shop) -> None:
    quoted = "".join(f"    {line}\n" for fix in FIXES for line in fix.buggy.splitlines())
    shop.stage({"docs/history.md": quoted, "tests/test_old.py": quoted})
    report = bugguard(shop, "check", "--format", "json")
    assert report.code == CLEAN
    assert {entry["reason"] for entry in report.json["stats"]["skipped"]} == {"docs", "test"}
