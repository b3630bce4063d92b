"""Tables of tickets: GitLab's and Jira's CSV, and what GitHub's projects export.

Columns are known by their names, in English or Japanese, in any order; Jira repeats those that
have several values. Delimiters may be those that a spreadsheet put in their place.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from bugguard.domain.tickets import TicketLink, TicketRecord, Tracked
from bugguard.tickets.imports import github, gitlab, jira
from bugguard.tickets.imports.record import Context, Row
from bugguard.tickets.imports.values import when

LARGEST = 256 << 20  #: characters of one field: what is kept of it is cut later

Fields = dict[str, list[str]]

_GITLAB = {
    "id": ("Issue ID", "ID", "IID"), "title": ("Title",), "url": ("URL",), "state": ("State",),
    "description": ("Description",), "labels": ("Labels",), "type": ("Type",),
    "people": ("Author", "Assignee"), "confidential": ("Confidential",),
    "created": ("Created At (UTC)", "Created At"), "updated": ("Updated At (UTC)", "Updated At"),
    "closed": ("Closed At (UTC)", "Closed At"),
}  # fmt: skip
_JIRA = {
    "key": ("Issue key", "Key", "課題キー", "キー", "作業項目キー"),
    "summary": ("Summary", "要約"), "type": ("Issue Type", "課題タイプ", "作業タイプ"),
    "status": ("Status", "ステータス"), "resolution": ("Resolution", "解決状況"),
    "reporter": ("Reporter", "報告者"), "assignee": ("Assignee", "担当者"),
    "people": ("Creator", "作成者"), "created": ("Created", "作成日"),
    "updated": ("Updated", "更新日"), "resolved": ("Resolved", "解決日"),
    "label": ("Labels", "ラベル"), "description": ("Description", "説明"),
    "security": ("Security Level", "セキュリティレベル"), "link": ("URL", "Issue URL"),
}  # fmt: skip
_GITHUB = {
    "title": ("Title",), "url": ("URL",), "labels": ("Labels",), "people": ("Assignees",),
    "pulls": ("Linked pull requests",), "type": ("Type", "Issue Type"), "status": ("Status",),
}  # fmt: skip


class Form(NamedTuple):
    """A kind of table."""

    name: str
    columns: dict[str, tuple[str, ...]]
    needs: tuple[str, ...]  #: fields without which it is another kind
    row: Callable[[Fields, Context], Tracked]


def read_table(lines: Iterable[str], form: str, context: Context) -> Iterator[Row]:
    """The rows of a table. ValueError, in a clause, where it is none of ``form``'s (empty: of any).

    lines: with their ends.
    """
    given = iter(lines)
    first = next(given, "")
    kind, delimiter = recognised(first, form)
    csv.field_size_limit(LARGEST)
    reader = csv.reader(_with(first, given), delimiter=delimiter, strict=True)
    try:
        places = _places(next(reader), kind)
        start = reader.line_num + 1
        for values in reader:
            if any(value.strip() for value in values):
                yield _row(values, places, kind, context, start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num} cannot be read as CSV ({error})") from error


def recognised(header: str, form: str = "") -> tuple[Form, str]:
    """The kind of table and its delimiter. ValueError, in a clause, where its columns tell none."""
    for kind in FORMS:
        for delimiter in ",;\t":
            try:
                names = next(csv.reader([header], delimiter=delimiter), [])
            except csv.Error:
                continue
            known = _places(names, kind)
            if form in ("", kind.name) and all(field in known for field in kind.needs):
                return kind, delimiter
    wanted = {kind.name: kind for kind in FORMS}.get(form)
    columns = [wanted.columns[field][0] for field in wanted.needs] if wanted else []
    needs = ", ".join(repr(name) for name in columns) or "of a known export"
    raise ValueError(f"its first line does not have the columns {needs}")


def _row(
    values: list[str], places: dict[str, list[int]], kind: Form, context: Context, line: int
) -> Row:
    fields = {
        field: [values[place].strip() for place in where if place < len(values) and values[place]]
        for field, where in places.items()
    }
    try:
        return Row(line, kind.row(fields, context))
    except ValueError as error:
        return Row(line, problem=str(error))


def _places(names: list[str], kind: Form) -> dict[str, list[int]]:
    """Where each field stands: in one column, in many, or in none."""
    wanted = {_plain(name): field for field, names in kind.columns.items() for name in names}
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        field = wanted.get(_plain(name))
        if field:
            places.setdefault(field, []).append(place)
    return places


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name.lstrip("\ufeff")).casefold()
    return "".join(folded.split())


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _one(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _commas(fields: Fields, name: str) -> tuple[str, ...]:
    parts = (part.strip() for text in fields.get(name, ()) for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _gitlab(fields: Fields, context: Context) -> Tracked:
    title, url = _one(fields, "title"), _one(fields, "url")
    if not title:
        raise ValueError("it has no title")
    kind = _one(fields, "type").lower()
    return Tracked(
        TicketRecord(
            key=context.key(_one(fields, "id"), gitlab.project_of(url)),
            source=gitlab.SOURCE,
            title=title,
            text=_one(fields, "description"),
            url=url,
            labels=_commas(fields, "labels"),
            type="" if kind == "issue" else kind,
            state="closed" if _one(fields, "state").lower() == "closed" else "open",
            created=when(_one(fields, "created")),
            closed=when(_one(fields, "closed")),
            updated=when(_one(fields, "updated")),
            people=_commas(fields, "people"),
            confidential=_one(fields, "confidential").lower() in ("yes", "true"),
        )
    )


def _jira(fields: Fields, context: Context) -> Tracked:
    return jira.record(fields, context)


def _github(fields: Fields, context: Context) -> Tracked:
    title, url = _one(fields, "title"), _one(fields, "url")
    place = github.PLACE.fullmatch(url)
    if not title or not place:
        raise ValueError("it has no title, or no address of an issue: drafts have none")
    if "/pull/" in url:
        raise ValueError("it is a pull request and no issue")
    key = context.key(place[2], github.project_of(url))
    pulls = [github.PLACE.fullmatch(pull) for pull in _commas(fields, "pulls")]
    done = _one(fields, "status").lower() in ("done", "closed", "完了")
    return Tracked(
        TicketRecord(
            key=key,
            source=github.SOURCE,
            title=title,
            url=url,
            labels=_commas(fields, "labels"),
            type=_one(fields, "type").lower(),
            state="closed" if done else "open",
            people=_commas(fields, "people"),
        ),
        tuple(TicketLink(key, "", f"closed by #{pull[2]}") for pull in pulls if pull),
    )


FORMS = (
    Form("jira-csv", _JIRA, ("key", "summary"), _jira),
    Form("github-tsv", _GITHUB, ("title", "url", "pulls"), _github),
    Form("gitlab-csv", _GITLAB, ("id", "title", "state"), _gitlab),
)
