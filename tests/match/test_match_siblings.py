"""Code that stands already: what a fix forgot is found, and what merely looks like it is not."""

from __future__ import annotations

import numpy as np
import pytest
from memory_index import MemoryIndex, hunk

from bugguard.domain import Hunk, Match, Rule
from bugguard.match.siblings import Siblings
from bugguard.patterns.normalize import edit

THRESHOLD = 0.3

BUGGY = """\
def drain(queue, consumer):
    while True:
        message = queue.poll(timeout=None)
        consumer.handle(message)
        queue.acknowledge(message)
"""
FIXED = """\
def drain(queue, consumer):
    while True:
        message = queue.poll(timeout=IDLE_SECONDS)
        if message is None:
            raise QueueClosedError(queue.name)
        consumer.handle(message)
        queue.acknowledge(message)
"""
GUARDED = """\
def render(template, values, fallback_language):
    source = load_source(template.storage_key)
    if not source.strip():
        raise EmptyTemplateError(template.name)
    return substitute_placeholders(source, values, fallback_language)
"""
UNGUARDED = GUARDED.replace(
    "    if not source.strip():\n        raise EmptyTemplateError(template.name)\n", ""
)
FIX = ("a" * 40, "Fix endless wait when the queue is closed (#1)", hunk(BUGGY, FIXED))
GUARD = ("b" * 40, "Fix crash on empty templates (#1)", hunk(UNGUARDED, GUARDED, "views.py"))

SIBLING = BUGGY.replace("def drain(queue, consumer)", "def drain_retries(queue, consumer, retries)")
OTHER = """\
def collect(orders, warehouse):
    for order in orders:
        warehouse.reserve(order.article, order.quantity)
        order.mark_as_collected(warehouse.name)
"""
#: Code that the history has from the start, as it has the code around a fix.
COMMON = tuple(hunk("", text, f"old_{n}.py") for n, text in enumerate((BUGGY, UNGUARDED)))


def places(
    text: str, *fixes: tuple[str, str, str], path: str = "other.py", counted: bool = True
) -> list[Match]:
    index = MemoryIndex(*(fixes or (FIX, GUARD)), ordinary=COMMON * 2)
    body = tuple("+" + line for line in text.split("\n"))
    file = edit(Hunk(path, path, 0, 1, "", body))
    return [one.match for one in Siblings(index, edit, counted=counted).find(file)]


def told(text: str, *fixes: tuple[str, str, str], path: str = "other.py") -> set[str]:
    return {m.fix.sha[0] for m in places(text, *fixes, path=path) if m.score >= THRESHOLD}


def test_a_forgotten_place_is_found_with_its_lines() -> None:
    [match] = [one for one in places(OTHER + SIBLING + OTHER) if one.score >= THRESHOLD]
    assert match.rule is Rule.UNFIXED_SIBLING
    assert match.fix.sha == "a" * 40
    assert (match.line, match.end_line) == (7, 7)
    assert match.yours == ("+        message = queue.poll(timeout=None)",)
    lines = (OTHER + SIBLING + OTHER).split("\n")
    for marker, number, text in match.hunk.numbered():
        assert marker == "+"
        assert lines[number - 1] == text


@pytest.mark.parametrize(
    "text",
    [
        FIXED,
        SIBLING.replace("timeout=None", "timeout=IDLE_SECONDS"),
        FIXED.replace("def drain(queue, consumer)", "def drain_all(queue, consumer)"),
        FIXED.replace("message", "letter"),
        "    # moved, and deeper by now\n" + FIXED.replace("\n", "\n    "),
        OTHER,
        "\n".join(line for line in BUGGY.split("\n") if "poll" not in line),
        "",
    ],
    ids=["the fix", "half the fix", "renamed", "variables", "moved", "other", "context", "empty"],
)
@pytest.mark.parametrize("path", ["other.py", "app.py"])
def test_what_has_the_fix_or_only_its_surroundings_is_silent(text: str, path: str) -> None:
    assert told(text, path=path) == set()


def test_a_missing_guard_is_found_where_the_code_around_stands_as_it_did() -> None:
    assert told(OTHER + UNGUARDED) == {"b"}
    assert told(OTHER + GUARDED) == set()


def test_another_guard_in_the_same_place_is_one() -> None:
    lines = UNGUARDED.split("\n")
    lines[2:2] = ["    if source.isspace():", "        return template.placeholder_when_blank()"]
    assert told("\n".join(lines)) == set()


def test_the_fixes_own_file_after_the_fix_went_is_no_forgotten_place() -> None:
    assert told(BUGGY, path="app.py") == set()
    assert told(FIXED + SIBLING, path="app.py") == {"a"}


def test_a_fix_that_stands_nowhere_any_more_reminds_of_nothing() -> None:
    gone = ("c" * 40, "Drop it again", hunk(FIXED, OTHER))
    assert told(SIBLING, FIX) == {"a"}
    assert places(SIBLING, FIX, gone) == []


def test_a_place_where_most_of_the_remedy_stands_is_not_even_a_candidate() -> None:
    assert places(SIBLING) != []
    guard = "        if message is None:\n            raise QueueClosedError(queue.name)\n"
    handle = "        consumer.handle(message)\n"
    assert places(SIBLING.replace(handle, guard + handle)) == []


def test_the_only_place_with_the_code_around_is_the_fixes_own() -> None:
    line = "        queue.acknowledge(message)\n"
    removal = (
        "a" * 40,
        "Fix messages acknowledged twice (#1)",
        hunk(BUGGY, BUGGY.replace(line, "")),
    )
    body = tuple("+" + one for one in BUGGY.split("\n"))
    file = edit(Hunk("other.py", "other.py", 0, 1, "", body))

    def found(times: int, *, counted: bool) -> list[float]:
        index = MemoryIndex(removal, ordinary=COMMON * times)
        places = Siblings(index, edit, counted=counted).find(file)
        return [one.match.score for one in places if one.match.score >= THRESHOLD]

    assert len(found(2, counted=True)) == 1
    assert found(1, counted=True) == []
    assert len(found(1, counted=False)) == 1


def test_lines_that_the_fix_only_moved_were_not_wrong() -> None:
    line = "    message = queue.poll(timeout=None)\n"
    elsewhere = hunk(OTHER, OTHER + line + "    send_receipt(message)\n", "app.py", start=40)
    moved = hunk(BUGGY, FIXED) + elsewhere.split("\n", 2)[2]
    assert told(SIBLING, ("a" * 40, "Fix endless wait", moved)) == set()
    alone = hunk(BUGGY, FIXED) + elsewhere.replace(f"+{line}", "").split("\n", 2)[2].replace(
        "+40,6", "+40,5"
    )
    assert told(SIBLING, ("a" * 40, "Fix endless wait", alone)) == {"a"}


def test_what_stands_in_many_places_is_how_code_is_written() -> None:
    often = [hunk("", BUGGY, f"copy_{n}.py") for n in range(8)]
    index = MemoryIndex(FIX, ordinary=often)
    body = tuple("+" + line for line in SIBLING.split("\n"))
    file = edit(Hunk("other.py", "other.py", 0, 1, "", body))
    assert [one for one in Siblings(index, edit).find(file) if one.match.score >= THRESHOLD] == []


def test_a_place_can_be_measured_again() -> None:
    index = MemoryIndex(FIX, GUARD, ordinary=COMMON * 2)
    text = OTHER * 9 + SIBLING + OTHER * 9
    file = edit(Hunk("o.py", "o.py", 0, 1, "", tuple("+" + one for one in text.split("\n"))))
    siblings = Siblings(index, edit)
    found = siblings.find(file)
    assert found
    for one in found:
        again = Siblings(index, edit).measure(file, one.pattern, one.start, one.end)
        assert [other.match for other in again] == [one.match]


def test_a_fix_that_is_not_known_yet_reminds_of_nothing() -> None:
    index = MemoryIndex(FIX, GUARD, ordinary=COMMON * 2)
    file = edit(Hunk("o.py", "o.py", 0, 1, "", tuple("+" + one for one in SIBLING.split("\n"))))
    for known, expected in (([True, False], 1), ([False, True], 0)):
        assert len(Siblings(index, edit, np.array(known)).find(file)) == expected
