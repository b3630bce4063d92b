"""The hooks of ``.pre-commit-hooks.yaml`` under the real pre-commit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from program import CLEAN, PROGRAM, Result, bugguard, execute
from repository import Repository
from shop import GUARD, REPLACED, Shop

pytestmark = pytest.mark.functional

ROOT = Path(__file__).parents[2]
PRE_COMMIT = Path(PROGRAM).with_name("pre-commit")

CONFIG = """\
repos:
  - repo: local
    hooks:
      - id: bugguard
        name: bugguard
        entry: bugguard hook
        language: system
        pass_filenames: false
        always_run: true
        require_serial: true
        stages: [pre-commit, pre-merge-commit, pre-push, manual]
"""

if not PRE_COMMIT.exists():
    pytest.skip("pre-commit is not installed", allow_module_level=True)


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """This project's own hooks as a repository, for pre-commit clones what it runs."""
    path = tmp_path_factory.mktemp("hooks") / "bugguard"
    left_out = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "bugguard", path / "bugguard", ignore=left_out)
    for name in ("pyproject.toml", ".pre-commit-hooks.yaml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, path / name)
    repository = Repository(path)
    repository.git("add", "--all", "--force")
    repository.commit(message="Everything")
    return repository


def pre_commit(shop: Shop, home: Path, *arguments: str) -> Result:
    command = [str(PRE_COMMIT), *arguments, "--color", "never"]
    return execute(shop, command, PRE_COMMIT_HOME=str(home))


def assert_blocked(result: Result, ticket: str = "#12") -> None:
    assert result.code == 1, result
    assert "Failed" in result.out
    assert "takes back a past fix" in result.out
    assert ticket in result.out


def test_try_repo_blocks_a_bug_and_lets_its_fixed_twin_through(
    shop: Shop, hooks: Repository, tmp_path: Path
) -> None:
    command = ("try-repo", str(hooks.path), "bugguard-system", "--verbose")
    shop.stage(shop.undone(REPLACED))
    assert_blocked(pre_commit(shop, tmp_path / "home", *command))
    shop.git("reset", "-q", "--hard")
    better = (REPLACED.fixed, REPLACED.fixed + "    rebate = max(rebate, Decimal(0))\n")
    shop.stage(shop.replaced(REPLACED.path, better))
    result = pre_commit(shop, tmp_path / "home", *command)
    assert result.code == CLEAN, result
    assert "Passed" in result.out
    assert "0 findings in 1 hunk, checked against 4 past fixes" in result.out


@pytest.fixture
def installed(shop: Shop, tmp_path: Path) -> Shop:
    """With pre-commit's own hooks in place of bugguard's."""
    shop.commit({".pre-commit-config.yaml": CONFIG}, "Use pre-commit")
    types = ("pre-commit", "pre-merge-commit", "pre-push")
    told = [f"--hook-type={kind}" for kind in types]
    done = execute(
        shop, [str(PRE_COMMIT), "install", *told], PRE_COMMIT_HOME=str(tmp_path / "home")
    )
    assert done.code == CLEAN, done
    return shop


def git(shop: Shop, *arguments: str) -> Result:
    shop.clock += 3600
    home = {"PRE_COMMIT_HOME": str(shop.path.parent / "home"), "PRE_COMMIT_COLOR": "never"}
    result = execute(shop, ["git", *arguments], **home)
    return Result(result.code, result.out + result.err, "")


def test_a_commit(installed: Shop) -> None:
    installed.stage(installed.undone(REPLACED))
    assert_blocked(git(installed, "commit", "-m", "Simplify"))
    installed.stage(installed.replaced(REPLACED.path, *REPLACED.edits))
    installed.stage(installed.replaced(REPLACED.path, ('"4.90"', '"5.90"')))
    result = git(installed, "commit", "-m", "Raise the price")
    assert result.code == CLEAN, result


def test_what_a_baseline_knows_is_no_reason_to_fail(installed: Shop, tmp_path: Path) -> None:
    installed.stage(installed.undone(REPLACED))
    assert_blocked(git(installed, "commit", "-m", "Simplify"))
    assert bugguard(installed, "baseline", "create", "--staged").code == CLEAN
    installed.git("add", ".bugguard-baseline.json")
    told = pre_commit(installed, tmp_path / "home", "run", "--verbose")
    assert told.code == CLEAN, told
    assert "1 known by the baseline" in told.out
    assert git(installed, "commit", "-m", "Simplify").code == CLEAN
    range_ = ("run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert pre_commit(installed, tmp_path / "home", *range_).code == CLEAN
    installed.commit(installed.undone(GUARD), "Smuggle")
    assert_blocked(pre_commit(installed, tmp_path / "home", *range_), "#34")


def test_what_is_not_staged_is_out_of_the_way(installed: Shop) -> None:
    installed.stage(installed.replaced(REPLACED.path, ('"4.90"', '"5.90"')))
    for name, content in installed.undone(REPLACED).items():
        installed.write(name, content)
    result = git(installed, "commit", "-m", "Raise the price")
    assert result.code == CLEAN, result
    assert REPLACED.fixed not in installed.read(REPLACED.path)  # pre-commit put it back
    assert_blocked(git(installed, "commit", "-am", "Simplify"))


def test_run_over_a_range(installed: Shop, tmp_path: Path) -> None:
    start = installed.sha()
    installed.commit(installed.undone(GUARD), "Smuggle")
    told = ("run", "--from-ref", start, "--to-ref", "HEAD")
    assert_blocked(pre_commit(installed, tmp_path / "home", *told), "#34")


def test_run_over_all_files_checks_what_is_staged(installed: Shop, tmp_path: Path) -> None:
    result = pre_commit(installed, tmp_path / "home", "run", "--all-files", "--verbose")
    assert result.code == CLEAN, result
    assert "0 hunks checked" in result.out


def test_a_push(installed: Shop, tmp_path: Path) -> None:
    remote = Repository(tmp_path / "remote.git", "--bare")
    installed.git("remote", "add", "origin", str(remote.path))
    first = git(installed, "push", "origin", "main")
    assert first.code == CLEAN, first
    installed.commit(installed.undone(REPLACED), "Smuggle")
    assert_blocked(git(installed, "push", "origin", "main"))
    installed.commit(installed.replaced(REPLACED.path, *REPLACED.edits), "Mend it again")
    result = git(installed, "push", "origin", "main")
    assert result.code == CLEAN, result
    installed.git("checkout", "-q", "-b", "topic")
    installed.commit(installed.undone(GUARD), "Smuggle")
    assert_blocked(git(installed, "push", "origin", "topic"), "#34")
    deletion = git(installed, "push", "origin", "--delete", "main")
    assert deletion.code == CLEAN or "refusing" in deletion.out or "prohibited" in deletion.out


def test_a_merge(installed: Shop) -> None:
    """A clean merge brings what its branch did and is silent; the hook runs all the same."""
    installed.git("checkout", "-q", "-b", "topic")
    installed.commit(installed.undone(REPLACED), "Smuggle")
    installed.git("checkout", "-q", "main")
    installed.commit({"shop/other.py": "other_value = make(1)\n"}, "Other work")
    result = git(installed, "merge", "--no-edit", "topic")
    assert result.code == CLEAN, result
    assert "bugguard" in result.out


def test_init_leaves_pre_commits_hook_alone(installed: Shop) -> None:
    hook = installed.path / ".git" / "hooks" / "pre-commit"
    before = hook.read_bytes()
    assert bugguard(installed, "init").code == CLEAN
    assert hook.read_bytes() == before


def test_the_hook_that_pre_commit_installs_itself(
    shop: Shop, hooks: Repository, tmp_path: Path
) -> None:
    """``language: python``: pre-commit makes an environment and installs this project in it."""
    probe = subprocess.run(
        [str(Path(PROGRAM).with_name("python")), "-m", "pip", "download", "--quiet", "--no-deps",
         "--dest", str(tmp_path / "probe"), "setuptools"],
        capture_output=True, check=False,
    )  # fmt: skip
    if probe.returncode:
        pytest.skip("no package index can be reached")
    shop.stage(shop.undone(REPLACED))
    result = pre_commit(shop, tmp_path / "home", "try-repo", str(hooks.path), "bugguard")
    assert_blocked(result)
