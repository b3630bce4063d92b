"""Lessons in an index: by their fix, by what they mean, and out of an index that is given up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
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
    from bugguard.ports import Floats, Ids

BLOCK = 4096  #: lessons compared at a time
_DECIMALS = 4  #: of a cosine: further ones depend on the place in a block
_FEW = 50  #: lessons
_TINY = np.float32(1e-6)
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
        fixes = self._arrays["lesson_fixes"].astype(np.int64)
        if np.any((fixes < 0) | (fixes >= self._generation.manifest.counts.fixes)):
            raise damaged(self._path, "a lesson belongs to no fix")
        return nearness(fixes, self._blocks, vectors)

    def _blocks(self) -> Iterator[Floats]:
        rows = self._arrays["lesson_vectors"]
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK].astype(np.float32)
            self._generation.release()
            if not np.isfinite(block).all():
                raise damaged(self._path.with_name("lesson_vectors.npy"), "one is not finite")
            yield block

    def _line(self, place: int) -> bytes:
        text = self._generation.buffers[LESSONS]
        start, end = self._arrays["lesson_offsets"][place : place + 2].tolist()
        if not 0 <= start <= end <= len(text):
            raise damaged(self._path, "a line lies outside the file")
        return text[start:end]


def nearness(fixes: Ids, blocks: Callable[[], Iterable[Floats]], vectors: Floats) -> Taught:
    """How near the lessons of ``fixes`` are to what is asked. ``blocks``: their vectors, in order,
    :data:`BLOCK` at a time; gone through twice.

    What all lessons have in common is taken away first, or the plainest of them would be near
    to everything (Mu and Viswanath, "All-but-the-top", ICLR 2018). Few of them have not much in
    common that could be told from what they say, so their mean counts for less.
    """
    cosines = np.zeros(len(fixes), np.float32)
    nearest = np.zeros(len(fixes), np.int64)
    if len(fixes) and len(vectors):
        mean = sum(block.sum(axis=0) for block in blocks()) / (len(fixes) + _FEW)
        asked = _directions(vectors, mean).T
        for place, block in enumerate(blocks()):
            scores = (_directions(block, mean) @ asked).round(_DECIMALS).clip(-1.0, 1.0)
            rows = slice(place * BLOCK, (place + 1) * BLOCK)
            cosines[rows], nearest[rows] = scores.max(axis=1), scores.argmax(axis=1)
    return Taught(fixes, cosines, nearest)


def _directions(rows: Floats, mean: Floats) -> Floats:
    """Unit vectors from the mean to the rows; rows without any direction stay so."""
    apart: Floats = np.where(rows.any(axis=1, keepdims=True), rows - mean, np.float32(0))
    apart /= np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), _TINY)
    return apart


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
