"""What a judge can change of a check, and what it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from memory_index import LetterEncoder, MemoryIndex, change, hunk

from bugguard.domain import (
    Change,
    Finding,
    Judgement,
    Opinion,
    Question,
    Shortlist,
    Survey,
    Usage,
)
from bugguard.errors import JudgeError
from bugguard.pipeline.check import Bounds, check
from bugguard.pipeline.judging import SURVEYED, Judging
from bugguard.ports import Judge, Progress
from bugguard.report.model import Report

BUGGY = """\
def rebate(amount, voucher):
    rebate = amount * voucher.percent / 100
    return amount - rebate
"""
FIXED = BUGGY.replace(
    "amount * voucher.percent / 100", "min(amount, amount * voucher.percent / 100)"
)
#: Code in other words that shares names with the fix: offered at most, never matched.
OTHER = """\
def discount(total, coupon):
    voucher = coupon.voucher
    cheaper = total * voucher.percent
    return total - cheaper
"""
SHA = "ab" * 20
UNDO = change(hunk(FIXED, BUGGY))


def index() -> MemoryIndex:
    return MemoryIndex(
        (SHA, "fix: vouchers took more than the order was worth (#1)", hunk(BUGGY, FIXED))
    )


class Scripted:
    """Says the same of everything, and remembers what it was asked."""

    model = "scripted-1"

    def __init__(self, verdict: str | None, named: tuple[int, ...] = ()) -> None:
        self._verdict = verdict
        self._named = named
        self.asked: list[Question] = []
        self.surveys: list[Survey] = []

    def judge(self, questions: Sequence[Question]) -> list[Opinion]:
        self.asked += questions
        if self._verdict is None:
            return [Opinion(None, "did not answer within 20 s")] * len(questions)
        said = Judgement(self._verdict, "Why.", (("rebate", "change"),), None, self.model)
        return [Opinion(said)] * len(questions)

    def shortlist(self, survey: Survey) -> Shortlist:
        self.surveys.append(survey)
        return Shortlist(self._named) if self._verdict else Shortlist((), "fell asleep")

    @property
    def usage(self) -> Usage:
        return Usage(calls=len(self.asked) + len(self.surveys))


@contextmanager
def stage(what: str) -> Iterator[Progress]:
    yield lambda done, total: None


def judging(judge: Judge | Callable[[], Judge], **rules: object) -> Judging:
    told: dict[str, object] = {
        "open": judge if callable(judge) else lambda: judge,
        "read": lambda change, path: BUGGY,
        "seen": lambda path: True,
        "stage": stage,
        "texts": lambda commit: ["It broke\nfor everybody."],
        "certain": 1.0,
    }
    return Judging(**(told | rules))  # type: ignore[arg-type]


def checked(
    change: Change, judging: Judging | None, threshold: float = 0.055, escalate: float = 0.02
) -> Report:
    bounds = Bounds(threshold, escalate, 100)
    return check(change, index(), LetterEncoder(), bounds, None, "", judging)[0]


def score() -> float:
    [finding] = checked(UNDO, None, 0.0).findings
    return finding.match.score


def only(report: Report) -> Finding:
    [finding] = report.findings
    return finding


def test_without_a_judge_nothing_changes() -> None:
    report = checked(UNDO, None)
    assert only(report).judgement is None
    assert (report.judged, report.suggested) == (None, None)
    assert report.alarming


@pytest.mark.parametrize("verdict", ["repeats", "unsure", "unrelated"])
def test_a_finding_is_explained_and_at_most_downgraded(verdict: str) -> None:
    judge = Scripted(verdict)
    report = checked(UNDO, judging(judge))
    finding = only(report)
    assert finding.judgement is not None
    assert finding.judgement.verdict == verdict
    assert finding.downgraded == (verdict == "unrelated")
    assert report.alarming == (verdict != "unrelated")
    assert report.judged is not None
    assert (report.judged.escalated, report.judged.usage.calls) == (1, 1)
    plain = only(checked(UNDO, None))
    assert (finding.fingerprint, finding.match) == (plain.fingerprint, plain.match)


def test_what_is_certain_stands_whatever_a_judge_says() -> None:
    report = checked(UNDO, judging(Scripted("unrelated"), certain=score()))
    assert not only(report).downgraded
    assert only(report).judgement is not None
    assert report.alarming
    silencing = judging(Scripted("unrelated"), certain=score(), may_silence=True)
    assert checked(UNDO, silencing).findings


def test_only_where_a_team_allows_it_a_finding_is_not_shown() -> None:
    assert checked(UNDO, judging(Scripted("unrelated"))).findings
    report = checked(UNDO, judging(Scripted("unrelated"), may_silence=True))
    assert report.findings == ()
    assert report.judged is not None
    assert [one.match.fix.sha for one in report.judged.silenced] == [SHA]
    for verdict in ("unsure", "repeats", None):
        assert checked(UNDO, judging(Scripted(verdict), may_silence=True)).findings


def test_in_the_band_only_a_repeat_is_reported() -> None:
    threshold = score() + 0.001
    assert checked(UNDO, None, threshold).findings == ()
    for verdict in ("unrelated", "unsure", None):
        assert checked(UNDO, judging(Scripted(verdict)), threshold).findings == ()
    raised = only(checked(UNDO, judging(Scripted("repeats")), threshold))
    assert raised.judgement is not None
    assert not raised.downgraded


def test_nothing_below_the_band_is_even_asked_about() -> None:
    judge = Scripted("repeats")
    above = score() + 0.001
    report = checked(UNDO, judging(judge), above, above)
    assert (report.findings, judge.asked, report.judged) == ((), [], None)


def test_a_judge_that_fails_leaves_all_as_it_was() -> None:
    report = checked(UNDO, judging(Scripted(None)))
    plain = checked(UNDO, None)
    assert report.findings == plain.findings
    assert report.alarming
    assert report.judged is not None
    assert report.judged.failures == {"the judge did not answer within 20 s": 1}
    assert report.judged.unjudged == 1


def test_a_judge_that_cannot_be_asked_leaves_all_as_it_was() -> None:
    def none() -> Judge:
        raise JudgeError("the judge has no model: set BUGGUARD_JUDGE_MODEL.")

    report = checked(UNDO, judging(none))
    assert report.findings == checked(UNDO, None).findings
    assert report.judged is not None
    assert report.judged.failures == {"the judge has no model: set BUGGUARD_JUDGE_MODEL": 1}


def test_where_nothing_is_close_nobody_is_called() -> None:
    def none() -> Judge:
        raise AssertionError("was called")

    assert checked(change(hunk("a = 1\n", "b = 2\n")), judging(none)).judged is None


def test_a_path_that_may_not_be_seen_is_not_shown() -> None:
    judge = Scripted("unrelated")
    report = checked(UNDO, judging(judge, seen=lambda path: path != "app.py"))
    assert judge.asked == []
    assert report.judged is not None
    assert (report.judged.hidden, report.judged.unjudged) == (1, 0)
    assert only(report).judgement is None


def test_neither_the_past_nor_the_rest_is_shown_of_a_path_that_may_not_be_seen() -> None:
    both = UNDO.files + change(hunk("key = 1\n", "key = 2\n", "vault.py")).files
    judge = Scripted("unsure")
    checked(Change("both", both), judging(judge, seen=lambda path: path != "vault.py"))
    [question] = judge.asked
    assert not any("vault" in one.text or "key" in one.text for one in question.sections)
    judge = Scripted("unsure")
    checked(Change("both", both), judging(judge))
    [question] = judge.asked
    assert any("vault.py" in one.text for one in question.sections if one.where == "rest")


def test_what_is_asked_shows_both_sides_and_the_code_after() -> None:
    judge = Scripted("unsure")
    checked(UNDO, judging(judge))
    [question] = judge.asked
    shown = {one.where: one.text for one in question.sections}
    assert "min(amount" in shown["fixed"]
    assert "min(amount" not in shown["then"]
    assert "-    rebate = min(amount" in shown["change"]
    assert shown["after"].startswith("def rebate")
    assert "vouchers took more" in shown["fix"]
    assert shown["ticket"] == "It broke\nfor everybody."
    assert question.content == BUGGY


def test_a_thorough_judge_reads_what_is_only_offered_and_only_suggests() -> None:
    new = change(hunk("", OTHER, "other.py"))
    assert checked(new, judging(Scripted("repeats", (0,)))).suggested is None
    judge = Scripted("repeats", (0,))
    report = checked(new, judging(judge, thorough=True))
    assert len(judge.surveys) == 1
    assert judge.surveys[0].lessons == ("fix: vouchers took more than the order was worth (#1)",)
    assert report.findings == ()
    assert not report.alarming
    assert report.suggested is not None
    assert [one.match.fix.sha for one in report.suggested] == [SHA]
    for other in (Scripted("unrelated", (0,)), Scripted("repeats"), Scripted(None)):
        assert checked(new, judging(other, thorough=True)).suggested == ()


def test_a_thorough_judge_that_fails_says_so() -> None:
    new = change(hunk("", OTHER, "other.py"))
    judged = checked(new, judging(Scripted(None), thorough=True)).judged
    assert judged is not None
    assert (judged.failures, judged.survey_failure) == ({}, "the judge fell asleep")


def test_no_more_matches_are_looked_at_than_may_be() -> None:
    judge = Scripted("unrelated")
    report = checked(UNDO, judging(judge, most=0))
    assert judge.asked == []
    assert report.alarming
    assert report.judged is not None
    assert report.judged.failures == {"the judge is asked of no more than 0 matches in a run": 1}


def test_a_judge_that_breaks_while_it_reads_leaves_all_as_it_was() -> None:
    class Broken(Scripted):
        def judge(self, questions: Sequence[Question]) -> list[Opinion]:
            raise JudgeError("the judge needs detect-secrets.")

    report = checked(UNDO, judging(Broken("unrelated")))
    assert report.findings == checked(UNDO, None).findings
    assert report.judged is not None
    assert report.judged.failures == {"the judge needs detect-secrets": 1}


def test_what_was_in_a_folder_that_may_not_be_seen_is_not_shown() -> None:
    moved = [replace(one, old_path="vault/key.py") for one in UNDO.hunks]
    told = replace(UNDO, files=(replace(UNDO.files[0], hunks=tuple(moved)),))
    judge = Scripted("unsure")
    report = checked(told, judging(judge, seen=lambda path: not path.startswith("vault/")))
    assert judge.asked == []
    assert report.judged is not None
    assert report.judged.hidden == 1


def test_a_survey_is_bounded() -> None:
    assert judging(Scripted("unsure"), thorough=True).surveyed == SURVEYED
    assert judging(Scripted("unsure")).surveyed == 0
