"""The change under check, asked by file name and by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bugguard.domain.edit import Edit
from bugguard.match.signature import Signature


class ChangedCode:
    """A change's edits, asked by file name and by line. Lines that only move cancel out."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._files: dict[str, list[Edit]] = {}
        self._net = Counter[str]()
        self._brought: dict[str, set[str]] = {}
        self._taken: dict[str, set[str]] = {}
        self._signatures: dict[int, Signature] = {}
        for edit in edits:
            for name in {_name(edit.hunk.path), _name(edit.hunk.old_path)}:
                self._files.setdefault(name, []).append(edit)
                self._brought.setdefault(name, set()).update(line.key for line in edit.added)
                self._taken.setdefault(name, set()).update(line.key for line in edit.removed)
            self._net.update(line.key for line in edit.added)
            self._net.subtract(line.key for line in edit.removed)

    def in_file(self, path: str) -> Sequence[Edit]:
        """The edits of files of that name; folders move, names seldom do."""
        return self._files.get(_name(path), ())

    def signature(self, edit: Edit) -> Signature:
        """The edit's signature, without the lines that the change only moved."""
        known = self._signatures.get(id(edit))
        if known is None:
            known = self._signatures[id(edit)] = Signature.of([self.unmoved(edit)])
        return known

    def net(self, key: str) -> int:
        """How often the change adds the line, less how often it removes it."""
        return self._net[key]

    def brings(self, path: str, key: str) -> bool:
        return key in self._brought.get(_name(path), ())

    def takes(self, path: str, key: str) -> bool:
        return key in self._taken.get(_name(path), ())

    def unmoved(self, edit: Edit) -> Edit:
        """The edit without the lines that the change only moved."""
        kept = (
            line
            for line in edit.lines
            if line.marker == " " or self._net[line.key] * (1 if line.marker == "+" else -1) > 0
        )
        return Edit(edit.hunk, tuple(kept))


def _name(path: str) -> str:
    return path.rpartition("/")[2]
