"""The files that a team keeps beside its code: read with care, written whole or not at all.

They belong to the repository, so they are hostile: such a file may be a link to anywhere, a pipe
that never ends, or the leavings of a merge.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from bugguard.errors import TriageError

MAX_BYTES = 16 << 20  #: some 40,000 findings

# What would steer a terminal, reorder what is read or break a line; json escapes U+0000 to U+001F.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

# Opening a FIFO would wait for ever; Windows has no such flag, and needs another.
_QUIETLY = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_CONFLICT = re.compile(rb"^(?:<{7}|={7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)


def read(path: Path, root: Path | None) -> bytes | None:
    """The file's bytes; None: there is none.

    root: the repository's top folder, out of which no link in it may lead; None: it has none.
    Raises TriageError.
    """
    try:
        handle = os.open(path, _QUIETLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise TriageError(f"{path} is not a regular file: remove it, or name another one.")
        _confine(path, root)
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        os.close(handle)
    if len(data) > MAX_BYTES:
        raise TriageError(
            f"{path} is over {MAX_BYTES >> 20} MiB, more than bugguard reads of such a file: "
            "prune it, or begin anew."
        )
    return data


def write(path: Path, data: bytes, root: Path | None) -> None:
    """Writes the file whole, or leaves what was there; its permissions stay as they were.

    root: as for :func:`read`. A link that stays inside stays a link. Raises TriageError.
    """
    if len(data) > MAX_BYTES:
        raise TriageError(
            f"{path} would be over {MAX_BYTES >> 20} MiB, more than bugguard reads of such a file:"
            " nothing was written."
        )
    import tempfile  # its import is not cheap, and a check writes nothing

    _confine(path, root)
    target = Path(os.path.realpath(path))
    temporary = None
    try:
        mode = target.stat().st_mode & 0o7777 if target.exists() else _usual()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise TriageError(
            f"{path} cannot be written ({error.strerror}): mend its folder's permissions, make room"
            " there, or name another one."
        ) from error


def line(fields: Mapping[str, object]) -> str:
    """A JSON object on one line that people can read in any script, and that steers nothing."""
    text = json.dumps(fields, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def conflict(data: bytes) -> int | None:
    """The number of the first line that is a merge's conflict marker; None: there is none."""
    found = _CONFLICT.search(data)
    return data.count(b"\n", 0, found.start()) + 1 if found else None


def _confine(path: Path, root: Path | None) -> None:
    """Raises TriageError for what stands in the repository and leads out of it, or into .git.

    What stands elsewhere was named by who runs bugguard, and is theirs to choose.
    """
    if root is None or not _absolute(path).is_relative_to(_absolute(root)):
        return
    top, real = Path(os.path.realpath(root)), Path(os.path.realpath(path))
    inside = real.is_relative_to(top)
    if not inside or ".git" in {part.lower() for part in real.relative_to(top).parts}:
        raise TriageError(
            f"{path} is a link that leads out of the repository's files: put a file in its place."
        )


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def _usual() -> int:
    """The permissions that any other program would have given a new file."""
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _unreadable(path: Path, error: OSError | ValueError) -> TriageError:
    reason = error.strerror if isinstance(error, OSError) else "it has no such name"
    return TriageError(f"{path} cannot be read ({reason}): mend its permissions or remove it.")
