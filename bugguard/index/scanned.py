"""What a scan found in files that have not changed since: so that only what is new is looked at.

One file for all, replaced as a whole. It says where something was found and not what: a place is
measured again before anybody is told of it. So damage or ill will can at most hide a finding, and
only from whoever lets others write into the git directory.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

FORM = 1
MOST_BYTES = 64 << 20  #: of the file; a larger one is not read
MOST_FILES = 200_000  #: remembered; of more, those of the latest scan stay
MOST_PLACES = 1000  #: of one file
_NAME = "scanned.json"


class Spot(NamedTuple):
    """Where a pattern was found: its id, and which lines of code of the file, counted from 0."""

    pattern: int
    start: int
    end: int


class Scanned:
    """directory: where it is kept; None: nowhere. basis: what found it: the index's generation,
    the settings, the rules; with another basis all is forgotten.
    """

    def __init__(self, directory: Path | None, basis: str) -> None:
        self._directory = directory
        self._basis = basis
        self._old = _read(directory / _NAME, basis) if directory else {}
        self._new: dict[str, list[Spot]] = {}

    @staticmethod
    def key(path: str, data: bytes) -> str:
        """Names a file of that path and content."""
        digest = blake2b(path.encode("utf-8", "surrogateescape"), digest_size=16)
        digest.update(b"\0" + data)
        return digest.hexdigest()

    def get(self, key: str) -> list[Spot] | None:
        """What was found; None: it was not looked at."""
        return self._old.get(key)

    def put(self, key: str, spots: list[Spot]) -> None:
        self._new[key] = spots

    def save(self) -> None:
        """Whole or not at all. A convenience: where it cannot be written it is left out."""
        if self._directory is None or all(self._old.get(k) == v for k, v in self._new.items()):
            return
        kept = dict(list(self._new.items())[:MOST_FILES])
        for key, spots in self._old.items():
            if len(kept) >= MOST_FILES:
                break
            kept.setdefault(key, spots)
        files: Mapping[str, object] = {k: v for k, v in kept.items() if len(v) <= MOST_PLACES}
        document = {"form": FORM, "basis": self._basis, "files": files}
        temporary = None
        with suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._directory, prefix="tmp-")
            with os.fdopen(handle, "w", encoding="ascii") as file:
                json.dump(document, file, separators=(",", ":"))
            Path(temporary).replace(self._directory / _NAME)
            temporary = None
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink()


def _read(path: Path, basis: str) -> dict[str, list[Spot]]:
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        document = json.loads(data) if len(data) <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict) or document.get("form") != FORM:
        return {}
    files = document.get("files")
    if document.get("basis") != basis or not isinstance(files, dict):
        return {}
    found = {}
    for key, rows in files.items():
        spots = _spots(rows)
        if spots is not None:
            found[key] = spots
    return found


def _spots(rows: object) -> list[Spot] | None:
    if not isinstance(rows, list) or len(rows) > MOST_PLACES:
        return None
    spots = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 3 or any(type(n) is not int for n in row):
            return None
        spot = Spot(*row)
        if spot.pattern < 0 or not 0 <= spot.start < spot.end:
            return None
        spots.append(spot)
    return spots
