"""Where knowledge comes from: all of it that a reader of the index wants to know."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple


class EncoderIdentity(NamedTuple):
    """What must be equal for two vectors to be comparable."""

    name: str  #: ``static`` for the built-in model, else the model's name or folder
    revision: str  #: sha256 of the weights
    dimension: int


class Shard(NamedTuple):
    """One of the equal parts that a history is learned in, each where there is room for it."""

    number: int  #: from 1
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def has(self, sha: str) -> bool:
        """Whether the commit is in this part. By its sha's end, for a sample goes by its start."""
        return int(sha[-8:], 16) % self.of == self.number - 1


@dataclass(frozen=True, slots=True)
class Source:
    """A repository that was learned from, and by which settings; what must match for an update."""

    name: str  #: ``host/owner/name`` of its remote, or what it is called; empty where neither is
    roots: tuple[str, ...]  #: the commits that its history began with, sorted; a fork has them too
    heads: tuple[str, ...]  #: commits whose ancestors were learned from, sorted
    boundary: tuple[str, ...]  #: commits at which a shallow clone's history ends, sorted
    since: int | None  #: only commits at or after this time (seconds since the epoch)
    learner: str  #: digest of the learner's settings
    tickets: str = ""  #: digest of the tickets that were known; empty: none were
    share: bool = True  #: whether it may be in one index with others


@dataclass(frozen=True, slots=True)
class Provenance:
    """All that knowledge comes from. A commit that several sources have is the first one's."""

    sources: tuple[Source, ...]
    revision: int  #: of the rules that learned it, see :mod:`bugguard.pipeline.learner`
    commits: int  #: how many commits were read
    unread: tuple[str, ...] = ()  #: commits whose objects could not be read, sorted
    shard: Shard | None = None  #: which part of the sources' commits it is; None: all of them

    @property
    def heads(self) -> tuple[str, ...]:
        """Those of all sources, sorted."""
        return tuple(sorted({head for source in self.sources for head in source.heads}))

    @property
    def shallow(self) -> bool:
        """Whether a source was a shallow clone, which knows only the end of its history."""
        return any(source.boundary for source in self.sources)

    @property
    def names(self) -> tuple[str, ...]:
        """What the sources are called, in their order, each once."""
        return tuple(dict.fromkeys(source.name for source in self.sources))

    @property
    def tickets(self) -> str:
        """A digest of all that were known; empty: none were."""
        told = [source.tickets for source in self.sources]
        if len(told) < 2 or not any(told):
            return "".join(told)
        return blake2b("\0".join(told).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
