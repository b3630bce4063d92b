"""Reports for agents: they end, they say what is missing, and nothing in them is hidden."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_report import empty, finding, judged, sample
from strangers import NASTY, reports

from bugguard.agents.schemas import CHECK_OUT
from bugguard.domain import Ticket
from bugguard.report import json_report
from bugguard.report.bounded import (
    MOST_CHARACTERS,
    MOST_FINDINGS,
    MOST_LINE,
    MOST_LINES,
    MOST_TEXT,
    bounded,
    checked,
    clipped,
    fitting,
    paged,
    unhidden,
)
from bugguard.report.model import Report

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


@given(reports())
def test_any_report_is_bounded_shown_and_as_its_schema_says(report: Report) -> None:
    told = checked(report, [(NASTY[3], 1, NASTY[20])])
    jsonschema.validate(told.document, CHECK_OUT)
    for text in [*texts(told.document), told.text]:
        assert not HIDDEN.search(text)
        text.encode("utf-8")
    assert json.loads(json.dumps(told.document)) == told.document
    assert told.text.count("\n") < 1000


@pytest.mark.parametrize("report", [sample(), empty(), judged()], ids=["sample", "empty", "judged"])
def test_a_small_report_is_the_contract_s(report: Report) -> None:
    whole = json.loads(json_report.render(report))
    told = checked(report, []).document
    assert told["left_out"] == {}
    assert told["problems"] == []
    assert told["fails"] == report.alarming
    for name in ("version", "tool", "index", "stats", "notes"):
        assert told[name] == bounded(whole[name], {}), name  # type: ignore[arg-type]
    assert told["findings"] == bounded(whole["findings"], {})  # type: ignore[arg-type]


def test_what_has_nothing_to_hide_is_verbatim() -> None:
    report = replace(empty(), findings=(finding(1, subject="合計が合わない", path="a b.py"),))
    assert (
        checked(report, []).document["findings"]
        == json.loads(json_report.render(report))["findings"]
    )


def many(number: int, **parts: object) -> Report:
    listed = [
        replace(
            finding(n % 10, line=1 + n, score=0.01 + n / 1000, **parts),  # type: ignore[arg-type]
            fingerprint=f"{n:016x}",
        )
        for n in range(number)
    ]
    return replace(empty(), findings=tuple(listed))


def test_of_many_findings_the_strongest_are_told_by_place() -> None:
    told = checked(many(MOST_FINDINGS + 30), [])
    lines = [one["line"] for one in told.document["findings"]]
    assert lines == list(range(31, 31 + MOST_FINDINGS))
    assert told.document["left_out"] == {"findings": 30}
    assert told.document["fails"] is True
    assert "note: 30 weaker findings left out here" in told.text
    assert told.text.count("BG002") == MOST_FINDINGS


def test_of_huge_findings_as_many_are_told_as_there_is_room_for() -> None:
    body = tuple(f"-{n:03} " + "x" * 400 for n in range(100))
    told = checked(many(10, past=(*body, "+b()"), yours=body), [])
    size = len(json.dumps(told.document))
    assert size < 1.5 * MOST_CHARACTERS
    kept = told.document["findings"]
    assert 1 <= len(kept) < 10
    assert kept[-1]["line"] == 10  # the strongest
    assert told.document["left_out"]["findings"] == 10 - len(kept)
    assert len(kept[0]["yours"]) == MOST_LINES
    assert told.document["left_out"]["yours"] == 10 * (100 - MOST_LINES)
    assert all(len(line) <= MOST_LINE for line in kept[0]["yours"])
    assert len(told.text) <= MOST_CHARACTERS


def test_directives_that_cannot_be_obeyed_fail() -> None:
    told = checked(empty(), [("a.py", 3, "the reason is missing")])
    assert told.document["fails"] is True
    assert told.document["problems"] == [
        {"path": "a.py", "line": 3, "message": "the reason is missing"}
    ]
    assert told.text.endswith("a.py:3: the reason is missing\n")


def test_long_titles_are_cut() -> None:
    ticket = Ticket("#1", "t" * 10_000, "https://x.example/" + "u" * 10_000, "github")
    report = replace(empty(), findings=(finding(1, tickets=(ticket,), subject="s" * 10_000),))
    [one] = checked(report, []).document["findings"]
    assert one["fix"]["subject"] == "s" * (MOST_LINE - 1) + "…"
    assert one["fix"]["tickets"][0]["title"] == "t" * (MOST_LINE - 1) + "…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[2J\r", "\\x1b[2J\\r"),
        ("\udcff\ud800", "\\xff\\ud800"),
        ("\u202egnp", "\\u202egnp"),
        ("x\U000e0041\U000e007f", "x\\U000e0041\\U000e007f"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("日本語 🐛 é", "日本語 🐛 é"),
    ],
)
def test_hidden_characters_are_shown(text: str, shown: str) -> None:
    assert unhidden(text) == shown


@given(st.text(), st.integers(2, 20))
def test_clipped_text_is_never_longer(text: str, most: int) -> None:
    assert len(clipped(text, most)) <= most
    if len(unhidden(text)) <= most:
        assert clipped(text, most) == unhidden(text)


@given(
    st.lists(st.text(st.characters(blacklist_characters="\n")), max_size=30), st.integers(0, 300)
)
def test_a_page_has_whole_lines_and_says_how_many_are_missing(lines: list[str], most: int) -> None:
    page = paged("\n".join(lines), most)
    shown = page.split("\n")[:-1]
    whole = "\n".join(lines).rstrip("\n").split("\n")
    if shown[-1].startswith("… ") and "more line" in shown[-1]:
        *shown, last = shown
        assert int(last.split()[1].replace(",", "")) == len(whole) - len(shown)
    else:
        assert len(shown) == len(whole)
    assert sum(len(line) + 1 for line in shown) <= max(most, 1)
    assert shown == [clipped(line) for line in whole[: len(shown)]]


def test_one_item_fits_always() -> None:
    items = [{"text": "x" * 50}, {"text": "y" * 50}, {"text": "z"}]
    assert fitting(items, 10) == items[:1]
    assert fitting(items, 10_000) == items
    assert fitting([], 10) == []


def test_messages_have_more_room_than_lines() -> None:
    long = "m" * 10_000
    assert len(bounded({"message": long}, {})["message"]) == MOST_TEXT  # type: ignore[arg-type]
    assert len(bounded({"subject": long}, {})["subject"]) == MOST_LINE  # type: ignore[arg-type]
