"""Lessons in an index: by their fix, by what they mean, and out of an index that is given up."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bugguard.domain.lesson import Lesson
from bugguard.errors import PatternIndexError
from bugguard.index.damage import damaged
from bugguard.index.fields import get_count, get_object, get_text, parse_object
from bugguard.index.files import read_small
from bugguard.index.generation import LARGEST_MANIFEST, Generation, read_pointer
from bugguard.index.layout import LESSONS, MANIFEST
from bugguard.index.records import checksum, read_lesson
from bugguard.ports import Taught

if TYPE_CHECKING:
    from bugguard.ports import Floats

_BLOCK = 4096  #: lessons compared at a time
_DECIMALS = 4  #: of a cosine: further ones depend on the place in a block
_LARGEST = 1 << 30  #: bytes of lessons


class Shelf:
    """The lessons of an opened generation, read only when they are asked for."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._arrays = generation.arrays
        self._path = generation.folder / LESSONS

    def __len__(self) -> int:
        return self._generation.manifest.counts.lessons

    def of(self, number: int) -> Lesson | None:
        """The lesson of the fix with that number, which must exist."""
        fixes = self._arrays["lesson_fixes"]
        place = int(np.searchsorted(fixes, number))
        if place == len(fixes) or fixes[place] != number:
            return None
        line = self._line(place)
        if checksum([line]) != self._arrays["lesson_digests"][place]:
            raise damaged(self._path, f"lesson {place} is not as it was written")
        try:
            sha, lesson = read_lesson(line)
        except ValueError as error:
            raise damaged(self._path, f"lesson {place}: {error}") from error
        if sha.encode("ascii") != self._arrays["fix_shas"][number]:
            raise damaged(self._path, f"lesson {place} is another fix's")
        return lesson

    def near(self, vectors: Floats) -> Taught:
        """See :meth:`bugguard.ports.PatternIndex.taught`."""
        rows, fixes = self._arrays["lesson_vectors"], self._arrays["lesson_fixes"]
        cosines = np.zeros(len(rows), np.float32)
        nearest = np.zeros(len(rows), np.int64)
        if np.any((fixes < 0) | (fixes >= self._generation.manifest.counts.fixes)):
            raise damaged(self._path, "a lesson belongs to no fix")
        for start in range(0, len(rows) if len(vectors) else 0, _BLOCK):
            block = rows[start : start + _BLOCK].astype(np.float32)
            with np.errstate(all="ignore"):  # what is not finite is found just below
                scores = block @ vectors.T
            if not np.isfinite(scores).all():
                raise damaged(self._path.with_name("lesson_vectors.npy"), "one is not finite")
            scores = scores.round(_DECIMALS).clip(-1.0, 1.0)
            cosines[start : start + _BLOCK] = scores.max(axis=1)
            nearest[start : start + _BLOCK] = scores.argmax(axis=1)
            self._generation.release()
        return Taught(fixes.astype(np.int64), cosines, nearest)

    def _line(self, place: int) -> bytes:
        text = self._generation.buffers[LESSONS]
        start, end = self._arrays["lesson_offsets"][place : place + 2].tolist()
        if not 0 <= start <= end <= len(text):
            raise damaged(self._path, "a line lies outside the file")
        return text[start:end]


def salvage(directory: Path) -> dict[str, Lesson]:
    """The lessons in ``directory`` by their fixes' shas, in whatever state the rest is.

    What learned the index, its version and damage elsewhere do not count, for lessons cost money
    and all else can be learned again. Where they themselves are not as they were written, or where
    there is no index, there are none.
    """
    try:
        pointer = read_pointer(directory)
        folder = directory / pointer.generation
        text = read_small(folder / MANIFEST, LARGEST_MANIFEST)
        if hashlib.sha256(text).hexdigest() != pointer.digest:
            return {}
        entry = get_object(get_object(parse_object(text), "files"), LESSONS)
        lines = read_small(folder / LESSONS, min(get_count(entry, "size"), _LARGEST))
        if hashlib.sha256(lines).hexdigest() != get_text(entry, "sha256"):
            return {}
        return dict(map(read_lesson, lines.splitlines(keepends=True)))
    except (PatternIndexError, OSError, ValueError):
        return {}
