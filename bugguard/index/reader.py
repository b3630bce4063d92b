"""The index as :class:`bugguard.ports.PatternIndex` asks for it, over mapped files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bugguard.domain import FixCommit, LearnedFix
from bugguard.domain.guard import TokenRule
from bugguard.domain.lesson import Lesson
from bugguard.domain.provenance import EncoderIdentity
from bugguard.index import cells, postings
from bugguard.index.damage import damaged
from bugguard.index.generation import Generation, open_current
from bugguard.index.layout import FIXES, PATTERNS, RULES, SIDES, TABLES
from bugguard.index.lessons import Shelf
from bugguard.index.lines import lines
from bugguard.index.manifest import Manifest
from bugguard.index.records import checksum, read_commit, read_fix, read_rule
from bugguard.ports import Neighbours, Postings, Taught

if TYPE_CHECKING:
    from bugguard.ports import Floats, Hashes, Ids


def open_index(directory: Path) -> StoredIndex:
    """The index in ``directory``, without reading more of it than is asked for.

    Raises :class:`~bugguard.errors.IndexMissingError`,
    :class:`~bugguard.errors.IndexCorruptError` or :class:`~bugguard.errors.IndexVersionError`.
    """
    return StoredIndex(open_current(directory))


_BLOCK = 64  #: features looked up at a time
_NONE: NDArray[np.int64] = np.zeros(0, np.int64)


class StoredIndex:
    """A :class:`~bugguard.ports.PatternIndex`. Any method may find damage and then raises
    :class:`~bugguard.errors.IndexCorruptError`.
    """

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._folder = generation.folder
        self._manifest = generation.manifest
        self._arrays = generation.arrays
        self._tables = {
            side: postings.Table(
                *(self._arrays[f"{side}_{part}"] for part in ("keys", "starts", "patterns"))
            )
            for side in TABLES
        }
        self._triggers = postings.Table(
            *(self._arrays[f"trigger_{part}"] for part in ("keys", "starts", "rules"))
        )

        self._shelf = Shelf(generation)

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    @property
    def encoder(self) -> EncoderIdentity:
        return self._manifest.encoder

    @property
    def patterns(self) -> int:
        return self._manifest.counts.active

    @property
    def fixes(self) -> int:
        return self._manifest.counts.matchable_fixes

    @property
    def heads(self) -> tuple[str, ...]:
        return self._manifest.provenance.heads

    @property
    def commits(self) -> int:
        return self._manifest.counts.counted

    @property
    def times(self) -> NDArray[np.int64]:
        """When each fix was committed, in seconds since the epoch, ascending."""
        return self._arrays["fix_times"]

    def shas(self) -> list[str]:
        """The sha of each fix, in canonical order."""
        return [sha.decode("ascii", "replace") for sha in self._arrays["fix_shas"].tolist()]

    @property
    def repositories(self) -> tuple[str, ...]:
        """See :attr:`bugguard.ports.PatternIndex.repositories`."""
        return tuple(source.name for source in self._manifest.provenance.sources)

    def origins(self) -> NDArray[np.int64]:
        """See :meth:`bugguard.ports.DatedIndex.origins`."""
        numbers = self._arrays["fix_sources"].astype(np.int64)
        if np.any(numbers >= len(self._manifest.provenance.sources)):
            raise damaged(self._folder / "fix_sources.npy", "a fix is of no source")
        return numbers

    def matchable(self) -> NDArray[np.bool_]:
        """Which fixes have at least one pattern that can be matched, by number."""
        active = np.concatenate(([0], np.cumsum(self._arrays["pattern_rows"] >= 0)))
        bounds = self._arrays["fix_patterns"].clip(0, len(active) - 1)
        return np.asarray(active[bounds[1:]] > active[bounds[:-1]])

    def postings(self, side: str, features: Hashes, cap: int) -> Postings:
        """See :meth:`bugguard.ports.PatternIndex.postings`."""
        total = self._manifest.counts.patterns
        found = []
        for start, block in self._blocks(features):
            some = postings.query(self._tables[side], block, cap, total, self._folder)
            found.append((some.feature + start, some.pattern))
        columns = [np.concatenate(column) for column in zip(*found, strict=True)]
        return Postings(*columns) if columns else Postings(_NONE, _NONE)

    def nearest(self, vectors: Floats, k: int) -> Neighbours:
        """See :meth:`bugguard.ports.PatternIndex.nearest`; the cosine is -1 where the id is."""
        rows = np.full((len(vectors), k), -1, np.int64)
        cosines = np.full((len(vectors), k), -1.0, np.float32)
        quick = (self._arrays["cell_centroids"], self._arrays["cell_starts"])
        for place in range(len(vectors)):
            one = slice(place, place + 1)
            rows[one], cosines[one] = cells.nearest(
                quick, self._arrays["row_buggy"], vectors[one], k, self._folder
            )
            self._generation.release()
        found = rows >= 0
        rows[found] = self._partners("row_patterns", rows[found], "pattern_rows")
        return Neighbours(rows, cosines)

    def vectors(self, patterns: Ids) -> Floats:
        """See :meth:`bugguard.ports.PatternIndex.vectors`."""
        rows = self._partners("pattern_rows", self._checked(patterns), "row_patterns")
        with np.errstate(all="ignore"):  # damage is found just below
            sides = [self._arrays[f"row_{side}"][rows].astype(np.float32) for side in SIDES]
        both = np.stack(sides, axis=1)
        if not np.isfinite(both).all():
            raise damaged(self._folder, "a vector is not finite")
        return both

    def frequency(self, features: Hashes) -> Ids:
        """In how many commits of the history each feature was added; 0 where never."""
        return self._statistic("feature_commits", features)

    def standing(self, features: Hashes) -> Ids:
        """Occurrences of each feature added less removed, over the history; 0 where never."""
        return self._statistic("feature_standing", features)

    def rules(self, features: Hashes, cap: int) -> list[TokenRule]:
        """See :meth:`bugguard.ports.PatternIndex.rules`."""
        total = len(self._arrays["rule_digests"])
        numbers: set[int] = set()
        for _, block in self._blocks(features):
            found = postings.query(self._triggers, block, cap, total, self._folder)
            numbers.update(found.pattern.tolist())
        return [self._rule(number) for number in sorted(numbers)]

    def all_rules(self) -> Iterator[TokenRule]:
        """Every rule, in the order of their patterns. Reads the whole list."""
        return map(self._rule, range(len(self._arrays["rule_digests"])))

    def _rule(self, number: int) -> TokenRule:
        [line] = lines(self._generation, RULES, number, number + 1)
        if checksum([line]) != self._arrays["rule_digests"][number]:
            raise damaged(self._folder / RULES, f"rule {number} is not as it was written")
        try:
            return read_rule(line, self._manifest.counts.patterns)
        except ValueError as error:
            raise damaged(self._folder / RULES, f"rule {number}: {error}") from error

    @property
    def lessons(self) -> int:
        return len(self._shelf)

    def lesson(self, number: int) -> Lesson | None:
        """See :meth:`bugguard.ports.PatternIndex.lesson`. IndexError: there is no such fix."""
        if not 0 <= number < self._manifest.counts.fixes:
            raise IndexError(f"there is no fix number {number}")
        return self._shelf.of(number)

    def taught(self, vectors: Floats) -> Taught:
        """See :meth:`bugguard.ports.PatternIndex.taught`."""
        return self._shelf.near(vectors)

    def fix_numbers(self, patterns: Ids) -> Ids:
        """See :meth:`bugguard.ports.PatternIndex.fix_numbers`."""
        return self._place(patterns)[0]

    def ordinals(self, patterns: Ids) -> Ids:
        """The place of each pattern among its fix's patterns, from 0."""
        return self._place(patterns)[1]

    def fix(self, number: int) -> LearnedFix:
        """See :meth:`bugguard.ports.PatternIndex.fix`. IndexError: there is no such fix."""
        if not 0 <= number < self._manifest.counts.fixes:
            raise IndexError(f"there is no fix number {number}")
        [line] = lines(self._generation, FIXES, number, number + 1)
        first, end = self._arrays["fix_patterns"][number : number + 2].tolist()
        hunks = lines(self._generation, PATTERNS, first, end)
        if checksum([line, *hunks]) != self._arrays["fix_digests"][number]:
            raise damaged(self._folder, f"fix {number} is not as it was written")
        self._generation.release()
        try:
            return read_fix(line, hunks)
        except ValueError as error:
            raise damaged(self._folder, f"fix {number}: {error}") from error

    def find(self, text: str) -> list[int]:
        """See :meth:`bugguard.ports.PatternIndex.find`; fixes that a ticket names come first.

        Ticket ids are compared whole, in any case; without a ``#`` or ``!`` before it, a number
        names both the issue and the merge request. Reads the whole list of fixes.
        """
        wanted = text.strip().lower()
        if not wanted:
            return []
        numbers = [
            number
            for number, commit in enumerate(self._commits())
            if any(wanted in names_of(ticket.id) for ticket in commit.tickets)
        ]
        if len(wanted) >= 4:
            shas = enumerate(self.shas())
            numbers += [number for number, sha in shas if sha.startswith(wanted)]
        return list(dict.fromkeys(numbers))

    def fix_commits(self) -> Iterator[FixCommit]:
        """The commit of each fix, in canonical order. Reads the whole list."""
        return self._commits()

    def _commits(self) -> Iterator[FixCommit]:
        for number in range(self._manifest.counts.fixes):
            [line] = lines(self._generation, FIXES, number, number + 1)
            try:
                yield read_commit(line)[0]
            except ValueError as error:
                raise damaged(self._folder / FIXES, f"fix {number}: {error}") from error

    def _place(self, patterns: Ids) -> tuple[Ids, Ids]:
        first = self._arrays["fix_patterns"]
        patterns = self._checked(patterns)
        numbers = np.searchsorted(first, patterns, side="right") - 1
        if np.any((numbers < 0) | (numbers >= self._manifest.counts.fixes)):
            raise damaged(self._folder, "a pattern belongs to no fix")
        start, end = first[numbers], first[numbers + 1]
        if np.any((start < 0) | (start > patterns) | (end <= patterns)):
            raise damaged(self._folder, "a pattern belongs to no fix")
        return numbers, patterns - start

    def _checked(self, patterns: Ids) -> Ids:
        if np.any((patterns < 0) | (patterns >= self._manifest.counts.patterns)):
            raise IndexError("there is no such pattern")
        return patterns

    def _partners(self, name: str, ids: Ids, back: str) -> Ids:
        """Rows of patterns, or patterns of rows; the way back must lead to where it began."""
        partners = self._arrays[name][ids].astype(np.int64)
        there = self._arrays[back]
        inside = (partners >= 0) & (partners < len(there))
        if not inside.all() or np.any(there[partners] != ids):
            raise damaged(self._folder / f"{name}.npy", "a pattern and its vectors do not match")
        return partners

    def _statistic(self, name: str, features: Hashes) -> Ids:
        values = np.zeros(len(features), np.int64)
        for start, block in self._blocks(features):
            known, place = postings.look_up(self._arrays["feature_keys"], block)
            values[start : start + len(block)][known] = self._arrays[name][place[known]]
        return values

    def _blocks(self, features: Hashes) -> Iterator[tuple[int, Hashes]]:
        """(first position, features) of each block, with little memory kept after any."""
        for start in range(0, len(features), _BLOCK):
            yield start, features[start : start + _BLOCK]
            self._generation.release()


def names_of(ticket: str) -> tuple[str, str]:
    whole = ticket.lower()
    return whole, whole.lstrip("#!")
