"""Past fixes that were asked for: a list of them by a question, and one of them whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bugguard.domain import BugPattern, FixCommit, LearnedFix
from bugguard.domain.lesson import Lesson
from bugguard.domain.recalled import Recalled
from bugguard.domain.tickets import TicketRecord
from bugguard.report.bounded import MOST_CHARACTERS, Told, bounded, clipped, fitting, paged
from bugguard.report.escape import clip, terminal
from bugguard.report.learned import shown
from bugguard.report.model import iso_date
from bugguard.report.words import count

MOST_FIXES = 5  #: shown whole at a time; a ticket may be answered by many
_LINES = 12  #: of the hunk of a fix in a list
_SHOWN = 6  #: of them in its text, and words in common
_WIDTH = 100  #: columns

Records = Mapping[str, tuple[TicketRecord, str]]
"""What is known of a fix's tickets, by their ids: the record and its text."""


class Whole(NamedTuple):
    """A past fix with everything that is kept of it."""

    fix: LearnedFix
    lesson: Lesson | None
    records: Records


def listed(question: str, found: Sequence[Recalled], fixes: int, *, several: bool = False) -> Told:
    """The answers to a question. fixes: how many were looked through.

    several: whether they are of several repositories, so that the text has to say whose each is.
    """
    left = Counter[str]()
    results = bounded([_result(one) for one in found], left, "results")
    kept = fitting(results)
    left["results"] += len(results) - len(kept)
    document = {
        "query": clipped(question),
        "fixes": fixes,
        "results": kept,
        "left_out": {name: times for name, times in sorted(left.items()) if times},
    }
    blocks = ["\n".join(_block(one, several)) for one in found[: len(kept)]]
    searched = count(fixes, "past fix", "past fixes")
    summary = f"{len(kept):,} of {searched}, the best first" if kept else f"none of {searched}"
    return Told(document, paged("\n\n".join([*blocks, summary]), MOST_CHARACTERS // 2))


def whole(found: Sequence[Whole], more: int = 0) -> Told:
    """Past fixes with everything that is kept of them. more: how many are left out."""
    left = Counter[str]()
    left["fixes"] += more
    room, documents = MOST_CHARACTERS, []
    for one in found:
        fix = bounded(_whole(one), left)
        patterns = fitting(fix["patterns"], max(room, 0))
        left["patterns"] += len(fix["patterns"]) - len(patterns)
        room -= sum(len(str(pattern)) for pattern in patterns)
        documents.append(fix | {"patterns": patterns})
    told = "\n".join(shown(*one) for one in found)
    if more:
        told += f"\n{count(more, 'more fix', 'more fixes')} of that name left out here\n"
    document = {
        "fixes": documents,
        "left_out": {name: times for name, times in sorted(left.items()) if times},
    }
    return Told(document, paged(told, MOST_CHARACTERS // 2))


def _commit(commit: FixCommit) -> dict[str, Any]:
    return {
        "sha": commit.sha,
        "date": iso_date(commit.time),
        "subject": commit.subject,
        "repository": commit.repository,
        "tickets": [
            {"id": ticket.id, "title": ticket.title, "url": ticket.url, "source": ticket.source}
            for ticket in commit.tickets
        ],
    }


def _lesson(lesson: Lesson | None) -> dict[str, str] | None:
    return None if lesson is None else {"text": lesson.text, "model": lesson.model}


def _result(one: Recalled) -> dict[str, Any]:
    hunk = one.pattern.hunk if one.pattern else None
    return {
        "fix": _commit(one.fix.commit),
        "named": one.named,
        "words": list(one.words),
        "path": hunk.path if hunk else "",
        "line": hunk.new_start if hunk else 0,
        "hunk": _excerpt(one.pattern, _LINES) if one.pattern else [],
        "lesson": _lesson(one.lesson),
    }


def _whole(one: Whole) -> dict[str, Any]:
    commit = _commit(one.fix.commit)
    for ticket in commit["tickets"]:
        record, text = one.records.get(ticket["id"], (None, ""))
        if record is not None:
            ticket |= {"labels": list(record.labels), "state": record.state, "text": text}
    return commit | {
        "message": one.fix.commit.message,
        "lesson": _lesson(one.lesson),
        "patterns": [_pattern(pattern, one.fix.dropped) for pattern in one.fix.patterns],
    }


def _pattern(pattern: BugPattern, dropped: str | None) -> dict[str, Any]:
    return {
        "path": pattern.path,
        "line": pattern.hunk.new_start,
        "heading": pattern.hunk.heading,
        "set_aside": pattern.dropped or dropped,
        "buggy": list(pattern.buggy),
        "fixed": list(pattern.fixed),
    }


def _block(one: Recalled, several: bool) -> Iterator[str]:
    commit = one.fix.commit
    ids = " ".join(ticket.id for ticket in commit.tickets[:3])
    yield clip(f"{commit.short}  {iso_date(commit.time)[:10]}  {terminal(commit.subject)}", _WIDTH)
    if several:
        yield clip(f"  in {terminal(commit.repository or 'a repository without a name')}", _WIDTH)
    if ids:
        url = next((ticket.url for ticket in commit.tickets if ticket.url), "")
        yield clip(terminal(f"  {ids}  {url}".rstrip()), _WIDTH)
    for ticket in commit.tickets[:3]:
        if ticket.title and ticket.title not in commit.subject:
            yield clip(f"  ticket {terminal(ticket.id)}: {terminal(ticket.title)}", _WIDTH)
    if one.pattern:
        yield clip(f"  {terminal(one.pattern.path)}:{one.pattern.hunk.new_start}", _WIDTH)
        yield from _indented(_excerpt(one.pattern, _SHOWN))
    if one.lesson:
        yield clip(f"  lesson, by a model: {terminal(one.lesson.text)}", _WIDTH * 3)
    if one.words:
        yield clip(f"  in common: {terminal(', '.join(one.words[:_SHOWN]))}", _WIDTH)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (clip(f"    {terminal(line)}".rstrip(), _WIDTH) for line in lines)


def _excerpt(pattern: BugPattern, most: int) -> list[str]:
    """The hunk's changed lines, with what is beside them while there is room."""
    body = pattern.hunk.body
    if len(body) <= most:
        return list(body)
    changed = [place for place, line in enumerate(body) if line[0] != " "][:most]
    chosen = set(changed)
    for place in changed:
        for beside in (place - 1, place + 1):
            if len(chosen) < most and 0 <= beside < len(body):
                chosen.add(beside)
    return [body[place] for place in sorted(chosen)]
