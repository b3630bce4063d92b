"""What a team decided of findings beforehand: by directives in the code, a baseline, and votes.

Nothing that was decided is reported, nor put to a judge; all of it is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from bugguard.domain import Change, Finding, Match
from bugguard.report.words import count
from bugguard.triage import suppression
from bugguard.triage.suppression import Directive, Problem

if TYPE_CHECKING:
    from bugguard.triage.baseline import Baseline
    from bugguard.triage.votes import Mutes

_MOST_NOTES = 20  #: remarks on directives in one report; a change may be full of them


def _today() -> date:
    # One clock for everybody: a day that is over for the one must not go on for the other.
    return datetime.now(timezone.utc).date()


@dataclass(frozen=True, slots=True)
class Triage:
    """What is known beforehand, and how strictly it is kept."""

    baseline: Baseline | None = None
    mutes: Mutes | None = None
    strict: bool = False  #: whether directives that ended or silence nothing are errors
    today: date = field(default_factory=_today)


class Sorted(NamedTuple):
    """Findings by what was decided of them, each in the order given."""

    open: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]  #: by a directive
    known: tuple[Finding, ...]  #: by the baseline


def sort(
    findings: Iterable[Finding], directives: Mapping[str, Iterable[Directive]], triage: Triage
) -> Sorted:
    """What becomes of findings, wherever they come from. directives: by path.

    Of findings of muted fixes nothing is known here: see :func:`heard`.
    """
    kept, suppressed = suppression.apply(findings, directives, triage.today)
    if triage.baseline is None:
        return Sorted(kept, suppressed, ())
    from bugguard.triage import baseline  # most repositories have none

    new, known = baseline.apply(kept, triage.baseline)
    return Sorted(new, suppressed, known)


def heard(matches: Iterable[Match], mutes: Mutes | None) -> tuple[list[Match], list[Match]]:
    """(those that are looked at, those of muted fixes): those crowd nothing out."""
    if mutes is None:
        return list(matches), []
    spoken: list[Match] = []
    muted: list[Match] = []
    for match in matches:
        (muted if mutes(match) else spoken).append(match)
    return spoken, muted


class Sorting:
    """One change, with the directives in it and all that was decided."""

    def __init__(self, change: Change, triage: Triage) -> None:
        self._triage = triage
        self._directives, self._new, self._problems = _directives(change)

    def sort(self, findings: Iterable[Finding]) -> Sorted:
        """What becomes of findings of the change, reported ones or such as are close to it."""
        return sort(findings, self._directives, self._triage)

    @property
    def wary(self) -> bool:
        """Whether the change brings directives, of which each must silence something."""
        return bool(self._new)

    def remarks(
        self, reported: Iterable[Finding], near: Sequence[Finding], muted: Sequence[Finding]
    ) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
        """(notes for the report, errors in directives).

        near: all findings that a directive may be for, reported or not.
        """
        doubtful = [*self._ended(reported), *self._unused(near)]
        if self._triage.strict:
            return tuple(self._muted(muted)), (*self._problems, *doubtful)
        notes = [f"{one.path}:{one.line}: {one.message}" for one in doubtful[:_MOST_NOTES]]
        if doubtful[_MOST_NOTES:]:
            left = len(doubtful) - _MOST_NOTES
            notes.append(f"{left:,} more directives that ended or silence nothing")
        return (*notes, *self._muted(muted)), self._problems

    def _ended(self, reported: Iterable[Finding]) -> Iterator[Problem]:
        told = set()
        for finding in reported:
            path = finding.match.hunk.path
            for one in suppression.naming(finding, self._directives.get(path, ())):
                if (path, one.line) not in told:  # of a reported finding, each has ended
                    told.add((path, one.line))
                    yield Problem(
                        path,
                        one.line,
                        f"this silencing ended on {one.until}: mend the code, or look at it again "
                        "and give it a later day",
                    )

    def _unused(self, near: Sequence[Finding]) -> Iterator[Problem]:
        by_path: dict[str, list[Finding]] = {}
        for finding in near:
            by_path.setdefault(finding.match.hunk.path, []).append(finding)
        for path, directive in self._new:
            here = by_path.get(path, ())
            close = [one for one in here if suppression.naming(one, [directive])]
            for name in directive.ids:
                if not any(suppression.names(name, one) for one in close):
                    told = f"`ignore[{name:.60}]` silences nothing here: remove it"
                    yield Problem(path, directive.line, told)

    def _muted(self, muted: Iterable[Finding]) -> Iterator[str]:
        mutes = self._triage.mutes
        by_fix: dict[str, list[Finding]] = {}
        for finding in muted:
            by_fix.setdefault(finding.match.fix.sha, []).append(finding)
        for findings in by_fix.values():
            ballot = mutes(findings[0].match) if mutes else None
            if ballot is None:
                continue
            fix = findings[0].match.fix
            name = " ".join([*(ticket.id for ticket in fix.tickets[:1]), fix.short])
            lifts = "it takes" if ballot.lifts == 1 else f"it takes {ballot.lifts:,} votes"
            yield (
                f"{count(len(findings), 'finding')} of {name} muted, as "
                f"{count(ballot.not_useful, 'vote')} to {ballot.useful:,} found it not useful; "
                f"{lifts} `bugguard feedback {ballot.fingerprint} useful` to hear of it again"
            )


def _directives(
    change: Change,
) -> tuple[dict[str, list[Directive]], list[tuple[str, Directive]], tuple[Problem, ...]]:
    """The directives by path, those that the change brings, and what is wrong with such.

    A hunk's context reaches further than a directive does, so no file has to be read for them.
    What only moved or was indented anew is not brought.
    """
    directives: dict[str, list[Directive]] = {}
    added: list[tuple[str, Directive]] = []
    removed = set()
    problems: list[Problem] = []
    for hunk in change.hunks:
        for marker, number, text in hunk.numbered():
            if "bugguard:" not in text:
                continue
            found, wrong = suppression.parse([text], hunk.path, number)
            if marker == "-":
                removed |= {_said(one) for one in found}
                continue
            directives.setdefault(hunk.path, []).extend(found)
            if marker == "+":
                added += ((hunk.path, one) for one in found)
                problems += wrong
    new = [(path, one) for path, one in added if _said(one) not in removed]
    return directives, new, tuple(problems)


def _said(directive: Directive) -> tuple[object, ...]:
    return directive.ids, directive.reason, directive.until
