"""Who wrote which lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import Repository

from bugguard.history.blame import introduced


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r")


def test_each_line_has_who_wrote_it(repository: Repository) -> None:
    first = repository.commit({"a.py": "one = 1\ntwo = 2\nthree = 3\n"}, "One")
    second = repository.commit({"a.py": "one = 1\ntwo = 22\nthree = 3\n"}, "Two")
    git = repository.open()
    assert introduced(git, second, "a.py", 1, 1) == {first}
    assert introduced(git, second, "a.py", 2, 1) == {second}
    assert introduced(git, second, "a.py", 1, 3) == {first, second}


def test_white_space_is_looked_through(repository: Repository) -> None:
    first = repository.commit({"a.py": "call(one,two)\n"}, "One")
    second = repository.commit({"a.py": "call(one, two)\n"}, "Format")
    assert introduced(repository.open(), second, "a.py", 1, 1) == {first}


def test_what_is_not_there_has_nobody(repository: Repository) -> None:
    sha = repository.commit({"a.py": "one = 1\n"}, "One")
    git = repository.open()
    assert introduced(git, sha, "b.py", 1, 1) == frozenset()
    assert introduced(git, sha, "a.py", 7, 1) == frozenset()
    assert introduced(git, sha, "a.py", 1, 0) == frozenset()


@pytest.mark.parametrize("revision", ["HEAD", "--contents=/etc/passwd", "--ignore-revs-file=x", ""])
def test_only_a_full_sha_is_a_revision(repository: Repository, revision: str) -> None:
    repository.commit({"a.py": "one = 1\n"}, "One")
    assert introduced(repository.open(), revision, "a.py", 1, 1) == frozenset()


def test_a_repository_cannot_have_its_commits_passed_over(repository: Repository) -> None:
    repository.commit({"a.py": "one = 1\n"}, "One")
    second = repository.commit({"a.py": "one = 11\n"}, "Two")
    repository.commit({"skip": second + "\n"}, "Skip it")
    repository.git("config", "blame.ignoreRevsFile", str(repository.path / "skip"))
    assert introduced(repository.open(), second, "a.py", 1, 1) == {second}
