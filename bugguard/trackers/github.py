"""GitHub: issues with the pull requests that close them, through PyGithub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

import github

from bugguard.domain.tickets import TicketKey, TicketRecord, Tracked
from bugguard.errors import TrackerError
from bugguard.trackers import base
from bugguard.trackers.asked import Access, GitHubTickets
from bugguard.trackers.connection import Connection
from bugguard.trackers.github_client import addresses, client, following
from bugguard.trackers.github_graph import BATCH
from bugguard.trackers.github_links import Answer, Issue, PullRequests
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
    word,
    words,
)
from bugguard.trackers.reading import title as titled
from bugguard.trackers.tokens import GITHUB
from bugguard.trackers.walk import PAGE, Page, in_order

GRAIN = 1.0  #: seconds: how finely GitHub can be asked
_STATES = {"open": "open", "closed": "closed"}


class GitHub(base.Reader):
    """Issues of a repository, without their comments. Pull requests are no issues here.

    Raises TrackerError for what cannot be asked at all.
    """

    def __init__(self, asked: GitHubTickets, access: Access) -> None:
        site, api = addresses(asked.url)
        super().__init__(Connection(GITHUB, site, access, api))
        self._asked = asked
        self._requester = client(self._connection).requester
        self._unchanged: tuple[str, str] | None = None

    @property
    def project(self) -> str:
        """``github.com/owner/name``. Asks the server, the first time."""
        return f"{self._connection.site.home}/{self._path}".lower()

    def tracked(self, since: int | None) -> Iterator[Tracked]:
        """As :class:`bugguard.ports.Tracker` says."""
        start = None if since is None else max(since - base.SKEW, 0.0)
        around = self._look_around(start) if start is not None else frozenset[TicketKey]()
        if around is None:
            return
        pulls = PullRequests(self._graph, self._connection.site.home, self._path)
        if not self._connection.token:
            self._say(
                f"{self._words.where} tells strangers nothing of pull requests: without a token "
                "only commit messages tie commits to tickets."
            )
        found: set[TicketKey] = set()
        wanted = self._wanted(self._changed(start, self._filters()))
        while batch := list(islice(wanted, BATCH)):
            found.update(key for key, _ in batch)
            answers = self._answers(pulls, batch)
            for key, issue in batch:
                if (answer := answers.get(key)) is None:
                    self._counts[base.GONE] += 1
                    self._withdrawn.add(key)
                    continue
                if any(not link.commit for link in answer.links):
                    self._counts[base.BARE] += 1
                yield Tracked(self._record(key, issue, answer), answer.links)
        self._withdrawn |= around - found
        if self._unchanged and self._connection.access.validators is not None:
            # Only now: a run that was cut has to see all of it again.
            question, etag = self._unchanged
            self._connection.access.validators[question] = etag

    def _look_around(self, start: float) -> frozenset[TicketKey] | None:
        """All that changed, of whatever kind; None where nothing has since the last run.

        GitHub does not count an answer of 304, so that a run without news costs nothing.
        """
        everything = {"state": "all"}
        page = self._page(everything | _since(start), conditional=True)
        if page is None:
            return None
        issues = iter(page[0]) if not page[1] else self._changed(start, everything)
        return frozenset(key for key, _ in self._wanted(issues))

    def _answers(
        self, pulls: PullRequests, batch: Sequence[tuple[TicketKey, dict[str, Any]]]
    ) -> dict[TicketKey, Answer]:
        if not self._connection.token:
            return {key: Answer((), ()) for key, _ in batch}
        return pulls.of(
            [
                Issue(key, text(issue.get("node_id")), moment(issue.get("closed_at")))
                for key, issue in batch
            ]
        )

    def _changed(self, start: float | None, filters: dict[str, str]) -> Iterator[dict[str, Any]]:
        def listing(since: float | None) -> Iterator[Page[dict[str, Any]]]:
            parameters: dict[str, str] | None = filters | _since(since)
            while parameters is not None:
                page = self._page(parameters)
                issues, parameters = page if page else ([], None)
                yield Page(issues, more=parameters is not None)

        return in_order(
            listing,
            start,
            key=lambda issue: named(issue, "id", "number"),
            changed=lambda issue: moment(issue.get("updated_at")),
            grain=GRAIN,
        )

    def _page(
        self, parameters: dict[str, str], *, conditional: bool = False
    ) -> tuple[list[dict[str, Any]], dict[str, str] | None] | None:
        """A page with what to ask for the next one; None where it is as it was last time."""
        path = f"/repos/{quote(self._path)}/issues"
        parameters = {
            "sort": "updated",
            "direction": "asc",
            "per_page": str(PAGE),
            **parameters,
        }
        question = f"{self._connection.place.url}{path}?{urlencode(sorted(parameters.items()))}"
        known = (self._connection.access.validators or {}).get(question) if conditional else None
        sent = {"If-None-Match": known} if known else {}
        headers, found = self._asked_for("GET", path, parameters=parameters, headers=sent)
        if known and found is None:
            return None
        if not isinstance(found, list):
            raise self._words.odd()
        after = following(text(headers.get("link")))
        if conditional:
            # The tag of a first page says nothing of a second one.
            etag = text(headers.get("etag"))
            self._unchanged = (question, etag) if etag and after is None else None
        return objects(found), after

    def _wanted(
        self, issues: Iterator[dict[str, Any]]
    ) -> Iterator[tuple[TicketKey, dict[str, Any]]]:
        for issue in issues:
            name = number(issue.get("number"))
            if issue.get("pull_request") is not None:
                continue
            if not name or not titled(issue.get("title")).strip():
                self._counts[base.ODD] += 1
                continue
            yield TicketKey(self.project, f"#{name}"), issue

    def _filters(self) -> dict[str, str]:
        filters = {"state": self._asked.state}
        if self._asked.labels:
            filters["labels"] = ",".join(self._asked.labels)
        if self._asked.type:
            filters["type"] = self._asked.type
        return filters

    @staticmethod
    def _record(key: TicketKey, issue: dict[str, Any], answer: Answer) -> TicketRecord:
        labels = issue.get("labels")
        people = [issue.get("user"), *objects(issue.get("assignees"))]
        return TicketRecord(
            key=key,
            source="github",
            title=titled(issue.get("title")),
            text=text(issue.get("body")),
            url=address(issue.get("html_url")),
            labels=words([at(one, "name") for one in objects(labels)]),
            type=word(at(issue, "type", "name")).lower(),
            state=_STATES.get(text(issue.get("state")), ""),
            resolution=word(issue.get("state_reason")).replace("_", " "),
            created=seconds(issue.get("created_at")),
            closed=seconds(issue.get("closed_at")),
            updated=seconds(issue.get("updated_at")),
            people=words([*(at(one, "login") for one in people), *answer.closers]),
        )

    @cached_property
    def _path(self) -> str:
        """``owner/name`` as GitHub writes it."""
        asked = self._asked.project.strip().strip("/")
        if asked.count("/") != 1 or not all(asked.split("/")):
            raise TrackerError(
                f"{shown(asked)!r} is no GitHub repository: write it like owner/name."
            )
        try:
            _, found = self._asked_for("GET", f"/repos/{quote(asked)}")
        except RefusedError as refused:
            if refused.status != 404:
                raise
            who = "the token may not see it" if self._connection.token else "it wants a token"
            raise TrackerError(
                f"{self._words.where} has no repository {shown(asked)}, or {who} (404): check "
                f"owner and name, and give a token {GITHUB.needs}."
            ) from None
        name = text(at(found, "full_name"))
        if name.count("/") != 1:
            raise self._words.odd()
        if name.lower() != asked.lower():
            self._say(f"The repository {asked} is now called {shown(name)}.")
        return name

    def _graph(self, question: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The nodes that there are, by id. Raises TrackerError where the question is refused."""
        asked = {"query": question, "variables": {"ids": list(names)}}
        _, found = self._asked_for("POST", self._requester.graphql_url, input=asked)
        nodes = at(found, "data", "nodes")
        for error in objects(at(found, "errors")):
            kind, said = error.get("type"), text(error.get("message"))
            if kind == "INSUFFICIENT_SCOPES":
                raise self._words.refused(403, said)
            if kind == "FORBIDDEN":
                self._say(
                    f"{self._words.where} keeps something from the token ({shown(said)}): some "
                    f"commits are not tied to their tickets; it needs {GITHUB.needs}."
                )
            elif not isinstance(nodes, list):
                raise self._words.refused(200, said)
        if not isinstance(nodes, list):
            raise self._words.odd()
        return {one["id"]: one for one in objects(nodes) if isinstance(one.get("id"), str)}

    def _asked_for(self, verb: str, path: str, **rest: Any) -> tuple[dict[str, Any], Any]:
        try:
            answer: tuple[dict[str, Any], Any]
            answer = self._requester.requestJsonAndCheck(verb, path, **rest)
        except (github.GithubException, AssertionError, RuntimeError, LookupError):
            raise self._words.odd() from None
        except (TypeError, AttributeError, ValueError):
            raise self._words.odd() from None
        return answer


def _since(moment: float | None) -> dict[str, str]:
    return {} if moment is None else {"since": f"{iso(moment)[:19]}Z"}
