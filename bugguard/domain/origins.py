"""Of which repositories past fixes are, as seen from the one that is checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Set
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from bugguard.domain.fix import FixCommit

Here = Callable[[Collection[str]], Set[str]]
"""Which of these commits the checked repository has itself."""


def _nothing(shas: Collection[str]) -> Set[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Origins:
    """Whose fixes count, and how much.

    A fix is at home where its source is the checked repository's own history, and also where the
    repository has its commit: one history may have been merged into another, which then is the
    source of both.
    """

    own: frozenset[str] | None = None  #: sources that are the checked one's own history; None: all
    #: (name of a source or shell pattern, what the scores of its fixes are multiplied by, 0..1)
    weights: tuple[tuple[str, float], ...] = ()
    here: Here = field(default=_nothing, compare=False, repr=False)

    @classmethod
    def parse(
        cls, own: frozenset[str] | None, weights: Iterable[str], here: Here = _nothing
    ) -> Origins:
        """From texts such as ``github.com/acme/*=0.5``. ValueError names the text that is none."""
        return cls(own, tuple(map(_weight, weights)), here)

    def is_own(self, repository: str) -> bool:
        """Whether the source is the checked repository's own history."""
        return self.own is None or repository in self.own

    def trust(self, repository: str) -> float:
        """What fixes made in that repository count elsewhere: as the first name that fits says,
        else 1. Of 0 none counts at all.
        """
        fits = (weight for name, weight in self.weights if fnmatchcase(repository, name))
        return next(fits, 1.0)

    def look(self, fixes: Iterable[FixCommit]) -> None:
        """Prepares questions about these fixes, which are answered at once."""
        theirs = [fix.sha for fix in fixes if not self.is_own(fix.repository)]
        if theirs:
            self.here(theirs)

    def is_foreign(self, fix: FixCommit) -> bool:
        """Whether it was made in another repository, and only there."""
        return not self.is_own(fix.repository) and fix.sha not in self.here((fix.sha,))

    def weight(self, fix: FixCommit) -> float:
        """What its score is multiplied by; 1 at home."""
        return self.trust(fix.repository) if self.weights and self.is_foreign(fix) else 1.0


EVERYWHERE = Origins()  #: all fixes are at home


def _weight(text: str) -> tuple[str, float]:
    name, _, number = text.rpartition("=")
    try:
        weight = float(number)
    except ValueError:
        weight = -1.0
    if not name.strip() or not 0 <= weight <= 1:  # which not-a-number is not either
        raise ValueError(text)
    return name.strip(), weight
