"""SARIF: valid by OASIS's own schema, and as GitHub's code scanning asks for it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from sample_report import empty, finding, judged, sample
from strangers import NASTY, many, reports

from bugguard.domain import BugPattern, Hunk, Rule
from bugguard.report import sarif
from bugguard.report.model import Report

SCHEMA = Path(__file__).parent.parent / "schemas" / "sarif-schema-2.1.0.json"
VALIDATOR = Draft4Validator(json.loads(SCHEMA.read_text("utf-8")))
#: RFC 3986's relative-path reference without dot segments of its own making
RELATIVE = re.compile(r"(?:[\w.~-]|%[0-9A-F]{2})(?:[\w.~/-]|%[0-9A-F]{2})*", re.ASCII)


def log(report: Report, **options: Any) -> Any:
    """The run, after the whole was found valid."""
    text = sarif.render(report, **options)
    assert text.isascii()
    document = json.loads(text)
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in VALIDATOR.iter_errors(document)]
    assert not errors, errors
    assert document["version"] == "2.1.0"
    assert document["$schema"] == VALIDATOR.schema["id"]
    [run] = document["runs"]
    return run


def results(report: Report, **options: Any) -> dict[str, Any]:
    """Each result by the last digit of its fingerprint."""
    listed = log(report, **options)["results"]
    return {one["partialFingerprints"][sarif.FINGERPRINT][-1]: one for one in listed}


def as_github_requires(run: Any) -> None:
    """Every property that GitHub's page marks as required, and its limits."""
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert [rule["id"] for rule in driver["rules"]] == ["BG001", "BG002", "BG003"]
    for rule in driver["rules"]:
        assert len(rule["name"]) <= 255
        for told in ("shortDescription", "fullDescription"):
            assert 0 < len(rule[told]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
        assert 0 < len(rule["properties"]["tags"]) <= 10
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
    assert len(run["results"]) <= 25_000
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("note", "warning", "error")
        assert result["message"]["text"].strip()
        [location] = result["locations"]
        for place in (location, *result.get("relatedLocations", ())):
            region = place["physicalLocation"]["region"]
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1
            start = (region["startLine"], region["startColumn"])
            assert (region["endLine"], region["endColumn"]) > start
            artifact = place["physicalLocation"]["artifactLocation"]
            assert artifact["uriBaseId"] == "%SRCROOT%"
            assert RELATIVE.fullmatch(artifact["uri"]), artifact["uri"]
        assert len(result.get("relatedLocations", ())) <= 10
        [key] = result["partialFingerprints"]
        assert key == "bugguardFingerprint/v1"  # GitHub's own key is left to GitHub


@pytest.mark.parametrize("report", [sample(), judged(), empty()], ids=["all", "judged", "none"])
def test_it_is_valid_and_as_github_requires(report: Report) -> None:
    as_github_requires(log(report))


@given(reports())
def test_whatever_strangers_write_it_stays_valid(report: Report) -> None:
    run = log(report)
    as_github_requires(run)
    everything = len(report.findings) + len(report.suppressed) + len(report.suggested or ())
    assert len(run["results"]) == everything
    for result in run["results"]:
        text = result["message"]["text"]
        # The only link is ours, to the related location that there is.
        links = re.findall(r"\]\([^)]*\)", text)
        assert links == (["](1)"] if "relatedLocations" in result else [])
        assert not re.search(r"(?<!\{)\{\d+\}(?!\})", text)


def test_a_schema_that_is_not_met_is_noticed() -> None:
    """The validator that all of this rests on does refuse something."""
    document = json.loads(sarif.render(sample()))
    document["runs"][0]["results"][0]["level"] = "grave"
    document["runs"][0]["results"][1]["locations"] = {}
    assert len(list(VALIDATOR.iter_errors(document))) == 2


@given(st.text(st.characters(exclude_categories=[]), min_size=1) | st.sampled_from(NASTY))
def test_a_path_s_own_bytes_come_back_from_its_uri(path: str) -> None:
    [result] = log(replace(empty(), findings=(finding(1, path=path),)))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    if not path.lstrip("/"):
        assert uri == "."
    elif not re.search("[\ud800-\udc7f\udd00-\udfff]", path):  # no bytes are behind those
        assert unquote_to_bytes(uri) == path.lstrip("/").encode("utf-8", "surrogateescape")


def test_the_past_fix_is_named_in_the_message_s_first_sentence() -> None:
    text = results(sample())["5"]["message"]["text"]
    assert text.splitlines()[0] == (
        "Repeats a bug fixed before: #4485 reverseproxy: Fix incorrect `health_headers` Caddyfile "
        "parsing (55555555, 2021-01-06), score 0.93."
    )
    assert "#4485 https://github.com/caddyserver/caddy/pull/4485" in text


def test_the_record_is_in_the_properties_word_for_word() -> None:
    fix = results(sample())["1"]["properties"]["fix"]
    assert fix["tickets"] == [
        {"id": "PROJ-12", "title": "端数がずれる", "url": "", "source": "jira"}
    ]
    assert fix["subject"] == sample().findings[1].match.fix.subject
    assert fix["sha"] == "1" * 40


def test_a_silenced_finding_is_suppressed_or_left_out() -> None:
    told = results(sample())
    assert told["7"]["suppressions"][0]["kind"] == "inSource"
    assert told["7"]["level"] == "note"  # GitHub passes over suppressions: let it fail no check
    assert all("suppressions" not in one for key, one in told.items() if key != "7")
    assert set(results(sample(), silenced=False)) == set(told) - {"7"}


def test_candidates_are_not_in_it() -> None:
    assert "6" not in results(sample())


def test_levels_follow_what_a_judge_made_of_it() -> None:
    told = results(judged())
    assert {key: one["level"] for key, one in told.items()} == {
        "3": "error",
        "4": "note",
        "8": "note",
    }
    assert told["3"]["properties"]["judgement"]["verdict"] == "repeats"
    assert "Judge: the past bug is back, says model-1." in told["3"]["message"]["text"]
    assert told["4"]["properties"]["downgraded"]
    assert told["8"]["properties"]["suggested"]
    assert results(sample())["5"]["level"] == "warning"  # nobody was asked


def test_what_went_wrong_with_the_judge_is_told() -> None:
    [invocation] = log(judged())["invocations"]
    assert invocation["executionSuccessful"]
    texts = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]
    assert "the judge did not answer within 20 s; 2 matches stand as found without it" in texts
    notes = log(sample())["invocations"][0]["toolExecutionNotifications"]
    assert notes[0]["message"]["text"].startswith("the index is 3 commits behind")


def test_only_what_is_in_this_tree_is_a_related_location() -> None:
    elsewhere = finding(1, path="a.c", rule=Rule.FIX_UNDONE)
    match = elsewhere.match
    here = BugPattern(match.pattern.fix, 0, Hunk("a.c", "a.c", 3, 3, "", ("-x", "+y")))
    gone = Hunk("a.c", "a.c", 1, 0, "", ("-x",))
    undone = replace(elsewhere, match=replace(match, pattern=here))
    deleted = replace(elsewhere, match=replace(match, pattern=here, hunk=gone, line=1))
    for one, related in ((elsewhere, False), (undone, True), (deleted, False)):
        [result] = log(replace(empty(), findings=(one,)))["results"]
        assert ("relatedLocations" in result) is related
        assert ("](1)" in result["message"]["text"]) is related


def test_the_weakest_are_dropped_and_counted() -> None:
    run = log(many(50), limit=20)
    as_github_requires(run)
    assert len(run["results"]) == 20
    assert run["properties"]["dropped"] == 30
    [told] = run["invocations"][0]["toolExecutionNotifications"]
    assert told["level"] == "warning"
    assert told["message"]["text"].startswith("30 results were left out, the weakest")
    scores = sorted((one["properties"]["score"] for one in run["results"]), reverse=True)
    assert scores[0] == 0.99
    assert scores[-1] == 0.131
    paths = [one.match.hunk.path for one in many(50).findings]
    uris = [
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]
    ]
    assert uris == [path for path in paths if path in uris]


def test_nothing_is_said_of_dropping_where_nothing_was_dropped() -> None:
    run = log(many(20), limit=20)
    assert run["properties"]["dropped"] == 0
    assert run["invocations"][0]["toolExecutionNotifications"] == []


def test_the_clock_changes_nothing() -> None:
    slow = replace(sample(), stats=replace(sample().stats, seconds=99.0))
    assert sarif.render(slow) == sarif.render(sample())


def test_the_category_is_left_to_the_workflow() -> None:
    """GitHub's upload sets it only where the file has none."""
    assert "automationDetails" not in log(sample())


@pytest.mark.parametrize(
    ("version", "semantic"),
    [("1.2.3", True), ("1.2.3-rc.1+x", True), ("1.2.dev3", False), ("1.2.3\n", False)],
)
def test_only_a_semantic_version_is_called_so(version: str, semantic: bool) -> None:
    driver = log(replace(empty(), version=version))["tool"]["driver"]
    assert ("semanticVersion" in driver) is semantic
