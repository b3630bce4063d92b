"""The installed command line, run from outside as a user runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from repository import Repository

#: The one beside the interpreter that runs the tests: another may be first on PATH.
PROGRAM = str(Path(sys.executable).with_name("bugguard"))
if not Path(PROGRAM).exists():
    PROGRAM = shutil.which("bugguard") or "bugguard"

CLEAN, FINDINGS, USAGE, INTERRUPTED = 0, 1, 2, 130


class Result(NamedTuple):
    """What a program left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one sentence of an error; fails if there is more or less than one line of it."""
        lines = self.err.splitlines()
        assert len(lines) == 1, f"not one line: {self}"
        assert lines[0].startswith("bugguard: "), self
        assert "Traceback" not in self.err
        return lines[0].removeprefix("bugguard: ")


def environment(repository: Repository) -> dict[str, str]:
    """A user's surroundings without settings of their own, with bugguard on PATH."""
    environ = {k: v for k, v in repository.environ.items() if not k.startswith("BUGGUARD_")}
    # The author is git's to say: a hook takes these three together for an amended commit's.
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE"):
        del environ[name]
    environ["XDG_CONFIG_HOME"] = str(repository.path.parent / "no-config")
    environ["PATH"] = f"{Path(PROGRAM).parent}:{environ['PATH']}"
    return environ


def bugguard(
    repository: Repository,
    *arguments: str | Path,
    stdin: bytes = b"",
    cwd: Path | None = None,
    **variables: str,
) -> Result:
    """``bugguard`` with these arguments, in the repository's folder."""
    command = [PROGRAM, *map(str, arguments)]
    return execute(repository, command, stdin, cwd, **variables)


def execute(
    repository: Repository,
    command: list[str],
    stdin: bytes = b"",
    cwd: Path | None = None,
    **variables: str,
) -> Result:
    """Any program in the repository's folder."""
    done = subprocess.run(
        command,
        cwd=cwd or repository.path,
        env=environment(repository) | variables,
        input=stdin,
        capture_output=True,
        check=False,
    )
    return Result(
        done.returncode,
        done.stdout.decode("utf-8", "surrogateescape"),
        done.stderr.decode("utf-8", "surrogateescape"),
    )


def index_files(repository: Repository) -> dict[str, bytes]:
    """The index's files by name, the generation's own name and its date left out."""
    folder = Path(repository.text("rev-parse", "--path-format=absolute", "--git-common-dir"))
    return files_of(folder / "bugguard")


def files_of(index: Path) -> dict[str, bytes]:
    """The same of an index's folder."""
    generation = index / (index / "CURRENT").read_text("ascii").split()[0]
    return {str(f.relative_to(generation)): f.read_bytes() for f in generation.rglob("*")}
