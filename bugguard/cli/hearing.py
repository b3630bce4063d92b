"""``bugguard eval --labels FILE --judge``: how far a judge's verdicts can be trusted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bugguard.cli import console
from bugguard.cli import judging as wired
from bugguard.cli.replaying import labelled, replay
from bugguard.cli.wiring import Session
from bugguard.pipeline.hearing import ORDINARY, VERDICTS, Heard, hear, sampled, scored
from bugguard.pipeline.labelled import HARD_NEGATIVES, POSITIVES, Case
from bugguard.ports import Judge
from bugguard.report.escape import terminal
from bugguard.report.words import count

if TYPE_CHECKING:
    from bugguard.judge.reader import Reader

_CALLS = 12  #: a case may take at most: a survey, four pairs, and all of them repaired or repeated


def judged(
    session: Session, labels: Path, ordinary: Path | None, sample: int | None, as_json: bool
) -> str:
    """Every labelled case put to the judge, and with a thorough one the ordinary commits too.

    sample: at most so many of each label. Raises BugguardError.
    """
    thorough = session.settings.judge.mode == "thorough"
    given = labelled(session, labels, ordinary if thorough else None)
    cases = [one for one in given.cases if one.label in (*POSITIVES, *HARD_NEGATIVES)]
    cases += [Case("", sha, ORDINARY) for sha in given.ordinary]
    cases = sampled(cases, sample)
    account = wired.ledger(session, calls=_CALLS * len(cases))
    readers: list[Reader] = []

    def open_() -> Judge:
        readers.append(wired.reader(session, account))
        return readers[-1]

    with console.progress("hearing the judge") as progress:
        heard = hear(
            replay(session),
            cases,
            open_,
            wired.seen(session),
            wired.texts(session),
            thorough=thorough,
            progress=progress,
        )
    told = scored(heard)
    told |= {
        "model": session.settings.judge.model,
        "cases": len(cases),
        "calls": account.calls,
        "cached": sum(one.usage.cached for one in readers),
        "tokens_a_case": round((account.tokens_in + account.tokens_out) / max(len(cases), 1)),
        "cost": account.cost,
        "references_removed": sum(one.usage.removed for one in readers),
        "quotes_dropped": sum(one.usage.dropped for one in readers),
        "failures": dict(Counter(one.failure for one in heard if one.failure).most_common()),
    }
    if as_json:
        told["heard"] = [one._asdict() for one in heard]
        return json.dumps(told, indent=2) + "\n"
    return _text(told, heard)


def _text(told: dict[str, Any], heard: list[Heard]) -> str:
    lines = [f"{'':14}{'cases':>6}" + "".join(f"{name:>11}" for name in (*VERDICTS, "no verdict"))]
    for label, row in told["labels"].items():
        none = row["failed"] + row["not_matched"]
        counts = "".join(f"{number:11,}" for number in (*(row[name] for name in VERDICTS), none))
        found = f"   found by itself {row['found']:,}" if "found" in row else ""
        lines.append(f"{label:14}{row['n']:6,}{counts}{found}")
    shares = (("precision", told["precision"]), ("recall", told["recall"]))
    lines += [f"{name} of repeats: {'-' if one is None else f'{one:.2f}'}" for name, one in shares]
    cost = "" if told["cost"] is None else f", cost {told['cost']:.4f}"
    lines.append(
        f"{terminal(told['model'] or '')}: {told['calls']:,} calls, {told['cached']:,} answers "
        f"known already, {told['tokens_a_case']:,} tokens a case{cost}"
    )
    lines += [f"{n:,} failed: the judge {terminal(why)}" for why, n in told["failures"].items()]
    unmatched = sum(one.verdict is None and not one.failure and bool(one.fix) for one in heard)
    if unmatched:
        cases = count(unmatched, "case was", "cases were")
        lines.append(f"{cases} not asked about: the fix is not among what was matched")
    return "\n".join(lines) + "\n"
