"""What one of two settings tells and the other does not, as text."""

from __future__ import annotations

from collections.abc import Sequence

from bugguard.domain.comparison import Comparison, Row
from bugguard.report.escape import terminal

LISTED = 20  #: cases of each kind told as text; JSON has all of them


def text(compared: Comparison) -> str:
    """For people."""
    lines = [f"A  {terminal(compared.a)}", f"B  {terminal(compared.b)}", ""]
    lines += [
        f"{kind:12} {len(rows):5,} cases   A tells {sum(row.told_by_a for row in rows):5,}   "
        f"B tells {sum(row.told_by_b for row in rows):5,}{'' if wanted else '   and should not'}"
        for (kind, wanted), rows in compared.kinds().items()
    ]
    for title, wanted, by_b in (
        ("gained: told by B only", True, True),
        ("lost: told by A only", True, False),
        ("new alarms: told by B only", False, True),
        ("alarms gone: told by A only", False, False),
    ):
        lines += _section(title, compared.differing(wanted=wanted, by_b=by_b))
    total = compared.count(wanted=True)
    lines += [
        f"offered among the first {first:2}: A {a:5,}   B {b:5,}   of {total:,} to be told"
        for first, a, b in compared.offered
    ]
    lines.append(verdict(compared))
    return "\n".join(lines) + "\n"


def verdict(compared: Comparison) -> str:
    """Which one is better, in one line."""
    better = compared.better
    if better is None:
        return "neither is better: one catches fewer cases or alerts more, or both do the same"
    name = terminal(compared.a if better == "A" else compared.b)
    return f"{better} is better ({name}): it catches no case fewer and alerts no more"


def _section(title: str, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    lines = [f"{title} ({len(rows):,})"]
    lines += [
        f"  {row.kind:11} fix {row.fix[:8]}  change {row.change[:11]:11}  "
        f"A {_score(row.a)}  B {_score(row.b)}"
        for row in rows[:LISTED]
    ]
    if len(rows) > LISTED:
        lines.append(f"  and {len(rows) - LISTED:,} more: `--json` lists them all")
    return lines


def _score(score: float | None) -> str:
    return "   -" if score is None else f"{score:.2f}"
