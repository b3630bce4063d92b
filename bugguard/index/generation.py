"""Opening a generation: every file mapped and checked for size and header, none of them read."""

from __future__ import annotations

import hashlib
import mmap
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bugguard.errors import IndexCorruptError, IndexMissingError, PatternIndexError
from bugguard.index import arrays
from bugguard.index.damage import damaged
from bugguard.index.files import Buffer, map_file, read_small, sha256
from bugguard.index.layout import ARRAYS, CURRENT, MANIFEST, POINTER
from bugguard.index.manifest import Manifest, parse_manifest

LARGEST_MANIFEST = 64 << 20  #: bytes; a partial clone can have many unread commits
_LARGE = 2 << 20  #: bytes; a smaller file may stay resident
_ATTEMPTS = 100


class Pointer(NamedTuple):
    """What ``CURRENT`` says."""

    generation: str
    digest: str  #: sha256 of its manifest


@dataclass(frozen=True)
class Generation:
    """An opened generation. Its files stay readable even when it is removed meanwhile."""

    folder: Path
    manifest: Manifest
    buffers: dict[str, Buffer]  #: by file name
    arrays: dict[str, NDArray[Any]]  #: by the names in :data:`~bugguard.index.layout.ARRAYS`

    def release(self) -> None:
        """Give back the memory of all pages read so far; they are read again when needed.

        The system maps far more around each page than was asked for, so a few hundred look-ups
        here and there in a large index would otherwise keep much of it resident.
        """
        for buffer in self._large:
            buffer.madvise(mmap.MADV_DONTNEED)

    @cached_property
    def _large(self) -> list[mmap.mmap]:
        if not hasattr(mmap, "MADV_DONTNEED"):
            return []
        mapped = (one for one in self.buffers.values() if isinstance(one, mmap.mmap))
        return [buffer for buffer in mapped if len(buffer) > _LARGE]


def open_current(directory: Path) -> Generation:
    """The generation that ``CURRENT`` names.

    Raises :class:`IndexMissingError`, :class:`IndexCorruptError` or :class:`IndexVersionError`.
    """
    for _ in range(_ATTEMPTS):
        pointer = read_pointer(directory)
        try:
            return open_folder(directory / pointer.generation, pointer.digest)
        except IndexCorruptError:
            # Writers may have swapped and removed it since; damage stays where it is.
            if read_pointer(directory) == pointer:
                raise
    raise damaged(directory, "it changes all the time")


def read_pointer(directory: Path) -> Pointer:
    """What ``CURRENT`` in ``directory`` says."""
    path = directory / CURRENT
    try:
        match = POINTER.fullmatch(read_small(path, 4096))
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissingError(
            f"no index at {directory}: run `bugguard init` or `bugguard index build`"
        ) from None
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:
        raise damaged(path, str(error)) from error
    if not match:
        raise damaged(path, "it does not name a generation")
    return Pointer(match[1].decode(), match[3].decode())


def verify_contents(generation: Generation) -> None:
    """Raises :class:`IndexCorruptError` unless every byte is what the manifest says."""
    for name, entry in generation.manifest.files.items():
        if sha256(generation.buffers[name]) != entry.sha256:
            raise damaged(generation.folder / name, "its content is not what the manifest says")


def open_folder(folder: Path, digest: str) -> Generation:
    """The generation in ``folder``, whose manifest must have the sha256 ``digest``."""
    path = folder
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise ValueError("not a folder")
        path = folder / MANIFEST
        text = read_small(path, LARGEST_MANIFEST)
        if hashlib.sha256(text).hexdigest() != digest:
            raise ValueError(f"its content is not what {CURRENT} says")
        manifest = parse_manifest(text, path)
        buffers = {}
        for name, entry in manifest.files.items():
            path = folder / name
            buffers[name] = map_file(path, entry.size)
    except FileNotFoundError:
        raise damaged(path, "it is missing") from None
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:
        raise damaged(path, str(error)) from error
    return Generation(folder, manifest, buffers, _shaped(folder, manifest, buffers))


def _shaped(
    folder: Path, manifest: Manifest, buffers: dict[str, Buffer]
) -> dict[str, NDArray[Any]]:
    """The arrays over their files; lengths of one name must be equal."""
    counts = manifest.counts
    lengths = {
        "fixes": counts.fixes,
        "patterns": counts.patterns,
        "active": counts.active,
        "lessons": counts.lessons,
    }
    shaped = {}
    for name, (dtype_text, rows_name, extra, columns_name) in ARRAYS.items():
        dtype = np.dtype(dtype_text)
        columns = None if columns_name is None else manifest.encoder.dimension
        buffer = buffers[f"{name}.npy"]
        try:
            rows = arrays.rows_in(len(buffer), dtype, columns)
            if lengths.setdefault(rows_name, rows - extra) != rows - extra or rows < extra:
                raise ValueError("its length is not as expected")
            shaped[name] = arrays.over(buffer, dtype, rows, columns)
        except ValueError as error:
            raise damaged(folder / f"{name}.npy", str(error)) from error
    starts = shaped["cell_starts"]
    if (
        len(starts) < 2
        or not arrays.ascending(starts, int(starts[-1]))
        or starts[-1] > counts.active
    ):
        raise damaged(folder / "cell_starts.npy", "its cells do not fit together")
    return shaped


def _unreadable(path: Path, error: OSError) -> PatternIndexError:
    return PatternIndexError(
        f"cannot read {path} ({error.strerror or error}): mend its permissions and run again"
    )
