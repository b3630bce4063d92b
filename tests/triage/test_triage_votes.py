"""Votes: a file that merges, and a rule by which past fixes are muted."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.domain import BugPattern, FixCommit, Hunk, Match, Rule
from bugguard.errors import TriageError
from bugguard.triage import votes as store
from bugguard.triage.fingerprint import edit_digest
from bugguard.triage.votes import Mutes, Vote, Votes

WHERE = Path(".bugguard-feedback.jsonl")
PAST = ("-if (a)", "+if (a && b)")
OTHER = ("-other(a)", "+other(b)")


def match(fix: int = 1, past: tuple[str, ...] = PAST, rule: Rule = Rule.FIX_UNDONE) -> Match:
    sha = f"{fix:040x}"
    hunk = Hunk("a.c", "a.c", 7, 7, "", past)
    return Match(
        rule, hunk, BugPattern(sha, 0, hunk), FixCommit(sha, 0, "", ""), 0.5, 7, 8, ("+x",)
    )


def vote(
    number: int,
    useful: bool = False,
    fix: int = 1,
    past: tuple[str, ...] | None = PAST,
    rule: str = "BG001",
) -> Vote:
    digest = edit_digest(match(past=past).pattern) if past else ""
    word = "useful" if useful else "not-useful"
    return Vote(f"{fix:040x}", digest, f"{number:016x}", rule, word, "2026-01-31")


def votes_of(some: Sequence[Vote]) -> Votes:
    votes = Votes()
    for one in some:
        votes = votes.add(one)
    return votes


def cast(useful: int, not_useful: int) -> Votes:
    numbers = range(useful + not_useful)
    return votes_of([vote(number, number < useful) for number in numbers])


@pytest.mark.parametrize(
    ("useful", "not_useful", "mutes", "lifts"),
    [
        (0, 0, False, 0),
        (0, 2, False, 0),
        (0, 3, True, 1),
        (0, 5, True, 3),
        (1, 3, False, 0),
        (1, 4, True, 1),
        (3, 5, False, 0),
        (3, 6, True, 1),
        (6, 3, False, 0),
    ],
)
def test_a_fix_is_muted_from_three_votes_more_against_it_than_for_it(
    useful: int, not_useful: int, mutes: bool, lifts: int
) -> None:
    votes = cast(useful, not_useful)
    ballot = Mutes(votes)(match())
    assert (ballot is not None) == mutes
    assert votes.muted() == ([f"{1:040x}"] if mutes else [])
    if ballot is not None:
        assert (ballot.useful, ballot.not_useful, ballot.lifts) == (useful, not_useful, lifts)
        numbers = range(100, 100 + lifts)
        lifted = votes_of([*votes.votes, *(vote(number, True) for number in numbers)])
        assert Mutes(lifted)(match()) is None
        short = votes_of([*votes.votes, *(vote(number, True) for number in numbers[1:])])
        assert Mutes(short)(match()) is not None


def test_the_finding_to_vote_on_is_one_that_was_voted_on() -> None:
    ballot = Mutes(cast(1, 4))(match())
    assert ballot is not None
    assert ballot.fingerprint in {one.fingerprint for one in cast(1, 4).votes}


def test_other_fixes_are_not_muted() -> None:
    mutes = Mutes(cast(0, 3))
    assert mutes(match(fix=2, past=OTHER)) is None
    assert Mutes(Votes())(match()) is None


def test_a_rebased_fix_stays_muted() -> None:
    assert Mutes(cast(0, 3))(match(fix=2)) is not None


def test_votes_on_the_hunks_of_a_fix_count_together() -> None:
    some = [vote(1), vote(2, past=OTHER), vote(3, past=None)]
    for past in (PAST, OTHER, ("-x", "+y")):
        assert Mutes(votes_of(some))(match(1, past)) is not None
        # After a rebase each hunk has its own votes alone.
        assert Mutes(votes_of(some))(match(2, past)) is None


def test_votes_before_and_after_a_rebase_count_together() -> None:
    some = [vote(1, fix=1), vote(2, fix=2), vote(3, fix=2, past=OTHER)]
    ballot = Mutes(votes_of(some))(match(fix=2))
    assert ballot is not None
    assert ballot.not_useful == 3
    assert votes_of(some).muted() == [f"{2:040x}"]


def test_edits_that_nobody_knows_join_nothing() -> None:
    some = [vote(number, fix=number, past=None) for number in range(3)]
    assert votes_of(some).muted() == []


def test_votes_are_counted_by_rule() -> None:
    some = [vote(1), vote(2, True), vote(3, rule="BG002"), vote(4, rule="")]
    assert votes_of(some).by_rule() == {"BG001": (1, 1), "BG002": (0, 1), "unknown": (0, 1)}


VOTES = st.builds(
    vote, st.integers(0, 5), st.booleans(), st.integers(0, 3), st.sampled_from([PAST, OTHER, None])
)


@given(st.lists(VOTES), st.randoms())
def test_neither_order_nor_repetition_counts(some: list[Vote], random: object) -> None:
    shuffled = [*some, *some]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert votes_of(shuffled) == votes_of(some)
    assert store.dump(votes_of(shuffled)) == store.dump(votes_of(some))


@given(st.lists(VOTES))
def test_one_more_useful_vote_never_mutes(some: list[Vote]) -> None:
    before, after = votes_of(some), votes_of([*some, vote(99, True)])
    if Mutes(before)(match()) is None:
        assert Mutes(after)(match()) is None


TEXT = st.text(max_size=20)


@given(st.lists(st.builds(Vote._replace, VOTES, reason=TEXT, who=TEXT)))
def test_the_file_gives_back_what_was_put_in(some: list[Vote]) -> None:
    votes = votes_of(some)
    data = store.dump(votes)
    assert store.load(data, WHERE) == votes
    assert data.count(b"\n") == len(set(some))


@given(st.lists(VOTES), st.lists(VOTES))
def test_two_branches_files_one_after_the_other_are_their_union(
    one: list[Vote], other: list[Vote]
) -> None:
    both = store.dump(votes_of(one)) + store.dump(votes_of(other))
    assert store.load(both, WHERE) == votes_of([*one, *other])


def test_a_line_is_for_people_and_has_no_name_unless_signed() -> None:
    told = json.loads(store.dump(votes_of([vote(7)])))
    assert told == {
        "version": 1, "fix": f"{1:040x}", "edit": edit_digest(match().pattern),
        "fingerprint": f"{7:016x}", "rule": "BG001", "vote": "not-useful", "date": "2026-01-31",
    }  # fmt: skip
    signed = vote(7)._replace(who="Ada", reason="わざとです")
    line = store.dump(votes_of([signed])).decode("utf-8")
    assert line.endswith('"reason": "わざとです", "who": "Ada"}\n')


def test_more_that_a_line_tells_is_kept() -> None:
    [line] = votes_of([vote(7)]).lines
    more = line[:-1] + ', "ticket": "#12"}'
    votes = store.load(f"{more}\r\n\n".encode(), WHERE)
    assert store.dump(votes.add(vote(8))).decode().split("\n")[0] == more
    assert votes.votes == (vote(7),)


LINE = votes_of([vote(7)]).lines[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "jsonl:1 is no vote"),
        (f"{LINE}\n\n[]", "jsonl:3 is no vote"),
        ("[" * 100_000, "jsonl:1 is no vote"),
        ("9" * 5_000, "jsonl:1 is no vote"),
        ("null", "jsonl:1 is no vote"),
        (LINE.replace('"version": 1', '"version": 2'), "jsonl:1 was written by a newer bugguard"),
        (LINE.replace('"version": 1', '"version": true'), "jsonl:1 is no vote"),
        (LINE.replace('"version": 1, ', ""), "jsonl:1 is no vote"),
        (LINE.replace("not-useful", "unsure"), "jsonl:1 is no vote"),
        (LINE.replace("BG001", "rule"), "jsonl:1 is no vote"),
        (LINE.replace('"2026-01-31"', "7"), "jsonl:1 is no vote"),
        (LINE.replace("2026-01-31", "yesterday"), "jsonl:1 is no vote"),
        (LINE.replace(f"{7:016x}", "7"), "jsonl:1 is no vote"),
        (LINE.replace(f"{1:040x}", "HEAD"), "jsonl:1 is no vote"),
        (f"{LINE}\n<<<<<<< HEAD\n", "jsonl:2 has a merge's conflict markers: keep the lines"),
        (f"{LINE}\n\udcff", "jsonl:2 is not UTF-8"),
    ],
)
def test_what_is_no_vote_is_one_sentence(text: str, says: str) -> None:
    with pytest.raises(TriageError) as caught:
        store.load(text.encode("utf-8", "surrogateescape"), WHERE)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.binary() | st.text(st.sampled_from('{}":,\n <=>1av')).map(str.encode))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with contextlib.suppress(TriageError):
        store.load(data, WHERE)


def test_what_would_not_be_read_again_is_not_valid() -> None:
    assert vote(7).valid
    assert not vote(7)._replace(fix="").valid
    assert not vote(7)._replace(rule="BG1").valid
    assert not vote(7)._replace(edit="12").valid
