from __future__ import annotations

from pathlib import Path

import pytest
from repository import Repository

from bugguard.history.repository import remote_url


def remotes(repository: Repository, **urls: str) -> None:
    for name, url in urls.items():
        repository.git("remote", "add", name, url)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "a $HOME folder")


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ({}, None),
        ({"origin": "o"}, "o"),
        ({"upstream": "u", "other": "x", "origin": "o"}, "o"),
        ({"other": "x", "upstream": "u"}, "u"),
        ({"other": "x"}, "x"),
        ({"other": "x", "another": "y"}, None),
    ],
)
def test_the_remote_that_the_team_works_with(
    repository: Repository, urls: dict[str, str], expected: str | None
) -> None:
    remotes(repository, **urls)
    assert remote_url(repository.open()) == expected


def test_settings_for_a_remote_without_an_address_are_passed_over(repository: Repository) -> None:
    repository.git("config", "remote.all.prune", "true")
    assert remote_url(repository.open()) is None
    remotes(repository, origin="git@example.org:team/app.git")
    repository.git("config", "remote.zzz.prune", "true")
    assert remote_url(repository.open()) == "git@example.org:team/app.git"


def test_worktrees_and_bare_repositories_have_it_too(
    tmp_path: Path, repository: Repository
) -> None:
    remotes(repository, origin="https://example.org/a.git")
    repository.commit({"a": "1"})
    tree = Repository.worktree(repository, tmp_path / "tree", "--detach")
    assert remote_url(tree.open()) == "https://example.org/a.git"
    bare = Repository.clone(repository.path, tmp_path / "bare", "--bare")
    assert remote_url(bare.open()) == str(repository.path)


@pytest.mark.parametrize(
    "config", [b"[remote", b"\xff\xfe\0", b"x = 1\n", b"[include]\npath = /\n"]
)
def test_a_broken_config_has_no_remote(repository: Repository, config: bytes) -> None:
    git = repository.open()
    (repository.path / ".git/config").write_bytes(config)
    assert remote_url(git) is None
