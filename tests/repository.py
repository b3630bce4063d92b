"""Real git repositories for tests, made by git itself and the same on every machine.

No config but the repository's own counts, the author is always the same, and each commit is an
hour younger than the one before it, so shas are the same in every run:

    repository = Repository(tmp_path / "r")
    first = repository.commit({"app.py": "x = 1\\n"}, "Add the app")
    repository.commit({"app.py": None}, "Remove it again")
    git = repository.open()
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from bugguard.history.git import Git

EPOCH = 1_577_836_800  #: the first commit's time: 2020-01-01, seconds since the epoch
HOUR = 3600

AUTHOR = "Ada Tester"
EMAIL = "ada@example.org"

Name = str | bytes  #: a path inside of the repository
Content = str | bytes | None  #: text is written as UTF-8; None: no such file
Files = Mapping[str, Content] | Mapping[bytes, Content] | Mapping[Name, Content]


class Entry(NamedTuple):
    """A tree's entry for :meth:`Repository.load`, where a plain file is not meant."""

    mode: str  #: 100644, 100755, 120000 (link) or 160000 (submodule)
    content: bytes  #: the file's, the link's target, or the submodule's commit in hex


class Repository:
    """A repository with a work tree (or a bare one, with ``--bare``), to be filled."""

    def __init__(self, path: Path, *options: str) -> None:
        """Makes the folder. options: more options of ``git init``."""
        self.path = path
        self.clock = EPOCH  #: the next commit's time; may be set
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", *options)

    @classmethod
    def clone(cls, source: str | Path, path: Path, *options: str) -> Repository:
        """A clone of a repository; the clock goes on far behind any of its commits."""
        command = ["git", "clone", "--quiet", *options, "--", str(source), str(path)]
        subprocess.run(command, env=environment(EPOCH), check=True, capture_output=True)
        return cls._at(path)

    @classmethod
    def worktree(cls, of: Repository, path: Path, *options: str) -> Repository:
        """Another work tree of the repository."""
        of.git("worktree", "add", "--quiet", *options, str(path))
        return cls._at(path)

    @classmethod
    def _at(cls, path: Path) -> Repository:
        repository = cls.__new__(cls)
        repository.path = path
        repository.clock = EPOCH + 1_000_000 * HOUR
        return repository

    @property
    def environ(self) -> dict[str, str]:
        """What this repository's git commands get, to give to other programs too."""
        return environment(self.clock)

    def git(self, *arguments: Name, stdin: bytes = b"", **variables: str) -> bytes:
        """The output of a git command. Raises CalledProcessError, whose stderr says why."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=self.environ | variables,
            input=stdin,
            capture_output=True,
            check=True,
        ).stdout

    def text(self, *arguments: Name) -> str:
        """The same as text, without the last line's end."""
        return self.git(*arguments).decode("utf-8", "surrogateescape").removesuffix("\n")

    def open(self) -> Git:
        """The repository as bugguard sees it."""
        return Git.discover(self.path, self.environ)

    def sha(self, revision: str = "HEAD") -> str:
        return self.text("rev-parse", "--verify", revision)

    def write(self, name: Name, content: Content) -> Path:
        """Writes a file of the work tree, or removes it; git is not told."""
        file = self.path / os.fsdecode(name)
        if content is None:
            file.unlink()
            return file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return file

    def stage(self, files: Files) -> None:
        """Writes files and adds them to git's index, ignored ones too."""
        for name, content in files.items():
            self.write(name, content)
        names = b"".join(os.fsencode(name) + b"\0" for name in files)
        add = ("add", "--all", "--force", "--pathspec-from-file=-", "--pathspec-file-nul")
        if files:
            self.git("--literal-pathspecs", *add, stdin=names)

    def commit(
        self,
        files: Files | None = None,
        message: str | bytes = "Change",
        *options: str,
    ) -> str:
        """Commits what is staged and ``files``; returns the sha. No hook of the repository runs.

        The message is kept to the byte. options: more options of ``git commit``.
        """
        self.stage(files or {})
        told = message.encode("utf-8") if isinstance(message, str) else message
        command = ("commit", "--quiet", "--no-verify", "--allow-empty", "--allow-empty-message")
        self.git(*command, "--cleanup=verbatim", "--file=-", *options, stdin=told)
        self.clock += HOUR
        return self.sha()

    def load(
        self, commits: Iterable[tuple[bytes, Mapping[bytes, Entry | bytes | None]]]
    ) -> list[str]:
        """Many commits on main at once: (message, what changes); returns their shas, oldest first.

        None removes a path. Names and bytes that no work tree could hold are welcome; neither
        git's index nor the work tree is touched.
        """
        old = self.text("for-each-ref", "--format=%(objectname)", "refs/heads/main")
        stream, count = bytearray(), 0
        for message, files in commits:
            stream += b"commit refs/heads/main\ncommitter %s <%s> %d +0000\n" % (
                AUTHOR.encode(), EMAIL.encode(), self.clock,
            )  # fmt: skip
            stream += b"data %d\n%s\n" % (len(message), message)
            if old and not count:
                stream += b"from %s\n" % old.encode()
            # Removed first: a file may make room for a folder of its name.
            for name, content in sorted(files.items(), key=lambda item: item[1] is not None):
                stream += _change(name, content)
            self.clock += HOUR
            count += 1
        if not count:
            return []
        self.git("fast-import", "--quiet", "--force", stdin=bytes(stream))
        shas = self.text("rev-list", "--reverse", "--first-parent", f"--max-count={count}", "main")
        return shas.split("\n")


def environment(clock: int = EPOCH) -> dict[str, str]:
    """The surroundings for git: nobody's config, a fixed author, time standing still."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": AUTHOR,
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_AUTHOR_DATE": f"@{clock} +0000",
        "GIT_COMMITTER_NAME": AUTHOR,
        "GIT_COMMITTER_EMAIL": EMAIL,
        "GIT_COMMITTER_DATE": f"@{clock} +0000",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_EDITOR": "true",
        "LC_ALL": "C",
    }


def _change(name: bytes, content: Entry | bytes | None) -> bytes:
    escaped = name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    if content is None:
        return b'D "%s"\n' % escaped
    mode, data = ("100644", content) if isinstance(content, bytes) else content
    if mode == "160000":
        return b'M 160000 %s "%s"\n' % (data, escaped)
    return b'M %s inline "%s"\ndata %d\n%s\n' % (mode.encode(), escaped, len(data), data)
