"""The commits that answer GitHub's issues: those that closed them, and by way of pull requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from bugguard.domain.tickets import TicketKey, TicketLink
from bugguard.trackers.closing import GITHUB, Home, closed
from bugguard.trackers.github_graph import BASES, BATCH, ISSUES, MOST_COMMITS, PULLS
from bugguard.trackers.reading import at, moment, number, objects, sha, text

_NAME = re.compile(r"[\w.-]{1,255}/[\w.-]{1,255}", re.ASCII)

Ask = Callable[[str, Sequence[str]], dict[str, dict[str, Any]]]
"""A question and ids of nodes; the nodes that there are, by id."""

_MOST_KEPT = 2_000  #: pull requests whose commits are remembered, since one closes many issues
_LATE = 86_400.0  #: seconds after an issue was closed in which its fix may still be merged


class Issue(NamedTuple):
    """One that is asked about."""

    key: TicketKey
    node: str
    closed: float | None

    @property
    def name(self) -> tuple[str, int]:
        return self.key.project, int(self.key.id[1:])


class Answer(NamedTuple):
    """What is known of it."""

    links: tuple[TicketLink, ...]
    closers: tuple[str, ...]  #: who closed it


class _Commit(NamedTuple):
    sha: str
    role: str  #: ``squash commit``, ``merge commit`` or ``commit``
    closes: frozenset[tuple[str, int]] = frozenset()  #: the tickets that its message says it closes


class _Branch(NamedTuple):
    """What the base branch got of a pull request."""

    commits: tuple[_Commit, ...] = ()
    is_release: bool = False  #: whether it has more commits than a fix has


class _Pull(NamedTuple):
    """A merged pull request."""

    node: str
    number: int
    repository: str
    body: str
    merged: float | None


class PullRequests:
    """Those of the issues of one repository. path: ``owner/name``."""

    def __init__(self, ask: Ask, host: str, path: str) -> None:
        self._ask = ask
        self._host = host
        self._path = path
        self._known: dict[str, _Branch] = {}

    def of(self, issues: Sequence[Issue]) -> dict[TicketKey, Answer]:
        """What is known of each of at most :data:`BATCH`; none of one that is gone."""
        nodes = self._ask(ISSUES, [one.node for one in issues])
        self._learn([pull for node in nodes.values() for pull, _ in self._pulls(node)])
        return {
            one.key: Answer(tuple(self._links(one, node).values()), _closers(node))
            for one in issues
            if (node := nodes.get(one.node)) is not None
        }

    def _links(self, issue: Issue, node: dict[str, Any]) -> dict[str, TicketLink]:
        links: dict[str, TicketLink] = {}
        for name, how in self._direct(issue, node):
            links.setdefault(name, TicketLink(issue.key, name, how))
        mentioned = []
        for pull, closing in self._pulls(node):
            if closing:
                self._link(links, issue, pull, "which closes it")
            elif issue.name in self._closed(pull.body, pull.repository):
                self._link(links, issue, pull, "which says that it closes it")
            elif any(issue.name in one.closes for one in self._branch(pull).commits):
                self._link(links, issue, pull, "a commit of which says that it closes it")
            else:
                mentioned.append(pull)
        if not links and issue.closed is not None:
            for pull in mentioned:
                if pull.merged is not None and pull.merged <= issue.closed + _LATE:
                    self._link(links, issue, pull, "which mentions it")
        return links

    def _pulls(self, node: dict[str, Any]) -> list[tuple[_Pull, bool]]:
        """Those that close an issue by GitHub's own word, and those of the same owner that mention
        it: of anybody else's project it is not the fix.
        """
        own = f"{self._path.partition('/')[0]}/".lower()
        return [
            (pull, closing)
            for pull, closing in _pulls(node)
            if closing or pull.repository.lower().startswith(own)
        ]

    def _link(self, links: dict[str, TicketLink], issue: Issue, pull: _Pull, how: str) -> None:
        at_home = pull.repository.lower() == self._path.lower()
        name = f"#{pull.number}" if at_home else f"{pull.repository}#{pull.number}"
        branch = self._branch(pull)
        if not branch.commits:
            links.setdefault(name, TicketLink(issue.key, "", f"in {name}, {how}"))
        for commit in branch.commits:
            # Of a release only the commits that name the ticket themselves.
            if not branch.is_release or issue.name in commit.closes:
                why = f"{commit.role} of {name}, {how}"
                links.setdefault(commit.sha, TicketLink(issue.key, commit.sha, why))

    def _branch(self, pull: _Pull) -> _Branch:
        return self._known.get(pull.node, _Branch())

    def _direct(self, issue: Issue, node: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Commits that closed it without any pull request."""
        for event in objects(at(node, "timelineItems", "nodes")):
            if at(event, "closer", "__typename") == "Commit":
                if name := sha(at(event, "closer", "oid")):
                    yield name, "commit that closes it"
            elif event.get("__typename") == "ReferencedEvent":
                name, message = sha(at(event, "commit", "oid")), at(event, "commit", "message")
                where = text(at(event, "commitRepository", "nameWithOwner"))
                if name and issue.name in self._closed(text(message), where):
                    yield name, "commit that says that it closes it"

    def _closed(self, words: str, repository: str) -> frozenset[tuple[str, int]]:
        return closed(words, GITHUB, Home(self._host, repository))

    def _learn(self, pulls: Sequence[_Pull]) -> None:
        """Asks for the commits of those that are not known yet."""
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        new = {one.node: one for one in pulls if one.node not in self._known}
        for batch in _batches(list(new)):
            nodes = self._ask(PULLS, batch)
            rebased = self._ask(BASES, doubtful) if (doubtful := _doubtful(nodes)) else {}
            for name in batch:
                node, base = nodes.get(name, {}), rebased.get(name, {})
                self._known[name] = self._read(new[name].repository, node, base)

    def _read(self, where: str, node: dict[str, Any], base: dict[str, Any]) -> _Branch:
        """base: what the base branch has from the merge back. Where that repeats the messages and
        times of the pull request's own commits, they were rebased; else squashed into one.
        """
        own = [one["commit"] for one in objects(at(node, "commits", "nodes")) if at(one, "commit")]
        count = at(node, "commits", "totalCount")
        is_release = isinstance(count, int) and count > MOST_COMMITS
        last = sha(at(node, "mergeCommit", "oid"))
        there = objects(at(base, "mergeCommit", "history", "nodes"))[: len(own)][::-1]
        if not last or last in [sha(at(one, "oid")) for one in own]:  # pushed as they are
            return _Branch(self._commits(where, own), is_release)
        if at(node, "mergeCommit", "parents", "totalCount") != 1:
            merge = _Commit(last, "merge commit")
            return _Branch((merge, *self._commits(where, own)), is_release)
        if there and list(map(_mark, there)) == list(map(_mark, own)):
            return _Branch(self._commits(where, there))
        return _Branch((_Commit(last, "commit" if count == 1 else "squash commit"),))

    def _commits(self, where: str, commits: list[dict[str, Any]]) -> tuple[_Commit, ...]:
        return tuple(
            _Commit(name, "commit", self._closed(text(at(one, "message")), where))
            for one in commits
            if (name := sha(at(one, "oid")))
        )


def _pulls(node: dict[str, Any]) -> list[tuple[_Pull, bool]]:
    """The merged pull requests beside an issue, and whether they close it by GitHub's own word."""
    found: dict[str, tuple[_Pull, bool]] = {}
    events = objects(at(node, "timelineItems", "nodes"))
    told = [(at(one, "closer"), True) for one in events]
    told += [(one, True) for one in objects(at(node, "closedByPullRequestsReferences", "nodes"))]
    told += [(at(one, "source"), False) for one in events]
    for pull, closing in told:
        name, count = at(pull, "id"), number(at(pull, "number"))
        where = text(at(pull, "repository", "nameWithOwner"))
        is_merged = at(pull, "merged") is True and _NAME.fullmatch(where)
        if isinstance(name, str) and count and is_merged:
            merged = moment(at(pull, "mergedAt"))
            one = _Pull(name, count, where, text(at(pull, "body")), merged)
            found.setdefault(name, (one, closing))
    return list(found.values())


def _closers(node: dict[str, Any]) -> tuple[str, ...]:
    events = objects(at(node, "timelineItems", "nodes"))
    names = [at(one, "actor", "login") for one in events if one.get("__typename") == "ClosedEvent"]
    return tuple(name for name in names if isinstance(name, str))


def _doubtful(nodes: dict[str, dict[str, Any]]) -> list[str]:
    """Those that were squashed or rebased: the answer is the same for both."""
    return [
        name
        for name, node in nodes.items()
        if at(node, "mergeCommit", "parents", "totalCount") == 1
        and isinstance(count := at(node, "commits", "totalCount"), int)
        and 1 < count <= MOST_COMMITS
    ]


def _mark(commit: dict[str, Any]) -> tuple[Any, Any]:
    """What a rebase keeps."""
    return at(commit, "message"), at(commit, "authoredDate")


def _batches(names: list[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while batch := list(islice(rest, BATCH)):
        yield batch
