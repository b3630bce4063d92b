"""GitLab's Code Quality report, by the rules of its documentation and of its own reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from sample_report import empty, judged, sample
from strangers import reports

from bugguard.report import gitlab
from bugguard.report.model import Report

#: What GitLab's page "Code Quality report format" lists: nothing is missing, nothing is ignored.
RULES = Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "additionalProperties": False,
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "additionalProperties": False,
                    "properties": {
                        "path": {"type": "string"},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "additionalProperties": False,
                            "properties": {
                                "begin": {"type": "integer", "minimum": 1},
                                "end": {"type": "integer", "minimum": 1},
                            },
                        },
                    },
                },
            },
        },
    }
)


def entries(report: Report) -> list[dict[str, Any]]:
    text = gitlab.render(report)
    assert text.isascii()  # so it has no byte order mark, which GitLab's reader refuses
    document: list[dict[str, Any]] = json.loads(text)
    assert not [error.message for error in RULES.iter_errors(document)]
    prints = [entry["fingerprint"] for entry in document]
    assert len(set(prints)) == len(prints)
    for entry in document:
        assert entry["location"]["lines"]["begin"] <= entry["location"]["lines"]["end"]
        assert "\n" not in entry["description"]
    return document


@given(reports())
def test_whatever_strangers_write_it_keeps_the_rules(report: Report) -> None:
    assert len(entries(report)) == len(report.findings) + len(report.suggested or ())


def test_nothing_found_is_an_empty_array() -> None:
    assert gitlab.render(empty()) == "[]\n"


def test_silenced_findings_and_candidates_are_left_out() -> None:
    assert [entry["fingerprint"][-1] for entry in entries(sample())] == ["5", "2", "3", "4", "1"]


@pytest.mark.parametrize(("print_", "severity"), [("3", "critical"), ("4", "info"), ("8", "minor")])
def test_severities_follow_what_a_judge_made_of_it(print_: str, severity: str) -> None:
    [entry] = [one for one in entries(judged()) if one["fingerprint"][-1] == print_]
    assert entry["severity"] == severity


def test_a_finding_that_nobody_judged_is_major() -> None:
    assert entries(sample())[0]["severity"] == "major"


def test_paths_are_as_they_are_and_japanese_is_kept() -> None:
    last = entries(sample())[-1]
    assert last["location"] == {"path": "決済/計算🐛.py", "lines": {"begin": 3, "end": 3}}
    assert "端数処理の不具合を修正する" in last["description"]
    assert entries(sample())[1]["location"]["path"] == "evil\x1b[2J\u202egnp.py"


def test_the_record_s_link_is_told() -> None:
    assert entries(sample())[0]["description"].endswith(
        " https://github.com/caddyserver/caddy/pull/4485"
    )
