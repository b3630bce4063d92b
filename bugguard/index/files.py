"""Files that are whole or not there: creating with fsync, and reading regular files only."""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

Buffer = bytes | mmap.mmap


class Entry(NamedTuple):
    """What the manifest says of a file."""

    size: int  #: bytes
    sha256: str  #: hexadecimal


def create(path: Path, chunks: Iterable[bytes | memoryview]) -> Entry:
    """Write a new file through to the disk."""
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as stream:
        for chunk in chunks:
            stream.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return Entry(size, digest.hexdigest())


def sync_folder(path: Path) -> None:
    """Make the names in a folder last. Windows has no such call and does without."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def regular_size(path: Path) -> int:
    """Size in bytes. ValueError if it is a link or anything but a regular file."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("not a regular file")
    return status.st_size


def read_small(path: Path, limit: int) -> bytes:
    """A whole small file. ValueError if it is not regular or larger than ``limit`` bytes."""
    size = regular_size(path)
    if size > limit:
        raise ValueError("larger than it can be")
    with path.open("rb") as stream:
        return stream.read(size)


def map_file(path: Path, size: int) -> Buffer:
    """A file of exactly ``size`` bytes, mapped. ValueError if it is not that."""
    if regular_size(path) != size:
        raise ValueError("its size is not what the manifest says")
    if size == 0:
        return b""  # an empty file cannot be mapped
    with path.open("rb") as stream:
        buffer = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    if len(buffer) != size:
        raise ValueError("its size changed while it was opened")
    return buffer


def sha256(buffer: Buffer) -> str:
    return hashlib.sha256(buffer).hexdigest()
