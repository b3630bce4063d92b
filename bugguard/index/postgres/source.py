"""One generation on a server, pinned: what a reader asks its questions of."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from bugguard.config import Dsn
from bugguard.errors import IndexCorruptError, IndexMissingError, IndexVersionError
from bugguard.index.generation import LARGEST_MANIFEST
from bugguard.index.manifest import Manifest, parse_manifest
from bugguard.index.postgres import queries
from bugguard.index.postgres.link import Link
from bugguard.index.postgres.schema import LAYOUT, refuse_newer
from bugguard.index.postgres.trouble import damaged


class Source:
    """The current generation as it was when this was opened."""

    def __init__(self, link: Link, generation: int, manifest: Manifest) -> None:
        self._link = link
        self._generation = generation
        self.manifest = manifest

    @classmethod
    def open(cls, dsn: Dsn) -> Source:
        """Raises what :func:`bugguard.index.postgres.open_served` raises."""
        link = Link.reading(dsn)
        try:
            return cls(link, *_current(link))
        except BaseException:
            link.close()
            raise

    def ask(self, query: str, **values: object) -> list[Any]:
        """All rows of an answer; the generation need not be named."""
        return self._link.ask(query, {"generation": self._generation, **values})

    def damaged(self, what: str) -> IndexCorruptError:
        """The error to raise when ``what`` is wrong with what the server has."""
        return damaged(self._link.dsn, what)

    def close(self) -> None:
        self._link.close()


def _current(link: Link) -> tuple[int, Manifest]:
    rows = link.ask(queries.CURRENT, {"most": LARGEST_MANIFEST})
    if len(rows) != 1:
        raise damaged(link.dsn, "its layout is not one row")
    version, generation, digest, size, text = rows[0]
    refuse_newer(link, version)
    if version != LAYOUT:
        raise IndexCorruptError(
            f"the index at {link.dsn} was pushed by an older bugguard: push it again with "
            "`bugguard index push`"
        )
    if generation is None:
        raise IndexMissingError(f"no index at {link.dsn}: push one with `bugguard index push`")
    if text is None:
        raise damaged(link.dsn, f"its manifest is larger than it can be, {size:,} bytes")
    manifest = text.encode("utf-8", "surrogatepass")
    if hashlib.sha256(manifest).hexdigest() != digest:
        raise damaged(link.dsn, "its manifest is not as it was written")
    try:
        return generation, parse_manifest(manifest, Path("manifest"))
    except IndexVersionError:
        raise IndexVersionError(
            f"the index at {link.dsn} was written by a newer bugguard: upgrade yours"
        ) from None
    except IndexCorruptError:
        raise IndexCorruptError(
            f"the index at {link.dsn} was written by an older bugguard: build it again, then push "
            "it with `bugguard index push`"
        ) from None
