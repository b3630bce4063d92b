"""Every Protocol of the package, on one page: what the pipeline needs, whoever provides it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bugguard.domain import LearnedFix, Opinion, Question, Shortlist, Survey, Usage
    from bugguard.domain.guard import TokenRule
    from bugguard.domain.lesson import Lesson
    from bugguard.domain.provenance import EncoderIdentity
    from bugguard.domain.tickets import Tracked

    Floats = NDArray[np.float32]
    Hashes = NDArray[np.uint64]
    Ids = NDArray[np.int64]

Progress = Callable[[int, int], None]
"""Called with (done, total) commits; total is 0 while unknown."""


class Encoder(Protocol):
    """Text to vectors."""

    @property
    def identity(self) -> EncoderIdentity: ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, one a text: float32, shape (len(texts), dimension).

        A text without any known token has the zero vector. A text's vector does not depend on
        the texts beside it.
        """
        ...


class Postings(NamedTuple):
    """Which patterns have which features: two arrays of equal length."""

    feature: Ids  #: position of the feature in the query
    pattern: Ids  #: pattern id


class Neighbours(NamedTuple):
    """Approximately nearest patterns, best first; both arrays have shape (queries, k)."""

    pattern: Ids  #: pattern ids, -1 where fewer than k were found
    cosine: Floats


class Taught(NamedTuple):
    """How near each lesson is to what was asked, apart from what all of them have in common; one
    entry a lesson, in the order of the fixes.
    """

    fix: Ids  #: the number of its fix
    cosine: Floats  #: with the nearest of the vectors, -1..1
    nearest: Ids  #: which of the vectors that is


class PatternIndex(Protocol):
    """What was learned, ready to be asked. The cost of a question does not grow with the index."""

    @property
    def encoder(self) -> EncoderIdentity: ...

    @property
    def patterns(self) -> int:
        """How many patterns can be matched."""
        ...

    @property
    def fixes(self) -> int:
        """How many fixes have at least one pattern that can be matched."""
        ...

    @property
    def heads(self) -> tuple[str, ...]:
        """The commits whose ancestors were learned from."""
        ...

    @property
    def repositories(self) -> tuple[str, ...]:
        """What the repositories are called that were learned from, in their order."""
        ...

    def postings(self, side: str, features: Hashes, cap: int) -> Postings:
        """The patterns that have any of ``features`` on ``side``.

        side: ``"buggy"`` or ``"fixed"`` for those that can be matched; ``"names"`` for those that
        can be offered, idioms too. A feature that more than ``cap`` patterns have says
        little and is passed over.
        """
        ...

    def nearest(self, vectors: Floats, k: int) -> Neighbours:
        """The ``k`` patterns whose buggy side is nearest to each vector (approximately)."""
        ...

    def vectors(self, patterns: Ids) -> Floats:
        """Both sides of each pattern, buggy first: shape (len(patterns), 2, dimension)."""
        ...

    def rules(self, features: Hashes, cap: int) -> Sequence[TokenRule]:
        """The rules whose rarest trigger token is one of ``features``, each once.

        A token that more than ``cap`` rules have as their rarest is passed over.
        """
        ...

    def frequency(self, features: Hashes) -> Ids:
        """In how many commits of the history each feature was added."""
        ...

    def standing(self, features: Hashes) -> Ids:
        """How often each line stands in the code: added less removed, over the history."""
        ...

    @property
    def commits(self) -> int:
        """Out of how many commits :meth:`frequency` counts."""
        ...

    def fix_numbers(self, patterns: Ids) -> Ids:
        """The number of the fix that each pattern belongs to."""
        ...

    def ordinals(self, patterns: Ids) -> Ids:
        """Each pattern's place among the patterns of its fix."""
        ...

    def fix(self, number: int) -> LearnedFix:
        """A remembered fix, whole, by its number in canonical order."""
        ...

    @property
    def lessons(self) -> int:
        """How many fixes have a lesson."""
        ...

    def lesson(self, number: int) -> Lesson | None:
        """What a model made of a fix, by its number; None: nothing, or nobody asked it."""
        ...

    def taught(self, vectors: Floats) -> Taught:
        """Sets every lesson beside the vectors: the one question whose cost grows with the index,
        so only who wants offers asks it.
        """
        ...

    def find(self, text: str) -> list[int]:
        """Numbers of the fixes that a sha (of at least 4 digits) or a ticket id names."""
        ...


class DatedIndex(PatternIndex, Protocol):
    """An index that can be asked as of a commit's past."""

    @property
    def times(self) -> Ids:
        """When each fix was committed, by its number, in seconds since the epoch."""
        ...

    def shas(self) -> list[str]:
        """The sha of each fix, by its number."""
        ...

    def origins(self) -> Ids:
        """Which of :attr:`repositories` each fix is of, by the fixes' numbers."""
        ...

    def matchable(self) -> NDArray[np.bool_]:
        """Which fixes have at least one pattern that can be matched, by number."""
        ...


class Distiller(Protocol):
    """Makes lessons of fixes."""

    @property
    def model(self) -> str: ...

    def distil(self, fixes: Sequence[LearnedFix]) -> Sequence[Lesson | str]:
        """For each fix its lesson, verified and with the fix's own digest, or why there is none: a
        clause that goes on "the judge ...". It may fail in any way and says so; nothing is raised.
        """
        ...


class Judge(Protocol):
    """Reads close matches. It may fail in any way, and says so: nothing here raises for that."""

    @property
    def model(self) -> str: ...

    def judge(self, questions: Sequence[Question]) -> Sequence[Opinion]:
        """What it makes of each, in their order."""
        ...

    def shortlist(self, survey: Survey) -> Shortlist:
        """The few past fixes that are worth a closer look beside the change."""
        ...

    @property
    def usage(self) -> Usage:
        """What it cost so far."""
        ...


class Tracker(Protocol):
    """Where tickets come from."""

    @property
    def project(self) -> str:
        """Whose tickets, as :class:`bugguard.domain.tickets.TicketKey` names it."""
        ...

    def tracked(self, since: int | None) -> Iterator[Tracked]:
        """The tickets changed at or after ``since`` (seconds since the epoch), oldest change first.

        None: all. Each comes whole, with its links to commits. Raises TrackerError where it cannot
        go on: what came before stays valid, so that who stores as it goes can resume with the last
        record's ``updated``.
        """
        ...
