"""Both reports, whole, against files that people can read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sample_report import GOLDEN, empty, golden, sample

from bugguard.report import json_report


@pytest.mark.parametrize("name", sorted(golden()))
def test_report_is_as_the_golden_file_has_it(name: str) -> None:
    expected = (GOLDEN / name).read_bytes().decode()
    assert golden()[name] == expected, "run `python tests/report/sample_report.py`, read the diff"


def test_json_has_the_contract_s_fields() -> None:
    document = json.loads(json_report.render(sample()))
    assert document["version"] == 1
    assert set(document) >= {"version", "tool", "index", "findings", "candidates", "stats"}
    assert set(document["index"]) == {"patterns", "fixes", "encoder", "head"}
    for finding in document["findings"] + document["candidates"]:
        assert set(finding) == {
            "fingerprint", "rule", "path", "line", "end_line", "score", "yours", "fix", "judgement",
            "downgraded",
        }  # fmt: skip
        assert set(finding["fix"]) == {
            "sha", "date", "subject", "path", "repository", "foreign", "tickets", "buggy", "fixed",
        }  # fmt: skip
        for ticket in finding["fix"]["tickets"]:
            assert set(ticket) == {"id", "title", "url", "source"}
    assert set(document["stats"]) >= {
        "hunks", "skipped", "seconds", "escalated", "llm_calls", "tokens",
    }  # fmt: skip


def test_json_quotes_subjects_and_tickets_verbatim() -> None:
    document = json.loads(json_report.render(sample()))
    subjects = {finding["fix"]["subject"] for finding in document["findings"]}
    originals = {finding.match.fix.subject for finding in sample().findings}
    # Only a byte that was never UTF-8 cannot be carried by JSON.
    assert subjects == {subject.replace("\udcff", "\\xff") for subject in originals}
    ids = [ticket["id"] for ticket in document["findings"][1]["fix"]["tickets"]]
    assert ids == ["#10", "#11", "#12", "#13", "#14"]


def test_json_is_ascii_without_lone_surrogates() -> None:
    text = json_report.render(sample())
    assert text.isascii()
    json.loads(text)["findings"][1]["fix"]["subject"].encode("utf-8", "strict")


def test_json_has_candidates_only_if_asked() -> None:
    assert "candidates" not in json.loads(json_report.render(empty()))


def test_json_tells_why_something_was_silenced_and_how_much_was_set_aside() -> None:
    document = json.loads(json_report.render(sample()))
    [silenced] = document["suppressed"]
    assert set(silenced) == {*document["findings"][0], "reason"}
    assert silenced["reason"] == "the till\x1b looks after it 端"
    stats = document["stats"]
    assert (stats["suppressed"], stats["baseline"], stats["muted"]) == (1, 2, 1)
    assert "stale" not in stats
    assert json.loads(json_report.render(replace(empty(), stale=0)))["stats"]["stale"] == 0
