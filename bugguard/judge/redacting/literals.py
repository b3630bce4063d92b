"""Whether what follows a label is a secret.

What is quoted is a literal. What is not is most often an expression of code, and counts only in the
manner of a config file or of a command line, or where no name looks like it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from bugguard.judge.redacting.labels import Label
from bugguard.judge.redacting.values import Secret, interpolated, names, strong, weak, written_out

KIND = "Secret Keyword"  #: as detect-secrets calls it

_CLOSED_BY = {"「": "」", "『": "』", "“": "”", "‘": "’"}
_WITHIN = {quote: re.compile(rf"(?:[^\\{quote}]|\\.)*", re.DOTALL) for quote in ('"', "'", "`")}
_JOINED = re.compile(r"[\"'`]\s*[+.&]|[+.&]\s*[\"'`]")  # "'" + password + "'": no literal
_LITERAL = re.compile(r"(?:\[\]byte|bytes|[Ss]tring|SecretStr|Buffer\.from|valueOf)\([ \t]*")
_SETTER = re.compile(r"set|with|define|string")

_BARE = re.compile(r"(?:[^\s\"'`,;&<>(){}\[\]|「」、。\\]|\\(?![nrt])){4,}")
_TO_BLANK = re.compile(r"\S{4,}")
_ENDED = re.compile(r"[ \t]*(?:[#;\"']|//|$)")
_FURTHER = re.compile(r"[&;]\w{1,40}=")  # of a query, or of a connection string
_DEFAULT = re.compile(r"\$\{\w+:?[-=]([^{}\s]{4,})\}")
_PAIRED = re.compile(
    r"\b(?:user(?:[ _]?(?:id|name))?|uid|host(?:name)?|server|data source|db_?name|database) ?=",
    re.IGNORECASE,
)
_CODE = re.compile(r"[(){};]|[=!]=|=>|\bimport\b|\breturn\b")
_EXPRESSION = re.compile(
    r"[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_]\w*|\[[^\[\]]*\]?|\([^()]*\)?)+[!?]?"
)


class Place(NamedTuple):
    """A label, what parts it from its value, and the line on which they stand."""

    text: str
    lines: Sequence[tuple[int, int]]  #: where each line starts and ends
    number: int  #: of the line
    label: Label
    separator: re.Match[str]

    @property
    def start(self) -> int:
        return self.lines[self.number][0]

    @property
    def end(self) -> int:
        return self.lines[self.number][1]

    @property
    def how(self) -> str:
        """The name of the separator's group that matched."""
        return self.separator.lastgroup or ""

    @property
    def tight(self) -> bool:
        """Whether there is only ``=``, as in a shell."""
        return self.text[self.label.end : self.separator.end()] == "="

    def like_config(self) -> bool:
        """Whether nothing on the line or on the three before and after it is code."""
        around = self.lines[max(0, self.number - 3) : self.number + 4]
        return not any(_CODE.search(self.text, start, end) for start, end in around)


def quoted(place: Place, opened: re.Match[str]) -> Secret | None:
    """A value in quotes.

    opened: the opening quote as ``quote``, after a call as ``wrap`` if it is wrapped in one.
    """
    text, label, how = place.text, place.label, place.how
    quote = opened["quote"]
    first = opened.end()
    if quote in _WITHIN:
        last = _WITHIN[quote].match(text, first, place.end).end()  # type: ignore[union-attr]
    else:
        last = text.find(_CLOSED_BY.get(quote, quote), first, place.end)
        last = place.end if last < 0 else last
    default = _DEFAULT.fullmatch(text, first, last)
    first, last = default.span(1) if default else (first, last)
    value = text[first:last]
    in_list = how == "comma"
    if _JOINED.search(value) or (in_list and not place.separator["close"].strip("])")):
        return None
    # After an odd number of its kind, a quote closes what stands before it.
    closes = quote in _WITHIN and text.count(quote, place.start, opened.start("quote")) % 2 == 1
    setter = _SETTER.search(text, max(place.start, label.start - 12), label.end)
    vague = how in ("blank", "says") or (how in ("call", "comma") and not setter)
    wrapped = opened["wrap"] and not _LITERAL.fullmatch(opened["wrap"])
    if vague and label.text[0] == "$":  # the value of a variable, and another argument
        return None
    if vague or closes or wrapped:
        good = strong(value) and (label.sure or len(value) >= 12)
        argument = text[max(place.start, label.start - 2) : label.start - 1] == "("
        if label.sure and (how == "says" or (in_list and (argument or label.text[0] == "-"))):
            good = good or (weak(value) and written_out(value) and not names(value, label.text))
    elif not label.sure:
        good = strong(value)
    elif "phrase" in label.text.lower() and len(value.split()) > 2:
        good = not interpolated(value)
    else:
        good = written_out(value) and (weak(value) or not names(value, label.text))
    return Secret(first, last, KIND) if good else None


def in_config(place: Place) -> Secret | None:
    """A value without quotes where the label comes first on its line, as in YAML, INI and .env."""
    text, label = place.text, place.label
    found = _TO_BLANK.match(text, place.separator.end(), place.end)
    if not found:
        return None
    if _FURTHER.search(found[0]):
        return in_line(place)
    default = _DEFAULT.fullmatch(found[0])
    first = found.start() + (default.start(1) if default else 0)
    value = default[1] if default else found[0].rstrip(",;.\"'")
    alone = bool(_ENDED.match(text, found.end(), place.end)) and found[0][-1] not in ",;"
    tight = place.tight or place.how == "blank"  # the latter is Docker's ENV
    expression = bool(_EXPRESSION.fullmatch(value)) or (value.isupper() and not tight)
    if strong(value) and not (expression and re.search(r"[(\[]", value)):
        likely = label.sure or tight or len(value) >= (10 if place.like_config() else 16)
        everywhere = True
    elif expression or not written_out(value) or names(value, label.text):
        return None
    elif not label.sure:
        likely = tight and alone and weak(value)
        everywhere = False
    elif tight and (label.text.isupper() or re.search(r"[.-]", label.text)):
        likely = alone or (label.text.isupper() and found[0][-1] != ",")
        everywhere = weak(value)
    else:
        word = value.isalpha() and value.islower()
        in_yaml = word and len(value) >= 6 and place.separator["sign"] in (":", "：")
        no_name = word or not value.isidentifier() or (weak(value) and value.islower())
        in_config_file = no_name and place.like_config()
        likely = alone and (in_config_file or in_yaml or (no_name and weak(value)))
        everywhere = in_config_file and weak(value)
    return Secret(first, first + len(value), KIND, everywhere) if likely else None


def in_line(place: Place) -> Secret | None:
    """A value without quotes in the middle of a line: commands, links, connection strings."""
    text, label, how = place.text, place.label, place.how
    found = _BARE.match(text, place.separator.end(), place.end)
    if not found or how in ("comma", "call", "attribute"):
        return None
    value = found[0].rstrip(".:!?")
    first, last = found.start(), found.start() + len(value)
    before = text[max(place.start, label.start - 1) : label.start]
    after = text[last : last + 1]
    if after in ("(", "[") or names(value, label.text):
        return None
    option = label.text.startswith("-") and (place.tight or how == "blank")
    literal = label.sure and written_out(value) and not _EXPRESSION.fullmatch(value)
    if strong(value):
        likely = place.tight or option or len(value) >= 16 or (label.sure and how != "blank")
    elif place.tight and after not in (",", ")"):
        shell = label.text.isupper() and before in (" ", "\t", '"', "'", "")
        paired = after == ";" or bool(after and _PAIRED.search(text, place.start, place.end))
        likely = literal and (shell or paired or option or before in ("?", "&", ";", ":"))
        likely = likely or (option and weak(value))
    else:
        in_quotes = before != "" and before == after and before in "\"'`"
        at_end = how == "says" or option or in_quotes or (last == place.end and how != "blank")
        likely = literal and at_end and weak(value)
    return Secret(first, last, KIND, weak(value)) if likely else None
