"""What a judge can change of a scan, and what it cannot; which places it is asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import looking
import pytest
from injections import INJECTIONS, Injection
from memory_index import MemoryIndex, hunk
from test_pipeline_injections import MARKER, Obedient
from test_pipeline_judging import Scripted, judging
from test_pipeline_scan import BUGGY, FIX, FIXED, Memory

from bugguard.domain import Question
from bugguard.errors import GitError, JudgeError
from bugguard.index.scanned import Scanned
from bugguard.judge.asking.ledger import Bounds as Money
from bugguard.judge.asking.ledger import Ledger, Prices
from bugguard.judge.reader import Reader
from bugguard.judge.redacting.redact import Redactor
from bugguard.pipeline.judging import Judging
from bugguard.pipeline.scan import MOST_AT_A_PLACE, MOST_OF_A_FIX, Bounds, scan
from bugguard.ports import Judge
from bugguard.report import text
from bugguard.report.model import Report

HIGH = 0.99  #: a threshold that nothing here reaches


def scanned(
    files: dict[str, str] | Memory, by: Judging | None, threshold: float = 0.3, **bounds: float
) -> Report:
    index = MemoryIndex(FIX, ordinary=[hunk("", BUGGY, "old.py")] * 2)
    told = Bounds(threshold, candidates=100, **{"escalate": 0.1, **bounds})  # type: ignore[arg-type]
    where = files if isinstance(files, Memory) else Memory(files)
    return scan(where, index, told, Scanned(None, "1"), "head", judging=by)[0]  # type: ignore[arg-type]


def shown(question: Question) -> dict[str, str]:
    return {one.where: one.text for one in question.sections}


@pytest.mark.parametrize("verdict", ["repeats", "unsure", "unrelated"])
def test_a_place_is_explained_and_at_most_downgraded(verdict: str) -> None:
    judge = Scripted(verdict)
    told = scanned({"s.py": BUGGY}, judging(judge))
    [finding] = told.findings
    assert finding.judgement is not None
    assert finding.judgement.verdict == verdict
    assert told.alarming == (verdict != "unrelated")
    [plain] = scanned({"s.py": BUGGY}, None).findings
    assert (finding.fingerprint, finding.match) == (plain.fingerprint, plain.match)
    [question] = judge.asked
    assert shown(question)["after"] == BUGGY.rstrip("\n")
    assert "change" not in shown(question)


def test_in_the_band_only_a_repeat_is_reported() -> None:
    files = {"s.py": BUGGY}
    plain = scanned(files, None, HIGH)
    assert (plain.findings, plain.judged) == ((), None)
    raised = scanned(files, judging(Scripted("repeats")), HIGH)
    assert [one.fingerprint for one in raised.findings] == [
        one.fingerprint for one in plain.candidates or ()
    ]
    assert raised.candidates == ()
    for verdict in ("unrelated", "unsure", None):
        told = scanned(files, judging(Scripted(verdict)), HIGH)
        assert told.findings == ()
        assert told.candidates == plain.candidates


def test_nothing_below_the_band_is_even_asked_about() -> None:
    judge = Scripted("repeats")
    told = scanned({"s.py": BUGGY}, judging(judge), HIGH, escalate=0.98)
    assert (told.findings, judge.asked, told.judged) == ((), [], None)


def test_a_band_from_above_the_threshold_takes_nothing_away() -> None:
    judge = Scripted("repeats")
    told = scanned({"s.py": BUGGY}, judging(judge), 0.3, escalate=1.0)
    assert (len(told.findings), len(judge.asked)) == (1, 1)


def test_what_stands_in_many_files_is_not_asked_about_either() -> None:
    few = {f"f{n}.py": BUGGY for n in range(MOST_OF_A_FIX)}
    judge = Scripted("repeats")
    assert len(scanned(few, judging(judge), HIGH).findings) == len(judge.asked) == len(few)
    judge = Scripted("repeats")
    told = scanned(few | {"one_more.py": BUGGY}, judging(judge), HIGH)
    assert (told.findings, judge.asked) == ((), [])


def test_what_may_be_silenced_is_no_candidate() -> None:
    told = scanned({"s.py": BUGGY}, judging(Scripted("unrelated"), may_silence=True))
    assert (told.findings, told.candidates) == ((), ())
    assert told.judged is not None
    assert len(told.judged.silenced) == 1


def test_a_judge_that_cannot_be_asked_leaves_all_as_it_was() -> None:
    def none() -> Judge:
        raise JudgeError("the judge has no model: set BUGGUARD_JUDGE_MODEL.")

    for by, why in (
        (judging(none), "the judge has no model: set BUGGUARD_JUDGE_MODEL"),
        (judging(Scripted(None)), "the judge did not answer within 20 s"),
    ):
        told = scanned({"s.py": BUGGY}, by)
        assert told.findings == scanned({"s.py": BUGGY}, None).findings
        assert told.judged is not None
        assert told.judged.failures == {why: 1}


def test_where_nothing_is_close_nobody_is_called() -> None:
    def none() -> Judge:
        raise AssertionError("was called")

    assert scanned({"s.py": FIXED}, judging(none)).judged is None


def test_a_thorough_judge_surveys_nothing() -> None:
    judge = Scripted("repeats", (0,))
    told = scanned({"s.py": BUGGY}, judging(judge, thorough=True))
    assert (len(judge.asked), judge.surveys, told.suggested) == (1, [], None)


class Fleeting(Memory):
    """Files that are others when they are read a second time."""

    def __init__(self, files: dict[str, str], later: str) -> None:
        super().__init__(files)
        self.later = later

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
        yield from super().read(paths)
        if self.later == "!":
            self.read = self.broken  # type: ignore[method-assign]
        self.files = dict.fromkeys(self.files, self.later)

    def broken(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
        raise GitError("there is no such object any more")


@pytest.mark.parametrize("later", ["?", "\n" + BUGGY, FIXED, "", "!"])
def test_of_a_file_that_changed_since_only_what_was_found_is_shown(later: str) -> None:
    judge = Scripted("unsure")
    code = "number = compute(1)\n" * 30
    told = scanned(Fleeting({"s.py": code + BUGGY}, later), judging(judge))
    assert len(told.findings) == 1
    [question] = judge.asked
    assert question.content is None
    assert "queue.poll(timeout=None)" in shown(question)["place"]
    assert "queue.poll(timeout=None)" in shown(question)["after"]
    assert scanned({"s.py": code + BUGGY}, judging(judge)).findings == told.findings
    assert judge.asked[1].content == code + BUGGY


def test_a_path_that_may_not_be_seen_is_not_shown() -> None:
    for hidden in ("s.py", "app.py"):  # the place's file, and that of the past fix
        judge = Scripted("unrelated")
        told = scanned({"s.py": BUGGY}, judging(judge, seen=lambda path, no=hidden: path != no))
        assert (len(told.findings), judge.asked) == (1, [])
        assert told.judged is not None
        assert (told.judged.hidden, told.judged.unjudged) == (1, 0)
    judge = Scripted("unrelated")
    scanned({"s.py": BUGGY}, judging(judge, seen=lambda path: path != "other.py"))
    assert len(judge.asked) == 1


def test_the_rest_of_the_report_is_the_same() -> None:
    with_judge = scanned({"s.py": BUGGY}, judging(Scripted("repeats")))
    without = scanned({"s.py": BUGGY}, None)
    assert replace(with_judge, findings=(), judged=None, stats=without.stats) == replace(
        without, findings=()
    )


def test_no_more_is_asked_of_one_place_than_would_be_reported() -> None:
    fixes = [
        (str(n) * 40, f"Fix wait number {n}", hunk(BUGGY, FIXED.replace("IDLE", span)))
        for n, span in enumerate(("IDLE", "LONGEST", "SHORTEST"), 1)
    ]
    index = MemoryIndex(*fixes, ordinary=[hunk("", BUGGY, "old.py")] * 2)
    judge = Scripted("repeats")
    told, _ = scan(
        Memory({"s.py": BUGGY, "t.py": BUGGY}), index, Bounds(HIGH, 100, escalate=0.05),  # type: ignore[arg-type]
        Scanned(None, "1"), "head", judging=judging(judge),
    )  # fmt: skip
    assert len(told.findings) == len(judge.asked) == 2 * MOST_AT_A_PLACE
    assert told.candidates is not None
    assert len(told.candidates) == 2 * (len(fixes) - MOST_AT_A_PLACE)


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda one: one.name)
def test_what_a_file_says_makes_nothing_up_and_stays_between_the_markers(
    injection: Injection,
) -> None:
    comment = "".join(f"        # {line}\n" for line in injection.text.splitlines())
    told = BUGGY.replace("        consumer", f"{comment}        consumer")
    code = told.encode("utf-8", "replace").decode()
    model = Obedient(injection.text, "unrelated", ("place", "message = queue.poll(timeout=None)"))
    ledger = Ledger(Money(10, 10**9), None, Prices({}), "model-1")
    reader = Reader(model, ledger, None, Redactor(), "model-1")
    report = scanned({"s.py": code}, judging(reader), 0.02)
    [finding] = report.findings
    [request] = model.asked
    assert [ticket.id for ticket in finding.match.fix.tickets] == ["#1"]
    if finding.judgement is None:  # no JSON, or far too long: nothing of it is believed
        assert report.judged is not None
        assert report.judged.failures
        assert injection.name in ("surrogates", "many-zeros")
    else:
        words = finding.judgement.explanation
        assert looking.tickets(words) <= {"#1"}
        assert looking.commits(words) == looking.links(words) == set()
        assert "#1 Fix endless wait" in text.render(report), "it is still shown"
    system, user = (message["content"] for message in request.messages)
    names = [name for nonce, name in MARKER.findall(user) if nonce in system]
    assert names == ["evidence", "fix", "ticket", "then", "fixed", "file", "place", "after"]
    for line in injection.text.splitlines():
        assert len(line) < 40 or line not in system
