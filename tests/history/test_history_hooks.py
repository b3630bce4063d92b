from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest
from repository import Repository

from bugguard.history import hooks
from bugguard.history.git import Git


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "r")
    repository.commit({"a.py": "1\n"})
    repository.stage({"a.py": "2\n"})
    return repository


def hook(repository: Repository) -> Path:
    return repository.path / ".git/hooks/pre-commit"


def program(folder: Path, name: str, code: int = 0) -> Path:
    """A program that writes its arguments to standard error and exits with ``code``."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'#!/bin/sh\necho "ran: $*" >&2\nexit {code}\n')
    file.chmod(0o755)
    return file


def commit(repository: Repository) -> subprocess.CompletedProcess[str]:
    """A commit with hooks, and without a bugguard on PATH."""
    clean = [p for p in os.environ["PATH"].split(":") if not (Path(p) / "bugguard").exists()]
    return subprocess.run(
        ["git", "commit", "--message=x", "--allow-empty"],
        cwd=repository.path,
        env=repository.environ | {"PATH": ":".join(clean)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_fresh_hook_runs_and_has_the_last_word(tmp_path: Path, repository: Repository) -> None:
    passing = program(tmp_path, "bugguard")
    assert (
        hooks.install(repository.open(), str(passing)) == f"installed the hook {hook(repository)}"
    )
    done = commit(repository)
    assert (done.returncode, "ran: hook" in done.stderr) == (0, True)
    program(tmp_path, "bugguard", code=1)
    assert commit(repository).returncode == 1
    assert hook(repository).stat().st_mode & 0o777 == 0o755
    assert [file.name for file in hook(repository).parent.glob("tmp*")] == []


@pytest.mark.parametrize(
    "name",
    ["with space", "it's", 'quo"te', "$HOME", "`false`", "-dash", "new\nline", "\udcff", "é;x"],
)
def test_any_path_of_the_program_is_kept(tmp_path: Path, repository: Repository, name: str) -> None:
    file = program(tmp_path / name, "bugguard")
    hooks.install(repository.open(), str(file))
    assert "ran: hook" in commit(repository).stderr


def test_a_program_that_is_gone_lets_the_commit_through(
    tmp_path: Path, repository: Repository
) -> None:
    hooks.install(repository.open(), str(tmp_path / "gone"))
    done = commit(repository)
    assert done.returncode == 0
    assert "bugguard is not installed here any more: this commit was not checked" in done.stderr


def test_a_program_whose_python_is_gone_lets_the_commit_through(
    tmp_path: Path, repository: Repository
) -> None:
    file = tmp_path / "bugguard"
    file.write_text(f"#!{tmp_path}/no/python\n")
    file.chmod(0o755)
    hooks.install(repository.open(), str(file))
    done = commit(repository)
    assert done.returncode == 0
    assert "bugguard does not start any more: this commit was not checked" in done.stderr


def test_another_bugguard_on_the_path_takes_over(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", "bugguard")
    hooks.install(repository.open(), str(tmp_path / "gone"))
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    assert repository.git("commit", "--message=x", PATH=path) is not None
    shown = subprocess.run(
        [str(hook(repository))], env={"PATH": path}, capture_output=True, text=True, check=True
    )
    assert "ran: hook" in shown.stderr


def test_our_own_hook_is_renewed(tmp_path: Path, repository: Repository) -> None:
    git = repository.open()
    hooks.install(git, "/old/bugguard")
    assert hooks.install(git, str(program(tmp_path, "bugguard"))).startswith("renewed the hook ")
    assert "/old" not in hook(repository).read_text()
    assert "ran: hook" in commit(repository).stderr


def test_the_hooks_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r", "--template=")
    assert hooks.install(repository.open(), "/b").startswith("installed")
    assert hook(repository).is_file()


def test_worktrees_share_their_hook(tmp_path: Path, repository: Repository) -> None:
    tree = Repository.worktree(repository, tmp_path / "tree", "--detach")
    hooks.install(tree.open(), str(program(tmp_path, "bugguard")))
    assert "ran: hook" in commit(repository).stderr
    assert "ran: hook" in commit(tree).stderr


@pytest.mark.parametrize("kind", ["file", "link", "dangling link", "folder"])
def test_what_we_did_not_write_is_left_alone(
    tmp_path: Path, repository: Repository, kind: str
) -> None:
    path, target = hook(repository), tmp_path / "theirs"
    target.write_text("#!/bin/sh\n")
    if kind == "file":
        path.write_text("#!/bin/sh\nexit 0\n")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(target if kind == "link" else tmp_path / "nothing")
    before = path.lstat()
    assert hooks.install(repository.open(), "/b") == (
        f"left {path} alone, which is not ours: add the line `bugguard hook` to it"
    )
    assert path.lstat() == before
    assert target.read_text() == "#!/bin/sh\n"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    "scope", ["local", "worktree", "global", "include", "environment", "line break"]
)
def test_hooks_that_git_takes_from_elsewhere(
    tmp_path: Path, repository: Repository, scope: str
) -> None:
    folder = str(tmp_path / "theirs\nor not" if scope == "line break" else tmp_path / "theirs")
    config = tmp_path / "config"
    environ = repository.environ
    if scope in ("local", "line break"):
        repository.git("config", "core.hooksPath", folder)
    elif scope == "worktree":
        repository.git("config", "extensions.worktreeConfig", "true")
        repository.git("config", "--worktree", "core.hooksPath", folder)
    elif scope == "environment":
        environ |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.hooksPath",
            "GIT_CONFIG_VALUE_0": folder,
        }
    else:
        repository.git("config", "--file", str(config), "core.hooksPath", folder)
        if scope == "include":
            repository.git("config", "include.path", str(config))
        else:
            environ |= {"GIT_CONFIG_GLOBAL": str(config)}
    said = hooks.install(Git.discover(repository.path, environ), "/b")
    assert said.startswith(f"git takes its hooks from {folder} (core.hooksPath): no hook was")
    assert not hook(repository).exists()
    assert not Path(folder).exists()


def test_the_last_setting_counts(tmp_path: Path, repository: Repository) -> None:
    config = tmp_path / "config"
    repository.git("config", "--file", str(config), "core.hooksPath", "/global")
    repository.git("config", "core.hooksPath", "/local")
    environ = repository.environ | {"GIT_CONFIG_GLOBAL": str(config)}
    assert "from /local (" in hooks.install(Git.discover(repository.path, environ), "/b")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r", "--template=")
    folder = hook(repository).parent
    folder.write_text("in the way")
    assert hooks.install(repository.open(), "/b") == (
        f"no hook was installed: {hook(repository)} cannot be written (File exists)"
    )
    folder.unlink()
    folder.symlink_to(tmp_path / "nowhere")
    assert hooks.install(repository.open(), "/b").startswith("no hook was installed: ")


def test_a_full_disk_leaves_the_old_hook_whole(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks.install(repository.open(), "/old/bugguard")

    def full(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    said = hooks.install(repository.open(), "/new/bugguard")
    assert said.endswith("cannot be written (No space left on device)")
    assert "/old/bugguard" in hook(repository).read_text()
    assert list(hook(repository).parent.glob("tmp*")) == []
