from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from repository import Repository

from bugguard.domain import Commit
from bugguard.errors import GitError, MissingObjectError
from bugguard.history import changes, hooks, log, merge, revisions
from bugguard.history.diff import Limits
from bugguard.history.git import Git
from bugguard.history.repository import remote_url

LIMITS = Limits()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "r")
    repository.commit({"a.py": "1\n", "folder/b.py": "1\n"})
    repository.commit({"a.py": "2\n"})
    return repository


@pytest.mark.parametrize("place", ["", "folder", ".git"])
def test_a_repository_is_found_from_anywhere_in_it(repository: Repository, place: str) -> None:
    git = Git.discover(repository.path / place, repository.environ)
    assert git.git_dir == git.common_dir == repository.path / ".git"
    assert git.work_tree == (None if place == ".git" else repository.path)
    assert git.head() == repository.sha()


def test_no_repository_and_no_folder(tmp_path: Path, repository: Repository) -> None:
    environ = repository.environ | {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    with pytest.raises(GitError, match="is not in a git repository: run this inside one"):
        Git.discover(tmp_path, environ)
    with pytest.raises(GitError, match="is not a directory"):
        Git.discover(tmp_path / "none", environ)


def test_a_line_break_in_the_path_is_said(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "a\nb")
    with pytest.raises(GitError, match="line break in its path"):
        repository.open()


def test_a_surrounding_hook_says_where_unless_the_user_did(
    tmp_path: Path, repository: Repository
) -> None:
    other = Repository(tmp_path / "other")
    environ = repository.environ | {
        "GIT_DIR": str(repository.path / ".git"),
        "GIT_INDEX_FILE": str(repository.path / ".git/index"),
    }
    assert Git.discover(other.path, environ).head() == repository.sha()
    named = Git.discover(other.path, environ, explicit=True)
    assert named.git_dir == other.path / ".git"
    assert named.head() is None


def test_places_given_relative_to_a_subfolder_hold_everywhere(repository: Repository) -> None:
    environ = repository.environ | {"GIT_DIR": "../.git", "GIT_WORK_TREE": ".."}
    git = Git.discover(repository.path / "folder", environ)
    assert git.work_tree == repository.path
    assert git.head() == repository.sha()


def test_worktrees_and_submodules(tmp_path: Path, repository: Repository) -> None:
    tree = Repository.worktree(repository, tmp_path / "tree", "-b", "side")
    git = tree.open()
    assert git.git_dir == repository.path / ".git/worktrees/tree"
    assert git.common_dir == repository.path / ".git"
    assert git.work_tree == tree.path

    outer = Repository(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
              str(repository.path), "sub")  # fmt: skip
    inner = Git.discover(outer.path / "sub", outer.environ)
    assert inner.common_dir == outer.path / ".git/modules/sub"
    assert inner.head() == repository.sha()


@pytest.mark.parametrize(
    "revision",
    [
        "", "-x", "--all", "--output=stolen", "^HEAD", "HEAD^@", "HEAD^!", "HEAD..HEAD",
        "HEAD --all", "HEAD\0", "HEAD\n", "HEAD@{u}", "HEAD@{99}", "HEAD:a.py", "nonesuch",
        "\udcff", "\ud800" + "x", "0" * 40, "x" * 5_000, "x" * 500_000, "--end-of-options",
        "HEAD^{tree}", ":a.py",
    ],
)  # fmt: skip
def test_what_names_no_commit_is_one_sentence(repository: Repository, revision: str) -> None:
    with pytest.raises(GitError) as caught:
        repository.open().commit(revision)
    said = str(caught.value)
    assert len(said) < 500 + len(str(repository.path))
    assert "\n" not in said
    assert said.endswith(".")
    assert not (repository.path / "stolen").exists()


@pytest.mark.parametrize("revision", ["HEAD", "@", "main", "HEAD~0", "HEAD^{/Change}", "main@{0}"])
def test_what_names_a_commit(repository: Repository, revision: str) -> None:
    assert repository.open().commit(revision) == repository.sha()


def test_a_tag_is_its_commit(repository: Repository) -> None:
    repository.git("tag", "--annotate", "--message=v1", "v1")
    assert repository.sha("v1") != repository.sha()
    assert repository.open().commit("v1") == repository.sha()


def test_no_function_takes_a_name_for_an_option(repository: Repository) -> None:
    git = repository.open()
    option = f"--output={repository.path}/stolen"
    with pytest.raises(GitError):
        changes.commit(git, option, LIMITS)
    with pytest.raises(GitError):
        changes.between(git, option, "HEAD", LIMITS)
    with pytest.raises(GitError):
        changes.endpoints(git, f"{option}..HEAD")
    with pytest.raises(GitError):
        revisions.heads(git, option)
    (repository.path / ".git/MERGE_HEAD").write_text(option + "\n")
    changes.staged(git, LIMITS, {f"GITHEAD_{option}": "x"})
    assert not (repository.path / "stolen").exists()


def test_a_partial_clone_says_how_to_fetch_what_is_missing(
    tmp_path: Path, repository: Repository
) -> None:
    repository.commit({"a.py": "another\n"})
    repository.git("config", "uploadpack.allowFilter", "true")
    partial = Repository.clone(f"file://{repository.path}", tmp_path / "p", "--filter=blob:none")
    with pytest.raises(MissingObjectError) as caught:
        changes.commit(partial.open(), "HEAD~1", LIMITS)
    said = str(caught.value)
    assert "\n" not in said
    [advice] = [piece for piece in said.split("`") if piece.startswith("git fetch ")]
    partial.git(*advice.split()[1:])
    assert changes.commit(partial.open(), "HEAD~1", LIMITS).files


def test_git_that_is_not_there(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    git = repository.open()
    monkeypatch.setenv("PATH", "/nonexistent")
    git = dataclasses.replace(git, environment={"PATH": "/nonexistent"})
    with pytest.raises(GitError, match="git is not on PATH"):
        git.run("version")
    with pytest.raises(GitError, match="git is not on PATH"), git.stream("version"):
        pass


def test_a_work_tree_that_went_away_is_not_blamed_on_git(repository: Repository) -> None:
    git = repository.open()
    repository.path.rename(repository.path.with_name("gone"))
    for asked in (lambda: git.run("version"), lambda: git.stream("version").__enter__()):
        with pytest.raises(GitError, match=r"cannot be started in .*/r: No such file"):
            asked()


def test_a_stream_that_fails_says_so_at_its_end(repository: Repository) -> None:
    git = repository.open()
    with (
        pytest.raises(GitError, match=r"git log failed in .*/r: "),
        git.stream("log", "none") as out,
    ):
        assert out.read() == b""


def test_a_stream_may_be_left_early(repository: Repository) -> None:
    with repository.open().stream("log", "--patch") as out:
        out.read(1)
        out.read()
    commits = log.read(repository.open(), [repository.sha(), repository.sha("HEAD~1")], LIMITS)
    assert isinstance(next(commits), Commit)
    commits.close()  # type: ignore[attr-defined]  # a generator, to say it in time


def test_the_empty_tree_of_either_hash(tmp_path: Path, repository: Repository) -> None:
    newer = Repository(tmp_path / "newer", "--object-format=sha256")
    newer.commit({"a.py": "1\n"})
    assert len(newer.open().empty_tree()) == 64
    assert len(repository.open().empty_tree()) == 40
    for one in (repository, newer):
        root = one.text("rev-list", "--max-parents=0", "HEAD")
        files = changes.commit(one.open(), root, LIMITS).files
        assert [file.status for file in files] == ["A"] * len(files)
        (read,) = log.read(one.open(), [root], LIMITS)
        assert isinstance(read, Commit)
        assert read.files == files
    newer.stage({"a.py": "2\n"})
    (file,) = changes.staged(newer.open(), LIMITS, {}).files
    assert file.hunks[0].body == ("-1", "+2")


# A repository is somebody else's word.

SHAPES = [
    "diff.noprefix=true", "diff.mnemonicPrefix=true", "color.ui=always", "color.diff=always",
    "diff.context=0", "diff.interHunkContext=50", "diff.orderFile=order",
    "diff.suppressBlankEmpty=true", "diff.renames=false", "diff.renames=copies",
    "diff.renameLimit=1", "diff.algorithm=patience", "diff.wordRegex=.", "diff.submodule=log",
    "diff.relative=true", "diff.ignoreSubmodules=all", "submodule.sub.ignore=all",
    "log.showRoot=false", "log.follow=true", "log.decorate=full", "log.abbrevCommit=true",
    "log.date=relative", "log.diffMerges=combined", "format.pretty=oneline", "core.abbrev=5",
    "core.quotePath=false", "core.bigFileThreshold=1", "diff.indentHeuristic=false",
    "diff.colorMoved=zebra", "diff.wsErrorHighlight=all", "diff.statGraphWidth=1",
    "diff.dirstat=lines", "i18n.logOutputEncoding=UTF-16", "diff.x.binary=true",
    "notes.displayRef=refs/notes/*", "format.notes=true", "log.mailmap=true",
]  # fmt: skip


def shaped(tmp_path: Path) -> Repository:
    """A history in which each of the settings would show."""
    repository = Repository(tmp_path / "shaped")
    body = [f"line {number}" for number in range(40)]
    body[3], body[20] = "", "def f():"
    repository.stage({"order": "z*\na*\n", "z é.py": "\n".join(body), "a.py": "\n".join(body)})
    repository.stage({".gitmodules": '[submodule "sub"]\n\tpath = sub\n\turl = x\n'})
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    repository.commit({}, "Erste Änderung")
    body[5], body[9], body[30] = "changed", "changed too", "    changed"
    repository.stage({"z é.py": None, "y é.py": "\n".join(body), "a.py": "\n".join(body)})
    repository.git("update-index", "--cacheinfo", f"160000,{'2' * 40},sub")
    repository.commit({}, "Zweite Änderung\n\nmit Text\n")
    repository.git("notes", "add", "--message=a note")
    repository.stage({"a.py": "\n".join([*body[:10], "", *body])})
    return repository


def everything(repository: Repository) -> tuple[object, ...]:
    git = repository.open()
    shas = revisions.commits(git, revisions.heads(git, None))
    return (
        list(log.read(git, shas, LIMITS)),
        list(log.read(git, shas, LIMITS, diffs=False)),
        [changes.commit(git, sha, LIMITS) for sha in shas],
        changes.between(git, shas[-1], shas[0], LIMITS),
        changes.staged(git, LIMITS, repository.environ),
    )


def test_no_config_changes_what_is_read(tmp_path: Path) -> None:
    repository = shaped(tmp_path)
    plain = everything(repository)
    changed = [file.path for file in changes.staged(repository.open(), LIMITS, {}).files]
    assert changed == ["a.py"]
    config = (repository.path / ".git/config").read_bytes()
    for setting in SHAPES:
        repository.git("config", *setting.split("=", 1))
        assert everything(repository) == plain, setting
        (repository.path / ".git/config").write_bytes(config)
    for setting in SHAPES:
        repository.git("config", *setting.split("=", 1))
    assert everything(repository) == plain


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a file behind, ``trap.ran``, and does nothing that it is asked."""
    program = tmp_path / "trap"
    program.write_text(f'#!/bin/sh\necho "$@" >> {program}.ran\nexit 1\n')
    program.chmod(0o755)
    return program


def hostile(repository: Repository, trap: Path) -> None:
    """Every setting and file by which a repository can name a program."""
    settings = {
        "core.fsmonitor": f"{trap}", "core.pager": f"{trap}", "core.editor": f"{trap}",
        "core.askPass": f"{trap}", "core.sshCommand": f"{trap}", "core.gitProxy": f"{trap}",
        "core.alternateRefsCommand": f"{trap}", "pager.log": f"{trap}", "pager.diff": f"{trap}",
        "pager.show": f"{trap}", "diff.external": f"{trap}", "diff.evil.command": f"{trap}",
        "diff.evil.textconv": f"{trap}", "filter.evil.clean": f"{trap}",
        "filter.evil.smudge": f"{trap}", "filter.evil.process": f"{trap}",
        "filter.evil.required": "true", "gpg.program": f"{trap}", "log.showSignature": "true",
        "gpg.ssh.program": f"{trap}", "credential.helper": f"!{trap}",
        "merge.evil.driver": f"{trap}", "trace2.eventTarget": f"{trap}.ran",
        "remote.origin.url": f"ext::{trap} %S", "remote.origin.uploadpack": f"{trap}",
        "remote.origin.promisor": "true", "remote.origin.partialCloneFilter": "blob:none",
        "protocol.allow": "always", "protocol.ext.allow": "always", "protocol.file.allow": "always",
        "uploadpack.packObjectsHook": f"{trap}", "interactive.diffFilter": f"{trap}",
        "sequence.editor": f"{trap}", "init.templateDir": f"{trap}",
        "core.hooksPath": f"{trap}.hooks", "diff.trustExitCode": "true", "web.browser": f"{trap}",
    }  # fmt: skip
    for command in ("log", "diff", "show", "rev-parse", "rev-list", "cat-file", "config"):
        settings[f"alias.{command}"] = f"!{trap}"
    included = trap.with_name("included")
    for name, value in settings.items():
        repository.git("config", "--file", str(included), name, value)
    folder = trap.with_name("trap.hooks")
    folder.mkdir()
    for path in (folder, repository.path / ".git/hooks"):
        for hook in ("post-index-change", "pre-commit", "fsmonitor-watchman", "pre-auto-gc",
                     "post-checkout", "reference-transaction"):  # fmt: skip
            path.mkdir(exist_ok=True)
            (path / hook).write_text(f"#!/bin/sh\n{trap} {hook}\n")
            (path / hook).chmod(0o755)
    attributes = "* filter=evil diff=evil merge=evil\n"
    (repository.path / ".git/info/attributes").write_text(attributes)
    (repository.path / ".gitattributes").write_text(attributes)
    # Half of it through an include, for that is one more way in.
    repository.git("config", "extensions.partialClone", "origin")
    repository.git("config", "include.path", str(included))


def every_function(repository: Repository, git: Git, shas: list[str]) -> None:
    """The room's whole front, each answer to be used."""
    assert git.head() == shas[0]
    assert git.commit("HEAD") == shas[0]
    assert git.empty_tree()
    assert revisions.heads(git, None) == (shas[0],)
    assert revisions.commits(git, [shas[0]]) == shas
    assert revisions.ancestors(git, [shas[0]]) == set(shas)
    assert revisions.since(git, "2020-01-31")
    assert revisions.boundary(git) == ()
    read = list(log.read(git, shas, LIMITS))
    assert [one.sha for one in read] == shas
    assert [one.sha for one in read if isinstance(one, log.Unread)] == shas[-2:]
    list(log.read(git, shas, LIMITS, diffs=False))
    for sha in shas[:2]:
        changes.commit(git, sha, LIMITS)
    base, tip = changes.endpoints(git, "HEAD~1..HEAD")
    changes.between(git, base, tip, LIMITS)
    changes.staged(git, LIMITS, repository.environ)
    changes.merge_heads(git, {f"GITHEAD_{shas[1]}": "side"})
    changes.is_amend(git, repository.environ | {"GIT_INDEX_FILE": "x"})
    merge.resolution_only([changes.commit(git, shas[0], LIMITS).files] * 2)
    remote_url(git)
    hooks.install(git, "/usr/bin/bugguard")


@pytest.mark.parametrize("newer", [True, False], ids=["git 2.45", "older git"])
def test_nothing_that_a_repository_names_is_run(tmp_path: Path, trap: Path, newer: bool) -> None:
    repository = Repository(tmp_path / "r")
    repository.commit({"a.py": "0\n", "lost.py": "lost\n"})
    lost = repository.text("rev-parse", "HEAD:lost.py")
    repository.commit({"a.py": "1\n", "lost.py": None})
    repository.commit({"a.py": "2\n"})
    signed = repository.git("cat-file", "commit", "HEAD").replace(
        b"\n\n", b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\n", 1
    )
    tip = repository.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=signed).decode()
    repository.git("reset", "--quiet", "--soft", tip.strip())
    repository.commit({"a.py": "3\n"})
    repository.stage({"a.py": "4\n"})
    repository.write("a.py", "in the work tree\n")
    shas = repository.text("rev-list", "HEAD").split("\n")
    hostile(repository, trap)
    (repository.path / ".git/objects" / lost[:2] / lost[2:]).unlink()

    git = repository.open()
    if not newer:
        known = {k: v for k, v in git.environment.items() if k != "GIT_NO_LAZY_FETCH"}
        git = dataclasses.replace(git, environment=known)
    ran = trap.with_name("trap.ran")
    ran.unlink(missing_ok=True)
    every_function(repository, git, shas)
    assert not ran.exists(), ran.read_text()


def test_the_trap_works(tmp_path: Path, trap: Path) -> None:
    repository = Repository(tmp_path / "r")
    repository.commit({"a.py": "0\n"})
    hostile(repository, trap)
    repository.write("a.py", "1\n")
    with pytest.raises(Exception, match="returned non-zero"):
        repository.git("diff")
    assert trap.with_name("trap.ran").exists()
