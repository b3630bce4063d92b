"""What lies where in an index folder, and of which type and shape each array is.

::

    DIR/CURRENT                    "<generation> <sha256 of its manifest>", one line
    DIR/gen-<16 hex digits>/       named after its manifest's sha256, never changed once there
        manifest.json
        fixes.jsonl                one line a fix, in canonical order
        patterns.jsonl             one line a pattern, in the order of their ids
        rules.jsonl                one line a rule, in the order of their patterns
        lessons.jsonl              one line a lesson, in the order of their fixes
        *.npy                      little-endian, C order, format 1.0
    DIR/tmp-<16 hex digits>        a generation on its way; with .CURRENT etc. the files beside it
    DIR/learn.lock, DIR/write.lock
    DIR/tickets.sqlite3            the tickets that were taken in, of bugguard.tickets; never swept
"""

from __future__ import annotations

import re
from typing import NamedTuple

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
FIXES = "fixes.jsonl"
PATTERNS = "patterns.jsonl"
RULES = "rules.jsonl"
LESSONS = "lessons.jsonl"
TEMPORARY = "tmp-"
GENERATION = re.compile(r"gen-[0-9a-f]{16}")
#: What a writer makes on its way. Others name things ``tmp-`` too, so the whole name has to fit.
PASSING = re.compile(r"tmp-[0-9a-f]{16}(\.(CURRENT|damaged|gitattributes|gitignore))?")
#: What else may lie in an index folder before there is an index.
OURS = re.compile(
    r"CURRENT|\.gitattributes|\.gitignore|(learn|write)\.lock|recent\.json\w*"
    r"|tickets\.sqlite3(-journal)?"
)
POINTER = re.compile(rb"(gen-([0-9a-f]{16})) (\2[0-9a-f]{48})\n")

SIDES = ("buggy", "fixed")
TABLES = (*SIDES, "names")  #: by what patterns can be looked up


class Array(NamedTuple):
    """An array's type and shape; lengths have names, and equal names are equal lengths."""

    dtype: str
    rows: str
    extra: int = 0  #: rows beyond the named length: 1 where row i ends where row i + 1 starts
    columns: str | None = None


ARRAYS = {
    "fix_offsets": Array("<i8", "fixes", extra=1),  #: where each fix's line starts
    "fix_patterns": Array("<i8", "fixes", extra=1),  #: id of each fix's first pattern
    "fix_digests": Array("<u8", "fixes"),  #: checksum of the fix's line and its patterns' lines
    "fix_times": Array("<i8", "fixes"),  #: seconds since the epoch
    "fix_shas": Array("|S64", "fixes"),
    "fix_sources": Array("<u2", "fixes"),  #: which of the manifest's sources each fix is of
    "pattern_offsets": Array("<i8", "patterns", extra=1),  #: where each pattern's line starts
    "pattern_rows": Array("<i4", "patterns"),  #: row of its vectors, -1 where set aside
    "row_patterns": Array("<i4", "active"),  #: the other way round; rows stand grouped by cell
    "row_buggy": Array("<f2", "active", columns="dimension"),
    "row_fixed": Array("<f2", "active", columns="dimension"),
    "cell_centroids": Array("<f4", "cells", columns="dimension"),
    "cell_starts": Array("<i8", "cells", extra=1),  #: rows from the last on have no direction
    "buggy_keys": Array("<u8", "buggy features"),  #: ascending, unique
    "buggy_starts": Array("<i8", "buggy features", extra=1),
    "buggy_patterns": Array("<i4", "buggy postings"),
    "fixed_keys": Array("<u8", "fixed features"),
    "fixed_starts": Array("<i8", "fixed features", extra=1),
    "fixed_patterns": Array("<i4", "fixed postings"),
    "names_keys": Array("<u8", "names"),
    "names_starts": Array("<i8", "names", extra=1),
    "names_patterns": Array("<i4", "names postings"),
    "feature_keys": Array("<u8", "features"),  #: the history's statistics, ascending, unique
    "feature_commits": Array("<u4", "features"),
    "feature_standing": Array("<i4", "features"),
    "rule_offsets": Array("<i8", "rules", extra=1),  #: where each rule's line starts
    "rule_digests": Array("<u8", "rules"),  #: checksum of the rule's line
    "trigger_keys": Array("<u8", "triggers"),  #: each rule's rarest token, ascending, unique
    "trigger_starts": Array("<i8", "triggers", extra=1),
    "trigger_rules": Array("<i4", "rules"),
    "lesson_fixes": Array("<i8", "lessons"),  #: number of each lesson's fix, ascending, unique
    "lesson_offsets": Array("<i8", "lessons", extra=1),  #: where each lesson's line starts
    "lesson_digests": Array("<u8", "lessons"),  #: checksum of the lesson's line
    "lesson_vectors": Array("<f2", "lessons", columns="dimension"),
    "sample_commits": Array("<u8", "sampled commits"),  #: for learning, like all of the sample
    "sample_units": Array("<i8", "sampled commits", extra=1),
    "sample_added": Array("<u4", "added tokens"),
    "sample_added_starts": Array("<i8", "sampled hunks", extra=1),
    "sample_around": Array("<u4", "tokens around"),
    "sample_around_starts": Array("<i8", "sampled hunks", extra=1),
}

FILES = frozenset({FIXES, PATTERNS, RULES, LESSONS, *(f"{name}.npy" for name in ARRAYS)})
