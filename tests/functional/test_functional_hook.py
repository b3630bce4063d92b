"""``bugguard hook`` under real ``git commit``: what is committed is what is checked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from committing import assert_blocked, assert_made, commit
from program import CLEAN, PROGRAM, USAGE, bugguard, execute
from repository import Repository
from shop import GUARD, JAPANESE, REPLACED, TWO_HUNKS, Shop

pytestmark = pytest.mark.functional

INVOICE = ('return f"{year}-{counter}"', 'return f"{year:04d}-{counter:06d}"')


def test_a_fix_taken_back_is_blocked_and_its_twin_is_not(guarded: Shop) -> None:
    before = guarded.sha()
    guarded.stage(guarded.undone(REPLACED))
    assert_blocked(commit(guarded))
    assert guarded.sha() == before
    guarded.stage(guarded.replaced(REPLACED.path, *REPLACED.edits))
    guarded.stage(guarded.replaced(REPLACED.path, INVOICE))
    assert_made(commit(guarded), "0 findings in 1 hunk, checked against 4 past fixes")


def test_of_a_partly_staged_file_only_what_is_staged(guarded: Shop) -> None:
    guarded.stage(guarded.replaced(REPLACED.path, INVOICE))
    for name, content in guarded.undone(REPLACED).items():
        guarded.write(name, content)
    assert_made(commit(guarded), "in 1 hunk,")
    assert_blocked(commit(guarded, "-a"))


def test_the_other_way_round(guarded: Shop) -> None:
    """Bad in git's index, good again in the work tree: what is committed is bad."""
    good = guarded.read(REPLACED.path)
    guarded.stage(guarded.undone(REPLACED))
    guarded.write(REPLACED.path, good)
    assert_blocked(commit(guarded))


def test_commit_of_paths_checks_those_alone(guarded: Shop) -> None:
    guarded.stage(guarded.undone(REPLACED))
    guarded.stage(guarded.undone(GUARD))
    result = commit(guarded, "--", GUARD.path)
    assert_blocked(result, "#34")
    assert "#12" not in result.out + result.err
    guarded.stage(guarded.replaced(GUARD.path, *GUARD.edits))
    guarded.stage(guarded.replaced(TWO_HUNKS.path, ("token = customer", "token = the_customer")))
    assert_made(commit(guarded, "--", TWO_HUNKS.path))


@pytest.mark.parametrize("nothing", ["", "--allow-empty"])
def test_nothing_staged_is_said(guarded: Shop, nothing: str) -> None:
    if nothing:
        result = commit(guarded, nothing)
        assert_made(result)
    else:
        result = bugguard(guarded, "hook")
        assert result.code == CLEAN
    assert "0 hunks checked" in result.out + result.err


def test_only_deletions(guarded: Shop) -> None:
    guarded.git("rm", "-q", REPLACED.path, JAPANESE.path)
    assert_made(commit(guarded), "hunk")


def test_only_a_rename(guarded: Shop) -> None:
    guarded.git("mv", REPLACED.path, "shop/new_prices.py")
    assert_made(commit(guarded), "0 hunks checked")


def test_a_rename_with_an_undo_in_it(guarded: Shop) -> None:
    (guarded.path / "moved").mkdir()
    guarded.git("mv", REPLACED.path, "moved/prices.py")
    guarded.stage(guarded.replaced("moved/prices.py", (REPLACED.fixed, REPLACED.buggy)))
    assert_blocked(commit(guarded))


def test_a_mode_a_link_and_a_binary_file(guarded: Shop) -> None:
    (guarded.path / "shop" / "link.py").symlink_to("prices.py")
    guarded.git("add", "shop/link.py")
    guarded.git("update-index", "--chmod=+x", REPLACED.path)
    guarded.stage({"logo.png": b"\x89PNG\0\1\2", "shop/data.py": b"\0" * 5000})
    assert_made(commit(guarded))


def test_amend_checks_the_whole_commit(guarded: Shop) -> None:
    """What was smuggled in with --no-verify is found when its commit is amended."""
    guarded.commit(guarded.undone(REPLACED), "Smuggle")
    assert_blocked(commit(guarded, "--amend"))
    guarded.stage(guarded.replaced(REPLACED.path, *REPLACED.edits))
    assert_made(commit(guarded, "--amend", "--allow-empty"))


def test_amend_keeps_quiet_about_what_its_own_commit_fixed(guarded: Shop) -> None:
    """The last commit fixed something; amending takes a part of that back before it is out."""
    guarded.commit(guarded.replaced(REPLACED.path, INVOICE), "fix: invoices sorted wrongly (#90)")
    assert bugguard(guarded, "index", "update").code == CLEAN
    better = ("{year:04d}-{counter:06d}", "{year:04d}-{counter:08d}")
    guarded.stage(guarded.replaced(REPLACED.path, better))
    assert_made(commit(guarded, "--amend"))


def test_the_first_commit_of_a_repository(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "new")
    assert bugguard(repository, "init").code == CLEAN
    repository.git("config", "user.name", "Ada")
    repository.git("config", "user.email", "ada@example.org")
    repository.stage({"a.py": "some_value = compute(1)\n"})
    assert_made(commit(repository), "0 findings in 1 hunk, checked against 0 past fixes")


def test_an_orphan_branch(guarded: Shop) -> None:
    guarded.git("checkout", "-q", "--orphan", "fresh-start")
    assert_made(commit(guarded), "hunks")


def test_a_worktree(guarded: Shop, tmp_path: Path) -> None:
    worktree = Repository.worktree(guarded, tmp_path / "worktree", "-b", "topic")
    worktree.clock = guarded.clock
    text = (worktree.path / GUARD.path).read_text()
    worktree.stage({GUARD.path: text.replace(GUARD.fixed, GUARD.buggy)})
    assert_blocked(commit(worktree), "#34")
    worktree.stage({GUARD.path: text + "\n/* The end of the parser. */\n"})
    assert_made(commit(worktree))


def test_from_a_subfolder(guarded: Shop) -> None:
    guarded.stage(guarded.undone(REPLACED))
    result = execute(guarded, ["git", "commit", "-qm", "Work"], cwd=guarded.path / "web")
    assert_blocked(result)


def test_a_submodule_has_its_own_history(guarded: Shop, tmp_path: Path) -> None:
    outer = Shop.at(tmp_path / "outer", fixed=False)
    allow = ("-c", "protocol.file.allow=always")
    outer.git(*allow, "submodule", "--quiet", "add", str(guarded.path), "inner")
    assert bugguard(outer, "init").code == CLEAN
    assert_made(commit(outer), "hunk")  # the submodule's pointer alone is no code
    inner = Shop.existing(outer.path / "inner", guarded.clock)
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        inner.git("config", name, value)
    assert bugguard(inner, "init").code == CLEAN
    assert (outer.path / ".git" / "modules" / "inner" / "bugguard" / "CURRENT").exists()
    inner.stage(inner.undone(REPLACED))
    assert_blocked(commit(inner))
    assert_made(commit(inner, "--no-verify"))
    outer.git("add", "inner")
    assert_made(commit(outer), "hunk")


def test_git_variables_do_not_lead_elsewhere(guarded: Shop, tmp_path: Path) -> None:
    """--repo names another repository than the one whose hook runs."""
    other = Shop.at(tmp_path / "other")
    assert bugguard(other, "index", "build").code == CLEAN
    other.stage(other.undone(GUARD))
    place = {"GIT_DIR": str(guarded.path / ".git"), "GIT_WORK_TREE": str(guarded.path),
             "GIT_INDEX_FILE": str(guarded.path / ".git" / "index")}  # fmt: skip
    assert bugguard(other, "hook", **place).out == "0 hunks checked\n"
    result = bugguard(guarded, "hook", "--repo", other.path, **place)
    assert_blocked(result, "#34")


def test_a_new_fix_is_learned_on_the_way(guarded: Shop) -> None:
    guarded.commit(guarded.replaced(REPLACED.path, INVOICE), "fix: invoices sorted wrongly (#90)")
    guarded.stage(guarded.replaced(REPLACED.path, (INVOICE[1], INVOICE[0])))
    assert_blocked(commit(guarded), "#90")


def test_a_missing_index_is_built_within_the_budget(guarded: Shop) -> None:
    for file in (guarded.path / ".git" / "bugguard").rglob("CURRENT"):
        file.unlink()
    guarded.stage(guarded.undone(REPLACED))
    assert_blocked(commit(guarded))
    assert bugguard(guarded, "index", "verify").code == CLEAN


def test_beyond_the_budget_it_says_what_to_run(fresh: Shop) -> None:
    fresh.stage(fresh.undone(REPLACED))
    result = bugguard(fresh, "hook", BUGGUARD_HOOK_UPDATE_SECONDS="0")
    assert (result.code, result.out) == (CLEAN, "")
    assert "run `bugguard index build`; this commit was not checked" in result.complaint
    strict = bugguard(fresh, "hook", "--strict", BUGGUARD_HOOK_UPDATE_SECONDS="0")
    assert (strict.code, strict.out) == (USAGE, "")
    assert "run `bugguard index build`" in strict.complaint
    configured = bugguard(
        fresh, "hook", BUGGUARD_HOOK_UPDATE_SECONDS="0", BUGGUARD_HOOK_STRICT="true"
    )
    assert configured.code == USAGE


def test_behind_and_beyond_the_budget_it_checks_with_what_it_knows(shop: Shop) -> None:
    shop.commit(shop.replaced(REPLACED.path, INVOICE), "fix: invoices sorted wrongly (#90)")
    shop.stage(shop.replaced(REPLACED.path, (INVOICE[1], INVOICE[0])))
    shop.stage(shop.undone(GUARD))
    result = bugguard(shop, "hook", BUGGUARD_HOOK_UPDATE_SECONDS="0.000001")
    assert_blocked(result, "#34")
    assert "#90" not in result.out
    assert "run `bugguard index update`" in result.complaint


def test_an_update_that_fails_leaves_the_index_of_before(guarded: Shop) -> None:
    guarded.commit(guarded.replaced(REPLACED.path, INVOICE), "fix: invoices sorted wrongly (#90)")
    guarded.stage(guarded.undone(GUARD))
    lock = guarded.path / ".git" / "bugguard" / "learn.lock"
    lock.unlink(missing_ok=True)
    lock.symlink_to("elsewhere")
    for strict in ([], ["--strict"]):
        result = bugguard(guarded, "hook", *strict)
        assert_blocked(result, "#34")
        assert "the index stays as it was" in result.complaint
        assert "learn.lock" in result.complaint


def test_a_regex_that_is_none_leaves_the_index_of_before(guarded: Shop) -> None:
    guarded.commit(guarded.replaced(REPLACED.path, INVOICE), "fix: invoices sorted wrongly (#90)")
    guarded.stage(guarded.undone(GUARD))
    result = bugguard(guarded, "hook", BUGGUARD_LEARN_FIX_SUBJECTS="(")
    assert_blocked(result, "#34")
    assert "fix_subjects" in result.complaint


def test_a_fix_by_any_of_the_rules_is_learned_on_the_way(guarded: Shop) -> None:
    """Words, and tickets of the team's own tracker."""
    guarded.commit(guarded.replaced(REPLACED.path, INVOICE), "Handle empty years in invoices")
    assert bugguard(guarded, "hook").code == CLEAN
    info = bugguard(guarded, "index", "info", "--json").json
    assert (info["fixes"], info["heads"]) == (5, [guarded.sha()])
    own = {"BUGGUARD_LEARN_TICKET_PATTERNS": r"shop/\d+"}
    assert bugguard(guarded, "index", "update", **own).code == CLEAN
    edit = ('return Decimal("4.90")', 'return Decimal("4.90") if weight else Decimal(0)')
    guarded.commit(guarded.replaced(REPLACED.path, edit), "Weigh orders, closes shop/91")
    assert bugguard(guarded, "hook", **own).code == CLEAN
    assert bugguard(guarded, "index", "info", "--json", **own).json["fixes"] == 6


def test_ranges_as_options_and_as_pre_commit_gives_them(shop: Shop) -> None:
    start = shop.sha()
    shop.commit(shop.undone(REPLACED), "Smuggle")
    assert_blocked(bugguard(shop, "hook", "--from-ref", start, "--to-ref", "HEAD"))
    told = {"PRE_COMMIT_FROM_REF": start, "PRE_COMMIT_TO_REF": shop.sha()}
    assert_blocked(bugguard(shop, "hook", **told))
    result = bugguard(shop, "hook", "--from-ref", start)
    assert (result.code, result.out) == (USAGE, "")
    assert "--to-ref" in result.complaint


def test_a_range_that_is_none_lets_through_and_says_so(shop: Shop) -> None:
    result = bugguard(shop, "hook", "--from-ref", "0" * 40, "--to-ref", "HEAD")
    assert result.code == CLEAN
    assert result.complaint.endswith("this commit was not checked")


def test_without_bugguard_the_hook_lets_through_and_says_so(guarded: Shop) -> None:
    hook = guarded.path / ".git" / "hooks" / "pre-commit"
    hook.write_text(hook.read_text().replace(PROGRAM, "/nonexistent/bugguard"))
    guarded.stage(guarded.undone(REPLACED))
    path = os.pathsep.join(
        part for part in os.environ["PATH"].split(os.pathsep)
        if not (Path(part) / "bugguard").exists()
    )  # fmt: skip
    result = commit(guarded, PATH=path)
    assert result.code == 0
    assert "this commit was not checked" in result.err


def test_a_silenced_finding_lets_the_commit_through(guarded: Shop) -> None:
    [content] = guarded.undone(REPLACED).values()
    note = "    # bugguard: ignore[#12] percent vouchers only, checked by the till\n"
    content = content.replace(REPLACED.buggy, note + REPLACED.buggy)
    guarded.stage({REPLACED.path: content})
    result = commit(guarded)
    assert result.code == 0
    assert "1 silenced" in result.out + result.err
