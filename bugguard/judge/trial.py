"""Two cases made up to try a judge on: one that any reader of code decides at once, either way."""

from __future__ import annotations

from typing import NamedTuple

from bugguard.domain import (
    BugPattern,
    Change,
    Channel,
    FileDiff,
    FixCommit,
    Hunk,
    LearnedFix,
    Match,
    Question,
    Rule,
    Why,
)
from bugguard.judge.sections import question

_BUGGY = """\
 def monthly_mean(sales):
     total = sum(sale.amount for sale in sales)
-    return total / len(sales)
+    if not sales:
+        return 0
+    return total / len(sales)
"""
_UNDONE = """\
 def monthly_mean(sales):
     total = sum(sale.amount for sale in sales)
-    if not sales:
-        return 0
     return total / len(sales)
"""
_MOVED = """\
 def monthly_mean(sales):
-    total = sum(sale.amount for sale in sales)
     if not sales:
         return 0
-    return total / len(sales)
+    return sum(sale.amount for sale in sales) / len(sales)
"""


class Trial(NamedTuple):
    """A question with its right verdict."""

    question: Question
    right: str


def trials() -> tuple[Trial, ...]:
    """A guard taken out again, and one that stays."""
    return Trial(_question(_UNDONE), "repeats"), Trial(_question(_MOVED), "unrelated")


def _question(body: str) -> Question:
    sha = "5d" * 20
    message = (
        "fix: report crashed in months without any sale\n\nZeroDivisionError on an empty list."
    )
    pattern = BugPattern(sha, 0, _hunk(_BUGGY))
    fix = LearnedFix(FixCommit(sha, 0, message.split("\n")[0], message), (pattern,))
    hunk = _hunk(body)
    yours = tuple(line for line in hunk.body if line[0] != " ")
    match = Match(Rule.FIX_UNDONE, hunk, pattern, fix.commit, 0.5, 1, len(hunk.post_image), yours)
    change = Change(
        "a trial", (FileDiff(hunk.path, hunk.path, "M", (hunk,)),), "Shorten the report"
    )
    content = "\n".join(hunk.post_image) + "\n"
    why = Why(Channel.UNDO_IN_PLACE, (), {}, 1)
    return question(match, change, fix, content, why, lambda path: True)


def _hunk(body: str) -> Hunk:
    return Hunk("report.py", "report.py", 1, 1, "", tuple(body.splitlines()))
