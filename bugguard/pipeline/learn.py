"""histories -> patterns -> encoders -> knowledge.

Knowledge is a sum over commits (:mod:`~bugguard.patterns.statistics`) and a set of fixes, refined
by a pure function of both. So bringing it up to date means adding the commits that came, taking
away those that went (a branch was left, history was rewritten), and refining again; the result is
what a rebuild would give. Lessons are given, and stay where their fix is what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bugguard.domain import Commit, FixCommit, LearnedFix
from bugguard.domain.knowledge import Knowledge, Sample, Statistics
from bugguard.domain.lesson import Lesson as ModelLesson
from bugguard.domain.provenance import Provenance, Shard
from bugguard.errors import GitError
from bugguard.history import log
from bugguard.patterns import extract
from bugguard.patterns.refine import refine
from bugguard.patterns.sample import Sampler, joined, zero_bits
from bugguard.patterns.statistics import Tally, combine
from bugguard.pipeline.assemble import assemble, lessons_of
from bugguard.pipeline.rejoin import Rejoined, rejoin
from bugguard.pipeline.sources import History, Lesson, commits, difference, provenance
from bugguard.pipeline.tickets import judged
from bugguard.ports import Encoder, Progress


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of it, for the report."""

    knowledge: Knowledge
    read: int  #: commits read this time
    forgotten: int  #: commits that are no longer in the history
    rebuilt: str | None  #: why everything was read anew although there was an index
    untaught: int = 0  #: lessons that went, for their fix went or is not what it was


def learn(
    histories: Sequence[History],
    encoder: Encoder,
    previous: Knowledge | None = None,
    progress: Progress = lambda done, total: None,
    lessons: Mapping[str, ModelLesson] | None = None,
    shard: Shard | None = None,
) -> Learned:
    """Learns all commits that the histories' heads reach, each once.

    previous: knowledge to bring up to date, where it fits; else everything is read.
    lessons: what models made of fixes, by their shas, of which those stay whose fix is what it was;
        None: those of ``previous``.
    shard: only this part of the commits; :mod:`~bugguard.pipeline.merge` makes a whole of them.
    """
    if lessons is None:
        lessons = lessons_of(previous) if previous else {}
    wanted = provenance(histories, shard)
    reason = _unfit(histories, previous, wanted, encoder) if previous else None
    if previous is None or reason:
        harvest = _all(histories, progress, shard)
        return _learned(harvest, wanted, encoder, None, lessons, 0, reason, progress)
    try:
        updated = _updated(histories, encoder, previous, lessons, wanted, progress)
        if updated is not None:
            return updated
        reason = "the history is much shorter than it was"
    except GitError as error:
        # The commits to be taken away are gone from the repository: start again.
        reason = str(error)
    harvest = _all(histories, progress, shard)
    return _learned(harvest, wanted, encoder, previous, lessons, 0, reason, progress)


@dataclass(frozen=True, slots=True)
class _Harvest:
    fixes: tuple[LearnedFix, ...]
    statistics: Statistics
    sample: Sample
    unread: tuple[str, ...]
    read: int

    def and_(self, other: _Harvest, zeros: int) -> _Harvest:
        return _Harvest(
            (*self.fixes, *other.fixes),
            combine(self.statistics, other.statistics),
            joined(self.sample, other.sample, (), zeros),
            tuple(sorted((*self.unread, *other.unread))),
            self.read + other.read,
        )


def _updated(
    histories: Sequence[History],
    encoder: Encoder,
    previous: Knowledge,
    lessons: Mapping[str, ModelLesson],
    wanted: Provenance,
    progress: Progress,
) -> Learned | None:
    """None: a shorter history has a larger sample, which only reading it anew can give."""
    was = previous.provenance
    old = [source.heads for source in was.sources]
    gone, came = difference(histories, old, [source.heads for source in wanted.sources])
    unread = set(was.unread)
    lost = [[sha for sha in some if sha not in unread] for some in gone]
    # What could not be read then may be here by now.
    read = [[*new, *some] for new, some in zip(came, _retried(histories, old, gone, unread),
                                               strict=True)]  # fmt: skip
    turned = Rejoined()
    if [one.tickets for one in was.sources] != [one.tickets for one in wanted.sources]:
        own = commits(histories, old)
        for place, history in enumerate(histories):
            stay = set(own[place]) - {*gone[place], *unread}
            one = rejoin(history.git, history.lesson, previous, stay, progress)
            lost[place] += one.again
            read[place] += one.again
            turned = turned.and_(one)
    went = {sha for some in gone for sha in some}
    balance = sum(map(len, came)) - len(went)
    zeros = zero_bits(previous.statistics.total + len(unread) + balance)
    if zeros < zero_bits(previous.statistics.total + len(unread)):
        return None
    total = sum(map(len, (*lost, *read)))
    taken = _read(histories, lost, lambda done, _: progress(done, total), zeros)
    if taken.unread:
        raise GitError(f"commit {taken.unread[0][:8]} is no longer in the history nor in the clone")
    added = _read(histories, read, lambda done, _: progress(taken.read + done, total), zeros)
    forgotten = {*went, *turned.again}
    kept = tuple(turned.fix(one) for one in previous.fixes if one.commit.sha not in forgotten)
    statistics = combine(combine(previous.statistics, added.statistics), taken.statistics, -1)
    left = joined(previous.sample, Sampler(zeros).sample(), forgotten, zeros)
    sample = joined(left, added.sample, (), zeros)
    harvest = _Harvest((*kept, *added.fixes), statistics, sample, added.unread, added.read)
    away = len(went.difference(*came))
    return _learned(harvest, wanted, encoder, previous, lessons, away, None, progress)


def _retried(
    histories: Sequence[History],
    old: Sequence[Sequence[str]],
    gone: Sequence[Sequence[str]],
    unread: set[str],
) -> list[list[str]]:
    """For each history what of its own could not be read, and did not go."""
    if not unread:
        return [[] for _ in histories]
    if len(histories) == 1:
        return [sorted(unread.difference(gone[0]))]
    own = commits(histories, old)
    return [sorted(unread.intersection(some).difference(*gone)) for some in own]


def _learned(
    harvest: _Harvest,
    provenance: Provenance,
    encoder: Encoder,
    previous: Knowledge | None,
    lessons: Mapping[str, ModelLesson],
    forgotten: int,
    rebuilt: str | None,
    progress: Progress,
) -> Learned:
    told = replace(provenance, commits=harvest.statistics.total, unread=harvest.unread)
    # What follows grows with the whole index: whoever watches the clock may stop here.
    progress(harvest.read, harvest.read)
    refined = refine(harvest.fixes, harvest.statistics)
    progress(harvest.read, harvest.read)
    known = [previous] if previous else []
    knowledge = assemble(told, refined, harvest.statistics, harvest.sample, encoder, known, lessons)
    untaught = len(lessons) - len(knowledge.lessons.lessons)
    return Learned(knowledge, harvest.read, forgotten, rebuilt, untaught)


def _all(histories: Sequence[History], progress: Progress, shard: Shard | None) -> _Harvest:
    shas = commits(histories, [history.heads for history in histories])
    zeros = zero_bits(sum(map(len, shas)))  # of the whole, as its parts will be one sample
    if shard is not None:
        shas = [[sha for sha in some if shard.has(sha)] for some in shas]
    return _read(histories, shas, progress, zeros)


def _read(
    histories: Sequence[History],
    shas: Sequence[Sequence[str]],
    progress: Progress,
    zeros: int,
) -> _Harvest:
    """shas: for each history. zeros: of the sample, see :func:`zero_bits`."""
    total = sum(map(len, shas))
    progress(0, total)
    whole: _Harvest | None = None
    for history, some in zip(histories, shas, strict=True):
        part = _one(history, some, progress, (whole.read if whole else 0, total), zeros)
        whole = whole.and_(part, zeros) if whole else part
    assert whole is not None  # noqa: S101  # there is always a history
    return whole


def _one(
    history: History,
    shas: Sequence[str],
    progress: Progress,
    done: tuple[int, int],
    zeros: int,
) -> _Harvest:
    """done: how many commits were read before these, and how many there are in all."""
    lesson = history.lesson
    tally = Tally()
    sampler = Sampler(zeros)
    fixes: list[LearnedFix] = []
    unread: list[str] = []
    for place, commit in enumerate(log.read(history.git, shas, lesson.limits), 1):
        if isinstance(commit, log.Unread):
            unread.append(commit.sha)
        else:
            tally.count(commit)
            found = tuple(fixes_in(commit, lesson))
            fixes.extend(found)
            if not found:
                sampler.count(commit)
        if place % 64 == 0 or place == len(shas):
            progress(done[0] + place, done[1])
    return _Harvest(
        tuple(fixes), tally.statistics(), sampler.sample(), tuple(sorted(unread)), len(shas)
    )


def fixes_in(commit: Commit, lesson: Lesson) -> Iterator[LearnedFix]:
    """The commit as a fix, if it is one and touches code."""
    decision, tickets = judged(lesson, commit.sha, commit.message, len(commit.parents))
    if not decision.remembered:
        return
    patterns = extract.patterns(commit)
    if patterns:
        record = FixCommit(
            commit.sha, commit.time, commit.subject, commit.message, tickets, lesson.name
        )
        yield LearnedFix(record, patterns)


def changed(old: Provenance, wanted: Provenance) -> str | None:
    """Why what was learned once cannot be brought up to date; None: it can."""
    if old.revision != wanted.revision:
        return "an older bugguard learned by other rules"
    if old.shard != wanted.shard:
        return "it was another part of the history"
    if len(old.sources) != len(wanted.sources):
        return "the repositories are others"
    pairs = list(zip(old.sources, wanted.sources, strict=True))
    if len(pairs) > 1 and any(was.name != now.name for was, now in pairs):
        return "the repositories are others, or in another order"
    settings = [[(one.learner, one.since, one.name, one.share) for one in sources]
                for sources in (old.sources, wanted.sources)]  # fmt: skip
    if settings[0] != settings[1]:
        return "the settings for learning have changed"
    if any(was.boundary != now.boundary for was, now in pairs):
        return "the clone's depth has changed"
    return None


def _unfit(
    histories: Sequence[History], previous: Knowledge, wanted: Provenance, encoder: Encoder
) -> str | None:
    if previous.encoder != encoder.identity:
        return "the encoder is another one"
    reason = changed(previous.provenance, wanted)
    if reason is not None:
        return reason
    for history, source in zip(histories, previous.provenance.sources, strict=False):
        if any(history.git.ask("cat-file", "-t", head) != "commit" for head in source.heads):
            return "the history was rewritten and its old commits are gone"
    return None
