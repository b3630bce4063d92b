"""What is said of learning: right for one as for many, and nothing of strangers unescaped."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from bugguard.domain import BugPattern, Commit, FileDiff, FixCommit, Hunk, LearnedFix, Ticket
from bugguard.domain.knowledge import Knowledge, Lessons, Ragged, Sample, Statistics
from bugguard.domain.lesson import Lesson
from bugguard.domain.provenance import EncoderIdentity, Provenance, Source
from bugguard.report.learned import explained, shown, summary

EVIL = "evil\x1b[2J"
ONE = (
    "forgot 1 commit that is no longer in the history\n"
    "learned 1 pattern of 1 past fix (1 names a ticket) from 1 commit (1 read now) in 0.5 s\n"
    "could not read 1 commit, as objects are not in this clone: "
    "run `git fetch --refetch --no-filter` and `bugguard index update`\n"
)
TWO = (
    "forgot 2 commits that are no longer in the history\n"
    "learned 2 patterns of 2 past fixes (2 name a ticket) from 2 commits (2 read now) in 0.5 s\n"
    "could not read 2 commits, as objects are not in this clone: "
    "run `git fetch --refetch --no-filter` and `bugguard index update`\n"
)


def fix(number: int, dropped: str | None = None) -> LearnedFix:
    sha = f"{number:040x}"
    hunk = Hunk("a.py", "a.py", 1, 1, "", ("-a()", "+b()"))
    commit = FixCommit(sha, number, "Fix it", "Fix it\n", (Ticket("#1", "", "", "subject"),))
    return LearnedFix(commit, (BugPattern(sha, 0, hunk, dropped),))


def knowledge(*fixes: LearnedFix) -> Knowledge:
    rows = Ragged(np.zeros(0, np.uint64), np.zeros(len(fixes) + 1, np.int64))
    none = Statistics(*(np.zeros(0, kind) for kind in (np.uint64, np.uint32, np.int32)), 0)
    shas = tuple(one.commit.sha for one in fixes)
    return Knowledge(
        Provenance((Source("", (), shas[-1:], (), None, ""),), 1, len(fixes), shas),
        EncoderIdentity("static", "", 4),
        fixes,
        rows,
        rows,
        rows,
        np.arange(len(fixes)),
        np.zeros((len(fixes), 2, 4), np.float16),
        none,
        Sample(*(np.zeros(1, np.int64) for _ in fields(Sample))),
        (),
    )


@pytest.mark.parametrize(("number", "told"), [(1, ONE), (2, TWO)])
def test_one_is_not_many(number: int, told: str) -> None:
    learned = knowledge(*map(fix, range(number)))
    assert summary(learned, number, number, None, 0.5) == told


def test_reasons_out_of_an_index_are_escaped() -> None:
    commit = Commit("a" * 40, (), 0, "Fix it", (FileDiff("a", "a", "M", (), EVIL),))
    set_aside = fix(1, EVIL)
    told = [
        summary(knowledge(set_aside), 1, 0, EVIL, 0.5),
        shown(set_aside),
        explained(commit, (True, False, "words", EVIL), set_aside),
    ]
    for text in told:
        assert "evil\\x1b[2J" in text
        assert "\x1b" not in text


DIGEST = "0" * 32


def test_a_lesson_stands_apart_from_the_record_under_its_models_name() -> None:
    lesson = Lesson("Close what you open", "gpt-x", DIGEST)
    plain = shown(fix(1))
    told = shown(fix(1), lesson)
    assert told.startswith(plain)
    assert told[len(plain) :] == (
        "\nlesson (by gpt-x, not part of the record): Close what you open\n"
    )
    assert "lesson" not in plain


def test_lessons_that_stayed_and_went_are_told() -> None:
    lesson = Lesson("Close what you open", "gpt-x", DIGEST)
    learned = knowledge(fix(0), fix(1))
    lessons = Lessons(np.array([1]), (lesson,), np.zeros((1, 4), np.float16))
    taught = replace(learned, lessons=lessons)
    assert "lesson" not in summary(learned, 2, 0, None, 0.5)
    assert "\nkept 1 lesson\n" in summary(taught, 2, 0, None, 0.5)
    assert "\nkept 1 lesson, and dropped 2 whose fix went or is not what it was\n" in summary(
        taught, 2, 0, None, 0.5, 2
    )
    assert "\nkept 0 lessons, and dropped 1 " in summary(learned, 2, 0, None, 0.5, 1)
