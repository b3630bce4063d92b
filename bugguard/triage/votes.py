"""What people thought of findings, one vote a line, and which past fixes that mutes.

A past fix is muted where the votes that its findings were of no use outnumber those that they were
by :data:`MUTES`. Its findings are then counted and not reported, until a vote lifts that. Equal
lines are one vote: what was merged twice, or given twice on a day, counts once.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from bugguard.domain import Match
from bugguard.errors import TriageError
from bugguard.triage import files
from bugguard.triage.fingerprint import edit_digest

VERSION = 1
MUTES = 3
CHOICES = ("useful", "not-useful")

_PATTERNS = {
    "fix": re.compile(r"[0-9a-f]{40,64}"),
    "edit": re.compile(r"(?:[0-9a-f]{16})?"),
    "fingerprint": re.compile(r"[0-9a-f]{16}"),
    "rule": re.compile(r"(?:BG\d{3})?"),
    "vote": re.compile("|".join(CHOICES)),
    "date": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    "reason": re.compile(r".*", re.DOTALL),
    "who": re.compile(r".*", re.DOTALL),
}


class Vote(NamedTuple):
    """One vote. Its file's fields, in their order: lines of one fix stand together."""

    fix: str  #: the past fix's sha
    edit: str  #: what names the fix's edit after a rebase, too; empty: not known
    fingerprint: str  #: of the finding
    rule: str  #: its id; empty: not known
    vote: str  #: one of :data:`CHOICES`
    date: str  #: the day, ``2026-01-31``
    reason: str = ""
    who: str = ""  #: empty: nobody signed it

    @property
    def valid(self) -> bool:
        """Whether its line will be read again."""
        return all(_fits(getattr(self, name), pattern) for name, pattern in _PATTERNS.items())


class Ballot(NamedTuple):
    """The votes on one past fix."""

    useful: int
    not_useful: int
    fingerprint: str  #: of a finding that was voted on, so that more votes can be given

    @property
    def mutes(self) -> bool:
        return self.not_useful - self.useful >= MUTES

    @property
    def lifts(self) -> int:
        """How many useful votes end the muting."""
        return max(self.not_useful - self.useful - MUTES + 1, 0)


@dataclass(frozen=True)
class Votes:
    """All votes of a file."""

    lines: tuple[str, ...] = ()  #: as they stand, each once
    votes: tuple[Vote, ...] = ()  #: one a line

    @cached_property
    def _naming(self) -> dict[str, list[Vote]]:
        """The votes by each fix and each edit that they name."""
        naming: defaultdict[str, list[Vote]] = defaultdict(list)
        for one in self.votes:
            for name in filter(None, (one.fix, one.edit)):
                naming[name].append(one)
        return naming

    def ballot(self, fix: str, edit: str) -> Ballot:
        """The votes that name the past fix by its commit or, as a rebase changes that, its edit."""
        on = {*self._naming.get(fix, ()), *self._naming.get(edit, ())}
        counts = Counter(one.vote for one in on)
        useful, useless = CHOICES
        latest = max(on, key=lambda one: (one.date, one), default=None)
        return Ballot(counts[useful], counts[useless], latest.fingerprint if latest else "")

    def by_rule(self) -> dict[str, tuple[int, int]]:
        """(useful, not useful) votes on the findings of each rule, by its id."""
        counts = Counter((vote.rule or "unknown", vote.vote) for vote in self.votes)
        useful, useless = CHOICES
        rules = sorted({rule for rule, _ in counts})
        return {rule: (counts[rule, useful], counts[rule, useless]) for rule in rules}

    def muted(self) -> list[str]:
        """The shas of the past fixes that are muted, in whole or in part."""
        voted = sorted({(one.fix, one.edit) for one in self.votes})
        return sorted({fix for fix, edit in voted if self.ballot(fix, edit).mutes})

    def on(self, fingerprint: str) -> Vote | None:
        """A vote on the finding of this fingerprint."""
        return next((vote for vote in self.votes if vote.fingerprint == fingerprint), None)

    def add(self, vote: Vote) -> Votes:
        """With one more; the same where an equal one is there."""
        line = _line(vote)
        return self if line in self.lines else _of((*self.lines, line), (*self.votes, vote))


class Mutes:
    """Which matches are of past fixes that were voted down."""

    def __init__(self, votes: Votes) -> None:
        self._votes = votes
        self._known: dict[tuple[str, str], Ballot] = {}

    def __call__(self, match: Match) -> Ballot | None:
        """The votes that mute it; None: none do."""
        key = match.fix.sha, edit_digest(match.pattern)
        if key not in self._known:
            self._known[key] = self._votes.ballot(*key)
        return self._known[key] if self._known[key].mutes else None


def load(data: bytes, where: Path) -> Votes:
    """The votes that the file ``where`` holds. Raises TriageError for a line that is none."""
    marker = files.conflict(data)
    if marker is not None:
        raise TriageError(
            f"{where}:{marker} has a merge's conflict markers: keep the lines of both sides and "
            "take out the marker lines."
        )
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise TriageError(f"{where}:{number} is not UTF-8: remove that line.") from error
    votes: dict[str, Vote] = {}
    for number, text in enumerate(lines, 1):
        line = text.strip()
        if line and line not in votes:
            votes[line] = _vote(line, f"{where}:{number}")
    return _of(votes.keys(), votes.values())


def dump(votes: Votes) -> bytes:
    """The file's bytes: sorted, so that two branches seldom write to the same place."""
    return "".join(f"{line}\n" for line in votes.lines).encode("utf-8")


def _of(lines: Iterable[str], votes: Iterable[Vote]) -> Votes:
    pairs = sorted(zip(lines, votes, strict=True))
    return Votes(tuple(line for line, _ in pairs), tuple(vote for _, vote in pairs))


def _line(vote: Vote) -> str:
    fields = {name: value for name, value in vote._asdict().items() if value}
    return files.line({"version": VERSION, **fields})


def _vote(line: str, where: str) -> Vote:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:  # the latter from lists in lists in lists
        raise _wrong(where) from error
    version = fields.get("version") if isinstance(fields, dict) else None
    if type(version) is int and version > VERSION:
        raise TriageError(f"{where} was written by a newer bugguard: update bugguard.")
    if type(version) is not int or version != VERSION:
        raise _wrong(where)
    vote = Vote(**{name: fields.get(name, "") for name in Vote._fields})
    if not vote.valid:
        raise _wrong(where)
    return vote


def _fits(value: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _wrong(where: str) -> TriageError:
    return TriageError(f"{where} is no vote of `bugguard feedback`: mend or remove that line.")
