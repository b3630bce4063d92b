"""The plain pre-commit hook, for teams that do not use pre-commit."""

from __future__ import annotations

import os
import shlex
import tempfile
from pathlib import Path

from bugguard.history.git import Git

_MARK = "# Installed by `bugguard init`; run it again to renew, delete this file to remove."

_SCRIPT = """\
#!/bin/sh
{mark}
bugguard={program}
if [ ! -x "$bugguard" ]; then
    bugguard=$(command -v bugguard) || {{
        echo "bugguard is not installed here any more: this commit was not checked" >&2
        exit 0
    }}
fi
"$bugguard" hook
code=$?
case $code in
126 | 127)  # the Python that it was installed for is gone
    echo "bugguard does not start any more: this commit was not checked" >&2
    exit 0
    ;;
esac
exit $code
"""


def install(git: Git, program: str) -> str:
    """Writes ``.git/hooks/pre-commit``; returns one line on what was done.

    A hook that bugguard did not write is never touched, nor is another tool's hooks folder.
    """
    configured = _hooks_path(git)
    if configured:
        return (
            f"git takes its hooks from {configured} (core.hooksPath): no hook was installed; "
            "add the line `bugguard hook` to the pre-commit hook there"
        )
    path = git.common_dir / "hooks" / "pre-commit"
    if path.is_symlink() or (path.exists() and not _is_ours(path)):
        return f"left {path} alone, which is not ours: add the line `bugguard hook` to it"
    renewed = path.exists()
    try:
        _write(path, _SCRIPT.format(mark=_MARK, program=shlex.quote(program)))
    except OSError as error:
        return f"no hook was installed: {path} cannot be written ({error.strerror})"
    return f"{'renewed' if renewed else 'installed'} the hook {path}"


def _hooks_path(git: Git) -> str | None:
    # Of all values in all files, included ones too, the last counts; behind it is our own override.
    *values, _ = os.fsdecode(git.run("config", "--null", "--get-all", "core.hooksPath")).split("\0")
    return values[-2] if len(values) > 1 else None


def _is_ours(path: Path) -> bool:
    try:
        return _MARK.encode() in path.read_bytes()[:4096]
    except OSError:
        return False


def _write(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(script)
        Path(temporary).chmod(0o755)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
