"""Why a finding is one: channel, lines, tokens and the score's sum, for people and programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from bugguard.domain import Finding, LinePair
from bugguard.report.words import count

LINES = 5  #: pairs shown as text; programs get them all

#: What each feature of the score is called. One without a name here is shown by its own.
FEATURES = {
    "coverage": "of the whole fix, taken back",
    "part": "of the fix's hunk that fits best, taken back",
    "similarity": "the best hunk is the fix turned round",
    "restored": "lines that the fix removed come back",
    "restored_share": "of the lines that the fix removed, back",
    "slight": "the fix says little",
    "slight_addition": "the fix says little, and only by adding",
    "kept": "of the fix, written anew by the change itself",
    "adds_only": "the fix only added lines",
    "small_fix": "the fix was small",
    "large_change": "the change is large",
    "old": "the fix is old",
    "says_fix": "the fix's subject begins with fix",
    "ticket": "the fix answers a ticket",
    "feature": "the fix's subject speaks of features",
    "mends": "the change says that it fixes something",
    "same_subject": "the change has the fix's own subject",
    "rank": "place among the fixes offered",
    "context_gone": "the code around the fix goes too",
    "new": "other code stands in its place",
    "new_beside_addition": "other code stands in for what the fix added",
    "elsewhere": "the code is in a file of another name",
    "weak": "the fix repaired hardly any behaviour",
    "reverts": "the change says that it reverts the fix",
    "excused": "the change says that it takes code away",
    "mistake": "of the mistake, in the new code",
    "remedy": "of the remedy, in the new code",
    "around": "of the code around the mistake, repeated",
    "lines": "of the mistake's lines, repeated whole",
    "wrong": "of the lines found wrong, standing there whole",
    "telling": "how much the remedy says",
    "gone": "of what the fix put in, no longer there",
    "home": "in a file of the fix's own name",
    "moved": "the code around stands nowhere else: the fix's own place",
    "large": "the fix found many lines wrong",
    "margin": "nearer to the buggy side in meaning",
}


class Term(NamedTuple):
    """One summand of the score."""

    feature: str
    says: str
    value: float
    logit: float


def terms(finding: Finding) -> list[Term]:
    """What the features add to the logit, the strongest first."""
    evidence = finding.match.evidence
    told = (
        Term(
            name, FEATURES.get(name, name.replace("_", " ")), evidence.features.get(name, 0), logit
        )
        for name, logit in evidence.contributions.items()
    )
    return sorted(told, key=lambda term: (-abs(term.logit), term.feature))


def total(finding: Finding) -> float:
    """The logit: the constant and all that the features add."""
    evidence = finding.match.evidence
    return evidence.constant + sum(evidence.contributions.values())


def document(finding: Finding) -> dict[str, Any] | None:
    """The ``why`` of the JSON contract; None where nobody asked."""
    why = finding.why
    if why is None:
        return None
    return {
        "channel": why.channel.id,
        "pairs": [
            {"yours": pair.yours, "fix": pair.fix, "similarity": round(pair.similarity, 4)}
            for pair in why.pairs
        ],
        "tokens": [{"token": token, "commits": times} for token, times in why.tokens.items()],
        "commits": why.commits,
        "features": [
            {"name": one.feature, "value": round(one.value, 4), "logit": _rounded(one.logit)}
            for one in terms(finding)
        ],
        "constant": _rounded(finding.match.evidence.constant),
        "logit": _rounded(total(finding)),
        "weight": finding.match.evidence.trust,
    }


def _rounded(number: float) -> float:
    return round(number, 4) + 0.0  # no -0.0: it says nothing more and puzzles readers


class Row(NamedTuple):
    """One line of text, not escaped yet."""

    label: str  #: empty: it belongs to the line before
    text: str
    role: str  #: the one to paint it in


def rows(finding: Finding) -> Iterator[Row]:
    """The lines that say why; none where nobody asked."""
    why = finding.why
    if why is None:
        return
    yield Row("why", why.channel.says, "dim")
    for pair in _strongest(why.pairs):
        alike = "same" if pair.similarity == 1 else f"~ {pair.similarity:.2f}"
        yield Row("yours", _code(pair.yours, ">"), "yours")
        yield Row(alike, _code(pair.fix, "+"), "fixed" if pair.fix[:1] == "+" else "then")
    if why.pairs[LINES:]:
        yield Row("", f"… and {len(why.pairs) - LINES:,} more", "dim")
    wide = max((len(f"{times:,}") for times in why.tokens.values()), default=0)
    for place, (token, times) in enumerate(why.tokens.items()):
        rarity = f"in {times:>{wide},} of {count(why.commits, 'commit')}"
        yield Row("" if place else "tokens", f"{rarity}  {token}", "dim")
    if finding.match.evidence.contributions:
        for place, line in enumerate(_sum(finding)):
            yield Row("" if place else "score", line, "dim")


def _strongest(pairs: Sequence[LinePair]) -> list[LinePair]:
    """The few that are most alike, in the order of the change's lines."""
    best = sorted(range(len(pairs)), key=lambda place: -pairs[place].similarity)[:LINES]
    return [pairs[place] for place in sorted(best)]


def _code(line: str, added: str) -> str:
    return f"{added if line[:1] == '+' else line[:1]} {line[1:].strip()}"


def _sum(finding: Finding) -> Iterator[str]:
    """Numbers first, so that no narrow terminal cuts them off."""
    for term in terms(finding):
        logit = f"{term.logit:+.2f}"
        if logit[1:] != "0.00":  # what adds nothing is no reason; programs get it all the same
            yield f"{logit:>6}  {term.value:5.2f}  {term.says}"
    yield f"{finding.match.evidence.constant:+6.2f}         where every score of this kind starts"
    trust = finding.match.evidence.trust
    weighed = f", weighed by {trust:g} for its repository" if trust != 1 else ""
    yield (
        f"{total(finding):+6.2f}         sum, which makes the score {finding.match.score:.2f}"
        f"{weighed}"
    )
