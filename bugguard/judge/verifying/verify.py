"""What is believed of a judge's answer: only what the evidence bears out.

Nothing that the answer says changes anything of the match or of the past fix: tickets, titles,
links and shas are those of the record, and a judgement is read beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from bugguard.domain import Judgement, Match, Section
from bugguard.judge.schema import Answer
from bugguard.judge.sections import OF_CHANGE
from bugguard.judge.verifying.prose import Record, scrub
from bugguard.judge.verifying.quotes import Shown, Standing, says_something
from bugguard.judge.verifying.suggestion import applied, resulting

#: Whoever says that the change repeats a bug has to point at one of these.
CHANGE = OF_CHANGE
MOST_QUOTES = 6
_MOST_SOUGHT = 50  #: quotes that are even looked for
_MOST_LINES = 100  #: of the file, on which a reference is sought
NO_EXPLANATION = "No explanation was given."
_COMMENT = re.compile(r"^[ \t]*(?:#+|//+|/?\*+|--+|;+|%+)", re.MULTILINE)


class Verified(NamedTuple):
    judgement: Judgement
    removed: int  #: references that are not in the record, taken out of its words
    dropped: int  #: quotes that stood nowhere, or said nothing


def verify(
    answer: Answer,
    shown: Sequence[Section],
    match: Match,
    content: str | None,
    model: str,
    cached: bool = False,
) -> Verified:
    """The judgement that is left of an answer about ``match``, the only past fix shown, number 1.

    shown: the sections exactly as the judge saw them. content: the changed file whole, after the
    change. A verdict without a quote that stands in what was shown is ``unsure``, and so is a
    ``repeats`` without one out of :data:`CHANGE`. Raises ValueError where the answer speaks of
    another fix.
    """
    if answer.fix != 1:
        raise ValueError("it speaks of a past fix that was not shown")
    record = Record.of(match.fix)
    evidence, dropped, cut = _evidence(answer, shown, record)
    explanation = scrub(answer.explanation, record)
    suggestion, brought = _suggestion(answer.suggestion, match.hunk.path, content, record)
    judgement = Judgement(
        verdict=_verdict(answer.verdict, evidence),
        explanation=explanation.text if _has_words(explanation.text) else NO_EXPLANATION,
        evidence=tuple((standing.text, standing.where) for standing in evidence),
        suggestion=suggestion,
        model=model,
        cached=cached,
    )
    return Verified(judgement, explanation.removed + cut + brought, dropped)


def _verdict(said: str, evidence: Sequence[Standing]) -> str:
    if not evidence:
        return "unsure"
    if said == "repeats" and not any(standing.where in CHANGE for standing in evidence):
        return "unsure"
    return said


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _evidence(
    answer: Answer, shown: Sequence[Section], record: Record
) -> tuple[list[Standing], int, int]:
    """The quotes that stand, how many do not, and how many references were cut out of the former.

    What was shown is as untrusted as the answer: of a quote with a reference that is not in the
    record the longest part without one is kept.
    """
    sections = Shown(shown)
    kept: dict[Standing, None] = {}
    dropped = max(0, len(answer.evidence) - _MOST_SOUGHT)
    removed = 0
    for quote in answer.evidence[:_MOST_SOUGHT]:
        standing = sections.find(quote)
        text, cut = _honest(standing.text, record) if standing else ("", 0)
        removed += cut
        if standing is None or not says_something(text):
            dropped += 1
        elif len(kept) < MOST_QUOTES:
            kept[standing._replace(text=text)] = None
    return list(kept), dropped, removed


def _honest(text: str, record: Record) -> tuple[str, int]:
    """The longest part without a reference that is not in the record, and how many there were.

    Nothing, where that is the smaller part.
    """
    whole, removed = len(text), 0
    while spans := record.foreign(text, code=True):
        removed += len(spans)
        starts = [0, *(end for _, end in spans)]
        ends = [*(start for start, _ in spans), len(text)]
        parts = (text[start:end] for start, end in zip(starts, ends, strict=True))
        text = max(parts, key=len).strip()
    return text if 2 * len(text) >= whole else "", removed


def _suggestion(
    suggestion: str | None, path: str, content: str | None, record: Record
) -> tuple[str | None, int]:
    """The repair, and how many references made it unfit to be shown.

    Those that the file has already may be in it.
    """
    if not suggestion or content is None:
        return None, 0
    diff = applied(suggestion, path, content)
    if diff is None:
        return None, 0
    after = resulting(diff)
    brought = 0
    # Comments are read without their marks too: a reference may be split between two lines.
    for text in (after, _COMMENT.sub("", after)):
        spans = record.foreign(text, code=True)
        brought = max(
            brought, sum(not _stands(text[start:end], content, record) for start, end in spans)
        )
    return (None, brought) if brought else (diff, 0)


def _stands(reference: str, content: str, record: Record) -> bool:
    """Whether the file has this very reference on a line, and not only a longer one."""
    lines = (line for line in content.split("\n") if reference in line)
    return any(
        line[start:end] == reference
        for line in islice(lines, _MOST_LINES)
        for start, end in record.foreign(line, code=True)
    )
