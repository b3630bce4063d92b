"""What a judge is to read: the change, or the place that a scan found, with the code around it, and
the past fix with its record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from bugguard.domain import Change, Hunk, LearnedFix, Match, Question, Rule, Section, Survey, Why
from bugguard.judge.enclosing import enclosing

#: The sections that show the code in question, changed or as it stands; the others show the past.
OF_CHANGE = frozenset({"change", "place", "after", "rest"})

#: Most lines of a hunk, of the code around, of everything else, and of a message.
_HUNK, _AFTER, _REST, _MESSAGE = 120, 120, 80, 30
#: Most columns of a line that is shown; and before it is looked through for secrets, where one that
#: was cut in half would be no secret any more.
_SHOWN, _COLUMNS = 300, 4_000
_PAIRS = 5  #: of lines that are alike, told as evidence

#: ``Signed-off-by: ...`` and its like: of people, who are nobody's business, and of no code.
_TRAILER = re.compile(r"[A-Z][A-Za-z]*(-[A-Za-z]+)+: ")

Seen = Callable[[str], bool]
"""Whether the file of that path may be shown."""


def shows(hunk: Hunk, seen: Seen) -> bool:
    """Whether a hunk may be shown: by its file's name after the change and before it."""
    return seen(hunk.path) and seen(hunk.old_path)


def question(
    match: Match,
    change: Change,
    fix: LearnedFix,
    content: str | None,
    why: Why,
    seen: Seen,
    texts: Sequence[str] = (),
) -> Question:
    """All that is to be read of one match.

    change: what it was found in; of code that a scan found, nothing of it is shown.
    content: the file whole, after the change; None: nobody knows it.
    texts: of the fix's tickets, as far as they are at hand.
    """
    commit = fix.commit
    if match.rule is Rule.UNFIXED_SIBLING:
        content = content if _still(match.hunk, content) else None
        code = _standing(match, content)
    else:
        code = _changed(match, change, content, seen)
    sections = (
        Section("evidence", _evidence(match, why), keyed=False),
        Section("fix", _message(commit.message)),
        Section("ticket", _ticket(fix, texts)),
        Section("then", _clipped(match.pattern.buggy, _HUNK)),
        Section("fixed", _clipped(match.pattern.fixed, _HUNK)),
        Section("also", _also(fix, match, seen)),
        *code,
    )
    return Question(match, tuple(one for one in sections if one.text.strip()), content)


def _changed(match: Match, change: Change, content: str | None, seen: Seen) -> tuple[Section, ...]:
    return (
        Section("message", _message(change.message), keyed=False),
        Section("change", _clipped(_diff([match.hunk]), _HUNK)),
        Section("after", _after(match.hunk, content)),
        Section("rest", _rest(match, change, seen)),
    )


def _standing(match: Match, content: str | None) -> tuple[Section, ...]:
    """Code that nobody changes: wherever it stands, it is the same question."""
    hunk, first = match.hunk, match.line - match.hunk.new_start
    last = f" to {match.end_line}" if match.end_line > match.line else ""
    where = f"{hunk.path}, line{'s' if last else ''} {match.line}{last}"
    lines = hunk.added[first : match.end_line - hunk.new_start + 1]
    if content is None:
        after = _clipped(hunk.added, _AFTER)
    else:
        after = _around(content, match.line - 1, match.end_line)
    return (
        Section("file", where, keyed=False),
        Section("place", _clipped(lines, _HUNK)),
        Section("after", after),
    )


def _still(hunk: Hunk, content: str | None) -> bool:
    """Whether the place is where it was found: the file may have been written to since."""
    if content is None:
        return False
    first = hunk.new_start - 1
    return tuple(content.split("\n")[first : first + len(hunk.added)]) == hunk.added


def lesson(fix: LearnedFix, seen: Seen, texts: Sequence[str] = ()) -> tuple[Section, ...]:
    """A past fix by itself, for who is to say what it teaches. texts: of its tickets."""
    hunks = [one.hunk for one in fix.patterns if one.hunk.body and shows(one.hunk, seen)]
    sections = (
        Section("fix", _message(fix.commit.message)),
        Section("ticket", _ticket(fix, texts)),
        Section("edit", _clipped(_diff(hunks), _HUNK)),
    )
    return tuple(one for one in sections if one.text.strip())


def survey(change: Change, notes: Sequence[str], seen: Seen) -> Survey:
    """A change beside many past fixes, of each of which one line is shown."""
    hunks = [hunk for hunk in change.hunks if hunk.added and shows(hunk, seen)]
    hunks.sort(key=lambda hunk: -len(hunk.added))
    sections = (
        Section("message", _message(change.message)),
        Section("change", _clipped(_diff(hunks), 2 * _HUNK)),
    )
    return Survey(
        tuple(one for one in sections if one.text.strip()),
        tuple(notes),
    )


def narrowed(text: str) -> str:
    """``text`` without what is too long for code in its lines. Only after secrets are taken out."""
    lines = text.split("\n")
    return "\n".join(one if len(one) <= _SHOWN else one[:_SHOWN] + "…" for one in lines)


def _message(text: str) -> str:
    lines = (line for line in text.strip().split("\n") if not _TRAILER.match(line))
    return _clipped(lines, _MESSAGE).rstrip()


def _ticket(fix: LearnedFix, texts: Sequence[str]) -> str:
    titles = [one.title for one in fix.commit.tickets if one.title]
    return _clipped([*titles, *(line for text in texts for line in text.split("\n"))], _MESSAGE)


def _evidence(match: Match, why: Why) -> str:
    what = "this place" if match.rule is Rule.UNFIXED_SIBLING else "the change"
    lines = [f"{what} {match.rule.says}: {why.channel.says}"]
    pairs = sorted(why.pairs, key=lambda pair: -pair.similarity)[:_PAIRS]
    lines += [f"{pair.yours.strip()}   is like   {pair.fix.strip()}" for pair in pairs]
    return _clipped(lines, _PAIRS + 1)


def _also(fix: LearnedFix, match: Match, seen: Seen) -> str:
    """The other hunks of the fix."""
    others = (one for one in fix.patterns if one.ordinal != match.pattern.ordinal)
    hunks = (one.hunk for one in others if one.hunk.body and shows(one.hunk, seen))
    return _clipped(_diff(hunks), _REST)


def _after(hunk: Hunk, content: str | None) -> str:
    """The function around the changed lines, as it is after the change."""
    numbers = [number for marker, number, _ in hunk.numbered() if marker != " "]
    return _around(content, min(numbers) - 1, max(numbers)) if numbers and content else ""


def _around(content: str, first: int, last: int) -> str:
    """The function around the lines ``first`` to ``last``, as a slice from 0."""
    lines = content.split("\n")
    start, end = enclosing(lines, first, last)
    if end - start > _AFTER:
        # Its first lines say what it is; then what is near the lines.
        start = max(start, min(first - _AFTER // 3, end - _AFTER))
        end = min(end, start + _AFTER)
    return _clipped(lines[start:end], _AFTER)


def _rest(match: Match, change: Change, seen: Seen) -> str:
    """What else is changed, the same file's hunks first: a guard may have moved there."""
    others = [one for one in change.hunks if one is not match.hunk and shows(one, seen)]
    others.sort(key=lambda one: one.path != match.hunk.path)
    return _clipped(_diff(others), _REST)


def _diff(hunks: Iterable[Hunk]) -> Iterator[str]:
    path = None
    for hunk in hunks:
        if hunk.path != path:
            path = hunk.path
            yield f"--- {path}"
        yield f"@@ line {hunk.new_start} @@ {hunk.heading}".rstrip()
        yield from hunk.body


def _clipped(lines: Iterable[str], most: int) -> str:
    """At most that many lines of it, none of them without end."""
    told: list[str] = []
    left_out = 0
    for line in lines:
        if len(told) < most:
            told.append(line[:_COLUMNS])
        else:
            left_out += 1
    if left_out:
        told.append(f"[{left_out:,} more lines are not shown]")
    return "\n".join(told)
