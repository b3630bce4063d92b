"""``bugguard init``, in every kind of repository."""

from __future__ import annotations

import ctypes
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from program import CLEAN, FINDINGS, PROGRAM, USAGE, Result, bugguard, environment, execute
from repository import Repository
from shop import GUARD, REPLACED, Shop

pytestmark = pytest.mark.functional


def hook_of(repository: Repository) -> Path:
    return repository.path / ".git" / "hooks" / "pre-commit"


def test_learns_writes_a_config_and_installs_the_hook(fresh: Shop) -> None:
    result = bugguard(fresh, "init")
    assert (result.code, result.err) == (CLEAN, "")
    assert "learned 5 patterns of 4 past fixes (4 name a ticket) from 5 commits" in result.out
    assert (fresh.path / ".bugguard.toml").is_file()
    assert hook_of(fresh).stat().st_mode & stat.S_IXUSR
    assert fresh.text("status", "--porcelain") == "?? .bugguard.toml"


def test_its_config_is_one_that_it_can_read(fresh: Shop) -> None:
    bugguard(fresh, "init")
    config = fresh.path / ".bugguard.toml"
    wanted, replaced = re.subn(r"(?m)^# (\w+ = )", r"\1", config.read_text("utf-8"))
    assert replaced > 3
    config.write_text(wanted, "utf-8")
    result = bugguard(fresh, "config", "show", "--origin")
    assert result.code == CLEAN
    assert result.out.count("# .bugguard.toml") == replaced


def test_its_config_sets_nothing(fresh: Shop, tmp_path: Path) -> None:
    own = tmp_path / "settings" / "bugguard" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[check]\nthreshold = 0.9\n[learn]\nexclude = ['^web/']\n")
    variables = {"XDG_CONFIG_HOME": str(tmp_path / "settings")}
    before = bugguard(fresh, "config", "show", "--origin", **variables)
    assert "threshold = 0.9" in before.out
    bugguard(fresh, "init", **variables)
    assert (fresh.path / ".bugguard.toml").is_file()
    assert bugguard(fresh, "config", "show", "--origin", **variables) == before


def test_the_hook_works_without_bugguard_on_path(fresh: Shop) -> None:
    bugguard(fresh, "init")
    fresh.stage(fresh.undone(REPLACED))
    plain = {"PATH": os.environ.get("PATH", "").replace(str(Path(PROGRAM).parent), "/nonexistent")}
    result = execute(fresh, ["git", "commit", "-qm", "Simplify"], **plain)
    assert result.code == FINDINGS
    assert "#12" in result.out + result.err


def test_again_it_leaves_an_edited_config_and_renews_its_own_hook(fresh: Shop) -> None:
    bugguard(fresh, "init")
    config = fresh.path / ".bugguard.toml"
    config.write_text("[check]\nthreshold = 0.6\n")
    result = bugguard(fresh, "init")
    assert result.code == CLEAN
    assert config.read_text() == "[check]\nthreshold = 0.6\n"
    assert "renewed the hook" in result.out


def test_a_foreign_hook_is_left_alone_and_said(fresh: Shop) -> None:
    hook_of(fresh).write_text("#!/bin/sh\nexit 0\n")
    result = bugguard(fresh, "init")
    assert result.code == CLEAN
    assert hook_of(fresh).read_text() == "#!/bin/sh\nexit 0\n"
    assert "add the line `bugguard hook` to it" in result.out


def test_settings_in_pyproject_are_enough(fresh: Shop) -> None:
    (fresh.path / "pyproject.toml").write_text("[tool.bugguard.check]\nthreshold = 0.7\n")
    assert bugguard(fresh, "init").code == CLEAN
    assert not (fresh.path / ".bugguard.toml").exists()


def test_with_pre_commit_it_says_what_to_add(fresh: Shop) -> None:
    (fresh.path / ".pre-commit-config.yaml").write_text("repos: []\n")
    result = bugguard(fresh, "init")
    assert result.code == CLEAN
    assert "entry: bugguard hook" in result.out
    assert not hook_of(fresh).exists()


def test_no_hook(fresh: Shop) -> None:
    assert bugguard(fresh, "init", "--no-hook").code == CLEAN
    assert not hook_of(fresh).exists()


def test_another_hooks_folder_is_left_alone(fresh: Shop) -> None:
    fresh.git("config", "core.hooksPath", ".husky")
    result = bugguard(fresh, "init")
    assert result.code == CLEAN
    assert ".husky" in result.out
    assert not hook_of(fresh).exists()


def test_a_bare_repository(fresh: Shop, tmp_path: Path) -> None:
    bare = Repository.clone(fresh.path, tmp_path / "bare.git", "--bare")
    result = bugguard(bare, "init")
    assert (result.code, result.err) == (CLEAN, "")
    assert "no hook was installed" in result.out
    assert "4 past fixes" in result.out
    assert bugguard(bare, "check", "--commit", "HEAD").code == CLEAN
    staged = bugguard(bare, "check")
    assert (staged.code, staged.out) == (USAGE, "")
    assert "bare" in staged.complaint


def test_a_worktree_shares_index_and_hook(fresh: Shop, tmp_path: Path) -> None:
    worktree = Repository.worktree(fresh, tmp_path / "elsewhere", "-b", "topic")
    result = bugguard(worktree, "init")
    assert result.code == CLEAN
    assert hook_of(fresh).exists()
    assert (fresh.path / ".git" / "bugguard" / "CURRENT").exists()
    assert (worktree.path / ".bugguard.toml").exists()
    fresh.stage(fresh.undone(GUARD))
    assert bugguard(fresh, "check").code == FINDINGS


def test_before_the_first_commit(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "empty")
    result = bugguard(repository, "init")
    assert (result.code, result.err) == (CLEAN, "")
    assert "0 commits" in result.out
    assert hook_of(repository).exists()
    repository.stage({"a.py": "value = compute()\n"})
    assert bugguard(repository, "check").code == CLEAN


def test_without_a_fix_in_the_history(tmp_path: Path) -> None:
    repository = Shop.at(tmp_path / "shop", fixed=False)
    result = bugguard(repository, "init")
    assert result.code == CLEAN
    assert "0 patterns of 0 past fixes" in result.out


@pytest.mark.parametrize(
    "command",
    [
        ["init"],
        ["check"],
        ["index", "build"],
        ["index", "info"],
        ["index", "update"],
        ["show", "abcd"],
        ["hook", "--strict"],
    ],
)
def test_outside_of_a_repository(tmp_path: Path, command: list[str]) -> None:
    repository = Repository(tmp_path / "r")
    outside = tmp_path / "outside"
    outside.mkdir()
    result = bugguard(repository, *command, cwd=outside, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert result.code == USAGE
    assert result.out == ""
    assert "is not in a git repository" in result.complaint
    assert "--repo" in result.complaint


def test_a_git_directory_that_cannot_be_written(fresh: Shop, tmp_path: Path) -> None:
    """A file stands where the index belongs: that stops root too, as permissions would not."""
    (fresh.path / ".git" / "bugguard").write_text("")
    result = bugguard(fresh, "init", "--no-hook")
    assert result.code == USAGE
    assert ".git/bugguard" in result.complaint


def test_a_git_directory_without_permission(fresh: Shop) -> None:
    folders = [fresh.path, fresh.path / ".git", fresh.path / ".git" / "hooks"]
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = subprocess.run(
            [PROGRAM, "init"], cwd=fresh.path, env=environment(fresh),
            capture_output=True, text=True, check=False, preexec_fn=bound_by_permissions,
        )  # fmt: skip
    finally:
        for folder in folders:
            folder.chmod(0o755)
    result = Result(done.returncode, done.stdout, done.stderr)
    assert result.code == USAGE
    assert "mend its permissions" in result.complaint
    assert "no config was written" in result.out
    assert "no hook was installed" in result.out


def bound_by_permissions() -> None:
    """Give up root's power to pass over permissions; others have none to give up."""
    if sys.platform == "linux":
        drop_capability, dac_override = 24, 1  # linux/prctl.h, linux/capability.h
        ctypes.CDLL(None).prctl(drop_capability, dac_override, 0, 0, 0)
