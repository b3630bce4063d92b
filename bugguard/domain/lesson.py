"""What a model made of a fix: one line for who meets its bug again, and perhaps words for a rule.

It is advice and no record. So it stands apart, under its model's name, and it goes with what it was
made of: a fix whose message, tickets or hunks are others now has no lesson any more.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bugguard.domain.fix import LearnedFix

MOST_TEXT = 300  #: characters of a lesson,
MOST_NAME = 100  #: of a model's name,
MOST_WORD = 100  #: and of a word of code
MOST_TRIGGER = 3  #: words
MOST_GUARD = 2  #: words

# Written out, for what Unicode calls unprintable differs between versions of Python: controls, what
# breaks or reorders a line, what only machines see, and lone surrogates.
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_DIGEST = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Lesson:
    """ValueError, in a clause, where a part of it is not as it must be."""

    text: str  #: the cause and what to look for, on one line
    model: str  #: the name of the model that wrote it
    digest: str  #: of what it was made of, see :func:`digest_of`
    trigger: tuple[str, ...] = ()  #: words of the code that make the mistake; empty: no rule
    guard: tuple[str, ...] = ()  #: words of the code that prevent it

    def __post_init__(self) -> None:
        _check("text", self.text, MOST_TEXT)
        _check("model's name", self.model, MOST_NAME)
        for word in (*self.trigger, *self.guard):
            _check("word of code", word, MOST_WORD)
        if len(self.trigger) > MOST_TRIGGER or len(self.guard) > MOST_GUARD:
            raise ValueError("a lesson has too many words of code")
        if bool(self.trigger) != bool(self.guard):
            raise ValueError("a lesson has a trigger without a guard, or a guard without a trigger")
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError("a lesson's digest is none")


def digest_of(fix: LearnedFix) -> str:
    """Names what a lesson is made of: the fix's message, its tickets' words and its hunks.

    Equal for one fix wherever it is learned: neither the place of a line nor the enclosing function
    counts, which git tells in ways of its own, nor what else is known of a ticket or a pattern.
    """
    told = (
        fix.commit.message,
        [(ticket.id, ticket.title) for ticket in fix.commit.tickets],
        [(one.path, one.hunk.body) for one in fix.patterns],
    )
    return blake2b(json.dumps(told).encode("ascii"), digest_size=16).hexdigest()


def _check(what: str, text: str, most: int) -> None:
    if not text or text != text.strip() or len(text) > most:
        raise ValueError(f"a lesson's {what} is empty, too long or has blanks around it")
    if _UNFIT.search(text):
        raise ValueError(f"a lesson's {what} has a character that is no text")
