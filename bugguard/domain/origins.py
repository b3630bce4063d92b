"""Of which repositories past fixes are, as seen from the one that is checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Origins:
    """Whose fixes count, and how much."""

    own: frozenset[str] | None = None  #: sources that are the checked one's own history; None: all
    #: (name of a source or shell pattern, what its scores are multiplied by, 0..1)
    weights: tuple[tuple[str, float], ...] = ()

    @classmethod
    def parse(cls, own: frozenset[str] | None, weights: Iterable[str]) -> Origins:
        """From texts such as ``github.com/acme/*=0.5``. ValueError names the text that is none."""
        return cls(own, tuple(map(_weight, weights)))

    def is_own(self, repository: str) -> bool:
        """Whether what was fixed there was fixed here."""
        return self.own is None or repository in self.own

    def weight(self, repository: str) -> float:
        """As the first name that fits says, else 1. Of weight 0 no fix counts at all."""
        fits = (weight for name, weight in self.weights if fnmatchcase(repository, name))
        return next(fits, 1.0)


EVERYWHERE = Origins()  #: all fixes are the checked repository's own, and count whole


def _weight(text: str) -> tuple[str, float]:
    name, _, number = text.rpartition("=")
    try:
        weight = float(number)
    except ValueError:
        weight = -1.0
    if not name.strip() or not 0 <= weight <= 1:  # which not-a-number is not either
        raise ValueError(text)
    return name.strip(), weight
