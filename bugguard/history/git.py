"""The only door to git: every command that bugguard runs goes through :class:`Git`.

A repository is hostile input. Its config and attributes may name programs (pagers, external diffs,
text converters, file-system monitors, signature checkers, transports); none of them may run just
because somebody looks at the repository. So each command carries overrides for all settings that
could start one, refuses every network transport (but for :meth:`Git.fetch`, which only a user's
``--fetch`` comes to), and gets an environment without the ``GIT_*`` variables that would redirect
it (pre-commit's git.py is the model for that part).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bugguard.errors import GitError, MissingObjectError
from bugguard.history.git_environment import scrubbed

_CONFIG = (
    "core.fsmonitor=false",  # may name a program
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.sshCommand=false",
    "core.quotePath=true",
    "core.commitGraph=true",
    "credential.helper=",
    "log.showSignature=false",  # would run gpg.program
    "log.showRoot=true",
    "log.mailmap=false",
    "diff.suppressBlankEmpty=false",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.srcPrefix=a/",
    "diff.dstPrefix=b/",
    "diff.indentHeuristic=true",
    "diff.interHunkContext=0",
    "diff.relative=false",
    "diff.renameLimit=1000",
)

#: The same for a fetch, which needs what lets it in, and must neither hang nor clean up.
_OUTSIDE = (
    *(one for one in _CONFIG if not one.startswith(("core.sshCommand=", "credential.helper="))),
    "core.alternateRefsCommand=true",  # may name a program
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "http.lowSpeedLimit=1000",  # bytes a second
    "http.lowSpeedTime=60",  # seconds
)
_FETCH = (
    "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
    "--upload-pack=git-upload-pack",
)  # fmt: skip
_LENT = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "GIT_SSL_CAINFO")
_USERINFO = re.compile(rb"//[^/@\s]+@")  # a token may stand in a remote's address

#: Bytes that git may be ahead of us: in the usual 64 KiB it would wait while we think.
_PIPE = 1 << 20

#: For every command that prints a diff: its shape is to depend on no config and no attribute.
DIFF_OPTIONS = (
    "--raw", "-z", "--patch", "--unified=3", "--find-renames", "--full-index", "--no-color",
    "--no-ext-diff", "--no-textconv", "--diff-algorithm=default", "--submodule=short",
    "--ignore-submodules=none", "-O/dev/null",
)  # fmt: skip

#: What git says where an object is not there, in one of its many ways.
_LOST = (b"missing blob", b"unable to read", b"bad object", b"could not fetch", b"lazy fetch",
         b"promisor", b"missing object", b"is corrupt", b"unable to open loose")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Git:
    """A repository, bare or not, in any of its worktrees."""

    git_dir: Path  #: this worktree's own git directory
    common_dir: Path  #: shared by all worktrees
    work_tree: Path | None  #: None: bare
    shallow: bool
    environment: Mapping[str, str]

    @classmethod
    def discover(
        cls, directory: Path, environ: Mapping[str, str], *, explicit: bool = False
    ) -> Git:
        """The repository that ``directory`` is in.

        explicit: the user named the directory, so a ``GIT_DIR`` from a surrounding hook is not
        meant. Raises GitError outside of a repository, or where git refuses to read it.
        """
        environment = scrubbed(environ, keep_place=not explicit)
        if not directory.is_dir():
            raise GitError(f"{directory} is not a directory: name a git repository with --repo.")
        # The last one is an error where there is no work tree; the others are told before it.
        places = ("--is-shallow-repository", "--git-dir", "--git-common-dir", "--show-toplevel")
        out, err, code = _run(
            ["rev-parse", "--path-format=absolute", *places], directory, environment
        )
        if code and b"must be run in a work tree" not in err:
            if b"dubious ownership" in err:
                raise GitError(
                    f"git refuses to read {directory}, which belongs to another user: "
                    "if you trust it, run `git config --global --add safe.directory` with its path."
                )
            if b"not a git repository" in err:
                raise GitError(
                    f"{directory} is not in a git repository: run this inside one, "
                    "or name one with --repo."
                )
            raise GitError(f"git cannot read {directory}: {_sentence(err)}.")
        lines = os.fsdecode(out).split("\n")[:-1]
        if len(lines) != len(places) - bool(code):
            raise GitError(f"{str(directory)!r} has a line break in its path: move the repository.")
        shallow, git_dir, common_dir = lines[:3]
        # Inside .git itself there is no work tree either, though the repository has one.
        work_tree = None if code else Path(lines[3])
        # A hook may get these relative to where it was started, and we run commands elsewhere.
        if "GIT_DIR" in environment:
            environment["GIT_DIR"] = git_dir
        if "GIT_WORK_TREE" in environment and work_tree:
            environment["GIT_WORK_TREE"] = str(work_tree)
        return cls(Path(git_dir), Path(common_dir), work_tree, shallow == "true", environment)

    @property
    def place(self) -> Path:
        """Where commands are run, and what to call the repository."""
        return self.work_tree or self.git_dir

    def exposes(self, folder: Path) -> bool:
        """Whether the folder is in the work tree, where what it has may be committed."""
        real = Path(os.path.realpath(folder))
        if self.work_tree is None or real.is_relative_to(os.path.realpath(self.common_dir)):
            return False
        return real.is_relative_to(os.path.realpath(self.work_tree))

    @property
    def called(self) -> str:
        """The name of the folder that the repository is in: what people call it, if it has no
        remote to be named by.
        """
        inner = self.common_dir.name == ".git"
        return (self.common_dir.parent if inner else self.common_dir).name.removesuffix(".git")

    def run(self, *arguments: str, stdin: bytes = b"", settings: Sequence[str] = ()) -> bytes:
        """The command's output. Raises GitError with git's own words.

        settings: more ``name=value`` overrides of git's config.
        """
        out, err, code = _run(arguments, self.place, self.environment, stdin, settings)
        if code:
            raise _error(arguments[0], self.place, err)
        return out

    def ask(self, *arguments: str) -> str | None:
        """The output's first line, or None if git says no: for what may have no answer."""
        out, _, code = _run(arguments, self.place, self.environment)
        return None if code else os.fsdecode(out).split("\n")[0]

    @contextlib.contextmanager
    def stream(
        self, *arguments: str, stdin: bytes = b"", settings: Sequence[str] = ()
    ) -> Iterator[IO[bytes]]:
        """The command's output as it comes. Raises GitError at the end if git failed.

        settings: as for :meth:`run`.
        """
        import tempfile  # too slow to import for a hook that streams nothing

        with (
            tempfile.TemporaryFile() as given,  # a pipe could fill while we are reading
            tempfile.TemporaryFile() as complaints,
        ):
            given.write(stdin)
            given.seek(0)
            try:
                started = subprocess.Popen(
                    _command(arguments, settings),
                    cwd=self.place,
                    env=self.environment,
                    stdin=given,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    pipesize=_PIPE,
                )
            except (OSError, ValueError) as error:
                raise _not_started(error) from error
            with started as process:
                assert process.stdout is not None  # noqa: S101  # for the type checker
                try:
                    yield process.stdout
                except BaseException:
                    process.kill()
                    raise
                if process.wait():
                    complaints.seek(0)
                    raise _error(arguments[0], self.place, complaints.read())

    def fetch(self, *arguments: str, environ: Mapping[str, str], seconds: float) -> None:
        """``git fetch`` from the remote ``origin``: the one command that may use a transport.

        For a user who asked for it, so what makes ``git fetch origin`` work counts here too: the
        clone's own credential helper and ssh command, and ssh's and askpass' variables in
        ``environ``. Transports that are programs of their own (``ext::``), hooks and submodules
        stay out. Raises GitError, after ``seconds`` at the latest.
        """
        lent = {name: environ[name] for name in _LENT if name in environ}
        environment = {**self.environment, **lent, "GIT_ALLOW_PROTOCOL": "file:http:https:ssh"}
        command = ("fetch", *_FETCH, *arguments)
        _, err, code = _run(command, self.place, environment, b"", (), _OUTSIDE, seconds)
        if code:
            raise _error("fetch", self.place, _USERINFO.sub(b"//", err))

    def commit(self, revision: str) -> str:
        """The full sha of a commit that the user named. Raises GitError if there is none."""
        sha = self.ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"
        )
        if sha is None or sha.startswith("^"):  # ^A is all that A does not reach
            name = revision if len(revision) <= 100 else revision[:100] + "..."
            raise GitError(
                f"there is no commit {name!r} in {self.place}: check the name, "
                "and fetch it if the clone is shallow."
            )
        return sha

    def head(self) -> str | None:
        """HEAD's sha; None before the first commit."""
        return self.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    def empty_tree(self) -> str:
        """The empty tree's name, which depends on the repository's hash function."""
        return os.fsdecode(self.run("hash-object", "-t", "tree", "--stdin")).strip()


def _command(
    arguments: Sequence[str], settings: Sequence[str] = (), config: Sequence[str] = _CONFIG
) -> list[str]:
    overrides = [word for setting in (*config, *settings) for word in ("-c", setting)]
    return ["git", "--no-pager", "--literal-pathspecs", *overrides, *arguments]


def _run(
    arguments: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    settings: Sequence[str] = (),
    config: Sequence[str] = _CONFIG,
    seconds: float | None = None,
) -> tuple[bytes, bytes, int]:
    try:
        done = subprocess.run(
            _command(arguments, settings, config),
            cwd=directory,
            env=environment,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise GitError(
            f"git {arguments[0]} in {directory} took longer than {seconds:.0f} s: see whether its "
            "remote answers."
        ) from error
    except (OSError, ValueError) as error:
        raise _not_started(error) from error
    return done.stdout, done.stderr, done.returncode


def _not_started(error: OSError | ValueError) -> GitError:
    if isinstance(error, ValueError):  # a NUL in a revision or a path
        return GitError(f"git cannot be asked that: {error}.")
    if isinstance(error, FileNotFoundError) and error.filename == "git":
        return GitError("git is not on PATH: install it, or put it there.")
    if error.errno == errno.E2BIG:
        return GitError("git cannot be asked that: a name is too long.")
    return GitError(f"git cannot be started in {error.filename}: {error.strerror}.")


def _error(command: str, place: Path, complaint: bytes) -> GitError:
    told = f"git {command} failed in {place}: {_sentence(complaint)}"
    if not any(words in complaint for words in _LOST):
        return GitError(f"{told}.")
    # Without --no-filter a partial clone's refetch leaves out what its filter leaves out.
    return MissingObjectError(
        f"{told}; fetch the objects that are missing here with `git fetch --refetch --no-filter`, "
        "or run this in a full clone."
    )


def _sentence(complaint: bytes) -> str:
    """The first thing that git complained of, without its own label."""
    lines = [line for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    return (fatal[0].split(": ", 1)[-1] if fatal else "it did not say why").strip().rstrip(".")
