"""Merges, squashed merges and conflicts, under bugguard's hook."""

from __future__ import annotations

import pytest
from committing import assert_blocked, assert_made, commit
from program import execute
from shop import REPLACED, Shop

pytestmark = pytest.mark.functional


def conflicting(shop: Shop) -> None:
    """Two branches that both changed the fixed line, in the middle of their merge."""
    line = "    rebate = min(amount, amount * voucher.percent / 100 + voucher.fixed_amount)\n"
    shop.git("checkout", "-q", "-b", "topic")
    topic = line.replace("voucher.fixed_amount", "voucher.extra_amount")
    shop.commit(shop.replaced(REPLACED.path, (line, topic)), "Rename a field")
    shop.git("checkout", "-q", "main")
    main = line.replace("voucher.fixed_amount", "voucher.plain_amount")
    shop.commit(shop.replaced(REPLACED.path, (line, main)), "Rename a field")
    result = execute(shop, ["git", "merge", "-q", "topic"])
    assert result.code == 1, result


def resolved(shop: Shop, line: str) -> dict[str, str]:
    content = shop.read(REPLACED.path)
    start, end = content.index("<<<<<<<"), content.index(">>>>>>>")
    end = content.index("\n", end) + 1
    return {REPLACED.path: content[:start] + line + content[end:]}


def test_a_resolution_that_undoes_a_fix(guarded: Shop) -> None:
    conflicting(guarded)
    guarded.stage(resolved(guarded, REPLACED.buggy))
    result = commit(guarded)
    assert result.code == 1, result
    assert "#12" in result.err


@pytest.mark.parametrize("field", ["extra_amount", "plain_amount", "merged_amount"])
def test_a_resolution_that_keeps_it(guarded: Shop, field: str) -> None:
    conflicting(guarded)
    guarded.stage(resolved(guarded, REPLACED.fixed.replace("fixed_amount", field)))
    assert_made(commit(guarded))


def test_a_clean_merge_is_silent_whatever_it_brings(guarded: Shop) -> None:
    """The branch undid a fix; that is its commits' matter, and not told again at the merge."""
    guarded.git("checkout", "-q", "-b", "topic")
    guarded.commit(guarded.undone(REPLACED), "Smuggle")
    guarded.git("checkout", "-q", "main")
    guarded.commit({"shop/other.py": "other_value = make(1)\n"}, "Other work")
    hook = guarded.path / ".git" / "hooks" / "pre-commit"
    hook.with_name("pre-merge-commit").write_bytes(hook.read_bytes())
    hook.with_name("pre-merge-commit").chmod(0o755)
    result = execute(guarded, ["git", "merge", "--no-edit", "topic"])
    assert result.code == 0, result
    assert "0 hunks checked" in result.out + result.err


def test_a_squashed_merge_is_checked_whole(guarded: Shop) -> None:
    guarded.git("checkout", "-q", "-b", "topic")
    guarded.commit(guarded.undone(REPLACED), "Smuggle")
    guarded.git("checkout", "-q", "main")
    guarded.git("merge", "--squash", "-q", "topic")
    assert_blocked(commit(guarded))


def test_a_cherry_pick_with_a_conflict(guarded: Shop) -> None:
    """Backporting the fix itself to a branch without it, by hand."""
    fixed = guarded.sha("HEAD~3")
    guarded.git("checkout", "-q", "-b", "stable", "HEAD~4")
    other = (
        "    rebate = amount * voucher.percent / 100\n",
        "    rebate = amount * voucher.rate\n",
    )
    guarded.commit(guarded.replaced(REPLACED.path, other), "Rates")
    assert execute(guarded, ["git", "cherry-pick", fixed]).code == 1
    guarded.stage(resolved(guarded, REPLACED.fixed.replace("voucher.percent / 100", "rate")))
    assert_made(commit(guarded))
