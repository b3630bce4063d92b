"""A finding's identity: the same mistake has the same fingerprint tomorrow and in another clone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from bugguard.domain import BugPattern, Finding, Match
from bugguard.triage.suppression import without_directive


def fingerprint(match: Match, occurrence: int = 0) -> str:
    """16 hex digits from the rule, the past fix's edit and the change's own lines.

    Whitespace does not count. Neither do line numbers and paths (code moves), shas (a rebase
    changes them), context lines (they belong to nobody), scores (models change) and directives
    (one that names the fingerprint must not change it).
    occurrence: tells equal findings of one report apart, counting from 0.
    """
    parts = [match.rule.id, str(occurrence)]
    parts += ["edit", *_edit(match.pattern)]
    parts += ["yours", *_normal(map(without_directive, match.yours))]
    return _digest(parts)


def edit_digest(pattern: BugPattern) -> str:
    """16 hex digits from what the past fix changed there: the same after a rebase."""
    return _digest(_edit(pattern))


def identify(matches: Iterable[Match], taken: Iterable[Match] = ()) -> tuple[Finding, ...]:
    """Each match as a finding, in the order given; equal ones are numbered by path and line.

    taken: matches that are findings already; none gets the identity of one of them.
    """
    listed = list(matches)
    prints = [""] * len(listed)
    seen = Counter(map(fingerprint, taken))
    for place in sorted(range(len(listed)), key=lambda at: _position(listed[at])):
        first = fingerprint(listed[place])
        prints[place] = fingerprint(listed[place], seen[first]) if seen[first] else first
        seen[first] += 1
    return tuple(Finding(identity, match) for identity, match in zip(prints, listed, strict=True))


def _position(match: Match) -> tuple[str, int, int]:
    return match.hunk.path, match.line, match.end_line


def _edit(pattern: BugPattern) -> Iterable[str]:
    return _normal(line for line in pattern.hunk.body if line[:1] != " ")


def _digest(parts: Iterable[str]) -> str:
    text = "\0".join(parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _normal(lines: Iterable[str]) -> Iterable[str]:
    """Marker and text of each line that is not blank, runs of whitespace as one space."""
    for line in lines:
        text = " ".join(line[1:].split())
        if text:
            yield line[0] + text
