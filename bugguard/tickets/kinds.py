"""Is a ticket a bug? Its type and its labels say so, in the team's own words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from bugguard.domain.tickets import TicketRecord

#: What takes a ticket away whatever else it is labelled, where the rules name it at all: the bug
#: that it tells is none, or is told elsewhere.
VOID = frozenset(("duplicate", "invalid", "not a bug", "重複", "仕様", "仕様通り"))

_SCOPE = re.compile(r"::|[:/]")


class Kind(Enum):
    """What a ticket asks for."""

    BUG = "a bug"
    OTHER = "no bug"
    UNKNOWN = "nobody says"


class Verdict(NamedTuple):
    """A ticket's kind, and its own word that decided."""

    kind: Kind
    because: str = ""


@dataclass(frozen=True)
class KindRules:
    """Words as labels and types have them.

    Compared whole, case, width and marks around them ignored; of a label with a scope
    (``type::bug``, ``kind/bug``) its last part counts too.
    """

    bug: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    @cached_property
    def _bug(self) -> frozenset[str]:
        return frozenset(map(_normal, self.bug))

    @cached_property
    def _other(self) -> frozenset[str]:
        return frozenset(map(_normal, self.other))

    def kind(self, record: TicketRecord) -> Verdict:
        """A duplicate is no bug; else a word for a bug counts more than one for something else.

        The resolution only ever speaks against: nothing is a bug for being ``fixed``.
        """
        told = [word for word in (record.type, *record.labels) if word]
        against = [*told, record.resolution] if record.resolution else told
        for word in against:
            if self._names(word) & self._other & VOID:
                return Verdict(Kind.OTHER, word)
        for word in told:
            if self._names(word) & self._bug:
                return Verdict(Kind.BUG, word)
        for word in against:
            if self._names(word) & self._other:
                return Verdict(Kind.OTHER, word)
        return Verdict(Kind.UNKNOWN)

    @staticmethod
    def _names(word: str) -> set[str]:
        wide = unicodedata.normalize("NFKC", word)  # a scope may be set apart by full-width marks
        return {_normal(wide), _normal(_SCOPE.split(wide)[-1])} - {""}


def _normal(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word).casefold()
    start, end = 0, len(folded)
    while start < end and not folded[start].isalnum():
        start += 1
    while start < end and not folded[end - 1].isalnum():
        end -= 1
    return " ".join(re.split(r"[\s_-]+", folded[start:end]))
