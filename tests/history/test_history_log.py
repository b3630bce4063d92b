from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from histories import Step, histories
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repository import EPOCH, HOUR, Entry, Repository

from bugguard.domain import Commit
from bugguard.history import changes, log, revisions
from bugguard.history.diff import Limits
from bugguard.history.git import Git

LIMITS = Limits()


def read(git: Git, shas: Sequence[str], limits: Limits = LIMITS) -> list[Commit]:
    """All of them, none of which may be unreadable."""
    commits = []
    for commit in log.read(git, shas, limits):
        assert isinstance(commit, Commit), commit
        commits.append(commit)
    return commits


def unread(git: Git, shas: Sequence[str]) -> list[str]:
    """What cannot be read; everything must come out in order, whether it can or not."""
    results = list(log.read(git, shas, LIMITS))
    assert [result.sha for result in results] == list(shas)
    return [result.sha for result in results if isinstance(result, log.Unread)]


def lose(repository: Repository, name: str) -> None:
    """Deletes the loose object that the name stands for."""
    sha = repository.sha(name)
    (repository.path / ".git/objects" / sha[:2] / sha[2:]).unlink()


MESSAGES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"\n", b"\r", b"\r\n", b"\n\n", b"\x01", b"\xff", b"\x85", b"\xe2\x80\xa8", b" ",
                b"diff --git a/x b/x\n", b"\n:100644 100644 1 2 M\n", b"commit 0\n",
                b"@@ -1 +1 @@\n",
            ]
        ),
        st.binary(max_size=5).map(lambda data: data.replace(b"\0", b"")),
    ),
    max_size=6,
).map(b"".join)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(most=3), st.lists(MESSAGES, min_size=4, max_size=4), st.integers(1, 64), st.data())
def test_every_commit_whatever_it_holds_and_however_its_bytes_arrive(
    history: list[Step], messages: list[bytes], chunk: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "_CHUNK", chunk)
        repository = Repository(Path(folder), "--template=")
        shas = repository.load(zip(messages, history, strict=False))
        order = data.draw(st.permutations(shas))
        commits = read(repository.open(), order)
        assert [commit.sha for commit in commits] == order
        for commit in commits:
            place = shas.index(commit.sha)
            told = commit.message.encode("utf-8", "surrogateescape")
            assert told == messages[place]
            assert commit.parents == tuple(shas[place - 1 : place])
            assert commit.time == EPOCH + place * HOUR
            assert commit.files == changes.commit(repository.open(), commit.sha, LIMITS).files
        for commit, bare in zip(
            commits, log.read(repository.open(), order, LIMITS, diffs=False), strict=True
        ):
            assert bare == dataclasses.replace(commit, files=())


def test_a_message_is_the_same_by_either_way(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    for message in ("one line", "with its end\n", "and\n\nmore\n\n\n", "", "\n", "cr\r\nlf\r"):
        sha = repository.commit({}, message)
        (commit,) = read(repository.open(), [sha])
        assert commit.message == changes.commit(repository.open(), sha, LIMITS).message == message


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16LE", "Shift_JIS", "UTF-7", "no-such"])
def test_a_message_in_another_encoding_ends_nothing(tmp_path: Path, encoding: str) -> None:
    repository = Repository(tmp_path)
    first = repository.commit({"a.py": "1\n"}, "plain")
    repository.git("config", "i18n.commitEncoding", encoding)
    second = repository.commit({"a.py": "2\n"}, b"caf\xe9 +AAA- \\ \x83\x5c")
    repository.git("config", "--unset", "i18n.commitEncoding")
    third = repository.commit({"a.py": "3\n"}, "last")
    commits = read(repository.open(), [third, second, first])
    assert [commit.message for commit in commits][::2] == ["last", "plain"]
    assert [len(commit.files) for commit in commits] == [1, 1, 1]
    if encoding == "ISO-8859-1":
        assert commits[1].message.startswith("café ")
        assert changes.commit(repository.open(), second, LIMITS).message == commits[1].message


def test_empty_commits_mode_changes_and_roots_side_by_side(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    shas = repository.load(
        [
            (b"root", {b"a": b"1\n"}),
            (b"empty", {}),
            (b"mode", {b"a": Entry("100755", b"1\n")}),
            (b"empty too", {}),
            (b"edit", {b"a": Entry("100755", b"2\n")}),
        ]
    )
    commits = read(repository.open(), shas)
    assert [[file.status for file in commit.files] for commit in commits] == [
        ["A"], [], ["M"], [], ["M"],
    ]  # fmt: skip
    assert [sum(len(file.hunks) for file in commit.files) for commit in commits] == [1, 0, 0, 0, 1]
    assert read(repository.open(), []) == []
    assert [commit.sha for commit in read(repository.open(), [*shas, *shas])] == shas


@pytest.mark.parametrize("when", [b"", b" abc +0000", b" -5 +0000", b" 99999999999999999999 +0000"])
def test_a_time_that_is_none_is_a_time_all_the_same(tmp_path: Path, when: bytes) -> None:
    repository = Repository(tmp_path)
    parent = repository.commit({"a": "1\n"})
    tree = repository.sha("HEAD^{tree}").encode()
    raw = b"tree %s\nparent %s\nauthor A <a@b> 1 +0000\ncommitter A <a@b>%s\n\nmessage\n" % (
        tree, parent.encode(), when,
    )  # fmt: skip
    write = ("hash-object", "-t", "commit", "-w", "--literally", "--stdin")
    sha = repository.git(*write, stdin=raw).decode().strip()
    git = repository.open()
    (commit,) = read(git, [sha])
    assert 0 <= commit.time < 1 << 40
    assert commit.message == "message\n"
    assert revisions.commits(git, [sha]) == [sha, parent]


def test_files_too_large_are_passed_over_whatever_the_config_says(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    shas = repository.load([(b"1", {b"big.py": b"x\n" * 600, b"small.py": b"x\n"})])
    for threshold in ("1", "1g"):
        repository.git("config", "core.bigFileThreshold", threshold)
        (commit,) = read(repository.open(), shas, Limits(1000))
        skipped = [(file.path, file.skipped) for file in commit.files]
        assert skipped == [("big.py", "binary or too large"), ("small.py", None)]


@pytest.fixture
def damaged(tmp_path: Path) -> tuple[Repository, list[str]]:
    """Six commits on two files, all in loose objects, oldest first."""
    repository = Repository(tmp_path / "r")
    shas = [
        repository.commit({"a.py": f"{number}\n", "folder/b.py": f"b{number}\n"})
        for number in range(6)
    ]
    return repository, shas


def test_a_lost_file_costs_the_commits_that_need_it(
    damaged: tuple[Repository, list[str]],
) -> None:
    repository, shas = damaged
    lose(repository, f"{shas[2]}:a.py")
    assert unread(repository.open(), shas) == shas[2:4]
    newest_first = shas[::-1]
    assert unread(repository.open(), newest_first) == newest_first[2:4]


def test_a_lost_tree_costs_the_commits_that_need_it(
    damaged: tuple[Repository, list[str]],
) -> None:
    repository, shas = damaged
    lose(repository, f"{shas[1]}^{{tree}}")
    assert unread(repository.open(), shas) == shas[1:3]
    lose(repository, f"{shas[4]}:folder")
    assert unread(repository.open(), shas) == [*shas[1:3], *shas[4:6]]


def test_a_lost_commit_costs_itself_and_its_child(damaged: tuple[Repository, list[str]]) -> None:
    repository, shas = damaged
    lose(repository, shas[3])
    assert unread(repository.open(), shas) == shas[3:5]


@pytest.mark.parametrize("what", ["a.py", "folder", "."])
def test_a_corrupt_object_costs_the_commits_that_need_it(
    damaged: tuple[Repository, list[str]], what: str
) -> None:
    repository, shas = damaged
    name = f"{shas[3]}^{{tree}}" if what == "." else f"{shas[3]}:{what}"
    sha = repository.sha(name)
    loose = repository.path / ".git/objects" / sha[:2] / sha[2:]
    loose.chmod(0o644)
    loose.write_bytes(b"not an object")
    assert unread(repository.open(), shas) == shas[3:5]


def test_in_a_wreck_reading_ends_in_good_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository(tmp_path)
    shas = [repository.commit({"folder/a.py": f"{number}\n"}) for number in range(8)]
    for sha in shas:
        lose(repository, f"{sha}:folder")
    monkeypatch.setattr(log, "_RESTARTS", 3)
    started = counted(monkeypatch)
    assert unread(repository.open(), shas) == shas
    assert len(started) < 15


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by a name with each git command that is started."""
    from bugguard.history import git as door

    started: list[str] = []
    command = door._command

    def noted(arguments: Sequence[str], *more: Sequence[str]) -> list[str]:
        started.append(arguments[0])
        return command(arguments, *more)

    monkeypatch.setattr(door, "_command", noted)
    return started


@pytest.fixture
def served(tmp_path: Path) -> Repository:
    """A repository that partial clones can be made of."""
    repository = Repository(tmp_path / "served")
    repository.git("config", "uploadpack.allowFilter", "true")
    for number in range(20):
        repository.commit({"a.py": f"{number}\n", f"folder/{number}.py": "x\n"})
    return repository


@pytest.mark.parametrize("newer", [True, False], ids=["git 2.45", "older git"])
@pytest.mark.parametrize("what", ["blob:none", "tree:0"])
def test_a_partial_clone_is_read_as_far_as_it_goes_and_never_fetches(
    tmp_path: Path, served: Repository, monkeypatch: pytest.MonkeyPatch, what: str, newer: bool
) -> None:
    clone = Repository.clone(f"file://{served.path}", tmp_path / "clone", f"--filter={what}")
    clone.write("a.py", "20\n")
    clone.write("folder/0.py", "y\n")
    newest = clone.commit({"a.py": "20\n", "folder/0.py": "y\n"})
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {program}.ran\nexit 1\n")
    program.chmod(0o755)
    clone.git("config", "remote.origin.url", f"ext::{program} %S")
    clone.git("config", "protocol.ext.allow", "always")
    served.path.rename(tmp_path / "gone")

    git = clone.open()
    if not newer:
        known = {k: v for k, v in git.environment.items() if k != "GIT_NO_LAZY_FETCH"}
        git = dataclasses.replace(git, environment=known)
    shas = revisions.commits(git, [newest])
    assert len(shas) == 21
    started = counted(monkeypatch)
    lacking = unread(git, shas)
    # The checkout brought the newest files; all older ones stayed behind.
    assert lacking == shas[1:]
    assert len(started) < 8
    assert not Path(f"{program}.ran").exists()


def test_a_partial_clone_with_all_its_objects_is_read_whole(
    tmp_path: Path, served: Repository
) -> None:
    clone = Repository.clone(f"file://{served.path}", tmp_path / "clone", "--filter=blob:none")
    shas = revisions.commits(clone.open(), [clone.sha()])
    clone.git("log", "--patch")  # fetches what is missing, one and all
    served.path.rename(tmp_path / "gone")
    assert unread(clone.open(), shas) == []


def test_of_a_merge_there_is_no_diff(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    base = repository.commit({"a": "1\n"})
    repository.commit({"b": "1\n"})
    repository.git("checkout", "--quiet", "-b", "side", base)
    repository.commit({"c": "1\n"})
    repository.git("merge", "--quiet", "--no-edit", "main")
    merge = repository.sha()
    (commit,) = read(repository.open(), [merge])
    assert len(commit.parents) == 2
    assert commit.files == ()
    assert merge not in revisions.commits(repository.open(), [merge])
