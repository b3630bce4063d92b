"""What a lesson may be, and what it is bound to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.domain import BugPattern, FixCommit, Hunk, LearnedFix, Ticket
from bugguard.domain.fix import IDIOM
from bugguard.domain.lesson import MOST_TEXT, Lesson, digest_of
from bugguard.patterns.refine import IDIOMATIC
from bugguard.report.escape import encodable, terminal

DIGEST = "0" * 32
HUNK = Hunk("a.py", "a.py", 3, 3, "def f():", (" one()", "-two()", "+three()"))
FIX = LearnedFix(
    FixCommit("a" * 40, 7, "Fix it", "Fix it\n\nCloses #1", (Ticket("#1", "It is", "url", "x"),)),
    (BugPattern("a" * 40, 0, HUNK), BugPattern("a" * 40, 1, replace(HUNK, path="b.py"))),
)


@given(st.text(max_size=400))
def test_a_text_that_is_accepted_can_be_shown_as_it_is(text: str) -> None:
    with suppress(ValueError):
        lesson = Lesson(text, "model", DIGEST)
        assert terminal(lesson.text) == text
        assert encodable(lesson.text) == text
        assert len(lesson.text.splitlines()) == 1
        assert 0 < len(text) <= MOST_TEXT


#: Beyond it are tags and selectors, which can be seen by machines alone.
SEEN = st.characters(max_codepoint=0xDFFFF, categories=["L", "M", "N", "P", "S"])


@given(st.text(SEEN, min_size=1, max_size=MOST_TEXT))
def test_plain_text_of_any_language_is_accepted(text: str) -> None:
    assert Lesson(text, text[:100], DIGEST).text == text


@pytest.mark.parametrize(
    "text",
    ["", " ", "two\nlines", "one\r", "tab\tbed", "nul\0", "bell\x07", "esc\x1b[31m", "\x9b31m",
     "turned\u202eround", "unseen\u200bspace", "\ufeffmark", "line\u2028break", "tag\U000e0041",
     "selected\U000e0100", "byte \udcff", "x" * (MOST_TEXT + 1), " before", "after "],
)  # fmt: skip
def test_what_is_no_line_of_text(text: str) -> None:
    with pytest.raises(ValueError, match="a lesson's text"):
        Lesson(text, "model", DIGEST)
    with pytest.raises(ValueError, match="a lesson's model's name"):
        Lesson("text", text[:101] or text, DIGEST)


@pytest.mark.parametrize(
    "text", ["x" * MOST_TEXT, "境界を確認する　二重解放", "a\u200db", "naïve é"]
)
def test_twin_what_is_one(text: str) -> None:
    assert Lesson(text, "model", DIGEST).text == text


@pytest.mark.parametrize(
    ("trigger", "guard"),
    [(("one",), ()), ((), ("two",)), (("a", "b", "c", "d"), ("e",)), (("a",), ("b", "c", "d")),
     (("",), ("b",)), (("a",), ("b\n",)), (("x" * 101,), ("b",))],
)  # fmt: skip
def test_words_that_are_no_rule(trigger: tuple[str, ...], guard: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="a lesson"):
        Lesson("text", "model", DIGEST, trigger, guard)


@pytest.mark.parametrize("digest", ["", "0" * 31, "0" * 33, "0" * 31 + "G", "0" * 31 + "\n"])
def test_a_digest_that_is_none(digest: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        Lesson("text", "model", digest)


def commit(**parts: object) -> Callable[[LearnedFix], LearnedFix]:
    return lambda fix: replace(fix, commit=replace(fix.commit, **parts))


def hunk(**parts: object) -> Callable[[LearnedFix], LearnedFix]:
    return lambda fix: replace(
        fix,
        patterns=(
            replace(fix.patterns[0], hunk=replace(fix.patterns[0].hunk, **parts)),
            *fix.patterns[1:],
        ),
    )


@pytest.mark.parametrize(
    "change",
    [
        commit(message="Fix it all"),
        commit(tickets=()),
        commit(tickets=(Ticket("#1", "It was", "url", "x"),)),
        commit(tickets=(Ticket("#2", "It is", "url", "x"),)),
        hunk(body=(" one()", "-two()", "+four()")),
        hunk(body=(" one()", "-two()")),
        hunk(path="c.py"),
        lambda fix: replace(fix, patterns=fix.patterns[:1]),
        lambda fix: replace(fix, patterns=fix.patterns[::-1]),
    ],
)
def test_what_a_lesson_was_made_of_has_changed(change: Callable[[LearnedFix], LearnedFix]) -> None:
    assert digest_of(change(FIX)) != digest_of(FIX)


@pytest.mark.parametrize(
    "change",
    [
        commit(time=8, repository="host/owner/name"),
        commit(tickets=(Ticket("#1", "It is", "elsewhere", "y"),)),
        hunk(old_start=9, new_start=9, heading="def g():"),
        lambda fix: replace(fix, dropped="duplicate"),
        lambda fix: replace(
            fix, patterns=tuple(replace(one, dropped="idiom") for one in fix.patterns)
        ),
    ],
)
def test_twin_it_has_not(change: Callable[[LearnedFix], LearnedFix]) -> None:
    assert digest_of(change(FIX)) == digest_of(FIX)


def test_a_digest_does_not_run_parts_together() -> None:
    one = commit(message="a", tickets=(Ticket("b", "c", "", ""),))(FIX)
    other = commit(message="ab", tickets=(Ticket("", "c", "", ""),))(FIX)
    assert digest_of(one) != digest_of(other)
    assert digest_of(commit(message="\udcff")(FIX)) != digest_of(FIX)  # any bytes will do


@pytest.mark.parametrize(
    ("dropped", "patterns", "count"),
    [
        (None, (None, None), 2),
        (None, (None, "idiom"), 2),
        ("idiom", ("idiom", "idiom"), 2),
        (None, (None, "rewrite"), 1),
        ("duplicate", (None, None), 0),
        ("no pattern", ("version", "sweep"), 0),
    ],
)
def test_what_can_be_offered(dropped: str | None, patterns: tuple[str, ...], count: int) -> None:
    marked = [replace(one, dropped=why) for one, why in zip(FIX.patterns, patterns, strict=True)]
    fix = replace(FIX, patterns=tuple(marked), dropped=dropped)
    assert len(fix.offerable) == count


def test_the_reasons_are_those_of_who_sets_patterns_aside() -> None:
    assert IDIOMATIC == (None, IDIOM)
