"""Jira's XML: what "Export XML" and RSS views give. Its comments are not read.

The parser is a hardened one: a document that declares its own types or entities is refused before
any of them is looked at, nothing is fetched, and no element is kept beyond its bounds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from bugguard.domain.tickets import TicketRecord, Tracked
from bugguard.tickets.bounds import MOST_TEXT
from bugguard.tickets.homes import home
from bugguard.tickets.imports.record import Context, Row
from bugguard.tickets.imports.values import plain_text, when

SOURCE = "jira"
_CHUNK = 1 << 16
_DEEPEST = 100  #: elements within elements
_MOST = 4 * MOST_TEXT  #: characters of an element that are kept: markup is longer than its text
_ITEM = ("rss", "channel", "item")
_FIELDS = frozenset((
    "key", "summary", "link", "description", "type", "status", "resolution", "security",
    "reporter", "assignee", "created", "updated", "resolved", "label",
))  # fmt: skip
_DIRECTLY: tuple[tuple[str, ...], ...] = ((),)
_WITHIN = {"label": (("labels",),)}
_PLACE = re.compile(r"(https?://.{3,1500}?)/browse/[^/?#]+")

Fields = dict[str, list[str]]


def read_xml(stream: IO[bytes], context: Context) -> Iterator[Row]:
    """The items of a document. ValueError, in a clause with the line, where it is none."""
    reader = _Items()
    parser = reader.parser
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from reader.taken(context)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        raise ValueError(f"line {error.lineno} is not as XML must be ({what})") from error
    yield from reader.taken(context)


def record(fields: Fields, context: Context) -> Tracked:
    """A ticket from its fields as texts, named as Jira's XML names them. ValueError in a clause."""

    def one(name: str) -> str:
        return next((value.strip() for value in fields.get(name, ()) if value.strip()), "")

    title, link = one("summary"), one("link")
    if not title:
        raise ValueError("it has no summary")
    place = _PLACE.match(link)
    resolution = one("resolution").lower()
    people = [*fields.get("reporter", ()), *fields.get("assignee", ()), *fields.get("people", ())]
    return Tracked(
        TicketRecord(
            key=context.jira_key(one("key"), home(place[1]) if place else ""),
            source=SOURCE,
            title=title,
            text=one("description"),
            url=link if place else "",
            labels=tuple(word for text in fields.get("label", ()) for word in text.split()),
            type=one("type").lower(),
            state="closed" if _is_done(resolution, one("status")) else "open",
            resolution="" if resolution in _UNRESOLVED or resolution in _DONE else resolution,
            created=when(one("created")),
            closed=when(one("resolved")),
            updated=when(one("updated")),
            people=tuple(dict.fromkeys(name for name in people if name and name not in _NOBODY)),
            confidential=bool(one("security")),
        )
    )


_UNRESOLVED = frozenset(("", "unresolved", "未解決", "未対応"))
_DONE = frozenset(("fixed", "done", "resolved", "完了", "修正済み", "解決済み"))
_CLOSED = frozenset(("closed", "done", "resolved", "完了", "クローズ", "終了", "解決済み"))
_NOBODY = frozenset(("Unassigned", "未割り当て", "-1"))


def _is_done(resolution: str, status: str) -> bool:
    return resolution not in _UNRESOLVED or status.lower() in _CLOSED


class _Items:
    """Collects the fields of each item while the parser goes on."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._fields: Fields = {}
        self._text: list[str] = []
        self._length = 0
        self._start = 0
        self._done: list[tuple[int, Fields]] = []
        self._items = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse

    def taken(self, context: Context) -> Iterator[Row]:
        """The items that are whole by now, each once."""
        done, self._done = self._done, []
        for line, fields in done:
            markup = fields.get("description", [""])[0]
            try:
                tracked = record(fields | {"description": [plain_text(markup)]}, context)
                yield Row(line, tracked)
            except ValueError as error:
                yield Row(line, problem=str(error))

    def _refuse(self, *_: Any) -> int:
        line = self.parser.CurrentLineNumber
        raise ValueError(
            f"line {line} declares types or entities of its own, which no export of Jira's does"
        )

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) == 1 and name != "rss":
            raise ValueError(f"it begins with <{name:.40}>, and Jira's exports begin with <rss>")
        if len(self._path) > _DEEPEST:
            raise ValueError(f"line {self.parser.CurrentLineNumber} is nested too deeply")
        if tuple(self._path) == _ITEM:
            self._fields = defaultdict(list)
            self._start = self.parser.CurrentLineNumber
        self._text, self._length = [], 0

    def _data(self, text: str) -> None:
        if self._length < _MOST and len(self._path) > len(_ITEM):
            self._text.append(text[: _MOST - self._length])
            self._length += len(text)

    def _end(self, name: str) -> None:
        path = tuple(self._path)
        if path == _ITEM:
            self._done.append((self._start, dict(self._fields)))
        elif path[:3] == _ITEM and name in _FIELDS and path[3:-1] in _WITHIN.get(name, _DIRECTLY):
            self._fields[name].append("".join(self._text))
        self._path.pop()
        self._text, self._length = [], 0
