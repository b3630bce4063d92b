"""The baseline: a set of fingerprints with the laws of sets, and a file that merges."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import Repository

from bugguard.domain import BugPattern, Finding, FixCommit, Hunk, Match, Rule, Ticket
from bugguard.errors import TriageError
from bugguard.triage import baseline as store
from bugguard.triage.baseline import Baseline, Entry

WHERE = Path("repository/.bugguard-baseline.json")
DAY = date(2026, 1, 31)


def finding(number: int, path: str = "a.py", rule: Rule = Rule.FIX_UNDONE) -> Finding:
    sha = f"{number:040x}"
    hunk = Hunk(path, path, 7, 7, "", ("-a()", "+b()"))
    fix = FixCommit(sha, 0, "Fix the loop (#12)", "", (Ticket("#12", "", "", "subject"),))
    match = Match(rule, hunk, BugPattern(sha, 0, hunk), fix, 0.5, 7, 8, ("+b()",))
    return Finding(f"{number:016x}", match)


#: Few numbers, so that sets meet.
FINDINGS = st.lists(st.integers(0, 12), unique=True).map(lambda ns: [finding(n) for n in ns])

#: Text as git gives it: any character, and bytes that were no UTF-8 as lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.characters(
    min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"]), max_size=20)  # fmt: skip

ENTRIES = st.builds(
    Entry,
    fingerprint=st.integers(0, 12).map("{:016x}".format),
    rule=st.sampled_from(["BG001", "BG002", "BG003"]),
    path=TEXT,
    line=st.integers(0, 1),
    fix=st.sampled_from(["a" * 40, "b" * 64]),
    ticket=TEXT,
    subject=TEXT,
    added=st.dates().map(date.isoformat),
)
BASELINES = st.builds(
    lambda entries, roots: Baseline(
        {one.fingerprint: one for one in entries}, tuple(sorted(set(roots)))
    ),
    st.lists(ENTRIES),
    st.lists(st.sampled_from(["c" * 40, "d" * 40])),
)


def prints(findings: object) -> set[str]:
    return {one.fingerprint for one in findings}  # type: ignore[attr-defined]


@given(FINDINGS)
def test_what_was_set_aside_is_not_new(found: list[Finding]) -> None:
    baseline = store.of(found, DAY)
    assert store.apply(found, baseline) == ((), tuple(found))
    assert store.prune(baseline, prints(found)) == (baseline, ())


@given(FINDINGS, BASELINES)
def test_new_and_known_are_all_there_is(found: list[Finding], baseline: Baseline) -> None:
    new, known = store.apply(found, baseline)
    assert sorted(map(found.index, new + known)) == list(range(len(found)))
    assert list(new) == [one for one in found if one in new]
    assert prints(known) == prints(found) & set(baseline.entries)
    assert store.apply(found, Baseline()) == (tuple(found), ())


@given(BASELINES, BASELINES, BASELINES)
def test_merging_is_a_union(one: Baseline, two: Baseline, three: Baseline) -> None:
    assert store.merge(one, two) == store.merge(two, one)
    assert store.merge(store.merge(one, two), three) == store.merge(one, store.merge(two, three))
    assert store.merge(one, one) == one
    assert store.merge(one, Baseline()) == one
    assert set(store.merge(one, two).entries) == set(one.entries) | set(two.entries)


@given(FINDINGS, BASELINES, BASELINES)
def test_a_merge_knows_what_either_knows(
    found: list[Finding], one: Baseline, two: Baseline
) -> None:
    known = prints(store.apply(found, store.merge(one, two))[1])
    assert known == prints(store.apply(found, one)[1]) | prints(store.apply(found, two)[1])


@given(BASELINES, st.sets(st.integers(0, 12).map("{:016x}".format)))
def test_pruning_takes_what_is_found_no_more_and_once(baseline: Baseline, found: set[str]) -> None:
    kept, stale = store.prune(baseline, found)
    assert set(kept.entries) == set(baseline.entries) & found
    assert prints(stale) == set(baseline.entries) - found
    assert store.prune(kept, found) == (kept, ())
    assert kept.roots == baseline.roots


@given(BASELINES, st.sampled_from(["BG001", "BG002", "BG003"]))
def test_what_could_not_be_found_is_not_stale(baseline: Baseline, rule: str) -> None:
    kept, stale = store.prune(baseline, set(), lambda entry: entry.rule == rule)
    assert {one.rule for one in stale} <= {rule}
    assert all(one.rule != rule for one in kept.entries.values())


@given(FINDINGS, FINDINGS)
def test_adding_more_loses_nothing_and_keeps_the_first_day(
    first: list[Finding], later: list[Finding]
) -> None:
    before, after = store.of(first, DAY), store.of(later, date(2026, 3, 1))
    merged = store.merge(before, after)
    assert store.apply([*first, *later], merged)[0] == ()
    assert all(merged.entries[one].added == "2026-01-31" for one in before.entries)


@given(BASELINES)
def test_the_file_gives_back_what_was_put_in(baseline: Baseline) -> None:
    data = store.dump(baseline)
    assert store.load(data, WHERE) == baseline
    assert store.dump(store.load(data, WHERE)) == data


@given(st.lists(ENTRIES, unique_by=lambda one: one.fingerprint), st.randoms())
def test_the_file_does_not_depend_on_the_order(entries: list[Entry], random: object) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = ({entry.fingerprint: entry for entry in some} for some in (entries, shuffled))
    assert store.dump(Baseline(one)) == store.dump(Baseline(two))


def test_one_finding_a_line_and_all_of_it_for_people() -> None:
    data = store.dump(store.of([finding(2, "決済/計算.py"), finding(1)], DAY, ["c" * 40]))
    head, first, second, last, end = data.decode("utf-8").split("\n")
    assert head == '{"version": 1, "repository": ["' + "c" * 40 + '"], "findings": ['
    assert json.loads(first.removesuffix(",")) == {
        "fingerprint": f"{1:016x}", "rule": "BG001", "path": "a.py", "line": 7,
        "fix": f"{1:040x}", "ticket": "#12", "subject": "Fix the loop (#12)",
        "added": "2026-01-31",
    }  # fmt: skip
    assert "決済/計算.py" in second
    assert (last, end) == ("null]}", "")


def test_two_branches_that_add_findings_merge(tmp_path: Path) -> None:
    """git itself merges what stands apart; side by side, keeping both sides is right."""
    repository = Repository(tmp_path / "r")

    def keep(*numbers: int) -> None:
        repository.commit({"b.json": store.dump(store.of(map(finding, numbers), DAY))})

    keep(10, 20, 30)
    repository.git("checkout", "-q", "-b", "topic")
    keep(10, 15, 20, 30)
    repository.git("checkout", "-q", "main")
    keep(10, 20, 30, 40)
    repository.git("merge", "-q", "topic")
    path = repository.path / "b.json"
    assert store.load(path.read_bytes(), WHERE) == store.of(map(finding, (10, 15, 20, 30, 40)), DAY)
    repository.git("checkout", "-q", "-b", "other", "main")
    keep(10, 15, 20, 30, 35, 40)
    repository.git("checkout", "-q", "main")
    keep(10, 15, 20, 30, 36, 40)
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "-q", "other")
    with pytest.raises(TriageError, match=r":6 has a merge's conflict markers: keep the findings"):
        store.load(path.read_bytes(), WHERE)
    kept = re.sub(rb"(?m)^(<{7}|={7}|>{7}).*\n", b"", path.read_bytes())
    merged = store.load(kept, WHERE)
    assert merged == store.of(map(finding, (10, 15, 20, 30, 35, 36, 40)), DAY)


def test_a_finding_that_stands_twice_counts_once() -> None:
    lines = store.dump(store.of([finding(1)], DAY)).decode().split("\n")
    twice = "\n".join([lines[0], lines[1], lines[1].replace("2026-01-31", "2025-01-31"), lines[2]])
    [entry] = store.load(twice.encode(), WHERE).entries.values()
    assert entry.added == "2025-01-31"


def test_more_that_is_told_of_a_finding_is_passed_over() -> None:
    data = b'{"version": 1, "more": 1, "findings": [{"fingerprint": "0123456789abcdef", "x": []}]}'
    assert set(store.load(data, WHERE).entries) == {"0123456789abcdef"}


FORM = b'{"version": 1, "findings": [%s]}'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "damaged (it is empty)"),
        (b" \n", "damaged (it is empty)"),
        (b'{"version": 1,\n "findings": [', "damaged (line 2: "),
        (b"\xff\xfe\x00", "damaged ("),
        (b'{"version": 1, "findings": ["\xff"]}', "damaged (it is not UTF-8)"),
        (b"[" * 100_000, "damaged (no JSON)"),
        (b'{"version": 1, "findings": [' + b"9" * 5_000 + b"]}", "damaged (no JSON)"),
        (b"[]", "no baseline (it names no version)"),
        (b"null", "no baseline (it names no version)"),
        (b"{}", "no baseline (it names no version)"),
        (b'{"version": true, "findings": []}', "no baseline (it names no version)"),
        (b'{"version": "1", "findings": []}', "no baseline (it names no version)"),
        (b'{"version": 0, "findings": []}', "no baseline (it names no version)"),
        (b'{"version": 2}', "written by a newer bugguard (its format is 2, this one reads 1)"),
        (b'{"version": 1}', "damaged (it lists no findings)"),
        (b'{"version": 1, "findings": {}}', "damaged (it lists no findings)"),
        (FORM % b"7", "damaged (its finding 1 is none)"),
        (FORM % b"{}", "damaged (its finding 1 is none)"),
        (FORM % b'null, {"fingerprint": "xyz"}', "damaged (its finding 2 is none)"),
        (FORM % b'{"fingerprint": "0123456789abcdeF"}', "damaged (its finding 1 is none)"),
        (FORM % b'{"fingerprint": 7}', "damaged (its finding 1 is none)"),
        (FORM % b'{"fingerprint": "0123456789abcdef", "line": "7"}', "its finding 1 is none"),
        (FORM % b'{"fingerprint": "0123456789abcdef", "line": true}', "its finding 1 is none"),
        (FORM % b'{"fingerprint": "0123456789abcdef", "path": 7}', "its finding 1 is none"),
        (b'{"version": 1, "repository": "x", "findings": []}', "repository is no list"),
        (b'{"version": 1, "repository": ["--all"], "findings": []}', "repository is no list"),
        (b'{"version": 1, "repository": [7], "findings": []}', "repository is no list"),
    ],
)
def test_what_is_no_baseline_is_one_sentence(data: bytes, says: str) -> None:
    with pytest.raises(TriageError) as caught:
        store.load(data, WHERE)
    sentence = str(caught.value)
    assert says in sentence
    assert str(WHERE) in sentence
    assert "\n" not in sentence
    assert len(sentence) < 300


@given(
    st.binary()
    | st.binary().map(lambda some: FORM % some)
    | st.text(st.sampled_from('[]{}",: 019abn')).map(str.encode)
)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with contextlib.suppress(TriageError):
        store.load(data, WHERE)
