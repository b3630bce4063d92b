"""Past fixes by what they say: which text counts, which hunk speaks, what is passed over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bugguard.domain import BugPattern, FixCommit, Hunk, LearnedFix, Ticket
from bugguard.domain.lesson import Lesson
from bugguard.pipeline.search import LONGEST_QUESTION, PastBugs

OTHERS = 8  #: unrelated fixes beside those of a test


class Kept:
    """Of an index what a search asks for."""

    def __init__(self, fixes: Sequence[LearnedFix], lessons: dict[int, Lesson] | None = None):
        self.fixes = fixes
        self.lessons = lessons or {}
        self.times = np.zeros(len(fixes), np.int64)
        self.repositories: tuple[str, ...] = ("x.example/a",)

    def fix(self, number: int) -> LearnedFix:
        return self.fixes[number]

    def lesson(self, number: int) -> Lesson | None:
        return self.lessons.get(number)

    def find(self, text: str) -> list[int]:
        return [n for n, fix in enumerate(self.fixes) if fix.commit.sha.startswith(text)]


def fix(
    number: int,
    message: str,
    *hunks: Sequence[str],
    path: str = "a.py",
    heading: str = "",
    tickets: tuple[Ticket, ...] = (),
    dropped: str | None = None,
) -> LearnedFix:
    sha = f"{number:02x}" * 20
    patterns = tuple(
        BugPattern(sha, place, Hunk(path, path, 1, 1, heading, tuple(body)))
        for place, body in enumerate(hunks)
    )
    subject = message.partition("\n")[0]
    return LearnedFix(FixCommit(sha, number, subject, message, tickets), patterns, dropped)


def search(*fixes: LearnedFix, asked: str, lessons: dict[int, Lesson] | None = None) -> list[str]:
    rest = [
        fix(100 + one, f"Mend thing number{one}", ["-old()", "+new()"]) for one in range(OTHERS)
    ]
    past = PastBugs(Kept([*fixes, *rest], lessons))  # type: ignore[arg-type]
    return [one.fix.commit.subject for one in past.search(asked, 10)]


@pytest.mark.parametrize(
    "asked", ["rebate", "exceeds", "#12", "voucherTotal", "total of a voucher", "minimum",
              "pricing", "apply_discount", "合計が", "Wanted title"],
)  # fmt: skip
def test_everything_that_is_kept_of_a_fix_is_searched(asked: str) -> None:
    wanted = fix(
        1,
        "Bound the rebate\n\nIt exceeds the order. 合計が合わない",
        [" minimum = 0", "-voucherTotal(order)", "+bounded(order)"],
        path="shop/pricing.py",
        heading="def apply_discount(order):",
        tickets=(Ticket("#12", "Wanted title", "", "github"),),
    )
    assert search(wanted, asked=asked)[:1] == ["Bound the rebate"]


def test_lessons_are_searched() -> None:
    lesson = Lesson("Clamp percentages.", "model", "0" * 32)
    assert search(fix(1, "Bound it"), asked="percentages", lessons={0: lesson}) == ["Bound it"]


def test_what_people_said_and_what_changed_count_more_than_what_stands_beside() -> None:
    """Of equal fixes the later would come first."""
    said = fix(1, "Said frobnicate", ["-one()", "+two()", " three"])
    changed = fix(2, "Changed it", ["-frobnicate()", "+two()", " three"])
    beside = fix(3, "Beside it", ["-one()", "+two()", " frobnicate"])
    assert search(said, beside, asked="frobnicate") == ["Said frobnicate", "Beside it"]
    assert search(changed, beside, asked="frobnicate") == ["Changed it", "Beside it"]


def test_only_what_could_be_a_name_is_looked_up_as_one() -> None:
    """That reads all commits."""

    class Unnamed(Kept):
        def find(self, text: str) -> list[int]:
            raise AssertionError(text)

    past = PastBugs(Unnamed([fix(1, "Frobnicate it"), fix(2, "Other")]))  # type: ignore[arg-type]
    assert len(past.search("frobnicate it", 10)) == 1


def test_a_fix_that_is_named_comes_first_and_once() -> None:
    fixes = [fix(10, "First"), fix(11, "Second mentions 0a0a0a0a")]
    past = PastBugs(Kept(fixes))  # type: ignore[arg-type]
    found = past.search("0a0a0a0a", 10)
    assert [(one.fix.commit.subject, one.named) for one in found] == [
        ("First", True), ("Second mentions 0a0a0a0a", False),
    ]  # fmt: skip
    assert [one.fix.commit.subject for one in past.search("0a0a0a0a", 1)] == ["First"]
    assert [one.named for one in past.search("0a0a0a0a and more", 10)] == [False]


def test_the_same_fix_once_more_is_passed_over_and_one_set_aside_is_not() -> None:
    assert search(fix(1, "Frobnicate", dropped="duplicate"), asked="frobnicate") == []
    assert search(fix(1, "Frobnicate", dropped="no pattern"), asked="frobnicate") == ["Frobnicate"]


def test_the_hunk_with_most_of_the_words_speaks() -> None:
    wanted = fix(1, "Mend both", ["-alpha()", "+b()"], ["-gamma(delta)", "+b()"], [])
    past = PastBugs(Kept([wanted, fix(2, "Other")]))  # type: ignore[arg-type]
    assert [one.pattern.ordinal for one in past.search("delta gamma", 1) if one.pattern] == [1]
    assert [one.pattern.ordinal for one in past.search("alpha", 1) if one.pattern] == [0]
    assert [one.pattern.ordinal for one in past.search("mend both", 1) if one.pattern] == [0]
    assert [one.pattern for one in past.search("other", 1)] == [None]


def test_whether_there_are_several_repositories_is_known() -> None:
    kept = Kept([fix(1, "Mend it")])
    assert not PastBugs(kept).several  # type: ignore[arg-type]
    kept.repositories = ("x.example/a", "x.example/b")
    assert PastBugs(kept).several  # type: ignore[arg-type]


def test_a_question_has_an_end() -> None:
    wanted = fix(1, "Frobnicate")
    assert search(wanted, asked="x " * LONGEST_QUESTION + "frobnicate") == []
    assert search(wanted, asked="frobnicate" + " x" * LONGEST_QUESTION) == ["Frobnicate"]
