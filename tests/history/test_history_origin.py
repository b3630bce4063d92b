"""What tells a repository from any other, and a branch from the one that it left."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import Repository

from bugguard.domain.provenance import Source
from bugguard.history import origin
from bugguard.history.origin import own


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


def source(name: str, *roots: str) -> Source:
    return Source(name, roots, (), (), None, "")


class TestOwn:
    """Which sources of an index are the repository's own history."""

    def test_whose_root_it_has(self, tmp_path: Path) -> None:
        one, other = Repository(tmp_path / "one"), Repository(tmp_path / "other")
        first = one.commit({"a": "1"}, "One")
        second = other.commit({"a": "2"}, "Other")
        sources = (source("x/one", first), source("x/other", second), source("me/one", first))
        assert own(one.open(), sources) == {"x/one", "me/one"}
        assert own(other.open(), sources) == {"x/other"}
        assert own(one.open(), sources[1:2]) == frozenset()
        assert own(Repository(tmp_path / "empty").open(), sources) == frozenset()

    def test_a_shallow_clone_goes_by_its_remote(self, tmp_path: Path) -> None:
        one = Repository(tmp_path / "one")
        first = one.commit({"a": "1"}, "One")
        one.commit({"a": "2"}, "Two")
        shallow = Repository.clone(f"file://{one.path}", tmp_path / "clone", "--depth=1")
        sources = (source("git.example/x/one", first), source("git.example/x/other", "1" * 40))
        assert own(shallow.open(), sources) == frozenset()
        shallow.git("remote", "set-url", "origin", "git@git.example:x/one.git")
        assert own(shallow.open(), sources) == {"git.example/x/one"}
        # There is but one, and nothing that speaks against it.
        assert own(shallow.open(), sources[1:]) is None

    def test_a_source_that_was_shallow_is_told_by_its_name(self, tmp_path: Path) -> None:
        one = Repository(tmp_path / "one")
        one.commit({"a": "1"}, "One")
        sources = (source("one"), source("other"))
        assert own(one.open(), sources) == {"one"}


def test_the_beginning_is_that_of_the_heads_that_are_learned(tmp_path: Path) -> None:
    one = Repository(tmp_path / "one")
    first = one.commit({"a": "1"}, "One")
    one.git("checkout", "-q", "--orphan", "docs")
    other = one.commit({"b": "1"}, "Docs")
    assert origin.roots(one.open()) == (other,)
    assert origin.roots(one.open(), [one.sha("main")]) == (first,)
    assert set(origin.roots(one.open(), [one.sha("main"), other])) == {first, other}
