"""Which form a file has is told by what is in it, and then read row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO

from bugguard.errors import TicketError
from bugguard.tickets.imports import objects, source, tables
from bugguard.tickets.imports.archive import read_archive
from bugguard.tickets.imports.jira import read_xml
from bugguard.tickets.imports.record import Context, Row

FORMS = (
    "gitlab-csv", "gitlab-json", "gitlab-export", "github-json", "github-tsv", "jira-csv",
    "jira-xml", "jsonl",
)  # fmt: skip

_HEAD = 64 * 1024  #: bytes by which a form is told
_TABLES = {kind.name for kind in tables.FORMS}
_ADVICE = "export it again, or name its form with --format"


@dataclass
class Notes:
    """What is worth saying of a file beside its rows."""

    lines: list[str] = field(default_factory=list)


def read(path: Path, form: str, context: Context, notes: Notes) -> Iterator[Row]:
    """The rows of a file in one of :data:`FORMS` (empty: whichever it is).

    Raises TicketError where it is none of them, or broken so that no more of it can be read.
    """
    with source.opened(path) as stream:
        try:
            yield from _rows(stream, form or _form(stream), form, context, notes)
        except ValueError as error:
            raise TicketError(f"{path} cannot be taken in, since {error}: {_ADVICE}") from error
        except OSError as error:
            raise TicketError(f"{path} cannot be read ({error.strerror}): run again") from error


def _form(stream: IO[bytes]) -> str:
    """The form by the file's first bytes; ``json`` and ``csv`` where its rows have to tell."""
    head = stream.read(_HEAD)
    stream.seek(0)
    if not head.strip():
        raise ValueError("it is empty")
    if head.startswith(b"\x1f\x8b"):
        return "gitlab-export"
    if head.startswith(b"PK\x03\x04"):
        raise ValueError("it is an Excel workbook or another archive, which is to be saved as CSV")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError("it is an old Excel workbook, which is to be saved as CSV")
    name = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    start = head.decode(name, "replace").lstrip()
    if start[:1] == "<":
        page = start[:2_000].lower()
        if "<html" in page or "<!doctype html" in page:
            raise ValueError("it is a web page and no export: the sign-in page, maybe")
        return "jira-xml"
    if start[:1] in "{[":
        return "json"
    if b"\0" in head and name != "utf-16":
        raise ValueError("it is no text")
    return "csv"


def _rows(
    stream: IO[bytes], form: str, wanted: str, context: Context, notes: Notes
) -> Iterator[Row]:
    if form == "gitlab-export":
        yield from read_archive(stream, context)
        return
    if form == "jira-xml":
        stream.seek(0)
        yield from read_xml(stream, context)
        return
    name = source.encoding(stream)
    if source.is_fallback(name):
        notes.lines.append("it is not UTF-8 and was read as Shift_JIS: look whether it reads well")
    text = source.text(stream, name)
    if form == "csv" or form in _TABLES:
        yield from tables.read_table(text, wanted, context)
    elif _is_lines(text):
        yield from objects.read_lines(text, wanted, context)
    else:
        whole = text.read(objects.LARGEST + 1)
        if len(whole) > objects.LARGEST:
            raise ValueError("it is larger than 512 MB, so export it as JSON Lines, one a line")
        yield from objects.read_text(whole, wanted, context)


def _is_lines(text: IO[str]) -> bool:
    """Whether its first line is an object by itself. Leaves it at its beginning."""
    first = next((line for line in chain(text) if line.strip()), "")
    text.seek(0)
    if not first.lstrip().startswith("{"):
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True
