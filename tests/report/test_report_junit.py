"""JUnit's XML, by the schema of Jenkins' xUnit plugin and by what GitLab makes of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from sample_report import empty, finding, judged, sample
from strangers import reports

from bugguard.report import junit
from bugguard.report.model import Report

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent.parent / "schemas" / "junit-10.xsd"))


def suite(report: Report) -> ET.Element:
    """The suite, after the whole was found valid and its counts right."""
    text = junit.render(report)
    assert text.isascii()
    root = ET.fromstring(text)  # noqa: S314 - our own
    SCHEMA.validate(root)
    assert root.tag == "testsuite"
    cases = root.findall("testcase")
    assert int(root.get("tests", "")) == len(cases) > 0
    for counted, tag in (("failures", "failure"), ("skipped", "skipped"), ("errors", "error")):
        assert int(root.get(counted, "")) == len(root.findall(f"testcase/{tag}"))
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(set(names)) == len(names)  # GitLab drops the second one
    assert all(name.strip() for _, name in names if name)
    return root


def outcomes(report: Report) -> list[tuple[str, str]]:
    """Each test's last digit of the fingerprint, and how it ended."""
    return [
        ((case.get("name") or "")[-2:-1], next((child.tag for child in case), "passed"))
        for case in suite(report).findall("testcase")
    ]


@given(reports())
def test_whatever_strangers_write_it_stays_valid(report: Report) -> None:
    root = suite(report)
    failures = sum(not one.downgraded for one in report.findings)
    assert len(root.findall("testcase/failure")) == failures


@given(reports())
def test_no_character_is_in_it_that_xml_has_not_got(report: Report) -> None:
    told = "".join(suite(report).itertext())
    assert not re.search("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", told)


def test_what_xml_has_not_got_is_replaced() -> None:
    [one] = suite(replace(empty(), findings=(finding(1, subject="a\ufffe\uffffb"),)))[0]
    assert "a\ufffd\ufffdb" in (one.get("message") or "")


def test_a_schema_that_is_not_met_is_noticed() -> None:
    root = suite(sample())
    root[0].set("verdict", "guilty")
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        SCHEMA.validate(root)


def test_each_finding_is_a_test_that_failed() -> None:
    assert outcomes(sample()) == [
        ("5", "failure"), ("7", "skipped"), ("2", "failure"), ("3", "failure"), ("4", "failure"),
        ("1", "failure"),
    ]  # fmt: skip


def test_what_fails_no_commit_is_a_test_that_was_skipped() -> None:
    assert outcomes(judged()) == [("3", "failure"), ("4", "skipped"), ("8", "skipped")]


def test_nothing_found_is_one_test_that_passed() -> None:
    [case] = suite(empty()).findall("testcase")
    assert case.get("name") == "no past bug comes back"
    assert list(case) == []
    quiet = replace(judged(), findings=judged().findings[1:])
    assert [end for _, end in outcomes(quiet)] == ["passed", "skipped", "skipped"]


def test_the_name_does_not_change_with_the_line() -> None:
    names = {
        suite(replace(empty(), findings=(finding(1, line=line),)))[0].get("name")
        for line in (1, 99)
    }
    assert names == {"BG002 repeats a bug fixed before [0000000000000001]"}


def test_a_failure_tells_place_fix_and_both_sides() -> None:
    case = suite(sample()).findall("testcase")[0]
    assert case.get("classname") == "caddyfile.go"
    [failure] = case
    assert failure.get("type") == "BG002"
    assert (failure.get("message") or "").startswith("Repeats a bug fixed before: #4485")
    told = (failure.text or "").splitlines()
    assert told[0] == "caddyfile.go:112"
    assert "+    for nesting := d.Nesting(); d.NextBlock(nesting); {" in told
    assert told[-1] == "+    for h.Next() { for h.NextBlock(h.Nesting() - 1) {"


def test_japanese_is_kept() -> None:
    case = suite(sample()).findall("testcase")[-1]
    assert case.get("classname") == "決済/計算🐛.py"
    assert "合計 = 切り捨て(小計, 税率)" in (case[0].text or "")
