"""Any knowledge that keeps its contract, small, for hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from bugguard.domain import BugPattern, FixCommit, Hunk, LearnedFix, Ticket
from bugguard.domain.guard import TokenRule
from bugguard.domain.knowledge import Knowledge, Lessons, Ragged, Sample, Statistics
from bugguard.domain.lesson import MOST_NAME, MOST_TEXT, MOST_WORD, Lesson, digest_of
from bugguard.domain.provenance import EncoderIdentity, Provenance, Shard, Source

TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.binary(max_size=12).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
)
LINE = TEXT.map(lambda text: text.replace("\n", "\r"))
SHA = st.one_of(
    st.integers(0, 2**160 - 1).map("{:040x}".format),
    st.integers(0, 2**256 - 1).map("{:064x}".format),
)
FEATURE = st.one_of(st.integers(0, 12), st.integers(0, 2**64 - 1))
REASON = st.one_of(st.none(), st.sampled_from(["duplicate", "comment only"]))
HUNK = st.builds(
    Hunk,
    path=TEXT,
    old_path=TEXT,
    old_start=st.integers(0, 10**6),
    new_start=st.integers(0, 10**6),
    heading=TEXT,
    body=st.lists(st.tuples(st.sampled_from(" -+"), LINE).map("".join), max_size=5).map(tuple),
)
TICKET = st.builds(Ticket, id=TEXT, title=TEXT, url=TEXT, source=TEXT)


SOURCE = st.builds(
    Source,
    name=TEXT,
    roots=st.lists(SHA, max_size=2).map(tuple),
    heads=st.lists(SHA, max_size=2).map(tuple),
    boundary=st.lists(SHA, max_size=2).map(tuple),
    since=st.one_of(st.none(), st.integers(0, 2**40)),
    learner=TEXT,
    tickets=TEXT,
)


@st.composite
def fixes(draw: st.DrawFn, repositories: list[str]) -> tuple[LearnedFix, ...]:
    keys = draw(st.sets(st.tuples(st.integers(-(2**40), 2**40), SHA), max_size=5))
    made = []
    for time, sha in sorted(keys):
        tickets = tuple(draw(st.lists(TICKET, max_size=2)))
        repository = draw(st.sampled_from(repositories))
        commit = FixCommit(sha, time, draw(TEXT), draw(TEXT), tickets, repository)
        hunks = enumerate(draw(st.lists(HUNK, max_size=4)))
        patterns = tuple(BugPattern(sha, place, hunk, draw(REASON)) for place, hunk in hunks)
        made.append(LearnedFix(commit, patterns, draw(REASON)))
    return tuple(made)


@st.composite
def knowledge(draw: st.DrawFn) -> Knowledge:
    sources = tuple(draw(st.lists(SOURCE, min_size=1, max_size=3)))
    learned = draw(fixes([source.name for source in sources]))
    count = sum(len(fix.patterns) for fix in learned)
    mask = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool)
    active = np.flatnonzero(mask)
    dimension = draw(st.integers(1, 5))
    entry = st.floats(-1, 1, width=16)
    flat = draw(
        st.lists(entry, min_size=len(active) * 2 * dimension, max_size=len(active) * 2 * dimension)
    )
    features = sorted(draw(st.sets(FEATURE, max_size=8)))
    size = len(features)
    small = st.integers(0, 2**31 - 1)
    numbers = draw(st.lists(small, min_size=2 * size, max_size=2 * size))
    return Knowledge(
        provenance=draw(
            st.builds(
                Provenance,
                sources=st.just(sources),
                revision=small,
                commits=small,
                unread=st.lists(SHA, max_size=1).map(tuple),
                shard=st.sampled_from([None, Shard(1, 1), Shard(2, 3)]),
            )
        ),
        encoder=EncoderIdentity(draw(TEXT), draw(TEXT), dimension),
        fixes=learned,
        buggy=draw(rows(mask)),
        fixed=draw(rows(mask)),
        names=draw(rows(np.ones(len(mask), bool))),
        active=active,
        vectors=np.array(flat, np.float16).reshape(len(active), 2, dimension),
        statistics=Statistics(
            features=np.array(features, np.uint64),
            commits=np.array(numbers[:size], np.uint32),
            standing=-np.array(numbers[size:], np.int32),
            total=draw(small),
        ),
        sample=draw(samples()),
        rules=draw(rules(active.tolist())),
        lessons=draw(lessons(learned, dimension)),
    )


#: What may stand in a lesson, and nothing else: see :mod:`bugguard.domain.lesson`.
_PLAIN = st.characters(
    max_codepoint=0xDFFFF, exclude_categories=["Cc", "Cf", "Cn", "Cs", "Zl", "Zp", "Zs"]
)


def plain(most: int) -> st.SearchStrategy[str]:
    words = st.lists(st.text(_PLAIN, min_size=1, max_size=9), min_size=1, max_size=4)
    return words.map(" ".join).map(lambda text: text[:most].strip())


@st.composite
def any_lesson(draw: st.DrawFn, digest: str) -> Lesson:
    has_rule = draw(st.booleans())
    trigger = draw(st.lists(plain(MOST_WORD), min_size=1, max_size=3)) if has_rule else []
    guard = draw(st.lists(plain(MOST_WORD), min_size=1, max_size=2)) if has_rule else []
    return Lesson(
        draw(plain(MOST_TEXT)), draw(plain(MOST_NAME)), digest, tuple(trigger), tuple(guard)
    )


@st.composite
def lessons(draw: st.DrawFn, learned: tuple[LearnedFix, ...], dimension: int) -> Lessons:
    taught = [number for number in range(len(learned)) if draw(st.booleans())]
    told = tuple(draw(any_lesson(digest_of(learned[number]))) for number in taught)
    entries = len(taught) * dimension
    flat = draw(st.lists(st.floats(-1, 1, width=16), min_size=entries, max_size=entries))
    vectors = np.array(flat, np.float16).reshape(len(taught), dimension)
    return Lessons(np.array(taught, np.int64), told, vectors)


@st.composite
def rules(draw: st.DrawFn, patterns: list[int]) -> tuple[TokenRule, ...]:
    if not patterns:
        return ()
    places = draw(st.sets(st.tuples(st.sampled_from(patterns), st.integers(1, 3)), max_size=4))
    tokens = st.lists(TEXT, min_size=1, max_size=3).map(tuple)
    counts = st.tuples(*[st.integers(0, 9)] * 4)
    return tuple(
        TokenRule(*place, draw(tokens), draw(tokens), *draw(counts), draw(TEXT))
        for place in sorted(places)
    )


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    row = st.sets(st.integers(0, 2**32 - 1), max_size=3).map(sorted)
    units = st.lists(st.tuples(row, row), max_size=2)
    commits = sorted(draw(st.dictionaries(FEATURE, units, max_size=3)).items())
    flat = [unit for _, some in commits for unit in some]
    values = [[value for unit in flat for value in unit[side]] for side in (0, 1)]
    starts = [np.cumsum([0, *(len(unit[side]) for unit in flat)]) for side in (0, 1)]
    return Sample(
        commits=np.array([commit for commit, _ in commits], np.uint64),
        units=np.cumsum([0, *(len(some) for _, some in commits)], dtype=np.int64),
        added=np.array(values[0], np.uint32),
        added_starts=starts[0].astype(np.int64),
        around=np.array(values[1], np.uint32),
        around_starts=starts[1].astype(np.int64),
    )


@st.composite
def rows(draw: st.DrawFn, mask: np.ndarray) -> Ragged:
    listed = [sorted(draw(st.sets(FEATURE, max_size=5))) if used else [] for used in mask]
    values = np.array([value for row in listed for value in row], np.uint64)
    return Ragged(values, np.cumsum([0, *map(len, listed)], dtype=np.int64))
