"""The comment in Markdown, as GitHub's own parser renders it."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendered import Page, page
from sample_report import empty, finding, judged, sample
from strangers import many, reports

from bugguard.domain import Ticket
from bugguard.report import junit, markdown
from bugguard.report.model import Report

#: All that our own Markdown makes. Not among them: img, input, table, h1.
TAGS = {"h2", "h3", "p", "code", "pre", "a", "ul", "li", "strong"}


def read(report: Report, **options: int) -> Page:
    """The page, after nothing in it was found to be of a stranger's making."""
    text = markdown.render(report, **options)
    assert text.startswith("<!-- bugguard -->\n")
    assert text.endswith("\n")
    assert len(text) < options.get("limit", 65_536)
    text.encode("utf-8", "strict")
    told = page(text)
    assert set(told.tags) <= TAGS, set(told.tags) - TAGS
    assert told.raw == 1 + 2 * text.count("\n<details>")  # our marker, and what folds
    assert told.live == []
    records = [
        ticket.url.lower()
        for one in (*report.findings, *(report.suggested or ()))
        for ticket in one.match.fix.tickets
    ]
    for link in told.links:
        assert link.lower().startswith(("http://", "https://"))
        assert any(url.startswith(link.lower()[:8]) for url in records)
    assert len(told.links) <= len(records)
    return told


@given(reports())
def test_whatever_strangers_write_is_shown_and_does_nothing(report: Report) -> None:
    told = read(report)
    listed = (*report.findings, *(report.suggested or ()))
    assert told.tags.count("h3") == len(listed)
    repairs = sum(len((one.judgement.suggestion or "").split("\n")) > 2
                  for one in listed if one.judgement)  # fmt: skip
    assert told.tags.count("pre") == 2 * len(listed) + repairs
    assert told.tags.count("h2") == 1


@given(reports(), st.integers(1_000, 4_000))
def test_it_never_is_longer_than_a_comment_may_be(report: Report, limit: int) -> None:
    told = read(report, limit=limit)
    listed = len(report.findings) + len(report.suggested or ())
    missing = listed - told.tags.count("h3")
    assert missing >= 0
    if missing:
        number = "1 finding does" if missing == 1 else f"{missing} findings do"
        assert f"{number} not fit here" in told.shown
    else:
        assert "not fit here" not in told.shown


def test_the_heading_counts_what_fails_a_commit() -> None:
    assert "bugguard: 5 findings\n" in read(sample()).shown
    assert "bugguard: 1 finding\n" in read(judged()).shown
    assert "bugguard: no past bug comes back\n" in read(empty()).shown


def test_the_record_is_the_only_link() -> None:
    assert read(sample()).links == [
        "https://github.com/caddyserver/caddy/pull/4485",
        *(f"https://example.org/{number}%C2%9B" for number in (10, 11, 12)),
    ]


def test_a_finding_is_told_in_full() -> None:
    told = read(sample())
    for words in (
        "caddyfile.go:112 BG002 repeats a bug fixed before, score 0.93",
        "Past fix: #4485: reverseproxy: Fix incorrect `health_headers` Caddyfile parsing "
        "(55555555, 2021-01-06)",
        "bugguard: ignore[#4485] reason",
        "PROJ-12 端数がずれる: 端数処理の不具合を修正する",
        "note: the index is 3 commits behind; run `bugguard index update`",
    ):
        assert words in told.shown
    assert told.blocks[0] == (
        " switch d.Val() {\n-    for d.Next() { for d.NextBlock(0) {\n"
        "+    for nesting := d.Nesting(); d.NextBlock(nesting); {\n }\n"
    )
    assert told.blocks[1] == "+    for h.Next() { for h.NextBlock(h.Nesting() - 1) {\n"


def test_what_a_judge_said_is_told_apart() -> None:
    told = read(judged())
    assert "Judge: the past bug is back, says model-1. The guard against a null" in told.shown
    assert "Only a judge takes it for a repeat, so it fails nothing." in told.shown
    assert "A judge takes it for unrelated, so it fails nothing." in told.shown
    assert "過去の不具合とは関係がありません" in told.shown
    assert "the judge did not answer within 20 s; 2 matches stand" in told.shown
    [repair, _] = [block for block in told.blocks if block.startswith("@@")]
    assert repair.endswith("+x\n… and 4 more lines\n")


def test_silenced_findings_and_candidates_are_only_counted() -> None:
    told = read(sample())
    assert "1 silenced, 3 files skipped" in told.shown
    assert "77777777" not in told.shown
    assert "66666666" not in told.shown


@pytest.mark.parametrize(("number", "folds"), [(10, 0), (11, 1), (25, 15)])
def test_more_than_ten_are_folded_the_weakest_of_them(number: int, folds: int) -> None:
    text = markdown.render(many(number))
    open_, _, folded = text.partition("<details>")
    assert open_.count("\n### ") == min(number, 10)
    assert folded.count("\n### ") == folds
    assert f"module_{number // 2:05}.py" in open_
    assert bool(folds) is (f"<summary>{folds} more finding{'s' * (folds > 1)}</summary>" in text)
    read(many(number))


def test_a_huge_report_fits_and_says_what_it_dropped() -> None:
    told = read(many(1_000))
    shown = told.tags.count("h3")
    assert 50 < shown < 1_000
    assert f"{1_000 - shown} findings do not fit here, the weakest" in told.shown
    assert read(many(1_000), limit=markdown.GITLAB).tags.count("h3") == 1_000


def test_what_does_not_fit_is_never_the_strongest() -> None:
    assert "src/module_00500.py:501 BG002" in read(many(1_000), limit=2_000).shown


def test_a_ticket_without_a_link_has_none() -> None:
    told = read(replace(empty(), findings=(finding(1, tickets=(Ticket("#9", "", "", "x"),)),)))
    assert told.links == []
    assert "Past fix: #9: Fix the parser" in told.shown


@pytest.mark.parametrize("module", [markdown, junit])
def test_a_scan_looked_at_files(module: ModuleType) -> None:
    report = replace(sample(), stats=replace(sample().stats, hunks=0, files=3))
    assert "3 files checked against 1,328 past fixes" in module.render(report)
    assert "14 hunks checked against 1,328 past fixes" in module.render(sample())
