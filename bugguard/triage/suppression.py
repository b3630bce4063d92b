"""Silencing a finding in the code: ``bugguard: ignore[TICKET-or-SHA] reason``.

The directive stands in a comment, right after the comment's marker, on one of the finding's lines
or on the line before them. Text that merely speaks of it, in prose or in a string, has no marker
right before it and is passed over. In the brackets there may also be a finding's fingerprint, and
``until=2027-01-31``: the last day (UTC) on which it silences anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bugguard.domain import Finding

FORM = "bugguard: ignore[TICKET-or-SHA] reason"
DATED = "bugguard: ignore[TICKET-or-SHA, until=YYYY-MM-DD] reason"

# The last character or two of what begins a comment: "*" ends "/*" and "(*", "--" ends "<!--",
# "#" ends "{#".
_MARKED = re.compile(r"(?:#|//|\*|--|;|%|!|\{-|\b[Rr][Ee][Mm]\s)\s*bugguard:\s*ignore(?![\w-])(.*)")
# All of what begins a comment, at the end of a text.
_OPENER = re.compile(
    r"(?:/\*+|/{2,}|<!-{2,}|\(\*+|\{\{?-{1,2}|\{?#+|-{2,}|;+|%+|!+|\*+|\b[Rr][Ee][Mm])$"
)
_WIDEST = 8  #: characters; of a longer one, the rest stays
_NAMED = re.compile(r"\s*\[([^\]]*)\](.*)")
_COMMENT_ENDS = ("*/", "*)", "--}}", "-->", "#}", "-}")
_RULE = re.compile(r"BG\d+", re.IGNORECASE)
_SHA = re.compile(r"[0-9a-f]{7,64}")
_OPTION = re.compile(r"([A-Za-z]+)\s*=\s*(.*)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive that can be obeyed."""

    line: int  #: where it stands
    ids: tuple[str, ...]  #: ticket ids, shas and fingerprints, as written
    reason: str
    until: date | None = None  #: the last day on which it counts; None: for good

    def ended(self, today: date) -> bool:
        """Whether it counts no more."""
        return self.until is not None and self.until < today


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


def without_directive(line: str) -> str:
    """The line up to the comment that a directive is in; all of it where there is none."""
    found = _MARKED.search(line) if "bugguard:" in line else None
    if found is None:
        return line
    before = line[: found.start() + found[0].index("bugguard:")].rstrip()
    opener = _OPENER.search(before[-_WIDEST:])
    return before[: len(before) - len(opener[0])] if opener else before


def apply(
    findings: Iterable[Finding],
    directives_by_path: Mapping[str, Iterable[Directive]],
    today: date = date.min,
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """(kept, suppressed): the latter are named by a directive on or right before their lines.

    A suppressed finding has the directive's reason. Directives that ended before ``today`` do not
    count.
    """
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        named = naming(finding, directives_by_path.get(finding.match.hunk.path, ()))
        directive = next((one for one in named if not one.ended(today)), None)
        if directive is None:
            kept.append(finding)
        else:
            suppressed.append(replace(finding, reason=directive.reason))
    return tuple(kept), tuple(suppressed)


def naming(finding: Finding, directives: Iterable[Directive]) -> list[Directive]:
    """Those of its file's directives that stand where they can silence it, and name it."""
    first, last = finding.match.line - 1, finding.match.end_line
    return [
        directive
        for directive in directives
        if first <= directive.line <= last and any(names(name, finding) for name in directive.ids)
    ]


def names(written: str, finding: Finding) -> bool:
    """Whether an id of a directive is the finding's fix, by ticket or sha, or its fingerprint."""
    name, fix = written.casefold(), finding.match.fix
    if name == finding.fingerprint or (_SHA.fullmatch(name) and fix.sha.startswith(name)):
        return True
    if finding.match.foreign and (name[:1] in "#!" or name.startswith("gh-")):
        return False  # it is this repository's own
    return any(name == ticket.id.casefold() for ticket in fix.tickets)


def _directive(number: int, rest: str) -> Directive | str:
    """The directive that ``rest``, the text after ``ignore``, makes; or what is wrong with it."""
    named = _NAMED.match(rest)
    parts = [part.strip() for part in named[1].split(",")] if named else []
    options = [option for part in parts if (option := _OPTION.fullmatch(part))]
    ids = [part for part in parts if not _OPTION.fullmatch(part)]
    if not named or not ids or not all(ids):
        return f"the silenced fix is not named: write `{FORM}`"
    if any(_RULE.fullmatch(part) for part in ids):
        return f"a rule alone would silence every past fix: name the ticket or fix, `{FORM}`"
    if any(option[1].casefold() != "until" for option in options) or len(options) > 1:
        return f"only one `until=` can stand beside the ids: write `{DATED}`"
    until = _day(options[0][2]) if options else None
    if options and until is None:
        return f"its end is no day of the calendar: write `{DATED}`"
    reason = named[2].strip()
    for end in _COMMENT_ENDS:
        reason = reason.removesuffix(end).rstrip()
    if not any(character.isalnum() for character in reason):
        return f"the reason is missing: write `{FORM}`"
    return Directive(number, tuple(ids), reason, until)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
