"""history -> patterns -> encoders -> knowledge.

Knowledge is a sum over commits (:mod:`~bugguard.patterns.statistics`) and a set of fixes, refined
by a pure function of both. So bringing it up to date means adding the commits that came, taking
away those that went (a branch was left, history was rewritten), and refining again; the result is
what a rebuild would give. Lessons are given, and stay where their fix is what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from bugguard.domain import Commit, FixCommit, LearnedFix
from bugguard.domain.knowledge import Knowledge, Sample, Statistics
from bugguard.domain.lesson import Lesson as ModelLesson
from bugguard.domain.provenance import Provenance
from bugguard.errors import GitError
from bugguard.history import log, revisions
from bugguard.history.diff import Limits
from bugguard.history.fixes import FixRules
from bugguard.history.git import Git
from bugguard.history.paths import PathRules
from bugguard.history.tickets import Remote, TicketRules
from bugguard.patterns import extract
from bugguard.patterns.refine import refine
from bugguard.patterns.sample import Sampler, joined, zero_bits
from bugguard.patterns.statistics import Tally, combine
from bugguard.pipeline.assemble import assemble, lessons_of
from bugguard.pipeline.learner import REVISION
from bugguard.pipeline.rejoin import Rejoined, rejoin
from bugguard.pipeline.tickets import Join, judged
from bugguard.ports import Encoder, Progress


@dataclass(frozen=True, slots=True)
class Lesson:
    """How this team's history is to be read."""

    fixes: FixRules = field(default_factory=FixRules)
    paths: PathRules = field(default_factory=PathRules)
    tickets: TicketRules = field(default_factory=TicketRules)
    remote: Remote | None = None
    file_bytes: int = 1024 * 1024
    since: int | None = None  #: seconds since the epoch
    join: Join | None = None  #: the tickets that are known; None: nobody took any in

    @property
    def limits(self) -> Limits:
        return Limits(self.file_bytes, self.paths.reason)

    @property
    def digest(self) -> str:
        """Equal for lessons that learn the same from the same history."""
        told: tuple[object, ...] = (
            self.fixes, self.paths, self.tickets, self.remote, self.file_bytes,
        )  # fmt: skip
        if self.join is not None and self.join.bugs_only:
            told = (*told, "bugs only")
        return blake2b(repr(told).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()

    def provenance(self, git: Git, heads: Sequence[str]) -> Provenance:
        """What is to be known of knowledge that is learned from ``heads`` now, its counts empty."""
        return Provenance(
            heads=tuple(sorted(set(heads))),
            boundary=revisions.boundary(git),
            since=self.since,
            revision=REVISION,
            learner=self.digest,
            commits=0,
            tickets=self.join.digest if self.join is not None else "",
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of it, for the report."""

    knowledge: Knowledge
    read: int  #: commits read this time
    forgotten: int  #: commits that are no longer in the history
    rebuilt: str | None  #: why everything was read anew although there was an index
    untaught: int = 0  #: lessons that went, for their fix went or is not what it was


def learn(
    git: Git,
    heads: Sequence[str],
    lesson: Lesson,
    encoder: Encoder,
    previous: Knowledge | None = None,
    progress: Progress = lambda done, total: None,
    lessons: Mapping[str, ModelLesson] | None = None,
) -> Learned:
    """Learns all commits that ``heads`` reach.

    previous: knowledge to bring up to date, where it fits; else everything is read.
    lessons: what models made of fixes, by their shas, of which those stay whose fix is what it was;
        None: those of ``previous``.
    """
    if lessons is None:
        lessons = lessons_of(previous) if previous else {}
    provenance = lesson.provenance(git, heads)
    reason = _unfit(git, previous, provenance, encoder) if previous else None
    if previous is None or reason:
        harvest = _read(git, revisions.commits(git, heads, since=lesson.since), lesson, progress)
        return _learned(harvest, provenance, encoder, None, lessons, 0, reason, progress)
    try:
        updated = _updated(git, lesson, encoder, previous, lessons, provenance, progress)
        if updated is not None:
            return updated
        reason = "the history is much shorter than it was"
        harvest = _read(git, revisions.commits(git, heads, since=lesson.since), lesson, progress)
        return _learned(harvest, provenance, encoder, previous, lessons, 0, reason, progress)
    except GitError as error:
        # The commits to be taken away are gone from the repository: start again.
        harvest = _read(git, revisions.commits(git, heads, since=lesson.since), lesson, progress)
        return _learned(harvest, provenance, encoder, previous, lessons, 0, str(error), progress)


@dataclass(frozen=True, slots=True)
class _Harvest:
    fixes: tuple[LearnedFix, ...]
    statistics: Statistics
    sample: Sample
    unread: tuple[str, ...]
    read: int


def _updated(
    git: Git,
    lesson: Lesson,
    encoder: Encoder,
    previous: Knowledge,
    lessons: Mapping[str, ModelLesson],
    provenance: Provenance,
    progress: Progress,
) -> Learned | None:
    """None: a shorter history has a larger sample, which only reading it anew can give."""
    old, new = previous.provenance.heads, provenance.heads
    gone = revisions.commits(git, old, without=new, since=lesson.since)
    came = revisions.commits(git, new, without=old, since=lesson.since)
    # What could not be read then may be here by now.
    retried = sorted(set(previous.provenance.unread) - set(gone))
    counted = [sha for sha in gone if sha not in set(previous.provenance.unread)]
    turned = Rejoined()
    if previous.provenance.tickets != provenance.tickets:
        turned = rejoin(git, lesson, previous, {*gone, *came}, progress)
        counted += turned.again
    wanted = [*came, *retried, *turned.again]
    total = len(counted) + len(wanted)
    ends = set(revisions.boundary(git))
    were = previous.statistics.total + len(previous.provenance.unread)
    zeros = zero_bits(were - len(set(gone) - ends) + len(set(came) - ends))
    if zeros < zero_bits(were):
        return None
    lost = _read(git, counted, lesson, lambda done, _: progress(done, total), zeros)
    if lost.unread:
        raise GitError(f"commit {lost.unread[0][:8]} is no longer in the history nor in the clone")
    added = _read(git, wanted, lesson, lambda done, _: progress(len(counted) + done, total), zeros)
    forgotten = {*gone, *turned.again}
    kept = tuple(turned.fix(one) for one in previous.fixes if one.commit.sha not in forgotten)
    statistics = combine(combine(previous.statistics, added.statistics), lost.statistics, -1)
    left = joined(previous.sample, Sampler(zeros).sample(), forgotten, zeros)
    sample = joined(left, added.sample, gone, zeros)
    harvest = _Harvest((*kept, *added.fixes), statistics, sample, added.unread, added.read)
    return _learned(harvest, provenance, encoder, previous, lessons, len(gone), None, progress)


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
    knowledge = assemble(
        told, refined, harvest.statistics, harvest.sample, encoder, previous, lessons
    )
    untaught = len(lessons) - len(knowledge.lessons.lessons)
    return Learned(knowledge, harvest.read, forgotten, rebuilt, untaught)


def _read(
    git: Git,
    shas: Sequence[str],
    lesson: Lesson,
    progress: Progress,
    zeros: int | None = None,
) -> _Harvest:
    """zeros: of the sample, see :func:`zero_bits`; None: these are all commits that there are."""
    ends = set(revisions.boundary(git))
    chosen = [sha for sha in shas if sha not in ends]
    tally = Tally()
    sampler = Sampler(zero_bits(len(chosen)) if zeros is None else zeros)
    fixes: list[LearnedFix] = []
    unread: list[str] = []
    progress(0, len(chosen))
    for done, commit in enumerate(log.read(git, chosen, lesson.limits), 1):
        if isinstance(commit, log.Unread):
            unread.append(commit.sha)
        else:
            tally.count(commit)
            found = tuple(fixes_in(commit, lesson))
            fixes.extend(found)
            if not found:
                sampler.count(commit)
        if done % 64 == 0 or done == len(chosen):
            progress(done, len(chosen))
    return _Harvest(
        tuple(fixes), tally.statistics(), sampler.sample(), tuple(sorted(unread)), len(chosen)
    )


def fixes_in(commit: Commit, lesson: Lesson) -> Iterator[LearnedFix]:
    """The commit as a fix, if it is one and touches code."""
    decision, tickets = judged(lesson, commit.sha, commit.message, len(commit.parents))
    if not decision.remembered:
        return
    patterns = extract.patterns(commit)
    if patterns:
        slug = lesson.remote.name if lesson.remote else ""
        record = FixCommit(commit.sha, commit.time, commit.subject, commit.message, tickets, slug)
        yield LearnedFix(record, patterns)


def changed(old: Provenance, wanted: Provenance) -> str | None:
    """Why what was learned once cannot be brought up to date; None: it can."""
    if old.revision != wanted.revision:
        return "an older bugguard learned by other rules"
    if old.learner != wanted.learner or old.since != wanted.since:
        return "the settings for learning have changed"
    if old.boundary != wanted.boundary:
        return "the clone's depth has changed"
    return None


def _unfit(git: Git, previous: Knowledge, wanted: Provenance, encoder: Encoder) -> str | None:
    if previous.encoder != encoder.identity:
        return "the encoder is another one"
    if any(git.ask("cat-file", "-t", head) != "commit" for head in previous.provenance.heads):
        return "the history was rewritten and its old commits are gone"
    return changed(previous.provenance, wanted)
