"""Close matches put to a judge, and what becomes of them.

A judge explains, confirms or marks as unrelated what was matched. It brings nothing up from below
the band of close matches, and from a score on that leaves no doubt a finding stands whatever it
says. Where it fails in any way, all stays as it was matched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from bugguard.domain import Change, Finding, FixCommit, LearnedFix, Match, Opinion, Question
from bugguard.errors import JudgeError
from bugguard.judge.sections import Seen, question, shows, survey
from bugguard.match.why import explain
from bugguard.patterns.normalize import edit
from bugguard.ports import Judge, PatternIndex
from bugguard.report.model import Judged

if TYPE_CHECKING:
    from bugguard.pipeline.replay import Stage

SURVEYED = 50  #: past fixes that are put before a judge at once, one line each


class Ruled(NamedTuple):
    """What became of the matches."""

    findings: tuple[Finding, ...]
    #: what a judge alone takes for a repeat; None: nobody asked for that
    suggested: tuple[Finding, ...] | None
    judged: Judged | None  #: None: there was nothing to judge


@dataclass(frozen=True, slots=True)
class Judging:
    """Who judges, by which rules."""

    open: Callable[[], Judge]  #: only called where something is to be judged; raises JudgeError
    read: Callable[[Change, str], str | None]  #: a file's text after the change, by its path
    seen: Seen  #: whether a judge may see the file of that path
    stage: Stage
    texts: Callable[[FixCommit], Sequence[str]]  #: of a fix's tickets, as far as they are at hand
    certain: float  #: from this score on a finding stands whatever a judge says, 0..1
    most: int = 1 << 30  #: matches that are looked at in a run; the further ones stand as found
    may_silence: bool = False
    thorough: bool = False

    @property
    def surveyed(self) -> int:
        """How many of the fixes that are only offered it wants to see."""
        return SURVEYED if self.thorough else 0

    def rule(
        self,
        change: Change,
        index: PatternIndex,
        reported: Sequence[Finding],
        band: Sequence[Finding],
        others: Sequence[Finding],
    ) -> Ruled:
        """Puts close matches to the judge.

        reported: findings. band: matches close enough to ask about, and too far off to report
        unasked. others: what is further off, the best first, for a thorough judge.
        """
        close = [one for one in _by_need(reported, band, self.certain) if _may_see(one, self.seen)]
        surveyed = surveyed_of(others, self.seen) if self.thorough else []
        hidden = len(reported) + len(band) - len(close)
        left = max(len(close) - self.most, 0)
        close = close[: self.most]
        why = f"the judge is asked of no more than {self.most:,} matches in a run"
        failures = {why: left} if left else {}
        suggested: tuple[Finding, ...] | None = () if self.thorough else None
        if not close and not surveyed:
            judged = Judged("", failures=failures, hidden=hidden) if hidden or left else None
            return Ruled(tuple(reported), suggested, judged)
        try:
            panel = Panel(self, change, index)
            panel.read(close)
            named = panel.named(surveyed)
            panel.read(named)
        except JudgeError as error:
            failures = {str(error).rstrip("."): len(close) + left}
            return Ruled(tuple(reported), suggested, Judged("", failures=failures, hidden=hidden))
        told = [self._settled(one, panel) for one in reported]
        raised = [panel.told(one) for one in band if panel.repeats(one)]
        if surveyed:
            suggested = tuple(panel.told(one) for one in named if panel.repeats(one))
        silenced = tuple(one for one in told if one.downgraded and self.may_silence)
        kept = (one for one in told if one not in silenced)
        return Ruled((*kept, *raised), suggested, panel.judged(failures, hidden, silenced))

    def _settled(self, finding: Finding, panel: Panel) -> Finding:
        told = panel.told(finding)
        doubtful = finding.match.score < self.certain
        unrelated = told.judgement is not None and told.judgement.verdict == "unrelated"
        return replace(told, downgraded=unrelated and doubtful)


def _by_need(reported: Iterable[Finding], band: Iterable[Finding], certain: float) -> list[Finding]:
    """Where a verdict changes most comes first, for calls may run out before the end."""
    doubtful = [one for one in reported if one.match.score < certain]
    sure = [one for one in reported if one.match.score >= certain]
    return [*doubtful, *band, *sure]


def _may_see(finding: Finding, seen: Seen) -> bool:
    return shows(finding.match.hunk, seen) and shows(finding.match.pattern.hunk, seen)


def surveyed_of(others: Iterable[Finding], seen: Seen) -> list[Finding]:
    """The best match of each fix."""
    best: dict[str, Finding] = {}
    for one in others:
        if len(best) < SURVEYED and _may_see(one, seen):
            best.setdefault(one.match.fix.sha, one)
    return list(best.values())


class Panel:
    """One judge on one change, and all that it said."""

    def __init__(self, judging: Judging, change: Change, index: PatternIndex) -> None:
        """Raises JudgeError."""
        self._judge = judging.open()
        self._judging = judging
        self._change = change
        self._index = index
        self._files: dict[str, str | None] = {}
        self._opinions: dict[str, Opinion] = {}  #: by fingerprint
        self._failures: Counter[str] = Counter()
        self._survey_failure = ""

    def read(self, findings: Sequence[Finding]) -> None:
        """Puts each to the judge."""
        if not findings:
            return
        questions = [self._question(one.match) for one in findings]
        with self._judging.stage("asking the judge") as progress:
            progress(0, len(questions))
            opinions = self._judge.judge(questions)
        for finding, opinion in zip(findings, opinions, strict=True):
            self._opinions[finding.fingerprint] = opinion
            if opinion.judgement is None:
                self._failures[f"the judge {opinion.failure}"] += 1

    def failure(self, finding: Finding) -> str:
        """Why the judge said nothing of it; empty where it did, or was not asked."""
        opinion = self._opinions.get(finding.fingerprint)
        return opinion.failure if opinion and opinion.judgement is None else ""

    def told(self, finding: Finding) -> Finding:
        """With what the judge said of it, if it did."""
        opinion = self._opinions.get(finding.fingerprint)
        return replace(finding, judgement=opinion.judgement) if opinion else finding

    def repeats(self, finding: Finding) -> bool:
        """Whether the judge takes it for a repeat."""
        judgement = self.told(finding).judgement
        return judgement is not None and judgement.verdict == "repeats"

    def named(self, surveyed: Sequence[Finding]) -> list[Finding]:
        """Those that the judge wants to read."""
        if not surveyed:
            return []
        notes = [self._note(one.match) for one in surveyed]
        asked = survey(self._change, notes, self._judging.seen)
        with self._judging.stage("asking the judge which past fixes to read") as progress:
            progress(0, 1)
            shortlist = self._judge.shortlist(asked)
        if shortlist.failure:
            self._survey_failure = f"the judge {shortlist.failure}"
        return [surveyed[place] for place in shortlist.places]

    def judged(
        self, failures: Mapping[str, int], hidden: int, silenced: tuple[Finding, ...]
    ) -> Judged:
        """All of it, for the report. failures: those that came before anything was asked."""
        return Judged(
            self._judge.model,
            usage=self._judge.usage,
            escalated=len(self._opinions),
            failures={**self._failures, **failures},
            survey_failure=self._survey_failure,
            hidden=hidden,
            silenced=silenced,
        )

    def _question(self, match: Match) -> Question:
        path = match.hunk.path
        if path not in self._files:
            self._files[path] = self._judging.read(self._change, path)
        why = explain(match, self._index, edit)
        content = self._files[path]
        fix, texts = self._fix(match), self._judging.texts(match.fix)
        return question(match, self._change, fix, content, why, self._judging.seen, texts)

    def _note(self, match: Match) -> str:
        """The line that stands for a fix: its lesson, if it has one."""
        lesson = self._index.lesson(self._number(match))
        return lesson.text if lesson else match.fix.subject

    def _fix(self, match: Match) -> LearnedFix:
        return self._index.fix(self._number(match))

    def _number(self, match: Match) -> int:
        [number, *_] = self._index.find(match.fix.sha)
        return number
