"""What a replay of a team's own history shows, as text and as plain values for JSON."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bugguard.domain.evaluation import Evaluation, Step, Truth, Variant, Warned
from bugguard.report.escape import clip, encodable, terminal
from bugguard.report.words import count

LISTED = 20  #: warnings told as text; JSON has all of them
_BAR = 20  #: columns of a full bar, where there is room
_LEAST = 6  #: and where there is none
_NUMBERS = 47  #: columns of the plot without its bars

_SHOWN = {"undone": "right: the fix was made again in", "repeated": "right: repaired likewise in"}
_DOES = {"BG001": "takes back", "BG002": "repeats the bug of"}


def text(evaluation: Evaluation, width: int = 100) -> str:
    """For people. width: columns of the plot, 60 or more, and of lines with strangers' words."""
    lines = [*_summary(evaluation), "", *_plot(evaluation, width)]
    if evaluation.planted:
        lines += ["", *_planted(evaluation.planted)]
    if evaluation.warned:
        lines += ["", *_warnings(evaluation.warned, width)]
    return "\n".join(lines) + "\n"


def _summary(evaluation: Evaluation) -> list[str]:
    warned = len(evaluation.warned)
    rate = 100 * evaluation.alerted / max(evaluation.commits, 1)
    kinds = Counter(one.kind for one in evaluation.truth)
    caught = sum(_caught(one, evaluation.threshold) for one in evaluation.truth)
    told = [
        f"would have warned {count(warned, 'time')} in {count(evaluation.commits, 'commit')}, "
        f"{evaluation.right:,} of them right by what history shows",
        f"alerts in 100 commits: {rate:.1f} "
        f"({count(evaluation.alerted, 'commit')}, at threshold {evaluation.threshold:g})",
    ]
    if evaluation.truth:
        changes = len({one.change for one in evaluation.truth})
        told.append(
            f"history shows {count(len(evaluation.truth), 'bug')} brought back in "
            f"{count(changes, 'commit')} of these ({kinds['undone']:,} undone, "
            f"{kinds['repeated']:,} repeated), {caught:,} of them told"
        )
    else:
        told.append("history shows no bug brought back in these commits")
    told.append(
        "what history says nothing of is not known to be wrong: most bugs that came back were "
        "repaired in other words, or never"
    )
    return told


def _caught(truth: Truth, threshold: float) -> bool:
    return truth.score is not None and truth.score >= threshold


def _plot(evaluation: Evaluation, width: int) -> list[str]:
    most = max((step.alerted for step in evaluation.steps), default=0.0)
    bar = min(_BAR, max(width - _NUMBERS, 2 * _LEAST) // 2)
    heads = ("commits alerted", "bugs caught") if bar == _BAR else ("alerted", "caught")
    alerted, caught = (f"{head:{bar + 8}}" for head in heads)
    lines = [f"  threshold  {alerted} {caught} planted  twins"]
    for step in evaluation.steps:
        mark = ">" if step.threshold == evaluation.threshold else " "
        lines.append(f"{mark} {step.threshold:9g}  " + _row(step, most, bar))
    note = f"> the threshold in effect; the bars of alerts end at {most:.1%}"
    return [*lines, note]


def _row(step: Step, most: float, bar: int) -> str:
    alerted = f"{_percent(step.alerted)} {_bar(step.alerted, most, bar):{bar}}"
    caught = f"{_percent(step.caught)} {_bar(step.caught, 1.0, bar):{bar}}"
    return f"{alerted} {caught}  {_percent(step.planted)} {_percent(step.twins)}"


def _percent(share: float | None) -> str:
    return f"{'-':>7}" if share is None else f"{100 * share:5.1f} %"


def _bar(share: float | None, most: float, full: int) -> str:
    # Rounded up: what there is a little of is to be seen.
    return "#" * math.ceil(full * share / most) if share and most else ""


def _planted(variants: tuple[Variant, ...]) -> list[str]:
    lines = ["past bugs planted in other files, each beside its repaired twin:"]
    for one in variants:
        lines.append(
            f"  {one.name:12} {one.n:4} planted, {one.caught:6.1%} told; "
            f"{one.twins:6.1%} of the twins told wrongly"
        )
    return lines


def _warnings(warned: tuple[Warned, ...], width: int) -> list[str]:
    lines = []
    for one in warned[:LISTED]:
        shown = f"{_SHOWN[one.kind]} {one.later[:8]}" if one.kind and one.later else "not known"
        lines += [
            f"{one.score:.2f} {one.rule} {one.change[:8]} {_DOES.get(one.rule, 'brings back')} "
            f"{one.fix[:8]}, {shown}",
            clip(f"       {one.change[:8]} {terminal(one.subject)}", width),
            clip(f"       {one.fix[:8]} {terminal(one.fix_subject)}", width),
        ]
    if len(warned) > LISTED:
        lines.append(f"and {len(warned) - LISTED:,} more: `--json` lists them all")
    return lines


def record(evaluation: Evaluation) -> dict[str, Any]:
    """For JSON."""
    warned = [one._asdict() for one in evaluation.warned]
    for one in warned:
        one["subject"], one["fix_subject"] = map(encodable, (one["subject"], one["fix_subject"]))
    return {
        "commits": evaluation.commits,
        "alerted": evaluation.alerted,
        "warned": len(evaluation.warned),
        "right": evaluation.right,
        "warnings": warned,
        "truth": [one._asdict() for one in evaluation.truth],
        "thresholds": [one._asdict() for one in evaluation.steps],
        "planted": [one._asdict() for one in evaluation.planted],
        "threshold": evaluation.threshold,
        "encoder": evaluation.encoder,
        "seconds": evaluation.seconds,
    }


def voted_text(by_rule: Mapping[str, tuple[int, int]], muted: Sequence[str]) -> str:
    """What people thought of findings. by_rule: (useful, not useful) votes. muted: fixes' shas."""
    lines = ["", "votes of `bugguard feedback`:"]
    for rule, (useful, useless) in by_rule.items():
        lines.append(f"  {rule:7} {useful:6,} useful {useless:6,} not useful")
    if muted:
        fixes = count(len(muted), "past fix is", "past fixes are")
        told = ", ".join(sha[:8] for sha in muted[:LISTED])
        lines.append(f"  {fixes} muted by them: {told}{' …' if muted[LISTED:] else ''}")
    return "\n".join(lines) + "\n"


def voted_record(by_rule: Mapping[str, tuple[int, int]], muted: Sequence[str]) -> dict[str, Any]:
    """The same for JSON."""
    rules = {rule: {"useful": one, "not_useful": other} for rule, (one, other) in by_rule.items()}
    return {"rules": rules, "muted": list(muted)}
