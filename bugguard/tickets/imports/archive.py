"""A GitLab project's export as it is downloaded: its issues and its merge requests, no more."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO

from bugguard.tickets.imports.objects import LONGEST, read_lines
from bugguard.tickets.imports.record import Context, Row

_WANTED = ("tree/project/issues.ndjson", "tree/project/merge_requests.ndjson")
_MOST = 8 << 30  #: bytes that are unpacked of what is wanted


def read_archive(stream: IO[bytes], context: Context) -> Iterator[Row]:
    """Read as a stream, so that nothing is ever written. ValueError, in a clause, if it is none."""
    stream.seek(0)
    found, left = False, _MOST
    try:
        # Not tarfile's own way to unpack a stream: that one breaks on a header that was cut.
        with gzip.open(stream) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                file = archive.extractfile(member) if member.isreg() and name in _WANTED else None
                if file is None:
                    continue
                found, left = True, left - member.size
                if left < 0:
                    raise ValueError("it unpacks to more than can be meant")
                yield from read_lines(_lines(file), "gitlab-json", context)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ValueError(f"it is not a whole .tar.gz file ({error})") from error
    if not found:
        raise ValueError(f"it has no {_WANTED[0]}, so it is no export of a GitLab project")


def _lines(file: IO[bytes]) -> Iterator[str]:
    while line := file.readline(LONGEST + 1):
        yield line.decode("utf-8", "replace")
