"""What was decided beforehand: in which order it counts, what is said of it, who hears of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import pytest
from memory_index import LetterEncoder, MemoryIndex, change, hunk

from bugguard.domain import Change, Finding, Opinion, Question, Shortlist, Survey, Usage
from bugguard.pipeline.check import Bounds, check
from bugguard.pipeline.judging import Judging
from bugguard.pipeline.triage import Triage
from bugguard.ports import Progress
from bugguard.report.model import Report
from bugguard.triage import baseline
from bugguard.triage.fingerprint import edit_digest
from bugguard.triage.suppression import Problem
from bugguard.triage.votes import Mutes, Vote, Votes

MARK = "bugguard" + ": ignore"  # put together, so that this file is not taken to contain any
TODAY = date(2026, 1, 31)

BUGGY = """\
def settle(till):
    rebate = till.amount * voucher.percent / 100
    deadline = account.opened + lifetime
    wanted = request.pieces
    return till
"""
#: One fix a line, with no word in common.
EDITS = (
    ("till.amount * voucher.percent / 100", "smaller(till.amount, till.amount * voucher.percent)"),
    ("account.opened + lifetime", "account.renewed + lifetime.in_seconds()"),
    ("request.pieces", "bounded(request.pieces, article.stock)"),
)
SHAS = tuple(f"{number:040x}" for number in (0xA, 0xB, 0xC))


def fixed(*numbers: int) -> str:
    text = BUGGY
    for number in numbers:
        text = text.replace(*EDITS[number])
    return text


def index() -> MemoryIndex:
    return MemoryIndex(*(
        (SHAS[n], f"fix: part {n}", hunk(fixed(*range(n)), fixed(*range(n + 1)))) for n in range(3)
    ))  # fmt: skip


def undo(*numbers: int, more: str = "", below: str = "") -> Change:
    """Those fixes taken back in one hunk. more: said on the first one's line; below: above it."""
    left = [n for n in range(3) if n not in numbers]
    after = fixed(*left)
    line = next(one for one in after.split("\n") if EDITS[numbers[0]][0] in one)
    return change(hunk(fixed(0, 1, 2), after.replace(line, below + line + more)))


def checked(
    change: Change,
    triage: Triage | None,
    judging: Judging | None = None,
    threshold: float = 0.01,
    escalate: float = 0.0,
) -> tuple[Report, tuple[Problem, ...]]:
    bounds = Bounds(threshold, escalate, 100)
    return check(change, index(), LetterEncoder(), bounds, None, "", judging, triage)


def fixes(findings: Sequence[Finding]) -> list[str]:
    return sorted(one.match.fix.sha for one in findings)


def voted_down(*findings: Finding) -> Mutes:
    votes = Votes()
    for finding in findings:
        match = finding.match
        for number in range(3):
            name = f"{number:016x}"
            votes = votes.add(Vote(match.fix.sha, edit_digest(match.pattern), name, match.rule.id,
                                   "not-useful", "2026-01-31"))  # fmt: skip
    return Mutes(votes)


def test_nothing_decided_is_nothing_changed() -> None:
    report, problems = checked(undo(0), None)
    assert fixes(report.findings) == [SHAS[0]]
    assert (report.suppressed, report.known, report.muted, report.stale) == ((), (), (), None)
    assert (report.notes, problems) == ((), ())
    assert checked(undo(0), Triage())[0].findings == report.findings


def test_what_is_known_is_counted_and_no_reason_to_fail() -> None:
    found = checked(undo(0, 1), None)[0].findings
    report, _ = checked(undo(0, 1), Triage(baseline.of(found[:1], TODAY)))
    assert report.known == found[:1]
    assert report.findings == found[1:]
    assert report.alarming
    report, _ = checked(undo(0, 1), Triage(baseline.of(found, TODAY)))
    assert (report.findings, report.known, report.alarming) == ((), found, False)


def test_a_directive_goes_before_the_baseline_and_keeps_its_reason() -> None:
    told = undo(0, more=f"  # {MARK}[{SHAS[0]}] on purpose")
    found = checked(undo(0), None)[0].findings
    report, problems = checked(told, Triage(baseline.of(found, TODAY)))
    [silenced] = report.suppressed
    assert silenced.reason == "on purpose"
    assert silenced.fingerprint == found[0].fingerprint
    assert (report.findings, report.known, report.notes, problems) == ((), (), (), ())


def test_a_muted_fix_is_counted_and_says_how_to_hear_of_it_again() -> None:
    [finding] = checked(undo(0), None)[0].findings
    report, _ = checked(undo(0), Triage(mutes=voted_down(finding)))
    assert report.findings == ()
    assert fixes(report.muted) == [SHAS[0]]
    [note] = report.notes
    assert "1 finding of #1 00000000 muted, as 3 votes to 0 found it not useful" in note
    assert f"it takes `bugguard feedback {2:016x} useful`" in note
    other, _ = checked(undo(1), Triage(mutes=voted_down(finding)))
    assert fixes(other.findings) == [SHAS[1]]
    assert (other.muted, other.notes) == ((), ())


def test_muted_fixes_crowd_nothing_out() -> None:
    """Of one hunk two findings are told at most; what is muted is none of them."""
    plain, _ = checked(undo(0, 1, 2), None)
    assert len(plain.findings) == 2
    [third] = set(SHAS) - set(fixes(plain.findings))
    report, _ = checked(undo(0, 1, 2), Triage(mutes=voted_down(*plain.findings)))
    assert fixes(report.findings) == [third]
    assert len(report.muted) == 2


ENDED = f"  # {MARK}[{SHAS[0]}, until=2026-01-30] until the till is mended"


def test_a_silencing_that_ended_is_told_with_the_finding() -> None:
    told = undo(0, more=ENDED)
    report, problems = checked(told, Triage(today=TODAY))
    assert fixes(report.findings) == [SHAS[0]]
    assert problems == ()
    [note] = report.notes
    assert note.startswith("app.py:2: this silencing ended on 2026-01-30: ")
    strict, errors = checked(told, Triage(strict=True, today=TODAY))
    assert fixes(strict.findings) == [SHAS[0]]
    assert strict.notes == ()
    assert [f"{one.path}:{one.line}: {one.message}" for one in errors] == [note]
    before, _ = checked(told, Triage(strict=True, today=date(2026, 1, 30)))
    assert (before.findings, len(before.suppressed), before.notes) == ((), 1, ())


def test_one_that_ended_is_not_told_of_where_the_baseline_knows_the_finding() -> None:
    found = checked(undo(0), None)[0].findings
    triage = Triage(baseline.of(found, TODAY), strict=True, today=TODAY)
    report, problems = checked(undo(0, more=ENDED), triage)
    assert (report.findings, report.notes, problems) == ((), (), ())


@pytest.mark.parametrize("name", ["#2", SHAS[1], "0123456789abcdef"])
def test_a_new_directive_that_silences_nothing_is_told(name: str) -> None:
    told = undo(0, more=f"  # {MARK}[{SHAS[0]}, {name}] on purpose")
    report, problems = checked(told, Triage())
    assert len(report.suppressed) == 1
    assert report.notes == (f"app.py:2: `ignore[{name}]` silences nothing here: remove it",)
    assert problems == ()
    strict, errors = checked(told, Triage(strict=True))
    assert strict.notes == ()
    assert [(one.path, one.line) for one in errors] == [("app.py", 2)]


def test_a_directive_for_what_is_only_close_or_muted_is_of_use() -> None:
    told = undo(0, more=f"  # {MARK}[{SHAS[0]}] on purpose")
    assert checked(told, Triage(), threshold=1.0)[0].notes == ()
    report, _ = checked(told, Triage(), threshold=1.0, escalate=1.0)
    assert len(report.notes) == 1  # below what a judge would be asked about
    [finding] = checked(undo(0), None)[0].findings
    [note] = checked(told, Triage(mutes=voted_down(finding)))[0].notes
    assert "muted" in note


def test_a_directive_that_was_there_or_only_moves_is_nobody_s_new_one() -> None:
    line = f"    # {MARK}[#9] on purpose\n"
    there = hunk(line + fixed(0, 1, 2), line + fixed(1, 2))
    assert checked(change(there), Triage(strict=True))[1] == ()
    moved = hunk(line + fixed(0, 1, 2), fixed(1, 2) + "    " + line)
    assert checked(change(moved), Triage(strict=True))[1] == ()
    new = hunk(fixed(0, 1, 2), fixed(1, 2) + line)
    assert len(checked(change(new), Triage(strict=True))[1]) == 1


def test_a_bad_directive_is_an_error_whether_strict_or_not() -> None:
    for strict in (False, True):
        report, problems = checked(undo(0, more=f"  # {MARK}[#1]"), Triage(strict=strict))
        assert len(report.findings) == len(problems) == 1


def test_a_change_full_of_directives_has_few_notes() -> None:
    lines = "".join(f"    x = {n}  # {MARK}[#9] on purpose\n" for n in range(500))
    report, _ = checked(change(hunk(fixed(0), fixed(0) + lines)), Triage())
    assert len(report.notes) == 21
    assert report.notes[-1] == "480 more directives that ended or silence nothing"


class Listening:
    """A judge that is asked, and says nothing."""

    model = "listening"
    usage = Usage()

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.surveyed: list[str] = []

    def judge(self, questions: Sequence[Question]) -> list[Opinion]:
        self.asked += [one.match.fix.sha for one in questions]
        return [Opinion(None, "listens")] * len(questions)

    def shortlist(self, survey: Survey) -> Shortlist:
        self.surveyed += survey.lessons
        return Shortlist(())


@contextmanager
def stage(what: str) -> Iterator[Progress]:
    yield lambda done, total: None


@pytest.mark.parametrize("threshold", [0.01, 1.0])
def test_a_judge_hears_of_nothing_that_was_decided(threshold: float) -> None:
    found = {one.match.fix.sha: one for one in checked(undo(0, 1), None)[0].findings}

    def heard(change: Change, triage: Triage | None) -> list[str]:
        judge = Listening()
        nonlocal surveyed
        judging = Judging(
            open=lambda: judge,
            read=lambda change, path: None,
            seen=lambda path: True,
            stage=stage,
            texts=lambda commit: (),
            certain=1.0,
            thorough=True,
        )
        checked(change, triage, judging, threshold)
        surveyed = judge.surveyed
        return sorted(judge.asked)

    surveyed: list[str] = []
    assert heard(undo(0, 1), None) == [SHAS[0], SHAS[1]]
    silenced = undo(0, 1, below=f"    # {MARK}[{SHAS[0]}] on purpose\n")
    assert heard(silenced, None) == [SHAS[1]]
    assert not any("part 0" in lesson for lesson in surveyed)
    one = baseline.of([found[SHAS[1]]], TODAY)
    assert heard(undo(0, 1), Triage(one)) == [SHAS[0]]
    assert not any("part 1" in lesson for lesson in surveyed)
    assert heard(undo(0, 1), Triage(mutes=voted_down(found[SHAS[0]]))) == [SHAS[1]]
    # Nor in a survey of what is further off.
    aside = Triage(mutes=voted_down(found[SHAS[0]]))
    assert heard(undo(1), None) == [SHAS[1]]
    assert len(surveyed) == 2
    assert heard(undo(1), aside) == [SHAS[1]]
    assert len(surveyed) == 1
