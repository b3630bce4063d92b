"""A shallow clone, as a runner makes it, with an index that was learned from the whole history."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import CLEAN, FINDINGS, bugguard
from repository import Repository
from shop import GUARD, REPLACED, Shop

pytestmark = pytest.mark.functional

INVOICE = ('return f"{year}-{counter}"', 'return f"{year:04d}-{counter:06d}"')


@pytest.fixture
def index(shop: Shop, tmp_path: Path) -> Path:
    """The shop's index, outside of it."""
    place = tmp_path / "index"
    assert bugguard(shop, "index", "build", "--output", place).code == CLEAN
    return place


def cloned(shop: Shop, path: Path, depth: int, *options: str) -> Repository:
    clone = Repository.clone(f"file://{shop.path}", path, f"--depth={depth}", *options)
    assert clone.open().shallow
    return clone


def smuggled(shop: Shop) -> str:
    """Two commits, the second of which takes an old fix back; what stood before."""
    shop.commit({"shop/more.py": "more_values = make_more(1)\n"}, "Add more")
    before = shop.sha()
    shop.commit(shop.undone(REPLACED), "Simplify vouchers")
    return before


def test_what_is_older_than_the_clone_is_known(shop: Shop, index: Path, tmp_path: Path) -> None:
    before = smuggled(shop)
    clone = cloned(shop, tmp_path / "clone", 3)
    asked = (["--commit", "HEAD"], ["--range", f"{before}..HEAD"])
    for question in asked:
        result = bugguard(clone, "check", "--index", index, "--format", "json", *question)
        assert result.code == FINDINGS, result
        assert result.json["index"]["fixes"] == 4
    pushed = {"PRE_COMMIT_FROM_REF": before, "PRE_COMMIT_TO_REF": clone.sha()}
    assert bugguard(clone, "hook", "--index", index, **pushed).code == FINDINGS


def test_a_fix_on_another_branch_stays_unknown(shop: Shop, tmp_path: Path) -> None:
    """It is older than the change, and in the clone, but no ancestor of the change."""
    shop.git("checkout", "-q", "-b", "topic")
    shop.commit(shop.replaced(REPLACED.path, INVOICE), "fix: invoices sorted wrongly (#90)")
    place = tmp_path / "index"
    assert bugguard(shop, "index", "build", "--output", place).code == CLEAN
    shop.git("checkout", "-q", "main")
    smuggled(shop)
    clone = cloned(shop, tmp_path / "clone", 3, "--no-single-branch")
    told = bugguard(clone, "check", "--index", place, "--commit", "HEAD", "--format", "json").json
    assert told["index"]["fixes"] == 4


def test_a_fix_made_later_stays_unknown(shop: Shop, tmp_path: Path) -> None:
    """Neither it nor its branch is in the clone; only its time tells."""
    smuggled(shop)
    shop.git("checkout", "-q", "-b", "topic", "HEAD~1")
    shop.commit(shop.replaced(GUARD.path, ("reader_word(reader);\n    header->kind",
                                           "reader_half(reader);\n    header->kind")),
                "fix: a header's length was read wrong (#91)")  # fmt: skip
    place = tmp_path / "index"
    assert bugguard(shop, "index", "build", "--output", place).code == CLEAN
    shop.git("checkout", "-q", "main")
    clone = cloned(shop, tmp_path / "clone", 2)
    told = bugguard(clone, "check", "--index", place, "--commit", "HEAD", "--format", "json").json
    assert told["index"]["fixes"] == 4


def test_the_first_commit_of_all_has_no_past(shop: Shop, index: Path, tmp_path: Path) -> None:
    shop.git("checkout", "-q", "--orphan", "fresh")
    shop.commit({}, "Start anew")
    shop.git("checkout", "-q", "main")
    clone = cloned(shop, tmp_path / "clone", 2, "--no-single-branch")
    told = bugguard(
        clone, "check", "--index", index, "--commit", "origin/fresh", "--format", "json"
    ).json
    assert told["index"]["fixes"] == 0


def test_info_does_not_send_a_shallow_clone_to_an_update(
    shop: Shop, index: Path, tmp_path: Path
) -> None:
    """It would trade the whole history for the clone's few commits."""
    smuggled(shop)
    clone = cloned(shop, tmp_path / "clone", 1)
    told = bugguard(clone, "index", "info", "--index", index)
    assert "made from a longer history" in told.out
    assert "index update" not in told.out
