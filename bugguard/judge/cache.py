"""Answers that are known already: one small file each, in a folder that may be shared.

Nothing that stands there is believed more than what a server says: an answer goes through the same
verification again, against what is shown now.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

MOST_BYTES = 100_000  #: of one answer
MOST_FILES = 20_000  #: of the folder; the oldest go


class Cache:
    """A convenience: where it cannot be read or written, the judge is asked again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, key: str) -> str | None:
        """The answer's text that was put under the key."""
        try:
            with self._path(key).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            return data.decode("utf-8") if len(data) <= MOST_BYTES else None
        except (OSError, UnicodeDecodeError):
            return None

    def put(self, key: str, answer: str) -> None:
        """Whole or not at all."""
        path = self._path(key)
        data = answer.encode("utf-8", "backslashreplace")
        if len(data) > MOST_BYTES:
            return
        temporary = None
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix="tmp-")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # Shared by a team, so not for the owner's eyes alone; the umask has the last word.
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(path)
            temporary = None
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink()

    def prune(self) -> None:
        """Takes the oldest answers away where there are too many."""
        with suppress(OSError):
            known = [(one.stat().st_mtime, one) for one in self._directory.glob("??/*.json")]
            for _, path in sorted(known)[: max(len(known) - MOST_FILES, 0)]:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        name = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self._directory / name[:2] / f"{name}.json"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
