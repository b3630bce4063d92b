"""Past bugs put into other files, in memory: does anybody notice?

Of a remembered fix, the buggy side becomes new code of another file, in four disguises. Beside each
stands its twin, the fixed side in the same disguise at the same place, which is to stay silent.
What is chosen depends on nothing but the history: the same one gives the same cases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bugguard.domain import BugPattern, Change, FileDiff, Hunk, LearnedFix, Rule
from bugguard.history import diff, revisions
from bugguard.history.git import Git
from bugguard.patterns import disguise
from bugguard.patterns.normalize import edit
from bugguard.pipeline.replay import Replay
from bugguard.ports import DatedIndex, Progress

MOST = 100  #: fixes planted
_LEAST = 3  #: lines of code on the buggy side; fewer would be told by nobody
_AROUND = 3  #: lines of context, as git shows


class Planted(NamedTuple):
    """A change that was made up."""

    fix: str  #: sha
    variant: str  #: one of :data:`~bugguard.patterns.disguise.DISGUISES`
    twin: bool  #: whether it is the repaired one, which repeats nothing
    change: Change


class Outcome(NamedTuple):
    """What was said of one."""

    planted: Planted
    score: float | None  #: of a finding that it repeats the fix; None: at no threshold is there one

    def told(self, threshold: float) -> bool:
        return self.score is not None and self.score >= threshold


def plant(
    git: Git,
    index: DatedIndex,
    limits: diff.Limits,
    among: Collection[str] | None = None,
    most: int = MOST,
) -> list[Planted]:
    """Up to ``most`` fixes in every variant, in files as HEAD has them. Raises GitError.

    among: shas of the fixes to choose from; None: all that are remembered.
    """
    shas = index.shas()
    numbers = [n for n in np.flatnonzero(index.matchable()).tolist()
               if among is None or shas[n] in among]  # fmt: skip
    files = _files(git, limits)
    found: list[Planted] = []
    chosen = 0
    # A sha is as good as a throw of dice that always fall the same.
    for number in sorted(numbers, key=shas.__getitem__):
        if chosen == most:
            break
        made = list(_planted(git, index.fix(number), files))
        chosen += bool(made)
        found += made
    return found


def outcomes(
    replay: Replay, planted: Sequence[Planted], progress: Progress = lambda done, total: None
) -> list[Outcome]:
    """What is said of each with all fixes known."""
    known = replay.index.matchable()
    found = []
    for done, one in enumerate(planted, 1):
        told = replay.look(one.change, known).told
        scores = (t.score for t in told if t.fix == one.fix and t.rule is Rule.BUG_REPEATED)
        found.append(Outcome(one, next(scores, None)))
        progress(done, len(planted))
    return found


class _File(NamedTuple):
    path: str
    blob: str


def _files(git: Git, limits: diff.Limits) -> dict[str, list[_File]]:
    """The files of code at HEAD, by extension."""
    found: defaultdict[str, list[_File]] = defaultdict(list)
    for entry in revisions.files(git, "HEAD"):
        if not limits.why_not(entry.path) and 0 < entry.size <= limits.file_bytes:
            found[_extension(entry.path)].append(_File(entry.path, entry.blob))
    return found


def _planted(git: Git, fix: LearnedFix, files: dict[str, list[_File]]) -> Iterator[Planted]:
    pattern = _most_telling(fix)
    if pattern is None:
        return
    name = pattern.path.rpartition("/")[2]
    others = [one for one in files.get(_extension(name), ()) if not one.path.endswith(name)]
    if not others:
        return
    sha = fix.commit.sha
    file = others[int(sha[:8], 16) % len(others)]
    lines = diff.text(git.run("cat-file", "blob", file.blob)).split("\n")[:-1]
    blank = [n for n, line in enumerate(lines) if not line.strip()] or [len(lines)]
    place = blank[int(sha[8:16], 16) % len(blank)]
    for variant, disguised in disguise.DISGUISES.items():
        for twin in (False, True):
            block = disguised(disguise.side(pattern.hunk, fixed=twin))
            change = _change(fix, file.path, lines, place, block)
            yield Planted(sha, variant, twin, change)


def _most_telling(fix: LearnedFix) -> BugPattern | None:
    """The pattern whose buggy side has most code; None where none has enough."""

    def size(pattern: BugPattern) -> int:
        code = edit(pattern.hunk)
        return len(code.removed) + len(code.context)

    best = max((one for one in fix.patterns if one.dropped is None), key=size, default=None)
    return best if best is not None and size(best) >= _LEAST else None


def _change(
    fix: LearnedFix, path: str, lines: Sequence[str], place: int, block: Sequence[str]
) -> Change:
    """The block as new lines before the line of that number, counted from 0."""
    first = max(place - _AROUND, 0)
    before, after = lines[first:place], lines[place : place + _AROUND]
    body = (*(" " + line for line in before), *("+" + line for line in block),
            *(" " + line for line in after))  # fmt: skip
    hunk = Hunk(path, path, first + 1, first + 1, "", body)
    return Change(f"{fix.commit.short} planted", (FileDiff(path, path, "M", (hunk,)),))


def _extension(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2] if "." in name else name
