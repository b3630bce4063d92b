"""What tells a repository from any other, and a branch from the one that it left."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import Repository

from bugguard.history import origin


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    one = Repository(tmp_path / "one")
    one.commit({"a": "1"}, "First")
    one.commit({"a": "2"}, "Second")
    return one


def test_a_repository_is_known_by_its_first_commit(repository: Repository, tmp_path: Path) -> None:
    first = repository.sha("HEAD~1")
    assert origin.roots(repository.open()) == (first,)
    fork = Repository.clone(repository.path, tmp_path / "fork")
    fork.commit({"b": "1"}, "On our own")
    assert origin.roots(fork.open()) == (first,)
    assert not origin.is_foreign(fork.open(), [first])
    other = Repository(tmp_path / "other")
    other.commit({"a": "1"}, "Another first")
    assert origin.is_foreign(other.open(), [first])
    assert not origin.is_foreign(other.open(), ["0" * 40, other.sha()])
    assert not origin.is_foreign(other.open(), [])


def test_what_was_merged_in_from_elsewhere_is_not_the_first(
    repository: Repository, tmp_path: Path
) -> None:
    other = Repository(tmp_path / "other")
    other.commit({"b": "1"}, "Another first")
    repository.git("fetch", "-q", str(other.path), "main")
    repository.git("merge", "-q", "--allow-unrelated-histories", "--no-edit", "FETCH_HEAD")
    assert origin.roots(repository.open()) == (repository.sha("HEAD~2"),)


def test_a_shallow_clone_cannot_tell(repository: Repository, tmp_path: Path) -> None:
    url = f"file://{repository.path}"
    shallow = Repository.clone(url, tmp_path / "shallow", "--depth=1").open()
    assert shallow.shallow
    assert origin.roots(shallow) == ()
    assert not origin.is_foreign(shallow, ["0" * 40])


def test_before_the_first_commit_nobody_can_tell(tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty").open()
    assert origin.roots(empty) == ()
    assert not origin.is_foreign(empty, ["0" * 40])
    assert origin.trunk(empty, None) is None


def test_an_object_that_is_no_commit_tells_nothing(repository: Repository) -> None:
    assert origin.is_foreign(repository.open(), [repository.sha("HEAD:a")])


def test_the_trunk_is_what_is_learned_or_the_remote_s_or_main(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("branch", "release", "HEAD~1")
    sha, old = repository.sha(), repository.sha("release")
    assert origin.trunk(repository.open(), None) == ("main", sha)
    assert origin.trunk(repository.open(), "release") == ("release", old)
    clone = Repository.clone(repository.path, tmp_path / "clone")
    clone.commit({"b": "1"}, "Ahead")
    assert origin.trunk(clone.open(), None) == ("origin/HEAD", sha)
    clone.git("remote", "set-head", "origin", "--delete")
    assert origin.trunk(clone.open(), None) == ("origin/main", sha)
    repository.git("branch", "-m", "main", "trunk")
    assert origin.trunk(repository.open(), None) is None
    repository.git("branch", "-m", "trunk", "master")
    assert origin.trunk(repository.open(), None) == ("master", sha)
