"""The change under check, asked by file name and by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from functools import cached_property

from bugguard.domain.edit import Edit
from bugguard.match.rarity import Gram, Rarity, grams
from bugguard.match.signature import Reading


class ChangedCode:
    """A change's edits without the lines that it only moves, from one place to another.

    deleted: paths of files that go as a whole; they take no fix back, they end its subject.
    readings: one an edit, in the order given.
    """

    def __init__(
        self, edits: Sequence[Edit], rarity: Rarity, deleted: Set[str] = frozenset()
    ) -> None:
        self._edits = edits
        self._net = Counter[str]()
        for edit in edits:
            self._net.update(line.key for line in edit.added)
            self._net.subtract(line.key for line in edit.removed)
        self.readings = [Reading(self._unmoved(edit), rarity) for edit in edits]
        #: Those that may take a fix back.
        self.edited = [one for one in self.readings if one.edit.hunk.path not in deleted]
        self._files: dict[str, list[Reading]] = {}
        self._brought: set[tuple[str, str]] = set()
        self._taken: set[tuple[str, str]] = set()
        for reading in self.edited:
            hunk = reading.edit.hunk
            for name in {_name(hunk.path), _name(hunk.old_path)}:
                self._files.setdefault(name, []).append(reading)
                self._brought.update((name, line.key) for line in reading.edit.added)
                self._taken.update((name, line.key) for line in reading.edit.removed)

    @cached_property
    def written(self) -> Counter[Gram]:
        """The grams of all lines that the change adds, moved ones included."""
        return grams(line for edit in self._edits for line in edit.added)

    def in_file(self, path: str) -> Sequence[Reading]:
        """The edits of files of that name; folders move, names seldom do."""
        return self._files.get(_name(path), ())

    def brings(self, path: str, key: str) -> bool:
        """Whether a file of that name gets the line, and it came from nowhere else."""
        return (_name(path), key) in self._brought

    def takes(self, path: str, key: str) -> bool:
        """Whether a file of that name loses the line, and it went nowhere else."""
        return (_name(path), key) in self._taken

    def _unmoved(self, edit: Edit) -> Edit:
        kept = (
            line
            for line in edit.lines
            if line.marker == " " or self._net[line.key] * (1 if line.marker == "+" else -1) > 0
        )
        return Edit(edit.hunk, tuple(kept))


def _name(path: str) -> str:
    return path.rpartition("/")[2]
