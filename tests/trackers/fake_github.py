"""A GitHub that answers as its documentation says: REST for issues, GraphQL for pull requests."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from fake_gitlab import sha
from loopback import Reply, Request

TOKEN = "ghp_kept_secret"  # noqa: S105


def when(second: int) -> str:
    """A moment of 2024, the ``second``-th after its beginning."""
    minutes, second = divmod(second, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"2024-01-{day + 1:02}T{hour:02}:{minute:02}:{second:02}Z"


def issue(number: int, second: int, **other: Any) -> dict[str, Any]:
    """As ``GET /repos/{owner}/{repo}/issues`` lists it."""
    return {
        "id": 9000 + number,
        "node_id": f"I_{number}",
        "number": number,
        "title": f"Bug {number}",
        "body": f"What is wrong in {number}",
        "user": {"login": "author"},
        "assignees": [{"login": "assignee"}],
        "labels": [{"id": 1, "name": "bug", "color": "f00"}],
        "state": "closed",
        "state_reason": "completed",
        "type": None,
        "comments": 2,
        "created_at": when(0),
        "updated_at": when(second),
        "closed_at": when(second),
        "html_url": f"https://ghe.example/acme/shop/issues/{number}",
        **other,
    }


def pull(number: int, where: str = "acme/shop", **other: Any) -> dict[str, Any]:
    """A pull request as the GraphQL schema has it, with all that any question asks."""
    return {
        "__typename": "PullRequest",
        "id": f"PR_{where}_{number}",
        "number": number,
        "merged": True,
        "mergedAt": when(5),
        "body": "",
        "repository": {"nameWithOwner": where},
        **other,
    }


def commit(number: int, message: str = "Mend it") -> dict[str, Any]:
    return {"oid": sha(number), "message": message, "authoredDate": when(number % 60)}


def commits(*own: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"totalCount": total or len(own), "nodes": [{"commit": one} for one in own]}


def merge(number: int, parents: int, history: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "oid": sha(number),
        "parents": {"totalCount": parents},
        "history": {"nodes": history or []},
    }


@dataclass
class FakeGitHub:
    """One repository, ``acme/shop``, served as an Enterprise server does."""

    root: str = "/api/v3"
    graphql: str = "/api/graphql"
    name: str = "acme/shop"
    former: str = "acme/old"
    issues: list[dict[str, Any]] = field(default_factory=list)
    #: by node id: ``closedByPullRequestsReferences`` and ``timelineItems``, as lists
    closers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    errors: list[dict[str, Any]] = field(default_factory=list)
    token: str | None = TOKEN

    def __call__(self, request: Request) -> Reply:
        if self.token and request.headers.get("authorization") != f"token {self.token}":
            return Reply({"message": "Bad credentials", "status": "401"}, 401)
        if request.path == self.graphql and request.method == "POST":
            return self._graphql(request)
        if not request.path.startswith(self.root):
            return Reply(b"<!doctype html>", 404, {"Content-Type": "text/html"})
        path = unquote(request.path.removeprefix(self.root))
        if path == f"/repos/{self.former}":
            where = f"http://{request.headers['host']}{self.root}/repositories/42"
            moved = {"message": "Moved Permanently", "url": where}
            return Reply(moved, 301, {"Location": where})
        if path in (f"/repos/{self.name}", "/repositories/42"):
            return Reply({"id": 42, "node_id": "R_42", "full_name": self.name})
        if path == f"/repos/{self.name}/issues":
            return self._issues(request)
        return Reply({"message": "Not Found", "status": "404"}, 404)

    def _issues(self, request: Request) -> Reply:
        query = request.query
        assert (query["sort"], query["direction"]) == ("updated", "asc")
        labels = set(filter(None, query.get("labels", "").split(",")))
        found = [
            one
            for one in sorted(self.issues, key=lambda one: (one["updated_at"], one["id"]))
            if query.get("state", "open") in ("all", one["state"])
            and labels <= {label["name"] for label in one["labels"]}
            and query.get("since", "") <= one["updated_at"]
            and query.get("type") in (None, (one["type"] or {}).get("name"))
        ]
        size, page = min(int(query["per_page"]), 100), int(query.get("page", 1))
        shown = found[(page - 1) * size : page * size]
        tag = f'W/"{hashlib.sha256(json.dumps(shown).encode()).hexdigest()}"'
        headers = {"ETag": tag, "X-RateLimit-Remaining": "4999"}
        if request.headers.get("if-none-match") == tag:
            return Reply(None, 304, headers)
        if len(found) > page * size:
            more = urlencode({**query, "page": str(page + 1)})
            where = f"http://{request.headers['host']}{self.root}/repositories/42/issues?{more}"
            headers["Link"] = f'<{where}>; rel="next", <{where}>; rel="last"'
        return Reply(shown, headers=headers)

    def _graphql(self, request: Request) -> Reply:
        asked = request.json
        names, question = asked["variables"]["ids"], asked["query"]
        if "... on Issue" in question:
            nodes = [self._node(name) for name in names]
        else:
            known = self._pulls()
            wanted = {"id", "mergeCommit"} | ({"commits"} if "commits(" in question else set())
            nodes = [
                {key: value for key, value in known[name].items() if key in wanted}
                if name in known
                else None
                for name in names
            ]
        errors = [
            {"type": "NOT_FOUND", "path": ["nodes", place], "message": "Could not resolve"}
            for place, node in enumerate(nodes)
            if node is None
        ]
        reply: dict[str, Any] = {"data": {"nodes": nodes}}
        if errors or self.errors:
            reply["errors"] = [*errors, *self.errors]
        return Reply(reply)

    def _node(self, name: str) -> dict[str, Any] | None:
        if name in self.gone or not re.fullmatch(r"I_\d+", name):
            return None
        return {
            "id": name,
            "closedByPullRequestsReferences": {
                "nodes": [_brief(one) for one in self.closers.get(name, [])]
            },
            "timelineItems": {"nodes": [_event(one) for one in self.events.get(name, [])]},
        }

    def _pulls(self) -> dict[str, dict[str, Any]]:
        every = [one for some in self.closers.values() for one in some]
        for event in (one for some in self.events.values() for one in some):
            every += [event.get("source") or {}, event.get("closer") or {}]
        return {one["id"]: one for one in every if "number" in one}


_BRIEF = ("__typename", "id", "number", "merged", "mergedAt", "body", "repository", "oid")


def _brief(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key in _BRIEF}


def _event(one: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _brief(value) if key in ("source", "closer") and value else value
        for key, value in one.items()
    }


def closed(by: dict[str, Any] | None = None, actor: str = "closer") -> dict[str, Any]:
    return {"__typename": "ClosedEvent", "actor": {"login": actor}, "closer": by}


def mentioned(by: dict[str, Any]) -> dict[str, Any]:
    return {"__typename": "CrossReferencedEvent", "source": by}


def referenced(by: dict[str, Any], where: str = "acme/shop") -> dict[str, Any]:
    return {
        "__typename": "ReferencedEvent",
        "commit": {"oid": by["oid"], "message": by["message"]},
        "commitRepository": {"nameWithOwner": where},
    }
