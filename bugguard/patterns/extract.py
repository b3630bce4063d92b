"""A fix commit's hunks to patterns. Only the commit itself is looked at here; what the rest of the
history says of a pattern is :mod:`~bugguard.patterns.refine`'s.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from bugguard.domain import BugPattern, Commit, Hunk
from bugguard.domain.edit import (
    Edit,
    identifiers,
    line_feature,
    token_feature,
    wrong_feature,
)
from bugguard.patterns.normalize import edit

MOST_FILES = 40  #: a fix of more files of code is a sweep, and teaches no single bug
MOST_LINES = 600  #: the same for changed lines of code in all
MOST_HUNK_LINES = 120  #: a hunk of more changed lines is a rewrite


_VERSION = re.compile(r"version|release", re.IGNORECASE)
_NUMBER = re.compile(
    r"\d[\w.+-]*|(?<=[\"'])-?(alpha|beta|rc|dev|pre)[\w.]*(?=[\"'])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells the two sides of a pattern apart, as feature hashes, ascending and unique."""

    buggy: tuple[int, ...]
    fixed: tuple[int, ...]


def names(one: Edit) -> tuple[int, ...]:
    """The features by which a fix is offered to who reads code that looks different: identifiers
    of the pre-image, and once more those of the lines that were wrong; ascending, unique.
    """
    before = identifiers(line for line in one.lines if line.marker != "+")
    features = {token_feature(name) for name in before}
    features |= {wrong_feature(name) for name in identifiers(one.wrong)}
    return tuple(sorted(features))


def patterns(commit: Commit) -> tuple[BugPattern, ...]:
    """Every hunk of the commit's files of code, with the reason where it teaches nothing."""
    hunks = [hunk for file in commit.files for hunk in file.hunks]
    edits = [edit(hunk) for hunk in hunks]
    lines = sum(len(one.removed) + len(one.added) for one in edits)
    files = len({one.hunk.path for one in edits})
    wide = "sweep" if files > MOST_FILES or lines > MOST_LINES else None
    net = Counter(line.key for one in edits for line in one.added)
    net.subtract(line.key for one in edits for line in one.removed)
    return tuple(
        _pattern(commit.sha, ordinal, one.hunk, wide or _teaches_nothing(one, net))
        for ordinal, one in enumerate(edits)
    )


def _teaches_nothing(one: Edit, net: Counter[str]) -> str | None:
    changed = len(one.removed) + len(one.added)
    if not changed:
        return "no code changed"
    if changed > MOST_HUNK_LINES:
        return "rewrite"
    if not any(net[line.key] < 0 for line in one.removed) and not any(
        net[line.key] > 0 for line in one.added
    ):
        # Its lines only moved within the fix: both sides would match each other.
        return "moved or reformatted"
    if _only_a_version(one):
        return "version"
    return None


def _only_a_version(one: Edit) -> bool:
    """Whether numbers on lines that name a version are all that changes."""
    before, after = (
        Counter(_NUMBER.sub("", line.key) for line in lines) for lines in (one.removed, one.added)
    )
    return before == after and all(_VERSION.search(key) for key in before)


def _pattern(sha: str, ordinal: int, hunk: Hunk, dropped: str | None) -> BugPattern:
    if dropped:
        # Never matched, so its lines would only fill the index; `git show` has them.
        hunk = replace(hunk, body=())
    return BugPattern(sha, ordinal, hunk, dropped)


def signature(one: Edit) -> Signature:
    """The features by which a pattern is found.

    Lines and tokens that one side has more often than the other. A fix that only adds lines has no
    line of its own on the buggy side: there it is the code around, without what was added.
    """
    removed, added = Counter[str](), Counter[str]()
    removed_tokens, added_tokens = Counter[str](), Counter[str]()
    for line in one.removed:
        removed[line.key] += 1
        removed_tokens.update(line.tokens)
    for line in one.added:
        added[line.key] += 1
        added_tokens.update(line.tokens)
    buggy = [line_feature(key) for key in removed - added]
    buggy += [token_feature(token) for token in removed_tokens - added_tokens]
    if not one.removed:
        buggy += [line_feature(line.key) for line in one.context]
    fixed = [line_feature(key) for key in added - removed]
    fixed += [token_feature(token) for token in added_tokens - removed_tokens]
    return Signature(tuple(sorted(set(buggy))), tuple(sorted(set(fixed))))


def embedded_text(lines: tuple[str, ...]) -> str:
    """What the encoder reads of one side of a hunk."""
    return "\n".join(stripped for line in lines if (stripped := line.strip()))
