"""Hostile words on the whole way: in code, in the past fix's record and in a model's answer, from
the matcher through redaction, prompt, verification and the reports.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import looking
import pytest
from injections import INJECTIONS, Injection
from memory_index import LetterEncoder, MemoryIndex, change, hunk
from test_pipeline_judging import BUGGY, FIXED, SHA, judging

from bugguard.domain import Change
from bugguard.judge.asking.exchange import Fault, Reply, Request
from bugguard.judge.asking.ledger import Bounds as Money
from bugguard.judge.asking.ledger import Ledger, Prices
from bugguard.judge.reader import Reader
from bugguard.judge.redacting.redact import Redactor
from bugguard.pipeline.check import Bounds, check
from bugguard.report import json_report, text
from bugguard.report.model import Report

MARKER = re.compile(r"^<<<([0-9a-f]{16}) ([a-z ]+)$", re.MULTILINE)


class Obedient:
    """A model that does whatever the data says: it answers with those very words."""

    def __init__(
        self,
        words: str,
        verdict: str,
        points_at: tuple[str, str] = ("change", "rebate = amount * voucher.percent / 100"),
    ) -> None:
        where, quote = points_at
        self._answer = {
            "explanation": words,
            "evidence": [
                {"where": words, "quote": words},
                {"where": where, "quote": quote},
            ],
            "fix": 1,
            "verdict": verdict,
            "suggestion": f"@@ @@\n-    return amount - rebate\n+    return amount  # {words}\n",
        }
        self.asked: list[Request] = []

    def restart(self) -> None:
        pass

    def ask(self, requests: Sequence[Request]) -> list[Reply | Fault]:
        self.asked += requests
        answer = json.dumps(self._answer)
        complaints = [request.check(answer) for request in requests]
        return [
            Reply(answer, 1, 1, 0.0, False) if complaint is None else Fault(complaint)
            for complaint in complaints
        ]


def hostile(words: str, record: str) -> tuple[MemoryIndex, Change]:
    comment = "".join(f"    # {line}\n" for line in words.splitlines())
    code = comment.encode("utf-8", "replace").decode()
    index = MemoryIndex((SHA, f"fix: vouchers (#1)\n\n{record}", hunk(BUGGY, FIXED)))
    return index, replace(change(hunk(FIXED, BUGGY + code)), message=f"Tidy\n\n{words}")


def judged(words: str, model: Obedient, record: str = "") -> Report:
    """record: what the past fix's message says besides; what stands there is no invention."""
    index, told = hostile(words, record)
    ledger = Ledger(Money(10, 10**9), None, Prices({}), "model-1")
    reader = Reader(model, ledger, None, Redactor(), "model-1")
    bounds = Bounds(0.02, 0.01, 100)
    report, _ = check(told, index, LetterEncoder(), bounds, None, "", judging(reader))
    return report


@pytest.mark.parametrize("verdict", ["repeats", "unrelated"])
@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda one: one.name)
def test_nothing_disappears_and_nothing_is_made_up(injection: Injection, verdict: str) -> None:
    model = Obedient(injection.text, verdict)
    report = judged(injection.text, model)
    [finding] = report.findings
    assert finding.match.fix.sha == SHA
    [ticket] = finding.match.fix.tickets
    assert ticket.id == "#1"
    judgement = finding.judgement
    if judgement is None:  # no JSON, or far too long: nothing of it is believed
        assert report.judged is not None
        assert report.judged.failures
        assert injection.name in ("surrogates", "many-zeros")
        return
    told = "\n".join([judgement.explanation, *(quote for quote, _ in judgement.evidence)])
    assert looking.tickets(judgement.explanation) <= {"#1"}
    assert looking.commits(judgement.explanation) == set()
    assert looking.links(judgement.explanation) == set()
    for character in told:
        assert character == "\n" or unicodedata.category(character) not in ("Cc", "Cs")
    for rendered in (text.render(report), json_report.render(report)):
        assert not [one for one in rendered if one != "\n" and unicodedata.category(one) == "Cc"]
    assert "#1 fix: vouchers" in text.render(report)


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda one: one.name)
def test_data_stays_between_its_markers(injection: Injection) -> None:
    model = Obedient(injection.text, "unsure")
    report = judged(injection.text, model, injection.text)
    assert [finding.match.fix.sha for finding in report.findings] == [SHA]
    [request] = model.asked
    system, user = (message["content"] for message in request.messages)
    found = MARKER.findall(user)
    [nonce] = {nonce for nonce, _ in found if nonce in system}
    names = [name for told, name in found if told == nonce]
    assert len(names) == len(set(names))
    assert {"change", "fix", "then", "fixed"} <= set(names)
    assert user.count(nonce) == 2 * len(names)
    starts = [user.index(f"<<<{nonce} {name}\n") for name in names]
    ends = [user.index(f"\n{nonce}>>>", start) for start in starts]
    assert all(end < start for end, start in zip(ends, starts[1:], strict=False))
    assert all(first < second for first, second in pairwise(starts))
    for line in injection.text.splitlines():
        assert len(line) < 40 or line not in system
