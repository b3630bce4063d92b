"""Is a commit a bug fix? Judged by its message alone, with the words that made it so.

The subject counts most: a symptom (crash, leak, wrong ...) or a repairing verb in it makes a fix,
unless what is repaired is prose, tests, tooling or style. The body counts only where it is
explicit: a ``Fixes:`` or ``Closes #12`` trailer, or a sentence such as "this fixes ...". A ticket
number alone never makes a fix, since features have tickets too; nor does closing a ticket when
the subject announces a feature. Whether code was touched at all is for the caller to see, with
:func:`bugguard.history.paths.why_not_code`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bugguard.history import fixwords as words
from bugguard.history import otherwork
from bugguard.history.regexes import bounded_lines, compiled, searches


@dataclass(frozen=True, slots=True)
class FixRules:
    """What the settings add: regexes searched in the subject, case ignored.

    fix_subjects: what makes a commit a fix whatever else its message says.
    not_fix_subjects: what excludes it; wins over fix_subjects.
    ticket_patterns: further ticket references, for ``Fixes <ticket>`` lines.

    Raises ConfigError for a regex that is none.
    """

    fix_subjects: tuple[str, ...] = ()
    not_fix_subjects: tuple[str, ...] = ()
    ticket_patterns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for setting in ("fix_subjects", "not_fix_subjects", "ticket_patterns"):
            for pattern in getattr(self, setting):
                compiled(pattern, setting)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a commit is learned from, and why.

    reason: a stable slug. Learned: ``configured``, ``conventional``, ``fix-word``, ``symptom``,
        ``fixes-trailer``, ``closes-ticket``, ``fix-sentence``, ``broken-revert``. Not learned:
        ``merge``, ``excluded``, ``revert``, ``version-bump``, ``dependency``, ``typo``, ``docs``,
        ``tests``, ``ci``, ``formatting``, ``weak`` (a fix of
        nothing that is named), ``feature``, ``chore``, ``other-work``, ``no-fix-word``.
    because: the text of the message that decided; empty if it was something missing.
    lesser: not a bug fix by its words, but a repair of something or the answer to a ticket: a slip
        in prose inside of code, a type annotation, a removal that was asked for. Taken back by
        mistake, it has to be made again like any fix; so it is remembered, and told only where
        much speaks for it.
    """

    learned: bool
    reason: str
    because: str = ""
    lesser: bool = False

    @property
    def remembered(self) -> bool:
        """Whether the commit becomes part of the index."""
        return self.learned or self.lesser


_NO_RULES = FixRules()


def judge_message(message: str, parents: int, rules: FixRules = _NO_RULES) -> Decision:
    """Is the commit with this message and number of parents a bug fix?

    Takes time linear in the message (the user's regexes apart).
    """
    if parents > 1:
        return Decision(False, "merge")
    lines = [line for line in bounded_lines(message) if line]
    if lines and (branch := words.MERGE_SUBJECT.match(lines[0])):
        # One parent: squashed under a merge's subject. The branch's name says nothing.
        lines = [rest] if (rest := lines[0][branch.end() :].strip()) else lines[1:]
    if not lines:
        return Decision(False, "no-fix-word")
    subject, *body = lines
    if found := searches(rules.not_fix_subjects, subject, "not_fix_subjects"):
        return Decision(False, "excluded", found.group())
    if found := searches(rules.fix_subjects, subject, "fix_subjects"):
        return Decision(True, "configured", found.group())
    if reverted := words.REVERT.match(subject):
        return _judge_revert(subject[reverted.end() :], body)
    if chore := _match_first(otherwork.NEVER, subject):
        return chore
    decision = _judge_subject(subject, rules)
    if decision.reason in ("no-fix-word", "weak", "feature", "other-work"):
        decision = _judge_body(body, rules, decision.reason) or decision
    if not decision.learned and _repairs_something(decision.reason, subject, body, rules):
        return replace(decision, lesser=True)
    return decision


def _repairs_something(reason: str, subject: str, body: list[str], rules: FixRules) -> bool:
    if reason in ("docs", "typo", "formatting"):
        return words.FIX_WORD.search(subject) is not None
    if reason in ("feature", "other-work"):
        return any(_closes(line, rules) for line in (subject, *body))
    return False


def _judge_subject(subject: str, rules: FixRules) -> Decision:
    """The first clause that makes a fix; else the first that names another kind of work."""
    if conventional := otherwork.CONVENTIONAL.match(subject):
        kinds = [
            otherwork.KINDS.get((conventional[name] or "").lower()) for name in ("scope", "type")
        ]
        kind = next((kind for kind in kinds if kind and kind != "fix"), kinds[1])
        rest = subject[conventional.end() :]
        if kind == "fix":
            other = _match_first(otherwork.TRIVIAL, f"fix {rest}")
            return other or Decision(True, "conventional", conventional.group())
        if kind:
            return Decision(False, kind, conventional.group())
        subject = rest
    if otherwork.WEAK.fullmatch(subject):
        return Decision(False, "weak", subject)
    # "Fixed #12 -- Added X": the keyword closes the ticket, the rest says what was done.
    closes = _closes(subject, rules)
    rest = subject.replace(closes, " ") if closes else subject
    decisions = [one for part in words.CLAUSE_END.split(rest) if (one := _judge_clause(part))]
    for decision in decisions:
        if decision.learned:
            return decision
    if decisions:
        return decisions[0]
    if found := otherwork.OTHER_WORK.search(rest):
        return Decision(False, "other-work", found.group())
    return Decision(True, "closes-ticket", closes) if closes else Decision(False, "no-fix-word")


def _judge_clause(clause: str) -> Decision | None:
    if trivial := _match_first(otherwork.TRIVIAL, clause):
        return trivial
    if found := words.FIX_WORD.search(clause):
        return Decision(True, "fix-word", found.group())
    if found := words.FEATURE.match(clause):
        return Decision(False, "feature", found.group())
    if found := words.SYMPTOM.search(clause):
        return Decision(True, "symptom", found.group())
    return None


def _judge_body(body: list[str], rules: FixRules, subject: str) -> Decision | None:
    """What an explicit line or sentence below the subject says; None if nothing is explicit.

    subject: the reason that the subject gave. A feature's body repairs nothing but what a trailer
        names; other work may repair a bug, but not by closing a ticket.
    """
    for line in body:
        if found := words.KERNEL_TRAILER.match(line):
            return Decision(True, "fixes-trailer", found.group())
        if subject == "feature":
            continue
        if subject != "other-work" and (closes := _closes(line, rules)):
            return Decision(True, "closes-ticket", closes)
        if (found := words.FIX_SENTENCE.search(line)) and not _match_first(otherwork.TRIVIAL, line):
            return Decision(True, "fix-sentence", found.group())
    return None


def _closes(line: str, rules: FixRules) -> str:
    """The first closing keyword and its ticket, as written; empty if there is none."""
    for keyword in words.CLOSING_WORD.finditer(line):
        if ticket := words.TICKET.match(line, keyword.end()):
            return line[keyword.start() : ticket.end()]
        for pattern in rules.ticket_patterns:
            if ticket := compiled(pattern, "ticket_patterns").match(line, keyword.end()):
                return line[keyword.start() : ticket.end()]
    return ""


def _judge_revert(reverted: str, body: list[str]) -> Decision:
    """A revert repairs something only where it says what was broken.

    The words of the reverted subject, in quotes, are not its own.
    """
    for line in [reverted, *body]:
        if found := words.BROKE.search(words.QUOTED.sub("", line)):
            return Decision(True, "broken-revert", found.group())
    return Decision(False, "revert", reverted)


def _match_first(table: otherwork.Table, text: str) -> Decision | None:
    for reason, regex in table:
        if found := regex.search(text):
            return Decision(False, reason, found.group())
    return None
