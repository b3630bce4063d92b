"""What a judge said, for people and programs: always told apart from what the records say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from bugguard.domain import Finding, Judgement, Rule
from bugguard.report.model import Judged
from bugguard.report.words import count

QUOTES = 3  #: shown as text; programs get them all
REPAIR = 12  #: lines of a suggested repair, likewise

_SAYS = {
    "repeats": "the past bug is back",
    "unrelated": "unrelated to the past bug",
    "unsure": "cannot tell",
}
_SAYS_OF_A_PLACE = {**_SAYS, "repeats": "the past bug is here too"}


class Row(NamedTuple):
    """One paragraph or line of text, not escaped yet."""

    label: str  #: empty: it belongs to the row before
    text: str
    role: str  #: the one to paint it in
    wraps: bool = False  #: whether it may take several lines; else it is cut


def rows(finding: Finding) -> Iterator[Row]:
    """The lines that say what the judge makes of it; none where it was not asked."""
    judgement = finding.judgement
    if judgement is None:
        return
    known = ", as it did before" if judgement.cached else ""
    says = _SAYS_OF_A_PLACE if finding.match.rule is Rule.UNFIXED_SIBLING else _SAYS
    told = f"{says[judgement.verdict]}, says {judgement.model}{known}"
    yield Row("judge", told, "rule")
    yield Row("", judgement.explanation, "plain", wraps=True)
    for quote, where in judgement.evidence[:QUOTES]:
        first, *more = quote.split("\n")
        yield Row("", f"{where}: {first.strip()}{' …' if more else ''}", "dim")
    if judgement.suggestion:
        lines = judgement.suggestion.split("\n")[2:]  # whose file it is stands above
        for place, line in enumerate(lines[:REPAIR]):
            role = {"+": "fixed", "-": "then"}.get(line[:1], "dim")
            yield Row("" if place else "repair", line, role)
        if lines[REPAIR:]:
            yield Row("", f"… and {len(lines) - REPAIR:,} more lines: --format json", "dim")


def document(judgement: Judgement | None) -> dict[str, Any] | None:
    """The ``judgement`` of the JSON contract."""
    if judgement is None:
        return None
    return {
        "verdict": judgement.verdict,
        "explanation": judgement.explanation,
        "evidence": [{"quote": quote, "where": where} for quote, where in judgement.evidence],
        "suggestion": judgement.suggestion,
        "model": judgement.model,
        "cached": judgement.cached,
    }


def stats(judged: Judged) -> dict[str, Any]:
    """What judging took, for JSON."""
    usage = judged.usage
    return {
        "model": judged.model,
        "escalated": judged.escalated,
        "calls": usage.calls,
        "cached": usage.cached,
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        "cost": usage.cost,
        "redacted": usage.redacted,
        "references_removed": usage.removed,
        "quotes_dropped": usage.dropped,
        "hidden": judged.hidden,
        "silenced": len(judged.silenced),
        "silenced_fixes": [one.match.fix.sha for one in judged.silenced],
        "survey_failure": judged.survey_failure or None,
        "failures": [{"reason": why, "matches": n} for why, n in judged.failures.items()],
    }


def summary(judged: Judged) -> Iterator[str]:
    """What judging took and what went wrong with it, a line each."""
    usage = judged.usage
    if judged.model:
        told = [f"{count(judged.escalated, 'close match', 'close matches')}"]
        told.append(count(usage.calls, "call"))
        if usage.cached:
            told.append(f"{usage.cached:,} known already")
        told.append(f"{usage.tokens_in + usage.tokens_out:,} tokens")
        if usage.cost is not None:
            told.append(f"cost {usage.cost:.4f}")
        if usage.redacted:
            told.append(f"{count(usage.redacted, 'secret')} blanked out")
        if usage.removed:
            told.append(f"{count(usage.removed, 'reference')} of its own making removed")
        if usage.dropped:
            told.append(f"{count(usage.dropped, 'quote')} dropped that stood nowhere")
        yield f"judge {judged.model}: {', '.join(told)}"
    yield from troubles(judged)


def troubles(judged: Judged) -> Iterator[str]:
    """What went wrong, and what is not shown, a line each."""
    if judged.silenced:
        fixes = ", ".join(one.match.fix.short for one in judged.silenced)
        yield f"not shown, as the judge takes them for unrelated: {fixes}"
    if judged.hidden:
        yield (
            f"{count(judged.hidden, 'close match', 'close matches')} not put to the judge, "
            "which may not see the files"
        )
    if judged.survey_failure:
        yield f"{judged.survey_failure}; the past fixes further off were not looked through"
    for why, times in judged.failures.items():
        stands = "stands" if times == 1 else "stand"
        yield f"{why}; {count(times, 'match', 'matches')} {stands} as found without it"
