"""What is told in which order, what a limit cuts off, and in what words."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from sample_report import empty, finding, judged, sample
from strangers import reports

from bugguard.domain import Finding, Ticket
from bugguard.report import excerpt, sentence
from bugguard.report.model import Report
from bugguard.report.told import Standing, Told, most, strongest, told


def prints(listed: list[Told]) -> list[str]:
    return [one.finding.fingerprint[-1] for one in listed]


def test_the_order_is_that_of_every_format() -> None:
    assert prints(told(sample())) == ["5", "2", "3", "4", "1"]
    assert prints(told(sample(), silenced=True)) == ["5", "7", "2", "3", "4", "1"]


def test_candidates_are_never_told() -> None:
    assert "6" not in prints(told(sample(), silenced=True))


def test_each_has_its_standing() -> None:
    standings = {one.finding.fingerprint[-1]: one.standing for one in told(judged())}
    assert standings == {"3": Standing.ALARM, "4": Standing.UNRELATED, "8": Standing.SUGGESTED}
    silenced = [one for one in told(sample(), silenced=True) if one.standing is Standing.SILENCED]
    assert prints(silenced) == ["7"]


def test_what_fails_a_commit_is_stronger_than_what_does_not_whatever_its_score() -> None:
    weak = replace(finding(1, score=0.1), fingerprint="a")
    doubted = replace(finding(2, score=0.9), fingerprint="b", downgraded=True)
    report = replace(empty(), findings=(doubted, weak), suggested=(finding(3, score=0.95),))
    assert prints(strongest(told(report))) == ["a", "3", "b"]


def test_a_limit_keeps_the_strongest_in_their_order() -> None:
    scores = (0.2, 0.9, 0.1, 0.8)
    listed = told(
        replace(
            empty(),
            findings=tuple(finding(n + 1, path=f"{n}.c", score=s) for n, s in enumerate(scores)),
        )
    )
    assert prints(most(listed, 2)) == ["2", "4"]
    assert most(listed, 4) == listed


def test_a_past_fix_is_named_by_ticket_subject_sha_and_day() -> None:
    [first, *_] = sample().findings
    assert sentence.opening(first) == (
        "Repeats a bug fixed before: #4485 reverseproxy: Fix incorrect `health_headers` Caddyfile "
        "parsing (55555555, 2021-01-06), score 0.93."
    )


def test_what_is_missing_leaves_no_hole() -> None:
    bare = finding(1, subject="", score=0.001)
    fix = replace(bare.match.fix, time=10**30)
    bare = replace(bare, match=replace(bare.match, fix=fix))
    assert sentence.opening(bare) == (
        "Repeats a bug fixed before: (no subject) (11111111), score below 0.01."
    )


def test_a_silenced_finding_is_not_told_how_to_be_silenced() -> None:
    told_, silenced = (
        Told(finding(1), standing) for standing in (Standing.ALARM, Standing.SILENCED)
    )
    assert "ignore[" in "\n".join(sentence.lines(told_))
    assert "ignore[" not in "\n".join(sentence.lines(silenced))


def test_a_long_fix_is_cut_to_its_telling_lines() -> None:
    match = sample().findings[4].match
    assert excerpt.fix(match, 3)[:2] == ["-step_0(the_argument);", "-step_7(the_argument);"]
    assert excerpt.fix(match, 3)[3:] == ["… and 7 more lines"]
    assert len(excerpt.fix(match, 12)) == 10
    assert excerpt.yours(match, 2) == ["+{", "+rare_call();", "… and 1 more line"]


def test_more_than_three_tickets_are_counted() -> None:
    tickets = tuple(Ticket(f"#{n}", "", "", "message") for n in range(5))
    assert sentence.ids(finding(1, tickets=tickets).match.fix) == "#0, #1, #2 +2"


@given(reports())
def test_no_line_for_people_has_a_control_character(report: Report) -> None:
    for one in told(report, silenced=True):
        listed: list[str] = [*sentence.lines(one), *excerpt.fix(one.finding.match, 5)]
        for line in [*listed, *excerpt.yours(one.finding.match, 5)]:
            assert line.isprintable() or not any(c < " " or "\x7f" <= c < "\xa0" for c in line)
            assert not any("\ud800" <= character <= "\udfff" for character in line)


@given(reports())
def test_nothing_is_told_twice_or_lost(report: Report) -> None:
    listed = [one.finding for one in told(report, silenced=True)]
    everything: tuple[Finding, ...] = (*report.findings, *report.suppressed)
    everything += report.suggested or ()
    assert sorted(map(id, listed)) == sorted(map(id, everything))
