"""Silencing a finding in the code: ``bugguard: ignore[TICKET-or-SHA] reason``.

The directive stands in a comment, right after the comment's marker, on one of the finding's lines
or on the line before them. Text that merely speaks of it, in prose or in a string, has no marker
right before it and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bugguard.domain import Finding

FORM = "bugguard: ignore[TICKET-or-SHA] reason"

# The last character or two of what begins a comment: "*" ends "/*" and "(*", "--" ends "<!--",
# "#" ends "{#".
_MARKED = re.compile(r"(?:#|//|\*|--|;|%|!|\{-|\b[Rr][Ee][Mm]\s)\s*bugguard:\s*ignore(?![\w-])(.*)")
_NAMED = re.compile(r"\s*\[([^\]]*)\](.*)")
_COMMENT_ENDS = ("*/", "*)", "--}}", "-->", "#}", "-}")
_RULE = re.compile(r"BG\d+", re.IGNORECASE)
_SHA = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive that can be obeyed."""

    line: int  #: where it stands
    ids: tuple[str, ...]  #: ticket ids and shas, as written
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A directive that says too little to be obeyed."""

    path: str
    line: int
    message: str  #: one sentence, without the place


def parse(
    text_lines: Sequence[str], path: str = "", first_line: int = 1
) -> tuple[tuple[Directive, ...], tuple[Problem, ...]]:
    """The directives in a file's lines, and those that are not right.

    first_line: the number of ``text_lines[0]``. A line has at most one directive.
    """
    directives: list[Directive] = []
    problems: list[Problem] = []
    for number, line in enumerate(text_lines, first_line):
        found = _MARKED.search(line) if "bugguard:" in line else None
        if found:
            read = _directive(number, found[1])
            if isinstance(read, Directive):
                directives.append(read)
            else:
                problems.append(Problem(path, number, read))
    return tuple(directives), tuple(problems)


def apply(
    findings: Iterable[Finding], directives_by_path: Mapping[str, Iterable[Directive]]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """(kept, suppressed): the latter are named by a directive on or right before their lines."""
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        match = finding.match
        silenced = any(
            match.line - 1 <= directive.line <= match.end_line and _names(directive, finding)
            for directive in directives_by_path.get(match.hunk.path, ())
        )
        (suppressed if silenced else kept).append(finding)
    return tuple(kept), tuple(suppressed)


def _directive(number: int, rest: str) -> Directive | str:
    """The directive that ``rest``, the text after ``ignore``, makes; or what is wrong with it."""
    named = _NAMED.match(rest)
    ids = [part.strip() for part in named[1].split(",")] if named else []
    if not named or not all(ids):
        return f"the silenced fix is not named: write `{FORM}`"
    if any(_RULE.fullmatch(part) for part in ids):
        return f"a rule alone would silence every past fix: name the ticket or fix, `{FORM}`"
    reason = named[2].strip()
    for end in _COMMENT_ENDS:
        reason = reason.removesuffix(end).rstrip()
    if not any(character.isalnum() for character in reason):
        return f"the reason is missing: write `{FORM}`"
    return Directive(number, tuple(ids), reason)


def _names(directive: Directive, finding: Finding) -> bool:
    fix = finding.match.fix
    tickets = {ticket.id.casefold() for ticket in fix.tickets}
    for written in directive.ids:
        name = written.casefold()
        if name in tickets or (_SHA.fullmatch(name) and fix.sha.startswith(name)):
            return True
    return False
