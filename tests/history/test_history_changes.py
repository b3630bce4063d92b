from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from repository import EMAIL, EPOCH, Repository

import bugguard
from bugguard.domain import Change
from bugguard.errors import DiffError, GitError
from bugguard.history import changes
from bugguard.history.diff import Limits
from bugguard.history.git import Git

LIMITS = Limits()
BODY = [f"line {number}" for number in range(30)]


def bodies(change: Change) -> dict[str, list[str]]:
    """By path, the changed lines with their markers."""
    return {
        file.path: [line for hunk in file.hunks for line in hunk.body if line[0] != " "]
        for file in change.files
    }


def edited(**lines: str) -> str:
    """BODY with some lines replaced, by ``l<number>``."""
    return "".join(f"{lines.get(f'l{number}', line)}\n" for number, line in enumerate(BODY))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "r")
    repository.commit({"a.py": edited(), "b.py": "b\n"})
    return repository


def staged(repository: Repository) -> Change:
    return changes.staged(repository.open(), LIMITS, {})


def test_staged_is_what_is_in_the_index_and_nothing_else(repository: Repository) -> None:
    repository.stage({"a.py": edited(l3="staged")})
    repository.write("a.py", edited(l3="in the work tree only"))
    repository.write("untracked.py", "x\n")
    repository.git("add", "--intent-to-add", "untracked.py")
    change = staged(repository)
    assert bodies(change) == {"a.py": ["-line 3", "+staged"]}
    assert change.past is None


def test_nothing_staged_is_an_empty_change(repository: Repository) -> None:
    assert staged(repository).files == ()


def test_before_the_first_commit_all_is_new(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    assert staged(repository).files == ()
    repository.stage({"a.py": "1\n"})
    assert bodies(staged(repository)) == {"a.py": ["+1"]}


def test_deletions_and_renames(repository: Repository) -> None:
    repository.stage({"a.py": None, "moved.py": edited(l9="edited"), "b.py": None})
    moved, gone = sorted(staged(repository).files, key=lambda file: file.status, reverse=True)
    assert (moved.status, moved.old_path, moved.path) == ("R", "a.py", "moved.py")
    assert (gone.status, gone.path) == ("D", "b.py")
    assert gone.hunks[0].body == ("-b",)


def test_a_detached_head_and_a_worktree_of_its_own(tmp_path: Path, repository: Repository) -> None:
    tree = Repository.worktree(repository, tmp_path / "tree", "--detach")
    tree.stage({"b.py": "tree\n"})
    repository.stage({"b.py": "main\n"})
    assert bodies(staged(tree)) == {"b.py": ["-b", "+tree"]}
    assert bodies(staged(repository)) == {"b.py": ["-b", "+main"]}


def test_from_a_subfolder_the_whole_change_is_seen(repository: Repository) -> None:
    repository.stage({"folder/c.py": "c\n", "b.py": "c\n"})
    git = Git.discover(repository.path / "folder", repository.environ)
    assert set(bodies(changes.staged(git, LIMITS, {}))) == {"folder/c.py", "b.py"}


def test_a_submodule_is_an_entry_outside_and_a_repository_inside(
    tmp_path: Path, repository: Repository
) -> None:
    outer = Repository(tmp_path / "outer")
    outer.commit({"x.py": "x\n"})
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
              str(repository.path), "sub")  # fmt: skip
    change = staged(outer)
    assert {one.path: one.reason for one in change.skipped} == {"sub": "submodule"}
    (outer.path / "sub/b.py").write_text("inside\n")
    outer.git("-C", "sub", "add", "b.py")
    inner = Git.discover(outer.path / "sub", outer.environ)
    assert bodies(changes.staged(inner, LIMITS, {})) == {"b.py": ["-b", "+inside"]}


def test_a_bare_repository_has_commits_but_nothing_staged(
    tmp_path: Path, repository: Repository
) -> None:
    repository.commit({"b.py": "c\n"})
    git = Repository.clone(repository.path, tmp_path / "bare", "--bare").open()
    assert bodies(changes.commit(git, repository.sha(), LIMITS)) == {"b.py": ["-b", "+c"]}
    with pytest.raises(GitError, match="is bare: name a commit or a range"):
        changes.staged(git, LIMITS, {})


@pytest.fixture
def forked(repository: Repository) -> Repository:
    """main and side edit different and same lines of a.py; side also adds c.py."""
    repository.git("branch", "side")
    repository.commit({"a.py": edited(l3="main", l20="main")}, "main")
    repository.git("checkout", "--quiet", "side")
    repository.commit({"a.py": edited(l10="side", l20="side"), "c.py": "side\n"}, "side")
    repository.git("checkout", "--quiet", "main")
    return repository


def merge(repository: Repository, *heads: str) -> None:
    """Starts a merge, which may end in a conflict."""
    command = ["git", "merge", "--quiet", "--no-commit", "--no-ff", *heads]
    subprocess.run(
        command, cwd=repository.path, env=repository.environ, capture_output=True, check=False
    )


def test_a_clean_merge_wrote_nothing(repository: Repository) -> None:
    repository.git("branch", "side")
    repository.commit({"a.py": edited(l3="main")})
    repository.git("checkout", "--quiet", "side")
    repository.commit({"a.py": edited(l20="side"), "c.py": "side\n", "b.py": None})
    repository.git("checkout", "--quiet", "main")
    merge(repository, "side")
    change = staged(repository)
    assert change.title == "the merge's resolution"
    assert change.hunks == ()
    sha = repository.commit()
    assert changes.commit(repository.open(), sha, LIMITS).hunks == ()


def test_of_a_conflict_the_resolution_alone_counts(forked: Repository) -> None:
    merge(forked, "side")
    forked.stage({"a.py": edited(l3="main", l10="side", l20="both")})
    assert bodies(staged(forked)) == {"a.py": ["-main", "+both"]}
    first = forked.sha()
    sha = forked.commit()
    change = changes.commit(forked.open(), sha, LIMITS)
    assert bodies(change) == {"a.py": ["-main", "+both"]}
    assert change.past == (first, forked.sha("side"))


def test_a_side_taken_whole_is_no_resolution(forked: Repository) -> None:
    merge(forked, "side")
    forked.git("checkout", "--theirs", "a.py")
    forked.git("add", "a.py")
    assert staged(forked).hunks == ()


def test_an_evil_merge_is_seen(forked: Repository) -> None:
    merge(forked, "side")
    forked.stage({"a.py": edited(l3="main", l10="side", l20="side"), "b.py": "evil\n"})
    assert bodies(staged(forked)) == {"b.py": ["-b", "+evil"]}


def test_an_octopus_has_many_parents(repository: Repository) -> None:
    for number in (1, 2, 3):
        repository.git("checkout", "--quiet", "-b", f"side{number}", "main")
        repository.commit({f"{number}.py": "x\n"})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"b.py": "main\n"})
    merge(repository, "side1", "side2", "side3")
    assert len(changes.merge_heads(repository.open(), {})) == 3
    repository.stage({"2.py": "resolved\n"})
    assert bodies(staged(repository)) == {"2.py": ["+resolved"]}
    sha = repository.commit()
    change = changes.commit(repository.open(), sha, LIMITS)
    assert bodies(change) == {"2.py": ["+resolved"]}
    assert len(change.past or ()) == 4


@pytest.mark.parametrize("written", ["", "nonsense", "--all", "^HEAD", "\xff", "0" * 40])
def test_a_merge_head_that_is_none(repository: Repository, written: str) -> None:
    (repository.path / ".git/MERGE_HEAD").write_text(written, encoding="latin-1")
    assert changes.merge_heads(repository.open(), {}) == []
    assert staged(repository).title == "the staged changes"


# Hooks, by real git: what our functions see while git commits.


SEEN = """\
    import json, os, sys
    from pathlib import Path
    from bugguard.history import changes
    from bugguard.history.diff import Limits
    from bugguard.history.git import Git

    git = Git.discover(Path(), os.environ)
    change = changes.staged(git, Limits(), os.environ)
    seen = {
        "title": change.title,
        "past": change.past,
        "lines": {
            file.path: [line for hunk in file.hunks for line in hunk.body if line[0] != " "]
            for file in change.files
        },
        "b": os.fsdecode(git.run("cat-file", "blob", ":0:b.py")).split("\\n"),
    }
    Path(os.environ["SEEN"]).write_text(json.dumps(seen))
"""


@pytest.fixture
def hooked(repository: Repository) -> Repository:
    """A repository whose hooks write down what they see."""
    script = repository.path.with_name("seen.py")
    script.write_text(textwrap.dedent(SEEN))
    package = Path(bugguard.__file__).parents[1]
    for name in ("pre-commit", "pre-merge-commit"):
        hook = repository.path / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\nPYTHONPATH='{package}' exec '{sys.executable}' '{script}'\n")
        hook.chmod(0o755)
    return repository


def seen(repository: Repository, *command: str) -> dict[str, object]:
    """What the hook saw of a git command."""
    file = repository.path.with_name("seen.json")
    file.unlink(missing_ok=True)
    repository.git(*command, SEEN=str(file))
    result: dict[str, object] = json.loads(file.read_text())
    return result


def test_a_plain_commit(hooked: Repository) -> None:
    hooked.stage({"b.py": "c\n"})
    hooked.write("a.py", "not staged\n")
    told = seen(hooked, "commit", "--message=x")
    assert told == {
        "title": "the staged changes",
        "past": None,
        "lines": {"b.py": ["-b", "+c"]},
        "b": ["c", ""],
    }


@pytest.mark.parametrize("how", [["--all"], ["--only", "b.py"], ["--include", "b.py"]])
def test_a_commit_of_paths_is_seen_through_its_own_index(
    hooked: Repository, how: list[str]
) -> None:
    hooked.stage({"c.py": "staged\n"})
    hooked.write("b.py", "c\n")
    told = seen(hooked, "commit", "--message=x", *how)
    with_staged = {} if how[0] == "--only" else {"c.py": ["+staged"]}
    assert told["lines"] == {"b.py": ["-b", "+c"], **with_staged}
    assert told["b"] == ["c", ""]


def test_an_amended_commit_is_seen_whole(hooked: Repository) -> None:
    first = hooked.sha()
    hooked.commit({"b.py": "c\n"})
    hooked.stage({"a.py": edited(l3="amended")})
    # The author is not the environment's, as is usual.
    told = seen(hooked, "commit", "--amend", "--no-edit")
    assert told["title"] == "the amended commit"
    assert told["past"] == [first]
    assert told["lines"] == {"b.py": ["-b", "+c"], "a.py": ["-line 3", "+amended"]}


def test_an_amended_root_has_no_past(hooked: Repository) -> None:
    told = seen(hooked, "commit", "--amend", "--message=x")
    assert told["title"] == "the amended commit"
    assert told["past"] == []


def test_an_amended_merge_is_its_resolution(hooked: Repository) -> None:
    hooked.git("branch", "side")
    main = hooked.commit({"b.py": "main\n"})
    hooked.git("checkout", "--quiet", "side")
    side = hooked.commit({"c.py": "side\n", "d.py": "side\n"})
    hooked.git("checkout", "--quiet", "main")
    hooked.git("merge", "--quiet", "--no-verify", "--no-edit", "side")
    hooked.clock += 3600
    hooked.stage({"c.py": "amended\n"})
    told = seen(hooked, "commit", "--amend", "--no-edit")
    assert told["title"] == "the amended commit"
    assert told["past"] == [main, side]
    assert told["lines"] == {"c.py": ["+amended"]}


def test_amending_where_a_shallow_clone_ends_is_no_new_repository(
    tmp_path: Path, hooked: Repository
) -> None:
    hooked.commit({"b.py": "c\n"})
    clone = Repository.clone(f"file://{hooked.path}", tmp_path / "shallow", "--depth=1")
    clone.stage({"b.py": "d\n"})
    environ = clone.environ | {
        "GIT_AUTHOR_DATE": f"@{EPOCH + 3600} +0000",
        "GIT_INDEX_FILE": str(clone.path / ".git/index"),
    }
    git = clone.open()
    assert changes.is_amend(git, environ)
    change = changes.staged(git, LIMITS, environ)
    assert bodies(change) == {"b.py": ["-c", "+d"]}


def test_a_name_in_any_encoding_is_recognised(hooked: Repository) -> None:
    hooked.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
    author = "--author=Émile Ünal <émile@example.org>"
    hooked.commit({"b.py": "c\n"}, "x", author)
    hooked.stage({"a.py": edited(l3="amended")})
    assert seen(hooked, "commit", "--amend", "--no-edit")["title"] == "the amended commit"


def test_a_new_commit_is_no_amendment(repository: Repository) -> None:
    environ = repository.environ | {"GIT_INDEX_FILE": str(repository.path / ".git/index")}
    git = repository.open()
    assert not changes.is_amend(git, environ)  # an hour later
    same = environ | {"GIT_AUTHOR_DATE": f"@{EPOCH} +0000"}
    assert changes.is_amend(git, same)
    assert not changes.is_amend(git, same | {"GIT_AUTHOR_EMAIL": "not-" + EMAIL})
    assert not changes.is_amend(git, same | {"GIT_AUTHOR_DATE": f"@{EPOCH} +0100"})
    assert not changes.is_amend(git, {k: v for k, v in same.items() if k != "GIT_INDEX_FILE"})
    for odd in ("", "now", f"{EPOCH} +0000", f"@{'9' * 5000} +0000"):
        assert not changes.is_amend(git, same | {"GIT_AUTHOR_DATE": odd})


def test_a_merge_that_git_commits_itself(hooked: Repository) -> None:
    hooked.git("branch", "side")
    hooked.commit({"b.py": "main\n"})
    hooked.git("checkout", "--quiet", "side")
    hooked.commit({"c.py": "side\n"})
    hooked.git("checkout", "--quiet", "main")
    # The pre-merge-commit hook: MERGE_HEAD is not written yet.
    told = seen(hooked, "merge", "--quiet", "--no-edit", "side")
    assert told["title"] == "the merge's resolution"
    assert told["lines"] == {}


def test_a_merge_that_ends_in_a_conflict(forked: Repository, hooked: Repository) -> None:
    assert forked is hooked
    merge(forked, "side")
    forked.stage({"a.py": edited(l3="main", l10="side", l20="both")})
    told = seen(forked, "commit", "--no-edit")
    assert told["title"] == "the merge's resolution"
    assert told["lines"] == {"a.py": ["-main", "+both"]}


def test_a_cherry_pick_and_a_revert_are_plain_changes(hooked: Repository) -> None:
    hooked.git("checkout", "--quiet", "-b", "side")
    hooked.commit({"b.py": "side\n"})
    hooked.git("checkout", "--quiet", "main")
    hooked.commit({"a.py": edited(l3="main")})
    hooked.git("cherry-pick", "--no-commit", "side")
    told = seen(hooked, "commit", "--message=picked")
    assert (told["title"], told["lines"]) == ("the staged changes", {"b.py": ["-b", "+side"]})


# Ranges.


def test_a_range_is_what_its_end_adds_since_they_parted(forked: Repository) -> None:
    git, base = forked.open(), forked.sha("main~1")
    main, side = forked.sha("main"), forked.sha("side")
    assert changes.endpoints(git, "main..side") == (base, side)
    assert changes.endpoints(git, "main...side") == (base, side)
    assert changes.endpoints(git, "side..") == (base, main)
    assert changes.endpoints(git, "side...") == (base, main)
    change = changes.between(git, *changes.endpoints(git, "main..side"), LIMITS)
    assert bodies(change) == {
        "a.py": ["-line 10", "+side", "-line 20", "+side"],
        "c.py": ["+side"],
    }
    assert change.past == (base,)


@pytest.mark.parametrize("spec", ["", "main", "..", "...", "..main", "...main"])
def test_what_is_no_range(repository: Repository, spec: str) -> None:
    with pytest.raises(GitError, match=r"is not a range: give it as A\.\.B"):
        changes.endpoints(repository.open(), spec)


@pytest.mark.parametrize(
    "spec", ["none..main", "main..none", "a..b..c", "-x..main", "x" * 200_000 + "..y"]
)
def test_a_range_of_what_is_not_there(repository: Repository, spec: str) -> None:
    with pytest.raises(GitError):
        changes.endpoints(repository.open(), spec)


def test_histories_without_anything_in_common(tmp_path: Path, repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit({"x.py": "x\n"})
    with pytest.raises(GitError, match="no common ancestor here: check the names"):
        changes.endpoints(repository.open(), "main..other")
    repository.git("checkout", "--quiet", "main")
    repository.git("branch", "side")
    repository.commit({"b.py": "main\n"})
    repository.git("checkout", "--quiet", "side")
    repository.commit({"b.py": "side\n"})
    clone = Repository.clone(
        f"file://{repository.path}", tmp_path / "c", "--depth=1", "--no-single-branch"
    )
    with pytest.raises(GitError, match="fetch more of this shallow clone's history"):
        changes.endpoints(clone.open(), "origin/main..origin/side")


# Commits and patches.


def test_a_commit_knows_its_past_and_its_message(repository: Repository) -> None:
    first = repository.sha()
    sha = repository.commit({"b.py": "c\n"}, "Subject\n\nBody é\n")
    change = changes.commit(repository.open(), sha, LIMITS)
    assert (change.message, change.past) == ("Subject\n\nBody é\n", (first,))
    root = changes.commit(repository.open(), first, LIMITS)
    assert root.past == ()
    assert [file.status for file in root.files] == ["A", "A"]


def test_where_a_shallow_clone_ends_a_commit_cannot_be_told(
    tmp_path: Path, repository: Repository
) -> None:
    repository.commit({"b.py": "c\n"})
    sha = repository.commit({"b.py": "d\n"})
    clone = Repository.clone(f"file://{repository.path}", tmp_path / "shallow", "--depth=2").open()
    assert bodies(changes.commit(clone, sha, LIMITS)) == {"b.py": ["-c", "+d"]}
    with pytest.raises(GitError, match="git fetch --deepen=1"):
        changes.commit(clone, repository.sha("HEAD~1"), LIMITS)


def test_a_patch_file(tmp_path: Path, repository: Repository) -> None:
    sha = repository.commit({"b.py": "c\n"})
    file = tmp_path / "x.patch"
    file.write_bytes(repository.git("format-patch", "--stdout", "-1", sha))
    data = changes.read_patch(file, 10_000)
    change = changes.patch(str(file), data, LIMITS)
    assert bodies(change) == {"b.py": ["-b", "+c"]}
    with pytest.raises(DiffError, match=r"x\.patch: the patch has no hunk"):
        changes.patch(str(file), b"no patch", LIMITS)
    with pytest.raises(DiffError, match="is over 0 MiB: check it in parts"):
        changes.read_patch(file, 10)
    for none in (tmp_path / "none", tmp_path):
        with pytest.raises(DiffError, match="cannot read the patch"):
            changes.read_patch(none, 10)
