"""Private keys of many lines: PEM, OpenSSH, PGP and PuTTY, whole or cut off by the edge of a hunk.

A line may have a diff marker, indentation, quotes and an escaped newline around its base64, as in
string constants and comments. Markers and header lines stay: they say what was there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bugguard.judge.redacting.values import MARKER, Secret, scrambled

_NAME = r"(?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?"
_BEGIN = re.compile(rf"-{{3,5}} ?BEGIN {_NAME} ?-{{0,5}}|PuTTY-User-Key-File-\d.*")
_END = re.compile(rf"-{{3,5}} ?END {_NAME}|Private-(?:MAC|Hash):")
_BODY = re.compile(
    r"[+-]?(?:[ \t]|//+[ \t]|[\"'`#*>|;(])*"
    r"(?P<body>[A-Za-z0-9+/=]+)"
    r"(?:\\{1,2}[nr])*[\"'`]?[ \t]*[+.,;)\\]*[ \t]*"
)
_HEADER = re.compile(
    r"[+-]?[\s\"'`#*>|;/(]*(?:[A-Z][\w-]{2,30}:(?!//).*|(?:\\{1,2}[nr][\"'`+ \t]*)*)"
)
_INSIDE = re.compile(r"(?:(?<=\\[nr])|(?<![A-Za-z0-9+/=\\]))[A-Za-z0-9+/=]{16,}")
_NO_WORD = re.compile(r"[A-Z0-9+/=]")
_ESCAPES = re.compile(r"(?:\\{1,3}[nr]|\s)*")

_WIDTHS = range(60, 80)  # of base64 in lines: 64 for PEM and PGP, 70 for OpenSSH, 76 for MIME
_LEAST = 20  # characters of a key's first line; code on a line by itself is rarely one such word
KIND = "Private Key"


def keys(text: str, lines: Sequence[tuple[int, int]]) -> Iterator[Secret]:
    """The secret lines of the keys in ``text``; each key counts once.

    lines: where each line starts and ends, without what ends it.
    """
    for number, (start, end) in enumerate(lines):
        begin = _BEGIN.search(text, start, end)
        if begin:
            on_line = list(_on_line(text, begin.end(), end))
            yield from on_line
            if not on_line:
                yield from _marked(_downwards(text, lines, number))
        elif _END.search(text, start, end):
            yield from _marked(_upwards(text, lines, number))
    yield from _middles(text, lines)


def _marked(spans: Iterator[tuple[int, int]]) -> Iterator[Secret]:
    for place, (start, end) in enumerate(spans):
        yield Secret(start, end, KIND, first=place == 0)


def _on_line(text: str, start: int, end: int) -> Iterator[Secret]:
    """What of a key stands on its first line: ``"-----BEGIN ...-----\\nMII...\\n-----END ..."``."""
    start = _ESCAPES.match(text, start, end).end()  # type: ignore[union-attr]
    last = _END.search(text, start, end)
    if last:
        body = re.sub(r"(?:\\{1,3}[nr]|\s)+$", "", text[start : last.start()])
        if re.search(r"[A-Za-z0-9+/]{16}", body):
            yield Secret(start, start + len(body), KIND)
        return
    for place, run in enumerate(_INSIDE.finditer(text, start, end)):
        if scrambled(run[0]) or run[0].startswith(("MI", "b3Bl")) or run.start() == start:
            yield Secret(*run.span(), KIND, first=place == 0)


def _downwards(
    text: str, lines: Sequence[tuple[int, int]], begin: int
) -> Iterator[tuple[int, int]]:
    """The lines of base64 after the first line of a key. A shorter line is the last one."""
    width = _LEAST
    for start, end in lines[begin + 1 :]:
        body = _BODY.fullmatch(text, start, end)
        if not body or MARKER in body[0]:
            if _HEADER.fullmatch(text, start, end):
                width = _LEAST
                continue
            return
        length = len(body["body"])
        if width == 0 and not body["body"].startswith("="):
            return
        if width == _LEAST and length < width:
            return
        yield body.span("body")
        width = length if length >= width else 0


def _upwards(text: str, lines: Sequence[tuple[int, int]], last: int) -> Iterator[tuple[int, int]]:
    """The lines of base64 before the last line of a key. All but the lowest are long.

    Below them there may be a sum, as PGP has it.
    """
    may_be_short = True
    for start, end in reversed(lines[max(0, last - 1000) : last]):
        body = _BODY.fullmatch(text, start, end)
        if not body:
            return
        if not (may_be_short and body["body"].startswith("=")):
            short = len(body["body"]) < _LEAST
            if short and not (may_be_short and _NO_WORD.search(body["body"])):
                return
            may_be_short = False
        yield body.span("body")


def _middles(text: str, lines: Sequence[tuple[int, int]]) -> Iterator[Secret]:
    """Lines of base64 that are all as long, of which one at least is random, with their last one.

    That is what a hunk shows of the middle of a key (or of a certificate, or of an image).
    """
    block: list[tuple[int, int]] = []
    random = False
    for start, end in [*lines, (0, 0)]:
        body = _BODY.fullmatch(text, start, end)
        span = body.span("body") if body else (0, 0)
        width = block[0][1] - block[0][0] if block else 0
        if block and span[1] - span[0] == width:
            block.append(span)
        else:
            if random and 0 < span[1] - span[0] < width:
                block.append(span)
            if random:
                yield from _marked(iter(block))
            block = [span] if span[1] - span[0] in _WIDTHS else []
            random = False
        random = random or bool(block and scrambled(text[block[-1][0] : block[-1][1]]))
