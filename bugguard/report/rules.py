"""Rules made of the fixes, listed."""

from __future__ import annotations

from typing import Any

from bugguard.domain import FixCommit
from bugguard.domain.guard import EDIT, TokenRule
from bugguard.report.escape import encodable, terminal
from bugguard.report.words import count


def listed(rule: TokenRule, fix: FixCommit) -> str:
    """A rule for people, in three lines; a model's is marked as one."""
    trigger, guard = " ".join(rule.trigger), " or ".join(rule.guard)
    tickets = "".join(f"{terminal(ticket.id)} " for ticket in fix.tickets[:1])
    fires = f"fires on {rule.rate:.2%}" if rule.fired else "fires on none"
    hunks = count(rule.units, "hunk")
    source = "" if rule.source == EDIT else f"  (from a lesson by {terminal(rule.source)})"
    return (
        f"{rule_id(rule, fix)}  who adds {terminal(trigger)} needs {terminal(guard)}{source}\n"
        f"  {tickets}{terminal(fix.subject)}\n"
        f"  {fires} of {rule.commits:,} ordinary commits; "
        f"of {hunks} with the trigger, {rule.support:,} "
        f"{'has' if rule.support == 1 else 'have'} the guard\n"
    )


def record(rule: TokenRule, fix: FixCommit) -> dict[str, Any]:
    """A rule for programs."""
    return {
        "id": rule_id(rule, fix),
        "fix": fix.sha,
        "subject": encodable(fix.subject),
        "trigger": [encodable(token) for token in rule.trigger],
        "guard": [encodable(token) for token in rule.guard],
        "rate": rule.rate,
        "commits": rule.commits,
        "fired": rule.fired,
        "hunks": rule.units,
        "support": rule.support,
        "source": encodable(rule.source),
    }


def rule_id(rule: TokenRule, fix: FixCommit) -> str:
    """By what a rule is listed and switched off."""
    return f"{fix.short}.{rule.ordinal}"
