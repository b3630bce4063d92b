"""Files as they stand: each with its content or a reason, and nothing from beyond the root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from repository import Repository

from bugguard.errors import GitError
from bugguard.history.diff import Limits
from bugguard.history.standing import Committed, Folder, Listed, Tracked

LIMITS = Limits(100, lambda path: "docs" if path.endswith(".md") else None)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "r")
    made.commit(
        {"a.py": "one\n", "sub/b.py": "two\n", "sub/deep/c.py": "three\n", "sub-b.py": "",
         "x.md": "x", "zero.py": b"\0", "large.py": "x" * 101, b"caf\xe9.py": b"\xe9"},
        "Add all",
    )  # fmt: skip
    return made


def read(files: Tracked | Committed | Folder) -> dict[str, bytes | str]:
    return dict(files.read([one.path for one in files.listed() if not one.skipped]))


EXPECTED: dict[str, bytes | str] = {
    "a.py": b"one\n",
    "caf\udce9.py": b"\xe9",
    "large.py": "too large",
    "sub-b.py": b"",
    "sub/b.py": b"two\n",
    "sub/deep/c.py": b"three\n",
    "zero.py": "binary",
}


def test_three_ways_to_the_same_files(repository: Repository) -> None:
    git = repository.open()
    tracked = Tracked(git, repository.path, (), LIMITS)
    committed = Committed(git, repository.sha(), (), LIMITS)
    folder = Folder(repository.path, LIMITS)
    for files in (tracked, folder):
        assert read(files) == EXPECTED
    assert Listed("large.py", "too large") in committed.listed()
    assert read(committed) == {path: data for path, data in EXPECTED.items() if path != "large.py"}
    for files in (tracked, committed, folder):
        assert Listed("x.md", "docs") in files.listed()
    assert (tracked.counted, committed.counted, folder.counted) == (True, True, False)


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        (("sub",), ["sub/b.py", "sub/deep/c.py"]),
        (("sub/deep", "a.py"), ["a.py", "sub/deep/c.py"]),
        ((".",), sorted(EXPECTED)),
    ],
)
def test_only_what_is_below(
    repository: Repository, below: tuple[str, ...], expected: list[str]
) -> None:
    git = repository.open()
    for files in (
        Tracked(git, repository.path, below, LIMITS),
        Committed(git, repository.sha(), below, LIMITS),
    ):
        assert [one.path for one in files.listed() if not one.path.endswith(".md")] == expected


def test_below_nothing_is_an_error(repository: Repository) -> None:
    git = repository.open()
    for made in (
        lambda: Tracked(git, repository.path, ("nowhere",), LIMITS),
        lambda: Tracked(git, repository.path, ("s*",), LIMITS),
        lambda: Committed(git, repository.sha(), ("nowhere",), LIMITS),
    ):
        with pytest.raises(GitError):
            made()


def test_an_unmerged_file_is_passed_over(repository: Repository) -> None:
    repository.git("switch", "-q", "-c", "other")
    repository.commit({"a.py": "theirs\n"})
    repository.git("switch", "-q", "main")
    repository.commit({"a.py": "ours\n"})
    with pytest.raises(Exception, match="merge"):
        repository.git("merge", "-q", "other")
    listed = Tracked(repository.open(), repository.path, (), LIMITS).listed()
    assert Listed("a.py", "unmerged") in listed
    assert len({one.path for one in listed}) == len(listed)


def test_a_missing_object_is_unreadable(repository: Repository) -> None:
    git = repository.open()
    blob = repository.text("rev-parse", "HEAD:sub/b.py")
    files = Committed(git, repository.sha(), (), LIMITS)
    (repository.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    found = dict(files.read(["a.py", "sub/b.py", "sub/deep/c.py"]))
    assert found == {"a.py": b"one\n", "sub/b.py": "unreadable", "sub/deep/c.py": b"three\n"}


def test_one_file_alone_and_a_folder_that_is_none(repository: Repository, tmp_path: Path) -> None:
    assert read(Folder(repository.path / "sub/b.py", LIMITS)) == {"b.py": b"two\n"}
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "up").symlink_to("..")
    os.mkfifo(tmp_path / "real" / "pipe.py")
    assert read(Folder(tmp_path / "real", LIMITS)) == {}
