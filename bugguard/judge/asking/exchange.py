"""What passes between who asks and who answers, and words of strangers on one safe line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to ask a model."""

    messages: Sequence[Mapping[str, str]]  #: with ``role`` and ``content``, oldest first
    form: str  #: the schema's name
    schema: Mapping[str, Any]  #: JSON schema of the answer, as of pydantic
    most_out: int  #: tokens of the answer at most
    #: None: the answer fits; else what is wrong with it, in a short sentence to the model
    check: Callable[[str], str | None]
    #: most characters of the texts, and items of the lists, of these names in the schema; for who
    #: understands such bounds: what comes may be longer all the same
    bounds: Mapping[str, int] = field(default_factory=dict)


class Reply(NamedTuple):
    """An answer that fits."""

    text: str
    tokens_in: int  #: of all that it took, as the server says; estimated where it says nothing
    tokens_out: int
    seconds: float
    repaired: bool  #: whether the first answer did not fit


class Fault(NamedTuple):
    """Why there is no answer."""

    reason: str  #: one short line that goes on "the judge ...", of our own words only
    #: what the server said of it, made safe to show to who set it up; never the key
    detail: str = ""


def one_line(text: str, most: int = 160) -> str:
    """``text`` on one line, without what steers terminals, of at most ``most`` characters."""
    shown = "".join(c if c.isprintable() else " " for c in text[: most * 8])
    shown = " ".join(shown.split())
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def tokens(text: str, bytes_a_token: int = 4) -> int:
    """About how many tokens ``text`` is: bytes count, for a Japanese letter is about a token."""
    return -(-len(text.encode("utf-8", "replace")) // bytes_a_token)
