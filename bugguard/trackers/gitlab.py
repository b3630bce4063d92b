"""GitLab: issues with the merge requests that close them, through python-gitlab."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import gitlab
from gitlab.v4.objects import Project

from bugguard.domain.tickets import TicketKey, TicketRecord, Tracked
from bugguard.errors import TrackerError
from bugguard.trackers import base
from bugguard.trackers.asked import Access, GitLabTickets
from bugguard.trackers.connection import USER_AGENT, Connection
from bugguard.trackers.gitlab_links import MergeRequests, careful
from bugguard.trackers.place import RefusedError
from bugguard.trackers.reading import (
    address,
    at,
    iso,
    moment,
    named,
    number,
    objects,
    seconds,
    shown,
    text,
    title,
    words,
)
from bugguard.trackers.tokens import GITLAB
from bugguard.trackers.walk import PAGE, Page, in_order

GRAIN = 0.001  #: seconds: how finely GitLab can be asked
_STATES = {"opened": "open", "closed": "closed"}


class GitLab(base.Reader):
    """Issues of a project. Comments are never asked for, so that none can be kept.

    Raises TrackerError for what cannot be asked at all.
    """

    def __init__(self, asked: GitLabTickets, access: Access) -> None:
        super().__init__(Connection(GITLAB, asked.url, access))
        self._asked = asked
        token = self._connection.token
        secret = token.secret if token else None
        is_job = token is not None and token.is_job
        self._client = gitlab.Gitlab(
            self._connection.site.url,
            private_token=None if is_job else secret,
            job_token=secret if is_job else None,
            ssl_verify=self._connection.ca_file or True,
            session=self._connection.session,
            per_page=PAGE,
            keep_base_url=True,
            user_agent=USER_AGENT,
        )

    @property
    def project(self) -> str:
        """``gitlab.example/group/sub/name``. Asks the server, the first time."""
        return f"{self._connection.site.home}/{self._path.lower()}"

    def tracked(self, since: int | None) -> Iterator[Tracked]:
        """As :class:`bugguard.ports.Tracker` says."""
        links = MergeRequests(
            self._client,
            self._words,
            self._connection.site.home,
            self._path,
            self._home.get_id(),
        )
        start = None if since is None else max(since - base.SKEW, 0.0)
        around = self._look_around(start) if start is not None else set()
        found: set[TicketKey] = set()
        for issue in self._changed(start, self._filters()):
            key = self._key(issue.attributes)
            if key is None or not self._is_wanted(key, issue.attributes):
                if key is None:
                    self._counts[base.ODD] += 1
                continue
            found.add(key)
            try:
                linked = links.of(key, issue)
            except RefusedError as refused:
                if refused.status not in (404, 410):
                    raise
                self._leave(key, base.GONE)
                continue
            if any(not link.commit for link in linked):
                self._counts[base.BARE] += 1
            yield Tracked(self._record(key, issue.attributes), linked)
        self._withdrawn |= around - found

    def _look_around(self, start: float) -> set[TicketKey]:
        """All that changed, of whatever kind."""
        issues = self._changed(start, {"state": "all", "scope": "all"})
        return {key for issue in issues if (key := self._key(issue.attributes)) is not None}

    def _is_wanted(self, key: TicketKey, issue: dict[str, Any]) -> bool:
        if issue.get("confidential") is not False and not self._asked.confidential:
            self._leave(key, base.CONFIDENTIAL)
        elif issue.get("moved_to_id"):
            self._leave(key, base.MOVED)
        elif not title(issue.get("title")).strip():
            self._counts[base.ODD] += 1
        else:
            return True
        return False

    def _leave(self, key: TicketKey, why: str) -> None:
        self._counts[why] += 1
        self._withdrawn.add(key)

    def _changed(self, start: float | None, filters: dict[str, Any]) -> Iterator[Any]:
        def pages(since: float | None) -> Iterator[Page[Any]]:
            after = {} if since is None else {"updated_after": iso(since)}
            issues = self._home.issues.list(
                iterator=True, order_by="updated_at", sort="asc", **filters, **after
            )
            size = issues.per_page or PAGE
            while items := list(islice(issues, size)):
                # A full page may be the last one; what strips headers must not make it so.
                yield Page(items, more=issues.next_page is not None or len(items) >= size)

        return in_order(
            lambda since: careful(lambda: pages(since), self._words),
            start,
            key=lambda issue: named(issue.attributes, "id", "iid"),
            changed=lambda issue: moment(issue.attributes.get("updated_at")),
            grain=GRAIN,
        )

    def _filters(self) -> dict[str, Any]:
        asked = self._asked
        filters: dict[str, Any] = {"state": asked.state, "scope": asked.scope}
        if asked.labels:
            filters["labels"] = list(asked.labels)
        if asked.type:
            filters["issue_type"] = asked.type
        if asked.milestone:
            filters["milestone"] = asked.milestone
        return filters

    def _key(self, issue: dict[str, Any]) -> TicketKey | None:
        name = number(issue.get("iid"))
        return TicketKey(self.project, f"#{name}") if name else None

    @staticmethod
    def _record(key: TicketKey, issue: dict[str, Any]) -> TicketRecord:
        kind = text(issue.get("issue_type")).lower()
        people = [issue.get("author"), *objects(issue.get("assignees")), issue.get("closed_by")]
        return TicketRecord(
            key=key,
            source="gitlab",
            title=title(issue.get("title")),
            text=text(issue.get("description")),
            url=address(issue.get("web_url")),
            labels=words(issue.get("labels")),
            type="" if kind == "issue" else kind,  # GitLab's word for a ticket of no kind
            state=_STATES.get(text(issue.get("state")), ""),
            resolution="duplicate" if at(issue, "_links", "closed_as_duplicate_of") else "",
            created=seconds(issue.get("created_at")),
            closed=seconds(issue.get("closed_at")),
            updated=seconds(issue.get("updated_at")),
            people=words([at(one, "name") for one in people]),
            confidential=issue.get("confidential") is not False,
        )

    @cached_property
    def _home(self) -> Project:
        asked = self._asked.project.strip().strip("/")
        if not asked:
            raise TrackerError("No GitLab project is named: write its path, such as group/name.")
        alone = "/" not in asked and not asked.isdecimal()
        try:
            project = self._named(asked) if alone else self._client.projects.get(asked)
        except RefusedError as refused:
            if refused.status != 404:
                raise
            raise self._unknown(asked) from None
        path = project.attributes.get("path_with_namespace")
        if not isinstance(path, str) or not path.strip("/") or project.attributes.get("id") is None:
            raise self._words.odd()
        if not alone and not asked.isdecimal() and path.lower() != asked.lower():
            self._say(f"The project {asked} is now called {path}.")
        return project

    @property
    def _path(self) -> str:
        return str(self._home.attributes["path_with_namespace"])

    def _named(self, name: str) -> Project:
        """The only project of that name, among the token's own if there is a token."""
        own = {"membership": "true"} if self._connection.token else {}
        projects = careful(
            lambda: self._client.projects.list(iterator=True, search=name, simple="true", **own),
            self._words,
        )
        found = [
            one
            for one in (project.attributes for project in projects)
            if text(one.get("path")).lower() == name.lower()
        ]
        if len(found) == 1:
            project: Project = self._client.projects.get(str(found[0].get("id")))
            return project
        if not found:
            raise self._unknown(name)
        paths = [shown(one.get("path_with_namespace")) for one in found[:3]]
        raise TrackerError(
            f"{self._words.where} has {len(found)} projects called {name} ({', '.join(paths)}): "
            "write the whole path of the one that is meant."
        )

    def _unknown(self, project: str) -> TrackerError:
        who = "the token may not see it" if self._connection.token else "it wants a token"
        return TrackerError(
            f"{self._words.where} has no project {project}, or {who} (404): write its whole path, "
            f"such as group/sub/name, and give the token's owner access and {GITLAB.needs}."
        )
