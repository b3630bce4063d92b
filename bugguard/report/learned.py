"""What learning says of itself: after a build, about an index, about one commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from bugguard.domain import Commit, LearnedFix
from bugguard.domain.knowledge import Knowledge
from bugguard.domain.lesson import Lesson
from bugguard.domain.tickets import TicketRecord
from bugguard.report import ticketed
from bugguard.report.escape import terminal
from bugguard.report.model import iso_date
from bugguard.report.words import count


def summary(
    knowledge: Knowledge,
    read: int,
    forgotten: int,
    rebuilt: str | None,
    seconds: float,
    untaught: int = 0,
) -> str:
    """What a build or an update did, in a few lines.

    read, forgotten: commits read this time, and commits that are no longer in the history.
    rebuilt: why everything was read although there was an index.
    untaught: lessons that went.
    """
    fixes = [fix for fix in knowledge.fixes if fix.dropped is None]
    ticketed = sum(1 for fix in fixes if fix.commit.tickets)
    lines = []
    if rebuilt:
        lines.append(f"read everything anew, for {terminal(rebuilt)}")
    if forgotten:
        which = "that is" if forgotten == 1 else "that are"
        lines.append(f"forgot {count(forgotten, 'commit')} {which} no longer in the history")
    lines.append(
        f"learned {count(len(knowledge.active), 'pattern')} "
        f"of {count(len(fixes), 'past fix', 'past fixes')} "
        f"({ticketed:,} {'names' if ticketed == 1 else 'name'} a ticket) "
        f"from {count(knowledge.provenance.commits, 'commit')} ({read:,} read now) "
        f"in {seconds:.1f} s"
    )
    reasons = dropped(knowledge.fixes)
    if reasons:
        told = ", ".join(f"{times:,} {terminal(why)}" for why, times in reasons.items())
        lines.append(f"set aside: {told}")
    taught = len(knowledge.lessons.lessons)
    if taught or untaught:
        went = f", and dropped {untaught:,} whose fix went or is not what it was"
        lines.append(f"kept {count(taught, 'lesson')}{went if untaught else ''}")
    if knowledge.provenance.unread:
        lines.append(
            f"could not read {count(len(knowledge.provenance.unread), 'commit')}, as objects are "
            "not in this clone: run `git fetch --refetch --no-filter` and `bugguard index update`"
        )
    if knowledge.provenance.shallow:
        lines.append(
            "this clone is shallow, so older fixes are not known: run `git fetch --unshallow` and "
            "`bugguard index update`"
        )
    return "\n".join(lines) + "\n"


def dropped(fixes: Iterable[LearnedFix]) -> dict[str, int]:
    """How many patterns are set aside, by reason, the most frequent first."""
    reasons = Counter[str]()
    for fix in fixes:
        for pattern in fix.patterns:
            reason = pattern.dropped or fix.dropped
            if reason:
                reasons[reason] += 1
    return dict(reasons.most_common())


def explained(
    commit: Commit,
    decision: tuple[bool, bool, str, str],
    fix: LearnedFix | None,
    absent: str | None = None,
) -> str:
    """Why a commit is learned or not.

    decision: (by its message it is a fix, or a lesser one, the reason's name, the words that
        decided).
    fix: what it teaches, as the index has it if it does; None: nothing, or nobody can see it here.
    absent: why the index has not got it; None: it has, or there is nothing to have.
    """
    is_fix, lesser, reason, because = decision
    words = f" ({terminal(because)})" if because else ""
    lines = [f"{commit.sha[:8]}  {terminal(commit.subject)}  ({iso_date(commit.time)[:10]})"]
    # What a ticket decided stands in its reason's name, with the ticket in its words.
    who = "ticket" if reason in ("bug-ticket", "not-a-bug-ticket", "bugs-only") else "message"
    says = "says" if is_fix or reason == "bug-ticket" else "does not say"
    note = ", remembered all the same: it repairs something or answers a ticket" if lesser else ""
    lines.append(f"  its {who} {says} it is a fix: {reason}{words}{note}")
    for file in commit.files:
        if file.skipped:
            lines.append(f"  {terminal(file.path)}: not looked at, {terminal(file.skipped)}")
    if (is_fix or lesser) and fix is None and absent is None:
        lines.append("  nothing to learn: it changes no file of code")
    if fix is not None:
        for pattern in fix.patterns:
            verdict = pattern.dropped or fix.dropped
            where = f"{terminal(pattern.path)}:{pattern.hunk.new_start}"
            told = f"set aside, {terminal(verdict)}" if verdict else "a pattern"
            lines.append(f"  {where}: {told}")
        tickets = ", ".join(terminal(ticket.id) for ticket in fix.commit.tickets)
        lines.append(f"  tickets: {tickets or 'none named'}")
    if absent is not None:
        lines.append(f"  not in the index: {absent}")
    return "\n".join(lines) + "\n"


def shown(
    fix: LearnedFix,
    lesson: Lesson | None = None,
    known: Mapping[str, tuple[TicketRecord, str]] | None = None,
) -> str:
    """A remembered fix, whole, and apart from it what a model made of it.

    known: of its tickets by their ids, the records that are at hand and their texts.
    """
    commit = fix.commit
    lines = [f"fix {commit.sha}  {iso_date(commit.time)}"]
    if commit.repository:
        lines.append(f"repository: {terminal(commit.repository)}")
    for ticket in commit.tickets:
        lines += ticketed.told(ticket, *(known or {}).get(ticket.id, (None, "")))
    lines += [
        "",
        *(f"    {terminal(line)}".rstrip() for line in commit.message.strip().split("\n")),
    ]
    for pattern in fix.patterns:
        verdict = pattern.dropped or fix.dropped
        hunk = pattern.hunk
        note = f"  (set aside: {terminal(verdict)})" if verdict else ""
        lines += ["", f"{terminal(hunk.path)}:{hunk.new_start}  {terminal(hunk.heading)}{note}"]
        lines += [terminal(line) for line in hunk.body]
    if lesson is not None:
        by = f"by {terminal(lesson.model)}, not part of the record"
        lines += ["", f"lesson ({by}): {terminal(lesson.text)}"]
    return "\n".join(lines) + "\n"
