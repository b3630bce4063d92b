"""From the files of a generation to the rows of the tables, block by block."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from bugguard.index.arrays import ascending
from bugguard.index.damage import damaged
from bugguard.index.generation import Generation
from bugguard.index.layout import FIXES, LESSONS, PATTERNS, RULES, TABLES
from bugguard.index.postgres.schema import SIDES
from bugguard.index.reader import StoredIndex, names_of

Row = tuple[Any, ...]

BLOCK = 2048  #: rows read at a time


def tables(generation: Generation) -> Mapping[str, Iterator[Row]]:
    """Each table's name with its rows, in the order of its key, as far as there is any."""
    return {
        "fixes": _fixes(generation),
        "patterns": _patterns(generation),
        "tickets": _tickets(generation),
        "vectors": _vectors(generation),
        "postings": _postings(generation),
        "features": _features(generation),
        "rules": _rules(generation),
        "lessons": _lessons(generation),
    }


def total(generation: Generation) -> int:
    """How many rows there are about: each fix is told of one ticket."""
    lengths = ("fix_times", "fix_times", "pattern_rows", "row_patterns", "feature_keys",
               "rule_digests", "lesson_fixes", *(f"{side}_keys" for side in SIDES))  # fmt: skip
    return sum(len(generation.arrays[name]) for name in lengths)


def signed(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The same bits as PostgreSQL has them, which knows no unsigned numbers."""
    return np.ascontiguousarray(hashes, np.uint64).view(np.int64)


def ticket_key(name: str) -> bytes:
    """What a ticket is looked up by: a name can be of any length and have any character."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:16]


def _fixes(generation: Generation) -> Iterator[Row]:
    arrays = generation.arrays
    index = StoredIndex(generation)
    starts = _offsets(generation, "fix_patterns", generation.manifest.counts.patterns)
    lines = _lines(generation, FIXES, "fix_offsets")
    columns = (
        index.shas(),
        arrays["fix_times"],
        starts[:-1],
        np.diff(starts),
        signed(arrays["fix_digests"]),
    )
    for number, (line, *row) in enumerate(zip(lines, *map(_listed, columns), strict=True)):
        yield (number, *row, line)


def _patterns(generation: Generation) -> Iterator[Row]:
    starts = _offsets(generation, "fix_patterns", generation.manifest.counts.patterns)
    lines = _lines(generation, PATTERNS, "pattern_offsets")
    number = 0
    for fix, (start, end) in enumerate(pairwise(starts.tolist())):
        for ordinal in range(end - start):
            yield number, fix, ordinal, next(lines)
            number += 1


def _tickets(generation: Generation) -> Iterator[Row]:
    for number, commit in enumerate(StoredIndex(generation).fix_commits()):
        names = {name for ticket in commit.tickets for name in names_of(ticket.id)}
        for key in sorted(map(ticket_key, names)):
            yield key, number


def _vectors(generation: Generation) -> Iterator[Row]:
    arrays = generation.arrays
    starts = arrays["cell_starts"]
    for start in range(0, len(arrays["row_patterns"]), BLOCK):
        rows = slice(start, start + BLOCK)
        patterns = arrays["row_patterns"][rows].tolist()
        places = np.arange(start, start + len(patterns))
        cells = np.searchsorted(starts, places, side="right") - 1
        owners = [cell if cell < len(starts) - 1 else None for cell in cells.tolist()]
        sides = (map(HalfVector, arrays[f"row_{side}"][rows]) for side in ("buggy", "fixed"))
        yield from zip(patterns, places.tolist(), owners, *sides, strict=True)
        generation.release()


def _postings(generation: Generation) -> Iterator[Row]:
    arrays = generation.arrays
    for side, number in SIDES.items():
        patterns = arrays[f"{side}_patterns" if side in TABLES else "trigger_rules"]
        starts = _offsets(generation, f"{side}_starts", len(patterns))
        keys = signed(arrays[f"{side}_keys"])
        for start in range(0, len(keys), BLOCK):
            bounds = starts[start : start + BLOCK + 1].tolist()
            block = patterns[bounds[0] : bounds[-1]].tolist()
            for key, first, end in zip(
                keys[start : start + BLOCK].tolist(), bounds[:-1], bounds[1:], strict=True
            ):
                yield number, key, end - first, block[first - bounds[0] : end - bounds[0]]
            generation.release()


def _features(generation: Generation) -> Iterator[Row]:
    arrays = generation.arrays
    names = ("feature_commits", "feature_standing")
    columns = (signed(arrays["feature_keys"]), *(arrays[name] for name in names))
    return zip(*map(_listed, columns), strict=True)


def _rules(generation: Generation) -> Iterator[Row]:
    digests = _listed(signed(generation.arrays["rule_digests"]))
    lines = _lines(generation, RULES, "rule_offsets")
    for number, (digest, line) in enumerate(zip(digests, lines, strict=True)):
        yield number, digest, line


def _lessons(generation: Generation) -> Iterator[Row]:
    arrays = generation.arrays
    lines = _lines(generation, LESSONS, "lesson_offsets")
    columns = (arrays["lesson_fixes"], signed(arrays["lesson_digests"]))
    meanings = map(HalfVector, arrays["lesson_vectors"])
    return zip(*map(_listed, columns), lines, meanings, strict=True)


def _listed(column: Any) -> Iterator[Any]:
    """The values as Python's own, few of them at a time."""
    if isinstance(column, list):
        yield from column
        return
    for start in range(0, len(column), BLOCK):
        yield from column[start : start + BLOCK].tolist()


def _lines(generation: Generation, name: str, offsets_name: str) -> Iterator[bytes]:
    text = generation.buffers[name]
    offsets = _offsets(generation, offsets_name, len(text))
    for start in range(0, len(offsets) - 1, BLOCK):
        bounds = offsets[start : start + BLOCK + 1].tolist()
        for first, end in pairwise(bounds):
            yield text[first:end]
        generation.release()


def _offsets(generation: Generation, name: str, end: int) -> NDArray[np.int64]:
    offsets: NDArray[np.int64] = generation.arrays[name]
    if not ascending(offsets, end):
        raise damaged(generation.folder / f"{name}.npy", "its stretches do not fit together")
    return offsets
