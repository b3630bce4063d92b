"""The forms in which a judge has to answer. What is thought comes before what is decided: small
models judge better in that order.

No bounds stand in the schemas, for strict servers refuse such keywords; what comes is cut to size
by who reads it.
"""

from __future__ import annotations

from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_TEXT = 200_000  #: characters of an answer; a longer one is not even parsed


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Quote(_Form):
    """Words that stand in what was shown."""

    where: str  #: the section's name
    quote: str


class Answer(_Form):
    """Of one past fix beside one change."""

    explanation: str
    evidence: list[Quote]
    #: The number under which the past fix was shown: who is kept to the schema can name no other.
    fix: int = Field(json_schema_extra={"enum": [1]})
    verdict: Literal["repeats", "unrelated", "unsure"]
    suggestion: str | None  #: a unified diff


class Named(_Form):
    """The few of many past fixes that are worth reading."""

    explanation: str
    fixes: list[int]


class Distilled(_Form):
    """What one past fix teaches."""

    evidence: list[Quote]
    lesson: str  #: one line: the cause, and what to look for
    trigger: list[str]  #: words of the code that make the mistake; empty: there is no rule
    guard: list[str]  #: words of the code that prevent it


Form = TypeVar("Form", bound=BaseModel)


def parse(form: type[Form], text: str) -> Form:
    """The answer in its form. ValueError, in one short sentence, where it does not fit."""
    if len(text) > MOST_TEXT:
        raise ValueError("the answer is far too long")
    try:
        return form.model_validate_json(_bare(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "extra_forbidden":  # whose name is of the model's own making
            raise ValueError("there is a key that is not asked for") from None
        place = ".".join(str(part) for part in first["loc"][:4])
        raise ValueError(f"{place or 'the answer'}: {first['msg']}"[:200]) from None


def _bare(text: str) -> str:
    """Without the fence that models like to put around JSON, and what they think before it."""
    text = text.strip()
    if text.startswith("<think>"):
        text = text.partition("</think>")[2].strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        return text[text.index("\n") : -3].strip()
    return text
