"""Workflow commands, read back as GitHub's runner reads them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_report import empty, finding, judged, sample
from strangers import NASTY, many, reports

from bugguard.report import github
from bugguard.report.model import Report

KINDS = ("error", "warning", "notice")


class Command(NamedTuple):
    """What the runner makes of a line."""

    kind: str
    properties: dict[str, str]
    data: str


def runner(text: str) -> list[Command]:
    """Line by line, as ``ActionCommand.TryParseV2`` does; fails where a line is no command."""
    commands = []
    for line in re.split("\r\n|\r|\n", text.removesuffix("\n")) if text else []:
        head, separator, data = line.lstrip()[2:].partition("::")
        assert line.lstrip().startswith("::"), line
        assert separator, line
        kind, _, told = head.partition(" ")
        properties = {}
        for pair in filter(None, told.strip().split(",")):
            name, equals, value = pair.partition("=")
            assert equals, line
            properties[name] = unescaped(value, {"%3A": ":", "%2C": ","})
        commands.append(Command(kind, properties, unescaped(data)))
    return commands


def unescaped(text: str, more: dict[str, str] | None = None) -> str:
    for escape, character in {"%0D": "\r", "%0A": "\n", **(more or {}), "%25": "%"}.items():
        text = text.replace(escape, character)
    return text


def check(report: Report) -> list[Command]:
    text = github.render(report)
    text.encode("utf-8", "strict")
    commands = runner(text)
    assert "##[" not in text  # older runners look for these anywhere in a line
    assert "##vso[" not in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    for kind in KINDS:
        assert sum(one.kind == kind for one in commands) <= 10
    assert {one.kind for one in commands} <= set(KINDS)
    for one in commands:
        assert set(one.properties) <= {"file", "line", "endLine", "title"}
        assert one.data.strip()
        if "file" in one.properties:
            assert 1 <= int(one.properties["line"]) <= int(one.properties["endLine"])
    return commands


@given(reports())
def test_whatever_strangers_write_each_line_is_one_command_of_ours(report: Report) -> None:
    commands = check(report)
    annotated = [one for one in commands if one.properties["title"] != "bugguard"]
    assert len(annotated) == len(report.findings) + len(report.suggested or ())
    assert all(one.properties["title"].startswith("BG00") for one in annotated)


# A "=" at the front is lost by the runner itself, which has no escape for it.
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), min_size=1)
       | st.sampled_from(NASTY))  # fmt: skip
def test_a_path_that_steers_nothing_comes_back_whole(path: str) -> None:
    [one] = check(replace(empty(), findings=(finding(1, path=path),)))
    if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202e\u2028]", path):
        assert one.properties["file"] != path
    elif "##" not in path and path:
        assert one.properties["file"] == path


def test_a_path_with_line_ends_comes_back_whole() -> None:
    [one] = check(replace(empty(), findings=(finding(1, path="a\r\nb\t%0A:,c.py"),)))
    assert one.properties["file"] == "a\r\nb\t%0A:,c.py"


def test_a_finding_is_an_error_at_its_lines() -> None:
    first = check(sample())[0]
    assert first.kind == "error"
    assert first.properties == {
        "file": "caddyfile.go",
        "line": "112",
        "endLine": "112",
        "title": "BG002 repeats a bug fixed before: #4485",
    }
    assert first.data.startswith("Repeats a bug fixed before: #4485 reverseproxy: Fix incorrect")
    assert "\n+    for nesting := d.Nesting(); d.NextBlock(nesting); {" in first.data


def test_what_fails_no_commit_is_no_error() -> None:
    assert [one.kind for one in check(judged())] == ["error", "warning", "notice"]


def test_nothing_found_says_nothing() -> None:
    assert github.render(empty()) == ""


def test_notes_are_told() -> None:
    assert check(sample())[-1].data.startswith("the index is 3 commits behind")


@pytest.mark.parametrize("number", [9, 10, 11, 60])
def test_no_more_are_printed_than_github_shows_and_the_rest_is_counted(number: int) -> None:
    commands = check(many(number))
    errors = [one for one in commands if one.kind == "error"]
    assert len(errors) == min(number, 10)
    assert f"module_{number // 2:05}.py" in errors[0].properties["file"]
    said = [one.data for one in commands if one.kind == "notice"]
    missing = {11: "1 more finding is not shown", 60: "50 more findings are not shown"}
    assert [text[: len(missing[number])] for text in said] == (
        [missing[number]] if number in missing else []
    )


def test_notices_leave_room_for_the_last_one() -> None:
    doubted = tuple(replace(one, downgraded=True) for one in many(30).findings)
    commands = check(replace(empty(), findings=doubted, notes=("a note",)))
    assert [one.kind for one in commands] == ["notice"] * 10
    assert commands[-1].data.startswith("21 more findings are not shown")
