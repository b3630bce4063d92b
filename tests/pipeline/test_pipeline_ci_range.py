"""A CI clone's change: real repositories, real shallow clones of them over file://."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from repository import Repository

from bugguard.ci.run import Run
from bugguard.errors import BugguardError, CiError, GitError
from bugguard.history.fetching import Origin, refspec
from bugguard.history.git import Git
from bugguard.pipeline.ci_range import endpoints


class Upstream:
    """``main`` with 70 commits, ``topic`` that left it after 5 and has 2 of its own."""

    def __init__(self, path: Path, behind: int = 65) -> None:
        self.repository = Repository(path / "upstream")
        main = self.repository
        for n in range(5):
            self.left = main.commit({f"base{n}.py": f"x = {n}\n"}, f"Base {n}")
        main.git("checkout", "-q", "-b", "topic")
        self.first = main.commit({"topic.py": "t = 1\n"}, "Topic 1")
        self.topic = main.commit({"topic.py": "t = 2\n"}, "Topic 2")
        main.git("checkout", "-q", "main")
        main.load((f"Main {n}".encode(), {b"main.py": b"m = %d\n" % n}) for n in range(behind))
        main.git("reset", "-q", "--hard")
        self.main = main.text("rev-parse", "main")

    def clone(self, path: Path, ref: str, *options: str) -> Clone:
        """As a CI's checkout leaves it: one commit, detached, without a branch."""
        url = f"file://{self.repository.path}"
        clone = Repository(path / "clone")
        clone.git("remote", "add", "origin", url)
        clone.git("fetch", "-q", "--no-tags", *options, "origin", ref)
        clone.git("checkout", "-q", "--detach", "FETCH_HEAD")
        return Clone(clone)


class Clone:
    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.git = Git.discover(repository.path, repository.environ, explicit=True)

    def range(self, run: Run, *, fetch: bool = True) -> tuple[str, str]:
        origin = Origin(self.git, self.repository.environ) if fetch else None
        self.git, base, tip = endpoints(self.git, run, origin)
        return base, tip

    @property
    def commits(self) -> int:
        return int(self.repository.text("rev-list", "--all", "--count"))


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    return Upstream(tmp_path_factory.mktemp("remote"))


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    """The same where the branch left 10 commits ago, of 300."""
    up = Upstream(tmp_path_factory.mktemp("near"), behind=290)
    up.repository.git("checkout", "-q", "-b", "late", "main~10")
    up.left = up.repository.text("rev-parse", "HEAD")
    up.topic = up.repository.commit({"late.py": "late = 1\n"}, "Late")
    up.repository.git("checkout", "-q", "main")
    return up


def test_a_shallow_clone_is_deepened_until_the_base_is_there(
    upstream: Upstream, tmp_path: Path
) -> None:
    clone = upstream.clone(tmp_path, "topic", "--depth=1")
    run = Run(upstream.topic, (upstream.main,), "main", default="main")
    assert clone.range(run) == (upstream.left, upstream.topic)


def test_and_no_further(near: Upstream, tmp_path: Path) -> None:
    clone = near.clone(tmp_path, "late", "--depth=1")
    run = Run(near.topic, (near.main,), "main", default="main")
    assert clone.range(run) == (near.left, near.topic)
    assert clone.git.shallow
    assert clone.commits < 100  # of 300


def test_without_fetch_a_missing_base_is_an_error_and_nothing_is_fetched(
    upstream: Upstream, tmp_path: Path
) -> None:
    clone = upstream.clone(tmp_path, "topic", "--depth=1")
    with pytest.raises(CiError, match="--fetch") as caught:
        clone.range(Run(upstream.topic, (upstream.main,), "main"), fetch=False)
    assert "\n" not in str(caught.value)
    assert clone.commits == 1


def test_a_complete_clone_needs_no_fetch(upstream: Upstream, tmp_path: Path) -> None:
    clone = Clone(Repository.clone(upstream.repository.path, tmp_path / "c"))
    clone.repository.git("remote", "set-url", "origin", "file:///nowhere")
    run = Run(upstream.topic, (upstream.main,), "main")
    assert clone.range(run) == clone.range(run, fetch=False) == (upstream.left, upstream.topic)


def test_a_merge_checkout_without_the_head_gets_it(upstream: Upstream, tmp_path: Path) -> None:
    """actions/checkout gives one merge commit, of which GitHub's event says nothing."""
    main = upstream.repository
    main.git("checkout", "-q", "--detach", "main")
    main.git("merge", "-q", "--no-ff", "-m", "Merge", "topic")
    main.git("update-ref", "refs/pull/7/merge", "HEAD")
    main.git("checkout", "-q", "main")
    clone = upstream.clone(tmp_path, "refs/pull/7/merge", "--depth=1")
    run = Run(upstream.topic, (upstream.main,), "main")
    assert clone.range(run) == (upstream.left, upstream.topic)


def test_what_the_branch_merged_from_main_meanwhile_is_not_its_own(tmp_path: Path) -> None:
    """The event's base is as old as it was; the branch on origin is newer."""
    up = Upstream(tmp_path, behind=2)
    repository = up.repository
    repository.git("checkout", "-q", "topic")
    repository.git("merge", "-q", "--no-ff", "-m", "Merge main", "main")
    tip = repository.text("rev-parse", "HEAD")
    run = Run(tip, (up.left,), "main")
    clone = up.clone(tmp_path, "topic", "--depth=1")
    assert clone.range(run) == (up.main, tip)
    assert clone.range(Run(tip, (up.left,)))[0] == up.left  # what it would be without the branch


def test_a_request_that_was_merged_is_still_its_own_change(tmp_path: Path) -> None:
    """main has its commits by now: against main alone the diff would be empty."""
    up = Upstream(tmp_path, behind=2)
    up.repository.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic")
    clone = up.clone(tmp_path, "topic", "--depth=1")
    assert clone.range(Run(up.topic, (up.main,), "main")) == (up.left, up.topic)


def test_an_older_common_ancestor_in_sight_does_not_hide_a_later_one(tmp_path: Path) -> None:
    """A long side branch, merged, left main later than the branch itself; it is cut off at 50."""
    up = Upstream(tmp_path, behind=10)
    repository = up.repository
    later = repository.text("rev-parse", "main~5")
    repository.git("checkout", "-q", "-b", "side", later)
    for n in range(60):
        repository.commit({"side.py": f"s = {n}\n"}, f"Side {n}")
    repository.git("checkout", "-q", "topic")
    repository.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    tip = repository.text("rev-parse", "HEAD")
    run = Run(tip, (up.main,), "main")
    clone = up.clone(tmp_path, "topic", "--depth=1")
    assert clone.range(run) == (later, tip)
    (tmp_path / "other").mkdir()
    clone = up.clone(tmp_path / "other", "topic", "--depth=50")
    clone.repository.git("fetch", "-q", "--depth=50", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(CiError, match="--fetch"):  # nor where nothing may be fetched
        clone.range(run, fetch=False)


def test_a_push_is_from_the_commit_before(upstream: Upstream, tmp_path: Path) -> None:
    clone = upstream.clone(tmp_path, "topic", "--depth=1")
    run = Run(upstream.topic, (upstream.first,), fallback="main")
    assert clone.range(run) == (upstream.first, upstream.topic)


def test_a_first_push_is_from_where_it_left_the_default_branch(
    upstream: Upstream, tmp_path: Path
) -> None:
    clone = upstream.clone(tmp_path, "topic", "--depth=1")
    assert clone.range(Run(upstream.topic, target="main")) == (upstream.left, upstream.topic)


def test_a_forced_push_is_from_where_both_parted(tmp_path: Path) -> None:
    up = Upstream(tmp_path, behind=2)
    up.repository.git("checkout", "-q", "-B", "topic", up.first)
    forced = up.repository.commit({"topic.py": "t = 3\n"}, "Topic 2 anew")
    up.repository.git("update-ref", "refs/keep/old", up.topic)  # hosts keep it for a while
    clone = up.clone(tmp_path, "topic", "--depth=1")
    assert clone.range(Run(forced, (up.topic,), fallback="main")) == (up.first, forced)


def test_of_a_forced_push_whose_old_commit_is_gone_the_default_branch_counts(
    upstream: Upstream, tmp_path: Path
) -> None:
    clone = upstream.clone(tmp_path, "topic", "--depth=1")
    run = Run(upstream.topic, ("d" * 40,), fallback="main")
    assert clone.range(run) == (upstream.left, upstream.topic)


def test_on_the_default_branch_a_commit_that_is_gone_is_an_error(
    upstream: Upstream, tmp_path: Path
) -> None:
    clone = upstream.clone(tmp_path, "main", "--depth=1")
    with pytest.raises(CiError, match="dddddddd cannot be told"):
        clone.range(Run(upstream.main, ("d" * 40,), on_default=True))


def test_histories_without_a_common_commit_are_an_error(tmp_path: Path) -> None:
    up = Upstream(tmp_path, behind=2)
    up.repository.git("checkout", "-q", "--orphan", "alone")
    tip = up.repository.commit({"alone.py": "1\n"}, "Alone")
    clone = up.clone(tmp_path, "alone", "--depth=1")
    with pytest.raises(CiError, match="cannot be told"):
        clone.range(Run(tip, (up.main,), "main"))


def test_an_event_without_a_change_is_an_error(upstream: Upstream, tmp_path: Path) -> None:
    clone = upstream.clone(tmp_path, "main", "--depth=1")
    with pytest.raises(CiError, match="schedule"):
        clone.range(Run(upstream.main, unknown="the event 'schedule' says nothing"))


def test_an_origin_that_is_gone_is_one_sentence(upstream: Upstream, tmp_path: Path) -> None:
    clone = upstream.clone(tmp_path, "topic", "--depth=1")
    clone.repository.git("remote", "set-url", "origin", "file:///nowhere/at-all")
    with pytest.raises(GitError, match="fetch failed") as caught:
        clone.range(Run(upstream.topic, (upstream.main,), "main"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("remote.origin.url", "ext::touch {mark}"),
        ("remote.origin.uploadpack", "touch {mark}; git-upload-pack"),
        ("remote.origin.vcs", "evil"),
        ("core.alternateRefsCommand", "touch {mark}"),
        ("core.fsmonitor", "touch {mark}"),
        ("core.hooksPath", "{hooks}"),
    ],
)
def test_a_clones_config_starts_no_program(
    upstream: Upstream, tmp_path: Path, name: str, value: str
) -> None:
    mark, hooks = tmp_path / "mark", tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("reference-transaction", "post-checkout", "pre-auto-gc"):
        (hooks / hook).write_text(f"#!/bin/sh\ntouch '{mark}'\n")
        (hooks / hook).chmod(0o755)
    clone = upstream.clone(tmp_path, "topic", "--depth=1")
    if name == "core.alternateRefsCommand":  # it is asked for the alternate's refs
        alternates = clone.repository.path / ".git" / "objects" / "info" / "alternates"
        alternates.write_text(f"{upstream.repository.path}/.git/objects\n")
    clone.repository.git("config", name, value.format(mark=mark, hooks=hooks))
    run = Run(upstream.topic, (upstream.main,), "main")
    if name in ("remote.origin.url", "remote.origin.vcs"):
        with pytest.raises(BugguardError):
            clone.range(run)
    else:
        assert clone.range(run) == (upstream.left, upstream.topic)
    assert not mark.exists()
    if name == "core.hooksPath":  # the hook itself would work
        clone.repository.git("fetch", "-q", "origin", "main:seen")
        assert mark.exists()


def test_a_token_in_the_address_is_not_told(upstream: Upstream, tmp_path: Path) -> None:
    clone = upstream.clone(tmp_path, "topic", "--depth=1")
    url = "http://ci:s3cr3t-t0ken@127.0.0.1:9/shop.git"
    clone.repository.git("remote", "set-url", "origin", url)
    with pytest.raises(GitError) as caught:
        clone.range(Run(upstream.topic, (upstream.main,), "main"))
    assert "s3cr3t" not in str(caught.value)


def test_nor_where_git_itself_would_tell_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = b"fatal: unable to access 'https://ci:s3cr3t@git.example/shop.git': no\n"
    monkeypatch.setattr("bugguard.history.git._run", lambda *_: (b"", said, 128))
    origin = Origin(Git(tmp_path, tmp_path, None, True, {}), {})
    with pytest.raises(GitError, match=r"//git\.example/shop") as caught:
        origin.whole("main")
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("branch", ["", "-x", "a b", "a:b", "*", "a..b\n", "+a:b", "^a", "x\0y"])
def test_only_a_branchs_name_becomes_a_refspec(branch: str) -> None:
    assert refspec(branch) == ""


def test_names_of_branches_do(tmp_path: Path) -> None:
    for branch in ("main", "feature/x-1", "日本", "a.b"):
        assert refspec(branch) == f"+refs/heads/{branch}:refs/remotes/origin/{branch}"
        check = ["git", "check-ref-format", f"refs/heads/{branch}"]
        assert subprocess.run(check, check=False).returncode == 0
