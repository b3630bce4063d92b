"""A fingerprint names the mistake, not the place, the clone or the model."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bugguard.domain import BugPattern, FixCommit, Hunk, Match, Rule
from bugguard.triage.fingerprint import edit_digest, fingerprint, identify

PAST = (" before", "-if (a)", "+if (a && b)", " after")
YOURS = ("+if (x.a)",)


def match(
    *,
    rule: Rule = Rule.BUG_REPEATED,
    sha: str = "a" * 40,
    path: str = "src/a.c",
    line: int = 10,
    score: float = 0.9,
    past: tuple[str, ...] = PAST,
    yours: tuple[str, ...] = YOURS,
) -> Match:
    pattern = BugPattern(sha, 0, Hunk("old.c", "old.c", 3, 3, "", past))
    hunk = Hunk(path, path, line, line, "", yours)
    return Match(rule, hunk, pattern, FixCommit(sha, 0, "", ""), score, line, line, yours)


LINES = st.lists(st.text(st.characters(exclude_categories=[])), min_size=1).map(
    lambda texts: tuple("+" + text for text in texts)
)


@given(LINES, st.integers(1, 10**6), st.integers(1, 10**6))
def test_it_survives_moves_rebases_and_other_scores(
    yours: tuple[str, ...], line: int, moved: int
) -> None:
    first = match(yours=yours, line=line)
    later = match(yours=yours, line=moved, path="lib/b.c", sha="b" * 40, score=0.6)
    assert fingerprint(first) == fingerprint(later)


def test_it_survives_whitespace_and_other_context() -> None:
    past = (" another", "-if  (a)", "+\tif (a && b)", "+")
    assert fingerprint(match(past=past, yours=("+  if  (x.a)\r", "+"))) == fingerprint(match())


def test_it_tells_mistakes_apart() -> None:
    variants = [
        match(),
        match(rule=Rule.FIX_UNDONE),
        match(yours=("+if (x.b)",)),
        match(yours=("-if (x.a)",)),
        match(past=("-if (a)", "+if (b)")),
        match(past=("-if (a)", "+if (a && b)", "+if (x.a)"), yours=()),
    ]
    prints = [fingerprint(variant) for variant in variants]
    assert len(set(prints)) == len(prints)
    assert all(len(text) == 16 and int(text, 16) >= 0 for text in prints)


def test_equal_findings_are_told_apart_by_their_place() -> None:
    third, first, second = match(line=30), match(line=10), match(line=20)
    found = identify([third, first, second])
    assert [finding.match for finding in found] == [third, first, second]
    assert len({finding.fingerprint for finding in found}) == 3
    assert found[1].fingerprint == fingerprint(first)
    moved = identify([replace(item, line=item.line + 5) for item in (first, second, third)])
    assert [item.fingerprint for item in moved] == [found[place].fingerprint for place in (1, 2, 0)]


def test_a_directive_changes_nothing() -> None:
    mark = "bugguard" + ": ignore"
    for line in (f"+if (x.a)  // {mark}[#12] on purpose", f"+if (x.a) /* {mark}[#12] r */"):
        assert fingerprint(match(yours=(line,))) == fingerprint(match())
    above = (f"+  // {mark}[0123456789abcdef] on purpose", *YOURS)
    assert fingerprint(match(yours=above)) == fingerprint(match())
    assert fingerprint(match(yours=("+if (x.a)  // on purpose",))) != fingerprint(match())


def test_the_past_edit_has_a_name_that_survives_a_rebase() -> None:
    digest = edit_digest(match().pattern)
    assert edit_digest(match(sha="b" * 40, yours=("+y",), rule=Rule.FIX_UNDONE).pattern) == digest
    assert edit_digest(match(past=(" other", "-if  (a)", "+if (a && b)")).pattern) == digest
    assert edit_digest(match(past=("-if (a)", "+if (a || b)")).pattern) != digest
    assert len(digest) == 16
    assert int(digest, 16) >= 0
