"""The commits that answer a GitLab issue, by way of its merge requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import gitlab

from bugguard.domain.tickets import TicketKey, TicketLink
from bugguard.trackers.closing import GITLAB, Home, closed
from bugguard.trackers.place import RefusedError, Words
from bugguard.trackers.reading import at, moment, number, sha, text
from bugguard.trackers.walk import PAGE

MOST_COMMITS = 100  #: of a merge request: what has more is a release, and no fix
_MOST_KEPT = 2_000  #: merge requests whose commits are remembered, since one closes many issues
_LATE = 86_400.0  #: seconds after an issue was closed in which its fix may still be merged
_FULL = re.compile(r"(?P<path>[\w.-]{1,255}(?:/[\w.-]{1,255}){1,20})!(?P<number>[1-9]\d{0,9})")

Item = TypeVar("Item")


def careful(ask: Callable[[], Iterable[Item]], words: Words) -> Iterator[Item]:
    """What is asked for, item by item, with whatever the library trips over as a TrackerError."""
    try:
        yield from ask()
    except (LookupError, TypeError, AttributeError, ValueError, gitlab.GitlabError):
        raise words.odd() from None


class _Commit(NamedTuple):
    sha: str
    role: str  #: ``squash commit``, ``merge commit`` or ``commit``
    closes: frozenset[tuple[str, int]] = frozenset()  #: the tickets that its message says it closes


class _Request(NamedTuple):
    """A merged request."""

    name: str  #: ``!34``, or ``group/other!34``
    closes: frozenset[tuple[str, int]]  #: the tickets that its description says it closes
    merged: float | None
    commits: tuple[_Commit, ...]
    is_release: bool  #: whether it has more commits than a fix has


class MergeRequests:
    """Those of the issues of one project. path: GitLab's, own: its number."""

    def __init__(self, client: gitlab.Gitlab, words: Words, host: str, path: str, own: Any) -> None:
        self._client = client
        self._words = words
        self._host = host
        self._path = path
        self._own = own
        self._known: dict[tuple[Any, Any], _Request] = {}

    def of(self, key: TicketKey, issue: Any) -> tuple[TicketLink, ...]:
        """The commits of the merged requests that close the issue; if there are none, of those
        that mention it and were merged before it was closed. Each commit once.

        A request whose commits are unknown gives a link without a commit. Raises RefusedError, with
        404, for an issue that is gone.
        """
        closers = self._merged(lambda: issue.closed_by(iterator=True, per_page=PAGE))
        others = self._merged(lambda: issue.related_merge_requests(iterator=True, per_page=PAGE))
        links: dict[str, TicketLink] = {}
        for request in closers.values():
            self._link(links, key, request, "which closes it")
        for request in others.values():
            if _name(key) in request.closes:
                self._link(links, key, request, "which says that it closes it")
            elif any(_name(key) in one.closes for one in request.commits):
                self._link(links, key, request, "a commit of which says that it closes it")
        end = moment(issue.attributes.get("closed_at"))
        if not links and end is not None:
            for request in others.values():
                if request.merged is not None and request.merged <= end + _LATE:
                    self._link(links, key, request, "which mentions it")
        return tuple(links.values())

    def _link(
        self, links: dict[str, TicketLink], key: TicketKey, request: _Request, how: str
    ) -> None:
        if not request.commits:
            links.setdefault(request.name, TicketLink(key, "", f"in {request.name}, {how}"))
        for commit in request.commits:
            # Of a release only the commits that name the ticket themselves.
            if not request.is_release or _name(key) in commit.closes:
                why = f"{commit.role} of {request.name}, {how}"
                links.setdefault(commit.sha, TicketLink(key, commit.sha, why))

    def _merged(self, ask: Callable[[], Iterable[Any]]) -> dict[str, _Request]:
        """The merged ones among those that are listed, by name."""
        requests = (
            self._request(one)
            for one in careful(ask, self._words)
            if isinstance(one, dict) and one.get("state") == "merged"
        )
        return {one.name: one for one in requests if one is not None}

    def _request(self, told: dict[str, Any]) -> _Request | None:
        project, iid = number(told.get("project_id")), number(told.get("iid"))
        known = self._known.get((project, iid))
        if known is not None:
            return known
        full = _FULL.fullmatch(text(at(told, "references", "full")))
        path = full["path"] if full else self._path
        at_home = project == self._own
        if not project or not iid or not (at_home or full):
            return None
        home = Home(self._host, self._path if at_home else path)
        commits = tuple(self._commits(told, project, iid, home))
        request = _Request(
            name=f"!{iid}" if at_home else f"{path}!{iid}",
            closes=closed(text(told.get("description")), GITLAB, home),
            merged=moment(told.get("merged_at")),
            commits=commits,
            is_release=sum(one.role == "commit" for one in commits) > MOST_COMMITS,
        )
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[project, iid] = request
        return request

    def _commits(
        self, told: dict[str, Any], project: int, iid: int, home: Home
    ) -> Iterator[_Commit]:
        """What the branch got of it.

        Squashed: the one commit, and the merge commit if there is one; what was squashed is in no
        branch. Else its own commits, which a fast-forward leaves as they are.
        """
        squash, merge = sha(told.get("squash_commit_sha")), sha(told.get("merge_commit_sha"))
        if squash:
            yield _Commit(squash, "squash commit")
        if merge and merge != squash:
            yield _Commit(merge, "merge commit")
        if squash:
            return
        owner = self._client.projects.get(project, lazy=True)
        request = owner.mergerequests.get(iid, lazy=True)
        try:
            own = careful(lambda: request.commits(per_page=PAGE), self._words)
            for commit in islice(own, MOST_COMMITS + 1):
                if name := sha(commit.attributes.get("id")):
                    message = text(commit.attributes.get("message"))
                    yield _Commit(name, "commit", closed(message, GITLAB, home))
        except RefusedError as refused:
            if refused.status not in (403, 404):
                raise


def _name(key: TicketKey) -> tuple[str, int]:
    return key.project, int(key.id[1:])
