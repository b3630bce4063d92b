"""A remembered fix as lines of JSON: one for the commit, one for each of its patterns, and what was
made of it: rules and a lesson.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from bugguard.domain import BugPattern, FixCommit, Hunk, LearnedFix, Ticket
from bugguard.domain.guard import TokenRule
from bugguard.domain.lesson import Lesson
from bugguard.index.fields import (
    check_sha,
    get_count,
    get_integer,
    get_optional_text,
    get_text,
    get_texts,
    parse_object,
    to_line,
)

_LONGEST_LESSON = 16 << 10  #: bytes; no character takes more than twelve of them


def fix_line(fix: LearnedFix) -> bytes:
    """The fix without its patterns."""
    commit = fix.commit
    record: dict[str, Any] = {
        "sha": commit.sha,
        "time": commit.time,
        "repository": commit.repository,
        "dropped": fix.dropped,
        "tickets": [
            [ticket.id, ticket.title, ticket.url, ticket.source] for ticket in commit.tickets
        ],
        "subject": commit.subject,
        "message": commit.message,
    }
    return to_line(record)


def pattern_line(pattern: BugPattern) -> bytes:
    """A pattern without its fix and its ordinal: its place among the lines says both."""
    hunk = pattern.hunk
    record: dict[str, Any] = {
        "path": hunk.path,
        "old_path": hunk.old_path,
        "old_start": hunk.old_start,
        "new_start": hunk.new_start,
        "dropped": pattern.dropped,
        "heading": hunk.heading,
        "body": hunk.body,
    }
    return to_line(record)


def rule_line(rule: TokenRule) -> bytes:
    """A rule whole."""
    record: dict[str, Any] = {
        "pattern": rule.pattern,
        "ordinal": rule.ordinal,
        "trigger": rule.trigger,
        "guard": rule.guard,
        "commits": rule.commits,
        "fired": rule.fired,
        "units": rule.units,
        "support": rule.support,
        "source": rule.source,
    }
    return to_line(record)


def read_rule(line: bytes, patterns: int) -> TokenRule:
    """The rule. ValueError where the line is not a rule's over that many patterns."""
    record = parse_object(line)
    rule = TokenRule(
        pattern=get_count(record, "pattern"),
        ordinal=get_count(record, "ordinal"),
        trigger=get_texts(record, "trigger"),
        guard=get_texts(record, "guard"),
        commits=get_count(record, "commits"),
        fired=get_count(record, "fired"),
        units=get_count(record, "units"),
        support=get_count(record, "support"),
        source=get_text(record, "source"),
    )
    if rule.pattern >= patterns:
        raise ValueError("a rule names a pattern that does not exist")
    if not rule.trigger:
        raise ValueError("a rule has no trigger")
    return rule


def lesson_line(sha: str, lesson: Lesson) -> bytes:
    """The lesson with its fix: lessons are carried to where the fix has another number."""
    record: dict[str, Any] = {
        "fix": sha,
        "model": lesson.model,
        "digest": lesson.digest,
        "trigger": lesson.trigger,
        "guard": lesson.guard,
        "text": lesson.text,
    }
    return to_line(record)


def read_lesson(line: bytes) -> tuple[str, Lesson]:
    """The sha of its fix, and the lesson. ValueError where the line is not a lesson's."""
    if len(line) > _LONGEST_LESSON:
        raise ValueError("it is too long")
    record = parse_object(line)
    lesson = Lesson(
        text=get_text(record, "text"),
        model=get_text(record, "model"),
        digest=get_text(record, "digest"),
        trigger=get_texts(record, "trigger"),
        guard=get_texts(record, "guard"),
    )
    return check_sha(get_text(record, "fix")), lesson


def checksum(lines: Sequence[bytes]) -> int:
    """64 bits of BLAKE2b over a record's lines, all with their ``\\n``."""
    return int.from_bytes(hashlib.blake2b(b"".join(lines), digest_size=8).digest(), "little")


def read_commit(line: bytes) -> tuple[FixCommit, str | None]:
    """A fix's commit and why the fix is set aside. ValueError where the line is not a fix's."""
    record = parse_object(line)
    commit = FixCommit(
        sha=check_sha(get_text(record, "sha")),
        time=get_integer(record, "time"),
        subject=get_text(record, "subject"),
        message=get_text(record, "message"),
        tickets=_tickets(record),
        repository=get_text(record, "repository"),
    )
    return commit, get_optional_text(record, "dropped")


def read_fix(line: bytes, pattern_lines: Sequence[bytes]) -> LearnedFix:
    """The fix whole. ValueError where a line is not what it should be."""
    commit, dropped = read_commit(line)
    patterns = tuple(
        _pattern(pattern, commit.sha, ordinal) for ordinal, pattern in enumerate(pattern_lines)
    )
    return LearnedFix(commit, patterns, dropped)


def _tickets(record: dict[str, Any]) -> tuple[Ticket, ...]:
    rows = record.get("tickets")
    if not isinstance(rows, list):
        raise ValueError("tickets is not a list")
    for row in rows:
        if not isinstance(row, list) or [type(value) for value in row] != [str] * 4:
            raise ValueError("a ticket is not four texts")
    return tuple(Ticket(*row) for row in rows)


def _pattern(line: bytes, sha: str, ordinal: int) -> BugPattern:
    record = parse_object(line)
    body = get_texts(record, "body")
    if not all(body):
        raise ValueError("a line of a hunk has no marker")
    hunk = Hunk(
        path=get_text(record, "path"),
        old_path=get_text(record, "old_path"),
        old_start=get_integer(record, "old_start"),
        new_start=get_integer(record, "new_start"),
        heading=get_text(record, "heading"),
        body=body,
    )
    return BugPattern(sha, ordinal, hunk, get_optional_text(record, "dropped"))
