"""What SARIF says of each rule. It changes with bugguard's version and never with the findings."""

from __future__ import annotations

from typing import Any

from bugguard.domain import Rule

INFORMATION = "https://github.com/bugguard/bugguard#readme"

_SHORT = {
    Rule.FIX_UNDONE: "The change takes back a past fix",
    Rule.BUG_REPEATED: "The change repeats a bug that was fixed before",
    Rule.UNFIXED_SIBLING: "The code never got a fix that was made elsewhere",
}
_FULL = {
    Rule.FIX_UNDONE: (
        "Lines that a past fix removed come back, or lines that it added go, at their place or "
        "where the code has moved since."
    ),
    Rule.BUG_REPEATED: (
        "New code is a near copy of what a past fix repaired elsewhere, without the repair."
    ),
    Rule.UNFIXED_SIBLING: (
        "Existing code looks as other code did before a past fix repaired it, and was never "
        "repaired itself."
    ),
}
_DO = (
    "Read the past fix with `bugguard show SHA` and see whether its reason still holds. If the "
    "change is right all the same, say so in a comment on the line or right before it, with the "
    "ticket or the commit and a reason: `bugguard: ignore[TICKET-or-SHA] reason`."
)


def rules() -> list[dict[str, Any]]:
    """The ``reportingDescriptor`` of each rule, in the order of ``Rule``."""
    return [_rule(rule) for rule in Rule]


def _rule(rule: Rule) -> dict[str, Any]:
    help_ = f"{_FULL[rule]}\n\n{_DO}"
    return {
        "id": rule.id,
        "name": rule.value[1],
        "shortDescription": {"text": _SHORT[rule]},
        "fullDescription": {"text": _FULL[rule]},
        "help": {
            "text": help_.replace("`", ""),
            "markdown": f"# {rule.id} {rule.value[1]}\n\n{help_}",
        },
        "helpUri": INFORMATION,
        "defaultConfiguration": {"level": "warning"},
        "properties": {
            "tags": ["correctness", "regression", "history"],
            # Much of what looks like a past bug is meant: see the README's measurements.
            "precision": "medium",
            "problem.severity": "warning",
        },
    }
