"""Lessons from outside: shown, counted, kept, of use to who wants offers, and never a finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from program import CLEAN, FINDINGS, bugguard
from repository import Repository
from scripted import Scripted, lesson
from shop import REPLACED, Shop

from bugguard import encoders
from bugguard.domain import LearnedFix
from bugguard.domain.lesson import Lesson
from bugguard.pipeline.lessons import distil, forget
from bugguard.pipeline.refresh import Place

pytestmark = pytest.mark.functional


def teach(repository: Repository, directory: Path, say: Scripted | None = None) -> Place:
    place = Place(repository.open(), directory, ())
    distil(place, encoders.load("static"), say or Scripted())
    return place


@pytest.fixture
def taught(shop: Shop) -> Shop:
    teach(shop, shop.path / ".git" / "bugguard")
    return shop


def test_show_marks_a_models_words(taught: Shop) -> None:
    told = bugguard(taught, "show", "#12").out
    record, apart = told.split("\n\nlesson ")
    assert apart == (
        "(by scripted, not part of the record): Mind this: fix: vouchers took more than the order "
        "was worth (#12)\n"
    )
    assert "Mind this" not in record


def test_info_counts_them(taught: Shop) -> None:
    assert bugguard(taught, "index", "info", "--json").json["lessons"] == 4
    assert "lessons         4\n" in bugguard(taught, "index", "info").out
    forget(Place(taught.open(), taught.path / ".git" / "bugguard", ()))
    assert bugguard(taught, "index", "info", "--json").json["lessons"] == 0
    assert "lesson" not in bugguard(taught, "show", "#12").out


def test_update_and_build_keep_them_and_say_so(taught: Shop) -> None:
    edit = ('return f"{year}-{counter}"', 'return f"{year:04d}-{counter:06d}"')
    taught.commit(taught.replaced("shop/prices.py", edit), "fix: invoices sorted wrongly (#90)")
    for command in ("update", "build"):
        told = bugguard(taught, "index", command)
        assert (told.code, told.err) == (CLEAN, "")
        assert "\nkept 4 lessons\n" in told.out
    taught.git("reset", "-q", "--hard", "HEAD~2")
    told = bugguard(taught, "index", "update")
    assert "\nkept 3 lessons, and dropped 1 whose fix went or is not what it was\n" in told.out
    assert bugguard(taught, "index", "verify").code == CLEAN


@pytest.mark.parametrize("command", [("hook",), ("check",)])
def test_a_commit_is_told_the_same_with_and_without(shop: Shop, command: tuple[str, ...]) -> None:
    shop.stage(shop.undone(REPLACED))
    plain = bugguard(shop, *command)
    teach(shop, shop.path / ".git" / "bugguard")
    told = bugguard(shop, *command)
    assert plain.code == told.code == FINDINGS
    assert [line for line in told.out.splitlines() if " in " not in line] == [
        line for line in plain.out.splitlines() if " in " not in line
    ]


def test_damaged_lessons_do_not_keep_a_commit_from_being_checked(taught: Shop) -> None:
    taught.stage(taught.undone(REPLACED))
    [generation] = [
        path.parent for path in taught.path.glob(".git/bugguard/gen-*/lessons.jsonl")
        if path.stat().st_size
    ]  # fmt: skip
    path = generation / "lessons.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Mind", b"Mine"))
    assert bugguard(taught, "hook").code == FINDINGS
    complaint = bugguard(taught, "show", "#12").complaint
    assert "bugguard index build" in complaint
    assert "Traceback" not in complaint


class Walkers(NamedTuple):
    """A history with a fix that a later change calls for again, in other words."""

    repository: Repository
    fix: str
    change: str
    plain: Path  #: an index
    labels: Path

    def taught(self, name: str, say: Scripted) -> Path:
        """Another index, with lessons."""
        folder = self.plain.parent / name
        assert bugguard(self.repository, "index", "build", "--output", folder).code == CLEAN
        teach(self.repository, folder, say)
        return folder


CHANGE = "Greet the neighbours"
LESSON = (
    "Whoever acquires a socket has to release the socket handle again when the greeting is sent"
)


@pytest.fixture(scope="module")
def walkers(tmp_path_factory: pytest.TempPathFactory) -> Walkers:
    folder = tmp_path_factory.mktemp("walkers")
    repository = Repository(folder / "r")
    opened = b"first = open_walker(tree)\nvisit_each(first, 1000)\n"
    shas = repository.load([
        (b"Start", {b"first.py": opened,
                    **{b"m%d.py" % n: b"alpha_%d = compute_%d(beta_%d, 1)\n" % (n, n, n)
                       for n in range(60)}}),
        (b"Fix the leak (#12)", {b"first.py": opened + b"close_walker(first)\n"}),
        *((b"Fix number %d" % n, {b"m%d.py" % n: b"alpha_%d = compute_%d(gamma_%d, 1)\n"
                                  % (n, n, n)}) for n in range(60)),
        (CHANGE.encode(), {b"greet.py": b"handle = acquire_socket(host, port)\n"
                                        b"send_greeting(handle, name)\n"}),
    ])  # fmt: skip
    labels = folder / "labels.jsonl"
    case = {"fix": shas[1], "change": shas[-1], "label": "recurrence"}
    labels.write_text(json.dumps(case) + "\n")
    plain = folder / "plain"
    assert bugguard(repository, "index", "build", "--output", plain).code == CLEAN
    return Walkers(repository, shas[1], shas[-1], plain, labels)


def of_the_leak(fix: LearnedFix) -> Lesson:
    """Of each fix something, and of the right one what to look for."""
    if "leak" in fix.commit.subject:
        return lesson(fix, LESSON)
    return lesson(
        fix, f"Look twice at which letter of the alphabet is computed, case {fix.commit.time}"
    )


def of_another(fix: LearnedFix) -> Lesson:
    """The same, but of a fix that has nothing to do with it."""
    if fix.commit.subject == "Fix number 7":
        return lesson(fix, LESSON)
    return lesson(
        fix, f"Look twice at which letter of the alphabet is computed, case {fix.commit.time}"
    )


def measured(walkers: Walkers, index: Path) -> dict[str, float]:
    told = bugguard(walkers.repository, "eval", "--labels", walkers.labels, "--index", index,
                    "--json")  # fmt: skip
    assert told.code == CLEAN, told
    shares: dict[str, float] = told.json["positives"]["recurrence"]
    return shares


def test_a_lesson_brings_the_right_fix_among_the_first(walkers: Walkers) -> None:
    assert measured(walkers, walkers.plain)["top50"] == 0
    index = walkers.taught("right", Scripted(of_the_leak))
    shares = measured(walkers, index)
    assert (shares["top1"], shares["top50"], shares["reported"]) == (1, 1, 0)
    told = bugguard(walkers.repository, "check", "--commit", walkers.change, "--index", index,
                    "--candidates", "3", "--format", "json").json  # fmt: skip
    assert told["findings"] == []
    assert told["candidates"][0]["fix"]["sha"] == walkers.fix
    assert told["candidates"][0]["path"] == "greet.py"


def test_twin_a_lesson_that_misleads_makes_no_finding(walkers: Walkers) -> None:
    index = walkers.taught("wrong", Scripted(of_another))
    check = ("check", "--commit", walkers.change, "--index", index, "--format", "json")
    told = bugguard(walkers.repository, *check, "--candidates", "3").json
    assert told["candidates"][0]["fix"]["subject"] == "Fix number 7"
    for threshold in ("0", "0.001", "0.055"):
        silent = bugguard(walkers.repository, *check, "--candidates", "50",
                          BUGGUARD_CHECK_THRESHOLD=threshold)  # fmt: skip
        assert (silent.code, silent.json["findings"]) == (CLEAN, [])


def test_with_and_without_are_compared(walkers: Walkers) -> None:
    right = walkers.taught("right", Scripted(of_the_leak))
    for pair in ((walkers.plain, right), (right, walkers.plain)):
        told = bugguard(walkers.repository, "eval", "--compare", *pair, "--labels",
                        walkers.labels, "--json")  # fmt: skip
        assert told.code == CLEAN
        # What is reported is the same,
        assert (told.json["cases"], told.json["gained"], told.json["lost"]) == (1, [], [])
        assert told.json["better"] is None
        # and what is offered is not.
        with_lessons, without = ("a", "b") if pair[0] == right else ("b", "a")
        assert [row["first"] for row in told.json["offered"]] == [1, 3, 10, 50]
        assert {row[with_lessons] for row in told.json["offered"]} == {1}
        assert {row[without] for row in told.json["offered"]} == {0}


def test_where_neither_has_lessons_offers_are_not_asked_for(walkers: Walkers) -> None:
    other = walkers.taught("other", Scripted(lambda fix: "is away"))
    told = bugguard(walkers.repository, "eval", "--compare", walkers.plain, other, "--labels",
                    walkers.labels, "--json")  # fmt: skip
    assert (told.json["cases"], told.json["offered"]) == (1, [])
