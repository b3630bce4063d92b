"""What is shown of a match: both sides of the past fix, and the change with the code around it."""

from __future__ import annotations

from dataclasses import replace

from bugguard.domain import (
    BugPattern,
    Change,
    Channel,
    FileDiff,
    FixCommit,
    Hunk,
    LearnedFix,
    LinePair,
    Match,
    Question,
    Rule,
    Ticket,
    Why,
)
from bugguard.judge.redacting.redact import Redactor
from bugguard.judge.sections import OF_CHANGE, lesson, narrowed, question, survey


def hunk(*body: str, path: str = "app.py", start: int = 3) -> Hunk:
    return Hunk(path, path, start, start, "def f():", body)


FIX = FixCommit(
    "ab" * 20,
    0,
    "fix: it broke (#7)",
    "fix: it broke (#7)\n\nBecause of that.\n\nSigned-off-by: Ada <ada@example.org>\n",
    (Ticket("#7", "It breaks on Mondays", "https://example.org/7", "subject"),),
)
MATCHED = BugPattern(FIX.sha, 0, hunk(" a", "-bad", "+good"))
OTHER = BugPattern(FIX.sha, 1, hunk("-worse", "+better", path="other.py"))
EMPTY = BugPattern(FIX.sha, 2, hunk(), "moved or reformatted")
LEARNED = LearnedFix(FIX, (MATCHED, OTHER, EMPTY))
UNDO = hunk(" a", "-good", "+bad")
REST = hunk("+elsewhere", path="rest.py")
SAME = hunk("+same_file", start=40)
WHY = Why(Channel.UNDO_IN_PLACE, (LinePair("+bad", "-bad", 1.0),), {}, 1)
CONTENT = "import os\n\ndef f():\n    a\n    bad\n\ndef g():\n    pass\n"


def change(*hunks: Hunk) -> Change:
    files = tuple(FileDiff(one.path, one.path, "M", (one,)) for one in hunks)
    return Change("a change", files, "Tidy\n\nReviewed-by: Bob <b@example.org>")


def match(one: Hunk) -> Match:
    return Match(Rule.FIX_UNDONE, one, MATCHED, FIX, 0.5, 4, 4, ("+bad",))


def shown(asked: Question) -> dict[str, str]:
    return {one.where: one.text for one in asked.sections}


def ask(content: str | None = CONTENT, *hunks: Hunk, hidden: str = "-") -> Question:
    one = replace(UNDO, new_start=4)
    told = change(one, *hunks)
    return question(match(one), told, LEARNED, content, WHY, lambda path: path != hidden)


def test_both_sides_and_the_record_are_shown() -> None:
    told = shown(ask())
    assert (told["then"], told["fixed"]) == ("a\nbad", "a\ngood")
    assert told["fix"] == "fix: it broke (#7)\n\nBecause of that."
    assert told["ticket"] == "It breaks on Mondays"
    assert "+better" in told["also"]
    assert "moved" not in str(told)
    assert told["change"].splitlines()[0] == "--- app.py"
    assert told["change"].splitlines()[-1] == "+bad"
    assert told["evidence"].splitlines()[1] == "+bad   is like   -bad"


def test_people_are_nobody_s_business() -> None:
    assert "@example.org" not in str(shown(ask()))
    assert shown(ask())["message"] == "Tidy"


def test_the_function_after_the_change_is_shown_if_it_is_known() -> None:
    assert shown(ask())["after"] == "def f():\n    a\n    bad"
    assert "after" not in shown(ask(None))


def test_the_rest_of_the_change_comes_same_file_first() -> None:
    rest = shown(ask(CONTENT, REST, SAME))["rest"]
    assert rest.index("same_file") < rest.index("elsewhere")
    assert "bad" not in rest


def test_what_may_not_be_seen_is_in_no_section() -> None:
    assert "elsewhere" not in str(shown(ask(CONTENT, REST, hidden="rest.py")))
    assert "better" not in str(shown(ask(CONTENT, REST, hidden="other.py")))


def test_only_what_makes_another_verdict_is_keyed() -> None:
    keyed = {one.where for one in ask(CONTENT, REST).sections if one.keyed}
    assert keyed == {"fix", "ticket", "then", "fixed", "also", "change", "after", "rest"}
    assert keyed >= OF_CHANGE - {"place"}


LINES = ("    a", "    bad")
PLACE = Hunk("app.py", "app.py", 3, 4, "", tuple("+" + line for line in LINES))


def scanned(content: str | None = CONTENT, place: Hunk = PLACE, last: int = 0) -> Question:
    first = place.new_start + 1
    told = replace(match(place), rule=Rule.UNFIXED_SIBLING, line=first, end_line=max(first, last))
    everything = change(place, REST)
    why = replace(WHY, channel=Channel.SIBLING)
    return question(told, everything, LEARNED, content, why, lambda path: True)


def test_a_place_is_shown_as_it_stands_and_nothing_of_a_change() -> None:
    told = shown(scanned())
    assert told["place"] == "    bad"
    assert told["after"] == "def f():\n    a\n    bad"
    assert told["file"] == "app.py, line 5"
    assert told["evidence"].splitlines()[0].startswith("this place never got a fix")
    assert told.keys().isdisjoint({"message", "change", "rest"})
    assert (told["then"], told["fixed"]) == ("a\nbad", "a\ngood")
    assert "+better" in told["also"]
    assert shown(ask())["evidence"].startswith("the change ")


def test_where_a_place_stands_makes_no_other_verdict() -> None:
    keyed = {one.where: one.text for one in scanned().sections if one.keyed}
    assert keyed.keys() == {"fix", "ticket", "then", "fixed", "also", "place", "after"}
    further = replace(PLACE, path="moved.py", old_path="moved.py", new_start=6)
    moved = scanned("\n\n" + CONTENT, further, last=7)
    assert {one.where: one.text for one in moved.sections if one.keyed} == keyed
    assert shown(moved)["file"] == "moved.py, line 7"
    changed = scanned(CONTENT.replace("def f():", "def f(b):"))
    assert {one.where: one.text for one in changed.sections if one.keyed} != keyed


def test_a_place_is_the_lines_that_tell_and_not_all_that_was_set_beside() -> None:
    wide = replace(PLACE, new_start=3, body=("+def f():", *PLACE.body, "+", "+def g():"))
    asked = scanned(CONTENT, wide, last=5)
    assert shown(asked)["place"] == "    a\n    bad"
    assert shown(asked)["after"] == "def f():\n    a\n    bad"
    assert shown(asked)["file"] == "app.py, lines 4 to 5"


def test_a_file_that_was_written_to_since_is_not_shown() -> None:
    for content in (None, "\n" + CONTENT, CONTENT.replace("bad", "worse"), ""):
        asked = scanned(content)
        assert shown(asked)["place"] == "    bad"
        assert shown(asked)["after"] == "    a\n    bad", "what was found, and no more"
        assert asked.content is None
    assert scanned().content == CONTENT


def test_long_things_are_cut_and_say_so() -> None:
    long = hunk(*(f"+line_{number}" for number in range(1000)), "+" + "x" * 5000)
    asked = question(match(long), change(long), LEARNED, None, WHY, lambda path: True)
    told = shown(asked)["change"]
    assert told.splitlines()[-1] == "[883 more lines are not shown]"
    assert max(map(len, narrowed(told).splitlines())) <= 301
    wide = question(
        match(hunk("+" + "x" * 5000)), change(UNDO), LEARNED, None, WHY, lambda path: True
    )
    assert len(shown(wide)["change"].splitlines()[-1]) == 4000
    assert narrowed(shown(wide)["change"]).endswith("x…")


def test_a_secret_is_not_cut_in_half_before_it_is_looked_for() -> None:
    secret = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
    one = hunk(f"+{'x' * 290} = '{secret}'")
    asked = question(match(one), change(one), LEARNED, None, WHY, lambda path: True)
    told = narrowed(Redactor().redact(shown(asked)["change"]))
    assert "ghp_" not in told


def test_a_huge_function_is_shown_around_the_change() -> None:
    lines = ["def f():", *(f"    line_{number} = {number}" for number in range(3000))]
    far = replace(UNDO, new_start=2500)
    asked = question(match(far), change(far), LEARNED, "\n".join(lines), WHY, lambda path: True)
    after = shown(asked)["after"]
    assert "line_2499 " in after
    assert len(after.splitlines()) <= 121


def test_a_survey_shows_one_line_a_fix_and_the_added_code_first() -> None:
    told = survey(change(UNDO, REST), ["fix: it broke (#7)", "x" * 999], lambda path: True)
    assert told.lessons == ("fix: it broke (#7)", "x" * 999)
    assert [one.where for one in told.sections] == ["message", "change"]
    hidden = survey(change(UNDO, REST), ["a"], lambda path: path != "rest.py")
    assert "elsewhere" in str(told.sections)
    assert "elsewhere" not in str(hidden.sections)


def test_a_fix_by_itself_is_shown_by_its_record_and_its_edit() -> None:
    told = {one.where: one.text for one in lesson(LEARNED, lambda path: path != "other.py")}
    assert told.keys() == {"fix", "ticket", "edit"}
    assert "+good" in told["edit"]
    assert "better" not in told["edit"]
    assert [one.where for one in lesson(LEARNED, lambda path: False)] == ["fix", "ticket"]
