"""Where knowledge comes from: all of it that a reader of the index wants to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class EncoderIdentity(NamedTuple):
    """What must be equal for two vectors to be comparable."""

    name: str  #: ``static`` for the built-in model, else the model's name or folder
    revision: str  #: sha256 of the weights
    dimension: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the knowledge comes from and by which settings; what must match for an update."""

    heads: tuple[str, ...]  #: commits whose ancestors were learned from, sorted
    boundary: tuple[str, ...]  #: commits at which a shallow clone's history ends, sorted
    since: int | None  #: only commits at or after this time (seconds since the epoch)
    revision: int  #: of the rules that learned it, see :mod:`bugguard.pipeline.learner`
    learner: str  #: digest of the learner's settings
    commits: int  #: how many commits were read
    unread: tuple[str, ...] = ()  #: commits whose objects could not be read, sorted
    tickets: str = ""  #: digest of the tickets that were known; empty: none were
