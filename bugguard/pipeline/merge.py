"""Several indexes to one: the shards of a history, or whole indexes of different repositories.

Knowledge is a sum over commits and a set of fixes, so parts that have no commit in common add up,
and refined again they are what one build of all gives, to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from itertools import combinations

from bugguard.domain.knowledge import Knowledge
from bugguard.domain.lesson import Lesson
from bugguard.domain.provenance import Provenance, Shard, Source
from bugguard.errors import PatternIndexError
from bugguard.patterns.refine import refine
from bugguard.patterns.sample import joined, zero_bits
from bugguard.patterns.statistics import combine
from bugguard.pipeline.assemble import assemble
from bugguard.pipeline.learner import REVISION
from bugguard.pipeline.sources import require_told_apart
from bugguard.ports import Encoder


def merged(
    parts: Mapping[str, Knowledge], encoder: Encoder, lessons: Mapping[str, Lesson]
) -> Knowledge:
    """All parts, by what to call them to people, in one.

    encoder: the one that they were made with. lessons: by their fixes' shas, as for a build.
    Raises PatternIndexError where they do not add up: shards that are missing, doubled or of
    different builds, and indexes that have commits in common.
    """
    sources = require_fit(parts)
    knowledge = list(parts.values())
    unread = sorted(sha for one in knowledge for sha in one.provenance.unread)
    statistics = reduce(combine, (one.statistics for one in knowledge))
    zeros = zero_bits(statistics.total + len(unread))
    sample = reduce(lambda left, right: joined(left, right, (), zeros),
                    (one.sample for one in knowledge[1:]),
                    joined(knowledge[0].sample, knowledge[0].sample, (), zeros))  # fmt: skip
    provenance = Provenance(sources, REVISION, statistics.total, tuple(unread))
    fixes = refine([fix for one in knowledge for fix in one.fixes], statistics)
    return assemble(provenance, fixes, statistics, sample, encoder, knowledge, lessons)


def require_fit(parts: Mapping[str, Knowledge]) -> tuple[Source, ...]:
    """The sources of the whole. Raises PatternIndexError as :func:`merged` does."""
    made = {name: knowledge.provenance for name, knowledge in parts.items()}
    for name, provenance in made.items():
        if provenance.revision != REVISION:
            raise PatternIndexError(
                f"the index in {name} was learned by the rules of another bugguard: build it anew"
            )
    shards = [name for name, provenance in made.items() if provenance.shard is not None]
    if shards:
        _require_all(made)
        sources = made[shards[0]].sources
    else:
        _require_apart(parts)
        sources = tuple(source for provenance in made.values() for source in provenance.sources)
        _require_shared(made)
        require_told_apart(sources)
    return sources


def _require_all(made: Mapping[str, Provenance]) -> None:
    """Raises PatternIndexError unless they are the shards of one build, each once."""
    (first, one), *others = made.items()
    builds = {
        name: replace(other, commits=0, unread=(), shard=None) for name, other in made.items()
    }
    for name, other in others:
        if one.shard is None or other.shard is None or other.shard.of != one.shard.of:
            raise PatternIndexError(
                f"{name} and {first} are no shards of one whole: merge the shards of one build, or "
                "whole indexes"
            )
        if builds[name] != builds[first]:
            raise PatternIndexError(
                f"{name} and {first} are shards of different builds, as the history, the settings "
                "or the order of --repo changed between them: build them anew, from equal commits"
            )
    shards = [provenance.shard for provenance in made.values() if provenance.shard is not None]
    twice = next((shard for shard in shards if shards.count(shard) > 1), None)
    if twice is not None:
        raise PatternIndexError(f"shard {twice} is given twice: give each once")
    missing = {Shard(number, shards[0].of) for number in range(1, shards[0].of + 1)} - {*shards}
    if missing:
        raise PatternIndexError(f"shard {min(missing)} is missing: build it, then merge all")


def _require_shared(made: Mapping[str, Provenance]) -> None:
    """Raises PatternIndexError where a repository of one of several is not to be shared."""
    for name, provenance in made.items():
        if len(made) > 1 and not all(source.share for source in provenance.sources):
            raise PatternIndexError(
                f"the index in {name} is of a repository that is not to be shared "
                "(learn.share = false): leave it out"
            )


def _require_apart(parts: Mapping[str, Knowledge]) -> None:
    """Raises PatternIndexError where two of them learned from one history."""
    for (left, one), (right, other) in combinations(parts.items(), 2):
        roots = [{root for source in part.provenance.sources for root in source.roots}
                 for part in (one, other)]  # fmt: skip
        shas = [{fix.commit.sha for fix in part.fixes} for part in (one, other)]
        if roots[0] & roots[1] or shas[0] & shas[1]:
            raise PatternIndexError(
                f"{left} and {right} have commits in common, which would count twice: build them "
                "together, with --repo for each"
            )
