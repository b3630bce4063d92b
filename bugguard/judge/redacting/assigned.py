"""Secrets that are known by what they are called: ``password = "..."``, ``API_KEY=...``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bugguard.judge.redacting.labels import HINT, Label, labels
from bugguard.judge.redacting.literals import KIND, Place, in_config, in_line, quoted
from bugguard.judge.redacting.values import Secret, names, strong, weak, written_out

_APART = 6  # lines that may lie between ``variable "db_password" {`` and ``default = "..."``
_NAMED = re.compile(
    r"(?:(?:name|key|id)[\"']?[ \t]*[:=>][ \t]*|(variable)[ \t]+)[\"']?$", re.IGNORECASE
)
_VALUE = frozenset(("value", "stringvalue"))
_DEFAULT_VALUE = frozenset(("default",))

_SEPARATOR = re.compile(
    r"""(?P<close>\\{0,3}["'`]?[\])]{0,2}|\[\d{0,6}\])
    (?:[ \t]{0,20}:[ \t]{0,5}&?(?:'\w{1,20}[ ])?[A-Za-z_][\w.:]{0,30}  # password: str = "..."
         (?:[<\[][\w., |\[\]<>]{0,30}[>\]])?\??[ \t]{0,5}(?P<typed>=)(?![=>])
      |[ \t]{1,20}\*?(?:string|String|str)[ \t]{0,20}(?P<go>=)(?!=)
      |[ \t]{0,40}(?P<sign>:=|=>|->|→|={1,3}|!={1,2}|\?=|\|\|=?|\?\?|or\b|:(?!:)|[：＝])
      |[ \t]{1,5}(?P<says>(?:is|was|ist|est)\b:?)
      |[ \t]{0,5}(?P<comma>,)
      |(?P<call>[({])
      |(?P<xml>>)
      |[ \t]{1,20}(?P<attribute>[Vv]alue=)
      |(?P<blank>[ \t]{1,20})(?=\S)
    )[ \t]{0,40}""",
    re.VERBOSE,
)
_ASSIGNS = frozenset((":", "=", ":=", "=>", "->", "→", "?=", "：", "＝"))
_OPEN = re.compile(
    r"(?P<wrap>(?:new )?[\w.:\[\]]{1,40}\([ \t]{0,4})?[A-Za-z]{0,2}[@$]{0,2}"
    r"(?P<quote>\"\"\"|'''|\\{1,3}[\"'`]|[\"'`「『“‘])"
)
_ELEMENT = re.compile(r"([^<>]{4,})</")
_FIRST = re.compile(r"[+ -]?[ \t]*(?:(?:[-#;*!%]+|//+|export|set|setenv|ENV|ARG)[ \t]+)*[\"']?")
_DOCKER = re.compile(r"\b(?:ENV|ARG)[ \t]+$")
_NEXT = re.compile(r"[\"']?[ \t]{0,9}(?::=|=>|[:=])[ \t]{0,9}(?:\(|[|>][+-]?|\\)[ \t]{0,9}$")
_WHOLE_LINE = re.compile(
    r"[+ -]?[ \t]*(?:[brfuL]{0,2}(?P<q>[\"'])(?P<quoted>[^\"'\\]{4,})(?P=q)[ \t]*[,;)]*"
    r"|(?P<bare>\S{4,}))[ \t]*"
)
_FALLBACK = re.compile(
    r"(?:\bor|\|\||\?\?|\bdefault ?=)[ \t]{0,4}(?P<q>[\"'])(?P<value>[^\"'\\]{4,200})(?P=q)"
)
_REVERSED = re.compile(
    r"(?P<q>[\"'`])(?P<value>[^\"'`]{4,200})(?P=q)[ \t]{0,9}[!=]={1,2}[ \t]{0,9}"
    r"(?P<label>[\w.$]{2,80})"
)
_JAPANESE = re.compile(
    r"(?:パスワード|パスフレーズ|パスコード|暗証番号|合言葉|秘密鍵|シークレット(?:キー)?"
    r"|(?:API|アクセス|認証|暗号)(?:キー|鍵)|トークン|密码|密碼|口令|비밀번호)"
    r"(?:[ \t]{0,3}[(（][^()（）\n]{0,20}[)）])?[ \t\u3000]{0,9}"
    r"(?P<sign>[:=：＝]|→|->|は、?)[ \t\u3000]{0,9}(?P<open>[「『\"'`“]?)"
    r"(?P<value>[!-&(-~\uff01-\uff5e]{4,200})(?P<after>\w)?"
)


def assigned(text: str, lines: Sequence[tuple[int, int]]) -> Iterator[Secret]:
    """What labels in ``text`` say are secrets; they may overlap.

    lines: where each line starts and ends, without what ends it.
    """
    told: Label | None = None  # a label that stands apart: ``name: DB_PASSWORD``, ``value: ...``
    left = 0  # for how many more lines it counts
    ahead: Label | None = None  # a label whose value comes on the next line
    for number, (start, end) in enumerate(lines):
        left -= 1
        if ahead:
            yield from _on_next_line(text, start, end, ahead)
            ahead = None
        if HINT.search(text, start, end):
            yield from _japanese(text, start, end)
            yield from _reversed(text, start, end)
        elif left < 0:
            continue
        hidden = start
        for word in labels(text, start, end):
            label = word if isinstance(word, Label) else _of(told if left >= 0 else None, *word)
            if not label or label.start < hidden:
                continue
            secret = _secret(text, lines, number, label)
            if secret:
                hidden = secret.end
                yield secret
                continue
            named = _NAMED.search(text, max(start, label.start - 24), label.start)
            if named:
                called = _DEFAULT_VALUE if named[1] else _VALUE
                told, left = label._replace(called=called), _APART
            ahead = label if label.sure and _NEXT.match(text, label.end, end) else None


def _of(told: Label | None, start: int, end: int, word: str) -> Label | None:
    """The label ``told`` at the place of ``word``, if that is what its secret is called."""
    if told and word.lower() in told.called:
        return told._replace(start=start, end=end)
    return None


def _secret(
    text: str, lines: Sequence[tuple[int, int]], number: int, label: Label
) -> Secret | None:
    """What ``label``, on the line of this number, says is a secret."""
    start, end = lines[number]
    separator = _SEPARATOR.match(text, label.end, end)
    if not separator:
        return None
    place = Place(text, lines, number, label, separator)
    if place.how == "xml":
        element = _ELEMENT.match(text, separator.end(), end)
        if element and (written_out(element[1]) if label.sure else strong(element[1])):
            return Secret(*element.span(1), KIND, not element[1].isalpha())
        return None
    if label.called and separator["sign"] not in (":", "="):
        return None
    opened = _OPEN.match(text, separator.end(), end)
    if opened:
        return quoted(place, opened) or _fallback(text, opened.end(), end, label)
    if place.how == "sign" and separator["sign"] not in _ASSIGNS:
        return None
    first = _FIRST.fullmatch(text, start, label.start)
    if first and (place.how == "sign" or (place.how == "blank" and _DOCKER.search(first[0]))):
        found = in_config(place)
    else:
        found = in_line(place)
    return found or _fallback(text, separator.end(), end, label)


def _fallback(text: str, start: int, end: int, label: Label) -> Secret | None:
    """The literal that counts if an expression has no value: ``os.getenv("X") or "..."``."""
    found = _FALLBACK.search(text, start, end) if label.sure else None
    if found and written_out(found["value"]) and not names(found["value"], label.text):
        return Secret(*found.span("value"), KIND)
    return None


def _reversed(text: str, start: int, end: int) -> Iterator[Secret]:
    """The literals of ``if ("..." == password)``."""
    for found in _REVERSED.finditer(text, start, end):
        for label in labels(text, *found.span("label")):
            if isinstance(label, Label) and label.sure and written_out(found["value"]):
                yield Secret(*found.span("value"), KIND)


def _on_next_line(text: str, start: int, end: int, label: Label) -> Iterator[Secret]:
    """The value of ``label``, which ended the line before, if it is all of this line."""
    found = _WHOLE_LINE.fullmatch(text, start, end)
    if found:
        group = "quoted" if found["quoted"] else "bare"
        if written_out(found[group]) and not names(found[group], label.text):
            yield Secret(*found.span(group), KIND)


def _japanese(text: str, start: int, end: int) -> Iterator[Secret]:
    """What Japanese (and a few Chinese and Korean) words say is a secret."""
    for found in _JAPANESE.finditer(text, start, end):
        value = found["value"].rstrip("\"'`.,;:)]}")
        runs_on = found["after"] and len(value) == len(found["value"])
        prose = (found["sign"].startswith("は") or runs_on) and not found["open"]
        if written_out(value) and (not prose or strong(value) or weak(value) or value.isdigit()):
            yield Secret(found.start("value"), found.start("value") + len(value), KIND)
