"""What a history itself says of changes that brought a bug back: truth without anybody's labels.

Two kinds are told from later commits. A fix was *undone* where a change takes back lines of it and
a later repair makes the same lines again. A bug was *repeated* where a later fix makes an edit like
an earlier one's, and the lines that it repairs were written after that one (SZZ).

Both are found by lines alone, without the matcher that they are to measure. What is told is likely
right; what is not told is not known to be wrong: most bugs that came back were repaired in other
words, or never.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bugguard.domain import BugPattern, Commit, LearnedFix
from bugguard.history import blame, log
from bugguard.history.fixes import judge_message
from bugguard.history.git import Git
from bugguard.match.rarity import Rarity
from bugguard.match.signature import Reading, shared
from bugguard.patterns.extract import patterns as extract
from bugguard.patterns.extract import signature
from bugguard.patterns.normalize import changed, edit
from bugguard.pipeline.sources import Lesson
from bugguard.ports import DatedIndex, Progress

_LONG = 12  #: characters of code; shorter lines come and go by chance
_TAKEN = 0.3  #: of a fix's lines, those that a change must take back
_MADE_AGAIN = 0.5  #: of the lines taken back, those that must be made again
_HOUR = 3600  #: seconds; what is made again sooner was being worked on
_LARGE = 1500  #: changed lines; a larger change is an import or a sweep
_ALIKE = 0.3  #: similarity of two fixes' edits, 0..1
_TELLING = 4.0  #: the weight of what they must have in common: some four rare tokens
_COMMON = 300  #: a feature of more patterns says too little to look a fix up by
_MOST_ALIKE = 8  #: earlier patterns looked at for each hunk of a later fix

Line = tuple[str, str]
"""A file's path and a line's key."""


class Mined(NamedTuple):
    """A change that brought a bug back, by what happened later."""

    fix: str  #: sha of the earlier fix
    change: str
    later: str  #: sha of the repair that tells
    kind: str  #: ``undone`` or ``repeated``


def mine(
    git: Git,
    index: DatedIndex,
    commits: Sequence[str],
    lesson: Lesson,
    progress: Progress = lambda done, total: None,
    *,
    repeats: bool = True,
) -> list[Mined]:
    """What is known of ``commits`` (shas, any order), each pair of fix and change once.

    repeats: whether to look for repeated bugs too, which costs a blame for many a later fix.
    """
    read = [
        commit
        for commit in _read(git, commits, lesson, progress)
        if not isinstance(commit, log.Unread)
    ]
    read.sort(key=lambda commit: commit.time)
    nets = [_net(commit) for commit in read]
    known = _Known(index)
    found = {(one.fix, one.change): one for one in _undone(read, nets, known)}
    for one in _repeated(git, read, known) if repeats else ():
        found.setdefault((one.fix, one.change), one)
    return list(found.values())


def _read(
    git: Git, commits: Sequence[str], lesson: Lesson, progress: Progress
) -> Iterator[Commit | log.Unread]:
    for done, commit in enumerate(log.read(git, commits, lesson.limits), 1):
        progress(done, len(commits))
        yield commit


def _net(commit: Commit) -> Counter[Line]:
    """How often each line is added, less how often it is removed; what only moved is left out."""
    here: Counter[Line] = Counter()
    anywhere: Counter[str] = Counter()
    for file in commit.files:
        for hunk in file.hunks:
            for marker, key in changed(hunk):
                step = 1 if marker == "+" else -1
                here[file.path, key] += step
                anywhere[key] += step
    if len(here) > _LARGE:
        return Counter()
    return Counter({line: n for line, n in here.items() if n * anywhere[line[1]] > 0})


class _Known:
    """The remembered fixes, by their lines."""

    def __init__(self, index: DatedIndex) -> None:
        self.index = index
        self.times = index.times.tolist()
        self.shas = index.shas()
        self.rarity = Rarity(index)
        self._fixes: dict[int, LearnedFix] = {}
        #: (line, whether the fix added it) -> numbers of the fixes
        self.lines: defaultdict[tuple[Line, bool], list[int]] = defaultdict(list)
        self.sizes: Counter[int] = Counter()  #: how many such lines each fix has
        for number in np.flatnonzero(index.matchable()).tolist():
            net: Counter[Line] = Counter()
            for pattern in _active(index.fix(number)):
                for marker, key in changed(pattern.hunk):
                    net[pattern.path, key] += 1 if marker == "+" else -1
            for line, count in net.items():
                if count and len(line[1]) >= _LONG:
                    self.lines[line, count > 0].append(number)
                    self.sizes[number] += 1

    def fix(self, number: int) -> LearnedFix:
        if number not in self._fixes:
            self._fixes[number] = self.index.fix(number)
        return self._fixes[number]

    def reading(self, pattern: BugPattern) -> Reading:
        one = edit(pattern.hunk)
        self.rarity.learn(one.lines)
        return Reading(one, self.rarity)


def _undone(
    commits: Sequence[Commit], nets: Sequence[Counter[Line]], known: _Known
) -> Iterator[Mined]:
    places: defaultdict[Line, list[int]] = defaultdict(list)
    for place, net in enumerate(nets):
        for line in net:
            if len(line[1]) >= _LONG:
                places[line].append(place)
    for place, (commit, net) in enumerate(zip(commits, nets, strict=True)):
        taken: defaultdict[int, list[Line]] = defaultdict(list)
        for line, count in net.items():
            for number in known.lines.get((line, count < 0), ()):
                if known.times[number] < commit.time and known.shas[number] != commit.sha:
                    taken[number].append(line)
        for number, lines in taken.items():
            if len(lines) < _TAKEN * known.sizes[number]:
                continue
            again: Counter[int] = Counter()
            for line in lines:
                again.update(
                    later
                    for later in places[line]
                    if later > place and nets[later][line] * net[line] < 0
                )
            for later in sorted(again):
                if again[later] >= _MADE_AGAIN * len(lines) and _repairs(commits[later], commit):
                    yield Mined(known.shas[number], commit.sha, commits[later].sha, "undone")
                    break


def _repairs(later: Commit, commit: Commit) -> bool:
    """Whether the later commit means to mend, and not to go on with the same work."""
    message = later.message
    mends = judge_message(message, 1).learned or message.lower().startswith("revert")
    return later.time - commit.time > _HOUR and (mends or commit.sha[:7] in message)


def _repeated(git: Git, commits: Sequence[Commit], known: _Known) -> Iterator[Mined]:
    replayed = {commit.sha: commit for commit in commits}
    for later in commits:
        if not judge_message(later.message, len(later.parents)).learned:
            continue
        for pattern in extract(later):
            if pattern.dropped:
                continue
            earlier = [n for n in _alike(pattern, known, later) if known.shas[n] != later.sha]
            if not earlier:
                continue
            for sha in _written_by(git, later, pattern):
                change = replayed.get(sha)
                if change is None:
                    continue
                for number in earlier:
                    if known.times[number] < change.time and known.shas[number] != sha:
                        yield Mined(known.shas[number], sha, later.sha, "repeated")


def _alike(pattern: BugPattern, known: _Known, later: Commit) -> list[int]:
    """Numbers of the earlier fixes that make an edit like this one."""
    mine = known.reading(pattern)
    names = signature(mine.edit)
    votes: Counter[int] = Counter()
    for side, features in (("buggy", names.buggy), ("fixed", names.fixed)):
        asked = np.array(features, dtype=np.uint64)
        votes.update(known.index.postings(side, asked, _COMMON).pattern.tolist())
    best = np.array(sorted(votes, key=lambda one: (-votes[one], one))[:_MOST_ALIKE], dtype=np.int64)
    numbers = known.index.fix_numbers(best).tolist()
    found = []
    for number, ordinal in zip(numbers, known.index.ordinals(best).tolist(), strict=True):
        if known.times[number] < later.time and number not in found:
            other = known.reading(known.fix(number).patterns[ordinal])
            if _similar(mine, other, known.rarity):
                found.append(number)
    return found


def _similar(one: Reading, other: Reading, rarity: Rarity) -> bool:
    """Whether both edits are much the same: weighted Jaccard similarity of what each changes."""
    common = shared(one.lost, other.lost, rarity) + shared(one.gained, other.gained, rarity)
    whole = sum(side.lost_weight + side.gained_weight for side in (one, other))
    return common >= _TELLING and common >= _ALIKE * (whole - common)


def _written_by(git: Git, later: Commit, pattern: BugPattern) -> frozenset[str]:
    """Who wrote what the hunk repairs: the lines it removes, else those beside what it adds."""
    if not later.parents:
        return frozenset()
    hunk = pattern.hunk
    wrong: list[int] = []
    beside: list[int] = []
    number = hunk.old_start
    for place, line in enumerate(hunk.body):
        if line[0] == "+":
            continue
        around = hunk.body[max(place - 1, 0) : place + 2]
        if line[0] == "-":
            wrong.append(number)
        elif any(other[0] == "+" for other in around):
            beside.append(number)
        number += 1
    lines = wrong or beside
    if not lines:
        return frozenset()
    start, count = min(lines), max(lines) - min(lines) + 1
    return blame.introduced(git, later.parents[0], hunk.old_path, start, count)


def _active(fix: LearnedFix) -> Iterator[BugPattern]:
    if fix.dropped is None:
        yield from (one for one in fix.patterns if one.dropped is None)
