"""A team's own past, replayed: each change checked against only the fixes that were before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bugguard.domain import Change, Commit, Match, Origins, Rule
from bugguard.domain.origins import EVERYWHERE
from bugguard.history import changes, log, revisions
from bugguard.history.diff import Limits
from bugguard.history.git import Git
from bugguard.match.matcher import Matcher
from bugguard.patterns.extract import embedded_text
from bugguard.patterns.normalize import edit
from bugguard.pipeline.check import admitted, chosen, known_before
from bugguard.ports import DatedIndex, Encoder, Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EDITS = 1 << 14  #: hunks of which the code is kept

Stage = Callable[[str], AbstractContextManager[Progress]]
"""Shows the progress of one part of the work, by its name."""


class Told(NamedTuple):
    """A fix that a finding names."""

    fix: str  #: its sha,
    subject: str  #: and its subject
    rule: Rule
    score: float  #: 0..1


@dataclass(frozen=True, slots=True)
class Seen:
    """What bugguard says of one change, at any threshold."""

    change: str  #: its sha
    subject: str
    best: dict[str, float]  #: sha of each candidate fix -> its best score, the best first
    told: tuple[Told, ...]  #: what a threshold of 0 would report, the best first

    def reported(self, threshold: float) -> tuple[Told, ...]:
        """What is reported from ``threshold`` on: a finding hides only lesser ones of its hunk."""
        return tuple(one for one in self.told if one.score >= threshold)

    def score(self, fix: str) -> float | None:
        """The fix's score as a finding; None: at no threshold is it one."""
        return next((one.score for one in self.told if one.fix == fix), None)

    @property
    def top(self) -> float:
        """The best finding's score; below it, a threshold alerts."""
        return self.told[0].score if self.told else 0.0


class Replay:
    """Replays changes of one repository against one index, each once."""

    def __init__(
        self,
        git: Git,
        index: DatedIndex,
        encoder: Encoder,
        limits: Limits,
        origins: Origins = EVERYWHERE,
    ) -> None:
        self.git = git
        self.origins = origins
        self.index = index
        self.limits = limits
        self._encoder = encoder
        self._seen: dict[str, Seen] = {}
        # The same fixes are set beside one change after the other.
        self._edit = lru_cache(maxsize=_EDITS)(edit)

    def again(self) -> Replay:
        """One that has seen nothing yet, since a change is seen once, with offers or without."""
        return Replay(self.git, self.index, self._encoder, self.limits, self.origins)

    def see(
        self,
        commits: Sequence[str],
        progress: Progress = lambda done, total: None,
        offers: int = 0,
    ) -> list[Seen]:
        """Each commit (a full sha), checked as of its own past, each once. Raises GitError.

        offers: up to how many further fixes are listed, see :meth:`Matcher.match`.
        """
        new = [sha for sha in dict.fromkeys(commits) if sha not in self._seen]
        progress(0, len(new))
        known = self.known(new)
        for done, (sha, change) in enumerate(self._changes(new), 1):
            fixes = known.get(sha)
            if fixes is None:
                fixes = known_before(self.git, change, self.index, self.origins)
            self._seen[sha] = self.look(change, fixes, sha, offers)
            progress(done, len(new))
        return [self._seen[sha] for sha in commits]

    def look(
        self,
        change: Change,
        known: NDArray[np.bool_] | None = None,
        sha: str = "",
        offers: int = 0,
    ) -> Seen:
        """Any change. known: which fixes, by number, may be known; None: all."""
        matches = self.matches(change, known, offers)
        best: dict[str, float] = {}
        for match in matches:
            best.setdefault(match.fix.sha, match.score)
        told, _ = chosen(matches, 0.0)
        return Seen(sha, change.message.split("\n", 1)[0], best, tuple(map(_told, told)))

    def matches(
        self, change: Change, known: NDArray[np.bool_] | None = None, offers: int = 0
    ) -> list[Match]:
        """All matches of any change, best first. known: as for :meth:`look`."""
        matcher = Matcher(
            self.index, self._encoder, self._edit, embedded_text, known, origins=self.origins
        )
        return matcher.match(change, offers)

    def known(self, commits: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
        """Which fixes, by number, were there before each commit.

        Nothing where the graph of commits does not tell: for a shallow clone, and for an index with
        fixes of others.
        """
        if self.git.shallow or self._others():
            return {}
        counted = admitted(self.index, self.origins)
        shas = self.index.shas()
        size = len(shas) // 8 + 1
        before = {
            sha: np.unpackbits(_bytes(bits, size), bitorder="little")[: len(shas)] > 0
            for sha, bits in revisions.pasts(self.git, commits, shas).items()
        }
        return before if counted is None else {sha: one & counted for sha, one in before.items()}

    def _others(self) -> bool:
        """Whether the index has fixes that no branch of this repository has."""
        if self.origins.own is None:
            return False
        return not revisions.reachable(self.git).issuperset(self.index.shas())

    def _changes(self, shas: Sequence[str]) -> Iterator[tuple[str, Change]]:
        """From one stream of git's, but for merges and what cannot be had from it."""
        ends = revisions.boundary(self.git)
        for commit in log.read(self.git, shas, self.limits):
            plain = isinstance(commit, Commit) and len(commit.parents) < 2
            if isinstance(commit, Commit) and plain and commit.sha not in ends:
                title = f"commit {commit.sha[:8]}"
                past, when = commit.parents, commit.time
                yield (
                    commit.sha,
                    Change(title, commit.files, commit.message, past, when, commit.sha),
                )
            else:
                yield commit.sha, changes.commit(self.git, commit.sha, self.limits)


def _told(match: Match) -> Told:
    return Told(match.fix.sha, match.fix.subject, match.rule, match.score)


def _bytes(bits: int, size: int) -> NDArray[np.uint8]:
    return np.frombuffer(bits.to_bytes(size, "little"), dtype=np.uint8)
