from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from repository import EPOCH, HOUR, Entry, Repository

from bugguard.errors import GitError
from bugguard.history import revisions


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """main: 0 - 1 - 2, side: 0 - 3, merged on main."""
    repository = Repository(tmp_path / "r")
    repository.commit({"0": "0"})
    repository.commit({"1": "1"})
    repository.commit({"2": "2"})
    repository.git("checkout", "--quiet", "-b", "side", "main~2")
    repository.commit({"3": "3"})
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-edit", "side")
    return repository


def test_heads_are_head_and_the_remotes_own(tmp_path: Path, repository: Repository) -> None:
    assert revisions.heads(repository.open(), None) == (repository.sha(),)
    clone = Repository.clone(repository.path, tmp_path / "c")
    local = clone.commit({"local": "x"})
    assert revisions.heads(clone.open(), None) == tuple(sorted([local, repository.sha()]))
    assert revisions.heads(clone.open(), "origin/side") == (repository.sha("side"),)
    with pytest.raises(GitError, match="there is no commit 'none'"):
        revisions.heads(clone.open(), "none")


def test_before_the_first_commit_there_are_none(tmp_path: Path) -> None:
    git = Repository(tmp_path).open()
    assert revisions.heads(git, None) == ()
    assert revisions.commits(git, ()) == []
    assert revisions.ancestors(git, ()) == set()


def test_commits_are_all_but_merges_and_what_is_known(repository: Repository) -> None:
    git, merge = repository.open(), repository.sha()
    every = set(repository.text("rev-list", "HEAD").split("\n"))
    assert revisions.ancestors(git, [merge]) == every
    assert len(every) == 5
    assert set(revisions.commits(git, [merge])) == every - {merge}
    assert revisions.commits(git, [merge], without=[repository.sha("main~1")]) == [
        repository.sha("side")
    ]
    assert revisions.commits(git, [merge], without=[merge]) == []


def test_the_pasts_of_many_commits_are_their_ancestors(repository: Repository) -> None:
    git = repository.open()
    every = repository.text("rev-list", "HEAD").split("\n")
    marked = [*every[::2], "1" * 40]
    pasts = revisions.pasts(git, every, marked)
    assert set(pasts) == set(every)
    for sha, bits in pasts.items():
        before = revisions.ancestors(git, [sha]) - {sha}
        found = {one for place, one in enumerate(marked) if bits >> place & 1}
        assert found == before & set(marked)
    assert any(pasts.values())
    assert revisions.pasts(git, [], marked) == {}


def test_the_last_commits_are_no_merges_and_none_at_which_the_clone_ends(
    tmp_path: Path, repository: Repository
) -> None:
    git = repository.open()
    assert revisions.latest(git, 2) == [repository.sha("side"), repository.sha("main~1")]
    assert len(revisions.latest(git, 100)) == 4
    clone = Repository.clone(f"file://{repository.path}", tmp_path / "c", "--depth=2")
    assert revisions.latest(clone.open(), 100) == []
    with pytest.raises(GitError, match="there is no commit 'HEAD'"):
        revisions.latest(Repository(tmp_path / "empty").open(), 1)


def test_the_files_of_a_commit_are_regular_ones_by_any_name(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    name = b"a\tb\n\xff.py"
    repository.load([(b"m", {name: b"123", b"x/y": b"", b"link": Entry("120000", b"x/y")})])
    found = revisions.files(repository.open(), repository.sha("main"))
    assert [(os.fsencode(one.path), one.size) for one in found] == [(name, 3), (b"x/y", 0)]
    assert repository.git("cat-file", "blob", found[0].blob) == b"123"


def test_since_looks_past_a_clock_that_was_wrong(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    first = repository.commit({"a": "1"})
    repository.clock = EPOCH - 1000 * HOUR
    repository.commit({"a": "wrong clock"})
    repository.clock = EPOCH + HOUR
    last = repository.commit({"a": "2"})
    assert revisions.commits(repository.open(), [last], since=EPOCH) == [last, first]
    assert revisions.commits(repository.open(), [last], since=EPOCH + 1) == [last]


def test_a_head_that_is_gone_is_said(repository: Repository) -> None:
    with pytest.raises(GitError, match="git rev-list failed"):
        revisions.commits(repository.open(), ["1" * 40])
    with pytest.raises(GitError, match="git rev-list failed"):
        revisions.ancestors(repository.open(), ["1" * 40])


def test_a_head_is_never_an_option(repository: Repository) -> None:
    with pytest.raises(GitError):
        revisions.commits(repository.open(), [f"--output={repository.path}/stolen"])
    assert not (repository.path / "stolen").exists()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("@1700000000", 1_699_920_000),
        ("2024-01-31T00:00:00Z", 1_706_659_200),
        ("2024-01-31T23:59:59Z", 1_706_659_200),
        ("2024-01-31T01:00:00+09:00", 1_706_572_800),
        ("2024-01-31", 1_706_659_200),
    ],
)
def test_dates_are_days(repository: Repository, text: str, seconds: int) -> None:
    assert revisions.since(repository.open(), text) == seconds


def test_dates_that_depend_on_now(repository: Repository) -> None:
    git, now = repository.open(), time.time()
    assert revisions.since(git, None) is None
    fortnight = revisions.since(git, "2 weeks ago")
    assert fortnight is not None
    assert fortnight % (24 * HOUR) == 0
    assert 0 <= now - fortnight - 14 * 24 * HOUR < 26 * HOUR


@pytest.mark.parametrize("text", ["", "garbage", "--all", "when it broke", "\n"])
def test_what_is_no_date(repository: Repository, text: str) -> None:
    with pytest.raises(GitError, match="is not a date that git understands"):
        revisions.since(repository.open(), text)


def test_a_date_that_git_cannot_be_asked_for(repository: Repository) -> None:
    for text in ("\0", "x" * 300_000):
        with pytest.raises(GitError, match="git cannot be asked that"):
            revisions.since(repository.open(), text)


def test_where_a_shallow_clone_ends(tmp_path: Path, repository: Repository) -> None:
    assert revisions.boundary(repository.open()) == ()
    clone = Repository.clone(f"file://{repository.path}", tmp_path / "c", "--depth=2")
    tree = Repository.worktree(clone, tmp_path / "tree", "--detach")
    ends = tuple(sorted(map(repository.sha, ("main~1", "side"))))
    assert clone.open().shallow
    assert revisions.boundary(clone.open()) == ends
    assert revisions.boundary(tree.open()) == ends
    assert set(revisions.commits(clone.open(), [clone.sha()])) == set(ends)


def test_a_boundary_that_cannot_be_read_is_an_error_of_gits(repository: Repository) -> None:
    git, head = repository.open(), repository.sha()
    (repository.path / ".git/shallow").write_bytes(b"\xff\xfe\n")
    revisions.boundary(git)
    with pytest.raises(GitError, match="bad shallow line"):
        revisions.commits(git, [head])


def test_what_a_clone_has_at_all(tmp_path: Path, repository: Repository) -> None:
    every = set(repository.text("rev-list", "--all").split("\n"))
    assert revisions.reachable(repository.open()) == every
    clone = Repository.clone(f"file://{repository.path}", tmp_path / "c", "--depth=1")
    assert revisions.reachable(clone.open()) == {repository.sha()}


def test_the_newest_of_several(repository: Repository) -> None:
    first, second = repository.sha("main~3"), repository.sha("main~2")
    assert revisions.newest(repository.open(), [second, first]) == EPOCH + HOUR
    assert revisions.newest(repository.open(), [first]) == EPOCH


def test_a_day_is_the_same_everywhere(repository: Repository) -> None:
    git = repository.open()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        there = replace(git, environment={**git.environment, "TZ": zone})
        assert revisions.since(there, "2024-01-31") == 1_706_659_200
