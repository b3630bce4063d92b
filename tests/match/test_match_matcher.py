"""What fires, and beside each case the twin that must not."""

from __future__ import annotations

import numpy as np
import pytest
from memory_index import LetterEncoder, MemoryIndex, change, hunk

from bugguard.domain import Match, Origins, Rule
from bugguard.match.matcher import Matcher
from bugguard.patterns.extract import embedded_text
from bugguard.patterns.normalize import edit

THRESHOLD = 0.055

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
def render(template, values):
    source = load_source(template)
    if not source.strip():
        raise EmptyTemplateError(template.name)
    return substitute(source, values)
"""
UNGUARDED = """\
def render(template, values):
    source = load_source(template)
    return substitute(source, values)
"""

FIX = ("a" * 40, "Fix endless wait when the queue is closed (#1)", hunk(BUGGY, FIXED))
GUARD = ("b" * 40, "Fix crash on empty templates (#1)", hunk(UNGUARDED, GUARDED))


def matches(index: MemoryIndex, patch: str, message: str = "") -> list[Match]:
    return Matcher(index, LetterEncoder(), edit, embedded_text).match(change(patch, message))


def reported(index: MemoryIndex, patch: str, message: str = "") -> list[tuple[str, str]]:
    return [
        (match.rule.id, match.fix.sha[:1])
        for match in matches(index, patch, message)
        if match.score >= THRESHOLD
    ]


@pytest.fixture(scope="module")
def index() -> MemoryIndex:
    return MemoryIndex(FIX, GUARD)


class TestFixUndone:
    def test_the_fix_turned_round(self, index: MemoryIndex) -> None:
        assert reported(index, hunk(FIXED, BUGGY)) == [("BG001", "a")]

    def test_twin_the_fix_itself(self, index: MemoryIndex) -> None:
        assert reported(index, hunk(BUGGY, FIXED)) == []

    def test_a_guard_taken_away(self, index: MemoryIndex) -> None:
        assert reported(index, hunk(GUARDED, UNGUARDED)) == [("BG001", "b")]

    def test_twin_a_guard_written_otherwise(self, index: MemoryIndex) -> None:
        other = GUARDED.replace("if not source.strip():", "if len(source.strip()) == 0:")
        assert reported(index, hunk(GUARDED, other)) == []

    def test_in_another_wording(self, index: MemoryIndex) -> None:
        worded = BUGGY.replace("consumer.handle(message)", "consumer.handle(message, retry=False)")
        assert reported(index, hunk(FIXED, worded)) == [("BG001", "a")]

    def test_after_the_file_moved(self, index: MemoryIndex) -> None:
        assert reported(index, hunk(FIXED, BUGGY, "src/core/app.py", 80)) == [("BG001", "a")]

    def test_after_the_file_got_another_name(self, index: MemoryIndex) -> None:
        assert reported(index, hunk(GUARDED, UNGUARDED, "views.py")) == [("BG001", "b")]

    def test_twin_the_same_guard_in_other_code(self, index: MemoryIndex) -> None:
        other = GUARDED.replace("load_source", "read_mail").replace("substitute", "deliver")
        without = UNGUARDED.replace("load_source", "read_mail").replace("substitute", "deliver")
        other, without = (text.replace("render(", "send(") for text in (other, without))
        assert reported(index, hunk(other, without, "mail.py")) == []

    def test_a_guard_taken_away_beside_another_edit(self, index: MemoryIndex) -> None:
        edited = UNGUARDED.replace("load_source(template)", "read_source(template)")
        assert reported(index, hunk(GUARDED, edited)) == [("BG001", "b")]

    def test_twin_the_block_moves(self, index: MemoryIndex) -> None:
        patch = hunk(GUARDED, "", start=1) + hunk("", GUARDED, start=90).split("\n", 2)[2]
        assert reported(index, patch) == []

    def test_twin_the_feature_goes_as_a_whole(self, index: MemoryIndex) -> None:
        before = "import os\n" + GUARDED + "\nx_value = compute_other_things()\n"
        after = "import os\n\nx_value = compute_other_things()\n"
        assert reported(index, hunk(before, after)) == []

    def test_twin_a_renamed_variable(self, index: MemoryIndex) -> None:
        assert reported(index, hunk(GUARDED, GUARDED.replace("source", "text"))) == []

    def test_twin_comments_and_white_space(self, index: MemoryIndex) -> None:
        spaced = GUARDED.replace("    if not", "    # nothing to fill in\n    if  not")
        assert reported(index, hunk(GUARDED, spaced)) == []

    @pytest.mark.xfail(
        reason="a guard that a helper takes over looks like a guard taken away", strict=True
    )
    def test_twin_a_better_fix(self, index: MemoryIndex) -> None:
        better = GUARDED.replace(
            "    if not source.strip():\n        raise EmptyTemplateError(template.name)\n",
            "    source = require_nonempty(source, template, on_error=EmptyTemplateError)\n",
        )
        assert reported(index, hunk(GUARDED, better)) == []

    def test_beside_an_edit_in_a_file_that_has_its_old_name(self, index: MemoryIndex) -> None:
        moved = hunk(GUARDED, UNGUARDED, "views.py")
        beside = hunk("limit_of_pages = 10\n", "limit_of_pages = 12\n", "app.py")
        assert reported(index, moved + beside) == [("BG001", "b")]

    def test_twin_moved_code_goes_as_a_whole(self, index: MemoryIndex) -> None:
        assert reported(index, hunk(GUARDED + "\n", "\n", "views.py")) == []

    def test_twin_the_file_goes_as_a_whole(self, index: MemoryIndex) -> None:
        lines = "".join(f"-{line}\n" for line in GUARDED.splitlines())
        patch = f"--- a/app.py\n+++ /dev/null\n@@ -1,{len(GUARDED.splitlines())} +0,0 @@\n{lines}"
        assert reported(index, patch) == []

    def test_twin_code_that_has_changed_since_goes_as_a_whole(self, index: MemoryIndex) -> None:
        drifted = GUARDED.replace("source = load_source(template)", "source = read_all(template)")
        drifted = drifted.replace(
            "return substitute(source, values)", "return fill(source, values)"
        )
        more = "".join(f"    record_{n} = collect_figures(source, part={n})\n" for n in range(8))
        assert reported(index, hunk(drifted + more + "\n", "\n")) == []

    def test_a_message_that_says_so_weighs(self, index: MemoryIndex) -> None:
        patch = hunk(GUARDED, UNGUARDED)
        plain, excused, reverted = (
            max(match.score for match in matches(index, patch, message))
            for message in ("Tune", "Drop support for templates", f"This reverts commit {'b' * 40}")
        )
        assert excused < plain < reverted

    def test_the_lines_that_made_it_are_named(self, index: MemoryIndex) -> None:
        match = matches(index, hunk(GUARDED, UNGUARDED, start=40))[0]
        assert match.rule is Rule.FIX_UNDONE
        assert match.yours == (
            "-    if not source.strip():",
            "-        raise EmptyTemplateError(template.name)",
        )
        assert (match.line, match.end_line) == (42, 42)


class TestPunctuation:
    BUGGY = 'connection.execute(query, ("alpha_channel"))\n'
    FIXED = 'connection.execute(query, ("alpha_channel",))\n'

    @pytest.fixture
    def index(self) -> MemoryIndex:
        return MemoryIndex(
            ("c" * 40, "Fix crash: a tuple of one (#1)", hunk(self.BUGGY, self.FIXED))
        )

    def test_a_comma_that_a_fix_added_goes(self, index: MemoryIndex) -> None:
        assert reported(index, hunk(self.FIXED, self.BUGGY)) == [("BG001", "c")]

    def test_twin_the_fix_itself(self, index: MemoryIndex) -> None:
        assert reported(index, hunk(self.BUGGY, self.FIXED)) == []

    def test_twin_another_comma(self, index: MemoryIndex) -> None:
        before = 'connection.execute(query, ["beta_channel",])\n'
        assert reported(index, hunk(before, before.replace(",]", "]"))) == []


class TestBugRepeated:
    PASTED = BUGGY.replace("drain", "drain_fast")

    def test_a_near_copy_elsewhere(self, index: MemoryIndex) -> None:
        assert reported(index, hunk("", self.PASTED, "jobs/worker.py")) == [("BG002", "a")]

    def test_twin_a_near_copy_of_the_fixed_code(self, index: MemoryIndex) -> None:
        pasted = FIXED.replace("drain", "drain_fast")
        assert reported(index, hunk("", pasted, "jobs/worker.py")) == []

    def test_twin_the_buggy_code_only_moves(self, index: MemoryIndex) -> None:
        patch = hunk(self.PASTED, "", "old.py") + hunk("", self.PASTED, "new.py")
        assert reported(index, patch) == []

    def test_twin_other_code_with_the_same_words(self, index: MemoryIndex) -> None:
        code = "def poll(queue):\n    return queue.timeout, queue.message\n"
        assert reported(index, hunk("", code, "jobs/worker.py")) == []


def test_a_fix_from_the_future_is_not_known(index: MemoryIndex) -> None:
    known = np.array([False, True])
    matcher = Matcher(index, LetterEncoder(), edit, embedded_text, known)
    assert {match.fix.sha[:1] for match in matcher.match(change(hunk(FIXED, BUGGY)))} <= {"b"}


def test_scores_are_probabilities_and_ordered(index: MemoryIndex) -> None:
    scores = [match.score for match in matches(index, hunk(FIXED, BUGGY))]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_change_without_code_matches_nothing(index: MemoryIndex) -> None:
    assert matches(index, hunk("# a\n", "# b\n")) == []


def test_an_empty_index_matches_nothing() -> None:
    assert matches(MemoryIndex(), hunk(FIXED, BUGGY)) == []


class TestOtherRepositories:
    """Of a fix made elsewhere, files of the same name are other files, and copies are copies."""

    ELSEWHERE = Origins(frozenset())

    def told(self, index: MemoryIndex, patch: str, origins: Origins) -> list[Match]:
        matcher = Matcher(index, LetterEncoder(), edit, embedded_text, origins=origins)
        return [one for one in matcher.match(change(patch)) if one.score >= THRESHOLD]

    def test_a_copy_of_the_fix_taken_back(self, index: MemoryIndex) -> None:
        [match] = self.told(index, hunk(FIXED, BUGGY, "vendor/queue.py"), self.ELSEWHERE)
        assert (match.rule.id, match.foreign) == ("BG001", True)
        assert match.evidence.features["elsewhere"] == 1

    def test_a_copy_whose_lines_are_common(self) -> None:
        """In place they would do; elsewhere only all of them together tell that it is a copy."""
        common = ["+" + line + "\n" for line in FIXED.splitlines()]
        everywhere = hunk("", "".join(line[1:] for line in common), "x.py")
        index = MemoryIndex(FIX, ordinary=[everywhere] * 3)
        [match] = self.told(index, hunk(FIXED, BUGGY, "vendor/queue.py"), self.ELSEWHERE)
        assert match.rule.id == "BG001"

    def test_twin_a_file_of_the_same_name(self, index: MemoryIndex) -> None:
        """Its own repository's would be told: there the name says that it is the fix's file."""
        other = FIXED.replace("queue.poll", "mail.take").replace("consumer.handle", "send")
        other = other.replace("queue.acknowledge", "mail.drop").replace("def drain", "def post")
        without = other.replace(
            "        if message is None:\n            raise QueueClosedError(queue.name)\n", ""
        )
        assert self.told(index, hunk(other, without), self.ELSEWHERE) == []

    def test_own_ones_are_not_foreign(self, index: MemoryIndex) -> None:
        [match] = self.told(index, hunk(FIXED, BUGGY), Origins(frozenset(("",))))
        assert not match.foreign

    def test_a_weight_lowers_the_score(self, index: MemoryIndex) -> None:
        patch = hunk(FIXED, BUGGY)
        [whole] = self.told(index, patch, Origins(frozenset()))
        [half] = self.told(index, patch, Origins(frozenset(), (("*", 0.5),)))
        assert half.score == pytest.approx(whole.score / 2)
        assert half.evidence.trust == 0.5
        assert self.told(index, patch, Origins(frozenset(), (("*", 0.01),))) == []

    def test_twin_at_home_no_weight_counts(self, index: MemoryIndex) -> None:
        patch = hunk(FIXED, BUGGY)
        [own] = self.told(index, patch, Origins(None, (("*", 0.01),)))
        assert own.evidence.trust == 1
