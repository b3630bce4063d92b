"""The reasons under a finding: what the golden files cannot prove."""

from __future__ import annotations

import json
from dataclasses import replace

from sample_report import explained, sample

from bugguard.report import json_report, text, why


def test_the_terms_of_a_program_make_up_its_logit() -> None:
    [finding] = json.loads(json_report.render(explained()))["findings"]
    told = finding["why"]
    logits = [term["logit"] for term in told["features"]]
    assert round(told["constant"] + sum(logits), 4) == told["logit"]
    assert [abs(logit) for logit in logits] == sorted(map(abs, logits), reverse=True)


def test_reasons_are_only_there_if_asked_for() -> None:
    document = json.loads(json_report.render(sample()))
    assert all("why" not in one for one in document["findings"] + document["candidates"])
    assert not any(list(why.rows(finding)) for finding in sample().findings)


def test_no_finding_has_no_reasons() -> None:
    quiet = replace(explained(), findings=(), candidates=())
    assert text.render(quiet).count("\n") == 1


def test_a_feature_without_words_is_told_by_its_name() -> None:
    [finding] = explained().findings
    assert "made of \x1bthings" in [term.says for term in why.terms(finding)]
    assert "made of \\x1bthings" in text.render(explained())
