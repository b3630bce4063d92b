"""``bugguard index update`` gives what ``index build`` gives, to the byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from program import CLEAN, bugguard, index_files
from repository import Repository
from shop import FILES, FIXES, GUARD, REPLACED, TWO_HUNKS, Shop

pytestmark = pytest.mark.functional

EDIT = ('return f"{year}-{counter}"', 'return f"{year:04d}-{counter:06d}"')


def assert_updated_as_built(repository: Repository) -> str:
    """Updates, holds the index against a rebuilt one, and returns what the update said."""
    update = bugguard(repository, "index", "update")
    assert (update.code, update.err) == (CLEAN, "")
    updated = index_files(repository)
    assert bugguard(repository, "index", "build").code == CLEAN
    built = index_files(repository)
    assert updated.keys() == built.keys()
    assert [name for name in built if updated[name] != built[name]] == []
    return update.out


def new_fix(shop: Shop) -> None:
    shop.commit(shop.replaced("shop/prices.py", EDIT), "fix: invoices sorted wrongly (#90)")


def merged_branch_of_older_commits(shop: Shop) -> None:
    now = shop.clock
    shop.git("checkout", "-q", "-b", "topic", "HEAD~4")
    shop.clock = now - 100 * 24 * 3600
    new_fix(shop)
    shop.git("checkout", "-q", "main")
    shop.clock = now
    shop.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic")


def rewritten(shop: Shop) -> None:
    shop.git("reset", "-q", "--hard", "HEAD~2")
    new_fix(shop)


def rewritten_and_collected(shop: Shop) -> None:
    rewritten(shop)
    shop.git("reflog", "expire", "--expire=now", "--all")
    shop.git("gc", "-q", "--prune=now")


def emptied(shop: Shop) -> None:
    """An unborn branch: nothing at all is in the history of HEAD."""
    shop.git("checkout", "-q", "--orphan", "nothing")


def other_branch(shop: Shop) -> None:
    shop.git("checkout", "-q", "-b", "stable", "HEAD~3")
    shop.git("cherry-pick", "main~1", "main~2")


def detached(shop: Shop) -> None:
    shop.git("checkout", "-q", "--detach", "HEAD~1")


def changed_settings(shop: Shop) -> None:
    shop.write(".bugguard.toml", '[learn]\nexclude = ["^web/"]\n')


def changed_remote(shop: Shop) -> None:
    shop.git("remote", "add", "origin", "https://github.com/acme/shop")


def nothing(shop: Shop) -> None:
    pass


@pytest.mark.parametrize("happen", [
    new_fix, merged_branch_of_older_commits, rewritten, rewritten_and_collected, emptied,
    other_branch, detached, changed_settings, changed_remote, nothing,
])  # fmt: skip
def test_update_equals_build(shop: Shop, happen: Callable[[Shop], None]) -> None:
    happen(shop)
    assert_updated_as_built(shop)


def test_only_new_commits_are_read(shop: Shop) -> None:
    new_fix(shop)
    assert "6 commits (1 read now)" in assert_updated_as_built(shop)


def test_a_rewritten_history_is_noticed(shop: Shop) -> None:
    rewritten(shop)
    told = assert_updated_as_built(shop)
    assert "forgot 2 commits that are no longer in the history" in told
    assert bugguard(shop, "show", "#78").code != CLEAN


def test_collected_commits_mean_reading_anew(shop: Shop) -> None:
    rewritten_and_collected(shop)
    told = assert_updated_as_built(shop)
    assert "read everything anew, for the history was rewritten" in told


def test_an_index_that_was_damaged_is_built_anew(shop: Shop) -> None:
    [generation] = (shop.path / ".git" / "bugguard").glob("gen-*")
    (generation / "patterns.jsonl").write_bytes(b"{}")
    assert_updated_as_built(shop)


def test_unshallowing_reads_the_older_commits(shop: Shop, tmp_path: Path) -> None:
    source = f"file://{shop.path}"
    clone = Repository.clone(source, tmp_path / "clone", "--depth=3")
    assert bugguard(clone, "index", "build").code == CLEAN
    clone.git("fetch", "-q", "--unshallow")
    assert "the clone's depth has changed" in assert_updated_as_built(clone)
    assert bugguard(clone, "index", "info", "--json").json["fixes"] == len(FIXES)


def test_deepening_reads_the_older_commits(shop: Shop, tmp_path: Path) -> None:
    source = f"file://{shop.path}"
    clone = Repository.clone(source, tmp_path / "clone", "--depth=2")
    assert bugguard(clone, "index", "build").code == CLEAN
    clone.git("fetch", "-q", "--depth=4")
    assert_updated_as_built(clone)
    assert bugguard(clone, "index", "info", "--json").json["shallow"] is True


def test_objects_that_came_later_are_read_then(fresh: Shop) -> None:
    blob = fresh.text("rev-parse", f"HEAD:{REPLACED.path}")
    stored = fresh.path / ".git" / "objects" / blob[:2] / blob[2:]
    hidden = stored.rename(fresh.path / "hidden")
    assert "could not read" in bugguard(fresh, "index", "build").out
    hidden.rename(stored)
    told = assert_updated_as_built(fresh)
    assert "could not read" not in told
    assert bugguard(fresh, "show", "#12").code == CLEAN


def test_the_same_history_in_another_clone_gives_the_same_bytes(shop: Shop, tmp_path: Path) -> None:
    clone = Repository.clone(shop.path, tmp_path / "clone")
    clone.git("remote", "remove", "origin")
    assert bugguard(clone, "index", "build").code == CLEAN
    assert index_files(clone) == index_files(shop)


def test_the_order_in_which_branches_came_does_not_count(tmp_path: Path) -> None:
    one, other = Shop.at(tmp_path / "one", fixed=False), Shop.at(tmp_path / "other", fixed=False)
    for shop, order in ((one, (GUARD, TWO_HUNKS)), (other, (GUARD, TWO_HUNKS))):
        clock = shop.clock
        for number, fix in enumerate(order):
            shop.git("checkout", "-q", "-b", f"topic{number}", "main")
            shop.clock = clock + number * 3600
            shop.fix(fix)
        shop.git("checkout", "-q", "main")
    for shop, order in ((one, "01"), (other, "10")):
        assert bugguard(shop, "index", "build").code == CLEAN
        for number in order:
            shop.git("checkout", "-q", f"topic{number}")
            assert bugguard(shop, "index", "update").code == CLEAN
        shop.git("checkout", "-q", "topic1")
        assert bugguard(shop, "index", "update").code == CLEAN
    assert set(FILES) >= {GUARD.path, TWO_HUNKS.path}
    assert index_files(one) == index_files(other)
