"""An index in memory: the matcher's tests need neither disk nor history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bugguard.domain import Change, Commit, FileDiff, FixCommit, LearnedFix, Ticket
from bugguard.domain.edit import token_feature
from bugguard.domain.guard import TokenRule
from bugguard.domain.knowledge import Statistics
from bugguard.domain.lesson import Lesson, digest_of
from bugguard.domain.provenance import EncoderIdentity
from bugguard.history.diff import Limits, parse_patch
from bugguard.patterns import extract
from bugguard.patterns.extract import names, signature
from bugguard.patterns.normalize import edit
from bugguard.patterns.refine import refine
from bugguard.patterns.statistics import Tally, combine, frequencies
from bugguard.ports import Neighbours, Postings, Taught

DAY = 24 * 3600  #: when a change is made: fixes are made within seconds of the epoch


class LetterEncoder:
    """Counts of letters: near texts are near, and nothing needs to be loaded."""

    identity = EncoderIdentity("letters", "1", 32)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        counts = np.zeros((len(texts), 32), dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text:
                counts[row, ord(letter) % 32] += 1
        length = np.linalg.norm(counts, axis=1, keepdims=True)
        return np.divide(counts, length, out=counts, where=length > 0)


def change(patch: str, message: str = "") -> Change:
    """A change from the text of a patch."""
    return Change("a patch", parse_patch(patch.encode(), Limits()), message, time=DAY)


def hunk(old: str, new: str, path: str = "app.py", start: int = 1, heading: str = "") -> str:
    """A patch of one hunk that turns the lines ``old`` into ``new``; equal ends are context."""
    before, after = old.splitlines(), new.splitlines()
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    body = [" " + line for line in before[:head]]
    body += ["-" + line for line in before[head : len(before) - tail]]
    body += ["+" + line for line in after[head : len(after) - tail]]
    body += [" " + line for line in before[len(before) - tail :]]
    ranges = f"-{start},{len(before)} +{start},{len(after)}"
    return "\n".join([f"--- a/{path}", f"+++ b/{path}", f"@@ {ranges} @@ {heading}", *body, ""])


class MemoryIndex:
    """What was learned from fixes given as (sha, message, patch), oldest first.

    lessons: their texts, by the fixes' places.
    """

    def __init__(
        self,
        *fixes: tuple[str, str, str],
        ordinary: Sequence[str] = (),
        rules: Sequence[TokenRule] = (),
        lessons: Mapping[int, str] | None = None,
    ) -> None:
        self._rules = rules
        self._lessons = lessons or {}
        self.lessons = len(self._lessons)
        learned, tally = [], Tally()
        for time, (sha, message, patch) in enumerate(fixes):
            commit = Commit(sha, (), time, message, change(patch).files)
            tally.count(commit)
            tickets = (Ticket("#1", "", "", "subject"),)
            record = FixCommit(sha, time, commit.subject, message, tickets)
            learned.append(LearnedFix(record, extract.patterns(commit)))
        for patch in ordinary:
            files: tuple[FileDiff, ...] = change(patch).files
            tally.count(Commit("0" * 40, (), 0, "", files))
        self._statistics: Statistics = combine(tally.statistics(), Tally().statistics())
        self._fixes = refine(learned, self._statistics)
        self._rows = [
            (number, pattern)
            for number, fix in enumerate(self._fixes)
            for pattern in fix.patterns
            if fix.dropped is None and pattern.dropped is None
        ]
        signatures = [signature(edit(pattern.hunk)) for _, pattern in self._rows]
        self._sides = {
            "buggy": [set(one.buggy) for one in signatures],
            "fixed": [set(one.fixed) for one in signatures],
            "names": [set(names(edit(pattern.hunk))) for _, pattern in self._rows],
        }
        self.encoder = LetterEncoder.identity
        self.patterns = len(self._rows)
        self.fixes = len(self._fixes)
        self.heads: tuple[str, ...] = ()
        self.commits = self._statistics.total

    def postings(self, side: str, features: NDArray[np.uint64], cap: int) -> Postings:
        pairs = [
            (place, row)
            for place, feature in enumerate(features.tolist())
            for row, known in enumerate(self._sides[side])
            if feature in known
        ]
        columns = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return Postings(columns[:, 0], columns[:, 1])

    def nearest(self, vectors: NDArray[np.float32], k: int) -> Neighbours:
        ids = np.full((len(vectors), k), -1, dtype=np.int64)
        ids[:, : min(k, self.patterns)] = np.arange(min(k, self.patterns))
        return Neighbours(ids, np.zeros((len(vectors), k), dtype=np.float32))

    def rules(self, features: NDArray[np.uint64], cap: int) -> list[TokenRule]:
        asked = set(features.tolist())
        return [rule for rule in self._rules if token_feature(rule.trigger[0]) in asked]

    def frequency(self, features: NDArray[np.uint64]) -> NDArray[np.int64]:
        return frequencies(self._statistics, features)[0]

    def standing(self, features: NDArray[np.uint64]) -> NDArray[np.int64]:
        return frequencies(self._statistics, features)[1]

    def fix_numbers(self, patterns: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([self._rows[one][0] for one in patterns.tolist()], dtype=np.int64)

    def ordinals(self, patterns: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([self._rows[one][1].ordinal for one in patterns.tolist()], dtype=np.int64)

    def vectors(self, patterns: NDArray[np.int64]) -> NDArray[np.float32]:
        sides = [side for one in patterns.tolist() for side in self._texts(one)]
        return LetterEncoder().encode(sides).reshape(len(patterns), 2, -1)

    def fix(self, number: int) -> LearnedFix:
        return self._fixes[number]

    def lesson(self, number: int) -> Lesson | None:
        if number not in self._lessons:
            return None
        return Lesson(self._lessons[number], "scripted", digest_of(self._fixes[number]))

    def taught(self, vectors: NDArray[np.float32]) -> Taught:
        cosines = LetterEncoder().encode([*self._lessons.values()]) @ vectors.T
        fixes = np.array([*self._lessons], np.int64)
        return Taught(fixes, cosines.max(axis=1), cosines.argmax(axis=1))

    def find(self, text: str) -> list[int]:
        return [n for n, fix in enumerate(self._fixes) if fix.commit.sha.startswith(text)]

    def _texts(self, row: int) -> tuple[str, str]:
        pattern = self._rows[row][1]
        return "\n".join(pattern.buggy), "\n".join(pattern.fixed)
