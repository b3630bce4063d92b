"""Jira, Cloud and Data Center, over their REST APIs.

Plain requests rather than the jira package: it is one question that is asked, of two APIs, and
the guarded session has to be the only way out.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from requests.auth import HTTPBasicAuth

from bugguard.domain.tickets import TicketKey, TicketRecord, Tracked
from bugguard.errors import TrackerError
from bugguard.trackers import base
from bugguard.trackers.adf import plain
from bugguard.trackers.asked import Access, JiraTickets
from bugguard.trackers.connection import USER_AGENT, Connection
from bugguard.trackers.place import Place, RefusedError
from bugguard.trackers.reading import (
    address,
    at,
    moment,
    named,
    objects,
    seconds,
    shown,
    text,
    title,
    word,
    words,
)
from bugguard.trackers.tokens import JIRA
from bugguard.trackers.walk import PAGE, Page, in_order

GRAIN = 60.0  #: seconds: how finely JQL can be asked
FIELDS = (
    "summary,description,labels,issuetype,status,resolution,created,updated,resolutiondate,"
    "creator,reporter,assignee,security"
)
_KEY = re.compile(r"(?P<project>[A-Z][A-Z0-9_]{1,99})-(?P<number>[1-9][0-9]{0,9})", re.ASCII)
_PROJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,99}", re.ASCII)
_CLOUD_API = "api.atlassian.com"  # where tokens with scopes are used: /ex/jira/<id of the site>
# Words in quotes, so that they are passed over, or the clause that sets an order.
_ORDER = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\b(?P<order>order\s+by)\b""", re.I)


class Jira(base.Reader):
    """Issues, without their comments and without links: commit messages name their keys.

    Raises TrackerError for what cannot be asked at all.
    """

    def __init__(self, asked: JiraTickets, access: Access) -> None:
        super().__init__(Connection(JIRA, asked.url, access))
        if not _PROJECT.fullmatch(asked.project):
            raise TrackerError(
                f"{shown(asked.project)!r} is not the key of a Jira project: write it like SHOP."
            )
        self._asked = asked
        self._ahead = 0.0  #: seconds by which the server's clock is ahead of ours
        session, token = self._connection.session, self._connection.token
        session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
        if token and token.user:
            session.auth = HTTPBasicAuth(token.user.encode(), token.secret.encode())
        elif token:
            session.headers["Authorization"] = f"Bearer {token.secret}"

    @property
    def project(self) -> str:
        """``jira.example/shop``. A query may reach further: each key names its own project."""
        return f"{self._home}/{self._asked.project}".lower()

    def tracked(self, since: int | None) -> Iterator[Tracked]:
        """As :class:`bugguard.ports.Tracker` says."""
        start = None if since is None else max(since - base.SKEW, 0.0)
        query = self._query
        around = self._look_around(start) if start is not None else set()
        found = set()
        for key, issue in self._keyed(self._changed(query, start, FIELDS)):
            if at(issue, "fields", "security") is not None and not self._asked.confidential:
                self._counts[base.CONFIDENTIAL] += 1
                self._withdrawn.add(key)
            elif not title(at(issue, "fields", "summary")).strip():
                self._counts[base.ODD] += 1
            else:
                found.add(key)
                yield Tracked(self._record(key, issue))
        self._withdrawn |= around - found

    def _look_around(self, start: float) -> set[TicketKey]:
        """All of the project that changed, of whatever kind."""
        everything = f"project = {_quoted(self._asked.project)}"
        return {key for key, _ in self._keyed(self._changed(everything, start, "updated"))}

    def _keyed(
        self, issues: Iterator[dict[str, Any]]
    ) -> Iterator[tuple[TicketKey, dict[str, Any]]]:
        for issue in issues:
            name = _KEY.fullmatch(text(issue.get("key")))
            if name is None:
                self._counts[base.ODD] += 1
                continue
            yield TicketKey(f"{self._home}/{name['project']}".lower(), name[0]), issue

    def _changed(self, query: str, start: float | None, fields: str) -> Iterator[dict[str, Any]]:
        def listing(since: float | None) -> Iterator[Page[dict[str, Any]]]:
            pages = self._cloud if self._is_cloud else self._server  # asking sets the clock
            jql = f"({query})" + self._after(since) + " ORDER BY updated ASC, key ASC"
            return pages({"jql": jql, "fields": fields, "maxResults": str(PAGE)})

        return in_order(
            listing,
            start,
            key=lambda issue: named(issue, "id", "key"),
            changed=lambda issue: moment(at(issue, "fields", "updated")),
            grain=GRAIN,
        )

    def _after(self, since: float | None) -> str:
        """Minutes back from the server's now: a date would be read in the user's time zone."""
        if since is None:
            return ""
        minutes = math.ceil((time.time() + self._ahead - since) / 60) + 1
        return f' AND updated >= "-{max(minutes, 1)}m"'

    def _cloud(self, parameters: dict[str, str]) -> Iterator[Page[dict[str, Any]]]:
        """Page by page, each of which names the next one."""
        token = ""
        while True:
            page = self._get("/rest/api/3/search/jql", parameters | _named(token))
            following = at(page, "nextPageToken")
            more = isinstance(following, str) and following not in ("", token)
            more = more and at(page, "isLast") is not True
            yield Page(self._issues(page), more)
            if not more:
                return
            token = following

    def _server(self, parameters: dict[str, str]) -> Iterator[Page[dict[str, Any]]]:
        """By offset. A server may give fewer at once than it is asked for."""
        start = 0
        while True:
            page = self._get("/rest/api/2/search", parameters | {"startAt": str(start)})
            issues = self._issues(page)
            start += len(issues)
            total = at(page, "total")
            more = bool(issues) and isinstance(total, int) and start < total
            yield Page(issues, more)
            if not more:
                return

    def _issues(self, page: Any) -> list[dict[str, Any]]:
        issues = at(page, "issues")
        if not isinstance(issues, list):
            raise self._words.odd()
        return objects(issues)

    def _get(self, path: str, parameters: dict[str, str]) -> Any:
        try:
            answer = self._connection.session.get(
                f"{self._connection.place.url}{path}", params=parameters
            )
        except RefusedError as refused:
            if refused.status in (400, 404):
                raise TrackerError(
                    f"{refused} Its project may be called otherwise, be out of the token's sight, "
                    "or the JQL may have a fault."
                ) from None
            raise
        login = answer.headers.get("X-Seraph-LoginReason", "")
        if "AUTHENTICATED_FAILED" in login or "AUTHENTICATION_DENIED" in login:
            raise self._words.refused(401, "")  # it goes on as if for a stranger
        self._set_clock(answer.headers.get("Date"))
        return answer.json()

    def _set_clock(self, date: str | None) -> None:
        with suppress(ValueError, TypeError, OverflowError, IndexError):
            self._ahead = parsedate_to_datetime(date or "").timestamp() - time.time()

    @cached_property
    def _about(self) -> Any:
        return self._get("/rest/api/2/serverInfo", {})

    @property
    def _is_cloud(self) -> bool:
        return text(at(self._about, "deploymentType")).lower() == "cloud"

    @cached_property
    def _site(self) -> str:
        """Where people read the issues."""
        place = self._connection.site
        site = address(at(self._about, "baseUrl")) if place.host == _CLOUD_API else ""
        return (site or place.url).rstrip("/")

    @property
    def _home(self) -> str:
        return Place.parse(self._site).home

    @cached_property
    def _query(self) -> str:
        """The JQL without its order."""
        if not (self._asked.jql or "").strip():
            project = _quoted(self._asked.project)
            return f"project = {project} AND issuetype = Bug AND statusCategory = Done"
        jql = (self._asked.jql or "").strip()
        orders = [found for found in _ORDER.finditer(jql) if found["order"]]
        jql = jql[: orders[0].start()].strip() if orders else jql
        if not jql:
            raise TrackerError("The JQL has only an order: say which issues, or leave it out.")
        return jql

    def _record(self, key: TicketKey, issue: dict[str, Any]) -> TicketRecord:
        fields = issue.get("fields")
        people = [at(fields, name, "displayName") for name in ("creator", "reporter", "assignee")]
        category = at(fields, "status", "statusCategory", "key")
        state = {"done": "closed"}.get(category, "open") if isinstance(category, str) else ""
        return TicketRecord(
            key=key,
            source="jira",
            title=title(at(fields, "summary")),
            text=plain(at(fields, "description")),
            url=address(f"{self._site}/browse/{key.id}"),
            labels=words(at(fields, "labels")),
            type=word(at(fields, "issuetype", "name")).lower(),
            state=state,
            resolution=word(at(fields, "resolution", "name")).lower(),
            created=seconds(at(fields, "created")),
            closed=seconds(at(fields, "resolutiondate")),
            updated=seconds(at(fields, "updated")),
            people=words(people),
            confidential=at(fields, "security") is not None,
        )


def _quoted(words: str) -> str:
    return f'"{words}"'


def _named(token: str) -> dict[str, str]:
    return {"nextPageToken": token} if token else {}
