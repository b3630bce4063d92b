"""JSON: objects one after another, in lists, one a line, or within the object of an export."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from bugguard.tickets.imports import github, gitlab, plain
from bugguard.tickets.imports.record import Context, Row

LARGEST = 512 << 20  #: characters of a file that is not read line by line
LONGEST = 256 << 20  #: characters of a line
_BLANK = re.compile(r"[ \t\r\n]*")
_WITHIN = ("issues", "merge_requests", "pull_requests", "items", "nodes")


class Form(NamedTuple):
    """A kind of object: what it looks like, and what it gives."""

    name: str
    fits: Callable[[dict[str, Any]], bool]
    row: Callable[[dict[str, Any], int, Context], Row]


FORMS = (
    Form("gitlab-json", gitlab.is_merge_request, gitlab.merge_request),
    Form("gitlab-json", gitlab.is_issue, gitlab.issue),
    Form("github-json", github.is_pull_request, github.pull_request),
    Form("github-json", github.is_issue, github.issue),
    Form("jsonl", plain.is_ticket, plain.ticket),
)


def row_of(value: object, line: int, form: str, context: Context) -> Iterator[Row]:
    """What a value gives: its own row, or those of the objects within it."""
    if not isinstance(value, dict):
        yield Row(line, problem="it is no JSON object")
        return
    for kind in FORMS:
        # Who says that it is the plain form is told what is wrong with it.
        if form in ("", kind.name) and (kind.fits(value) or kind.name == form == "jsonl"):
            try:
                yield kind.row(value, line, context)
            except ValueError as error:
                yield Row(line, problem=str(error))
            return
    inner = [value[name] for name in _WITHIN if isinstance(value.get(name), list)]
    for one in (item for found in inner for item in found):
        yield from row_of(one, line, form, context) if isinstance(one, dict) else ()
    if not inner:
        what = f"a ticket of the form {form}" if form else "a ticket of any form known here"
        yield Row(line, problem=f"it is not {what}")


def read_lines(lines: Iterable[str], form: str, context: Context) -> Iterator[Row]:
    """JSON Lines: a line that is broken is told, and the rest goes on."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if len(line) > LONGEST:
            yield Row(number, problem="it is longer than a ticket can be")
            continue
        try:
            value = json.loads(line)
        except RecursionError:
            yield Row(number, problem="it is nested too deeply")
        except ValueError as error:
            yield Row(number, problem=f"it is not JSON ({_said(error)})")
        else:
            yield from row_of(value, number, form, context)


def read_text(text: str, form: str, context: Context) -> Iterator[Row]:
    """Values one after another, each an object or a list of them, as ``gh --paginate`` gives them.

    ValueError, in a clause with the line, where it is not JSON: cut off, for one.
    """
    decoder = json.JSONDecoder()
    place, counted, line = _skip(text, 0), 0, 1
    depth = 0  # within a list, whose objects are taken one by one
    while place < len(text):
        line += text.count("\n", counted, place)
        counted = place
        if text[place] == "[" and not depth:
            depth, place = 1, _skip(text, place + 1)
            continue
        if depth and text[place] == "]":
            depth, place = 0, _skip(text, place + 1)
            continue
        try:
            value, end = decoder.raw_decode(text, place)
        except RecursionError:
            raise ValueError(f"line {line} is nested too deeply") from None
        except ValueError as error:
            raise ValueError(
                f"line {_line(text, error, line)} is not JSON ({_said(error)})"
            ) from None
        yield from row_of(value, line, form, context)
        place = _skip(text, end)
        if depth and text[place : place + 1] == ",":
            place = _skip(text, place + 1)
        elif depth and text[place : place + 1] != "]":
            at = line + text.count("\n", counted, place)
            raise ValueError(f"line {at} is not JSON: its list has no end")
    if depth:
        raise ValueError(f"line {line} is not JSON: its list has no end, so it may be cut off")


def _skip(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _line(text: str, error: ValueError, otherwise: int) -> int:
    place = getattr(error, "pos", None)
    return text.count("\n", 0, place) + 1 if place is not None else otherwise


def _said(error: ValueError) -> str:
    return str(getattr(error, "msg", "") or error).split(":")[0].lower()
