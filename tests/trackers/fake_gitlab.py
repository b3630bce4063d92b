"""A GitLab that answers as its REST API's documentation says: issues, merge requests, commits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from loopback import Reply, Request

TOKEN = "glpat-kept-secret"  # noqa: S105


def sha(number: int) -> str:
    return f"{number:040x}"


def when(second: int) -> str:
    """A moment of 2024, the ``second``-th after its beginning."""
    minutes, second = divmod(second, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"2024-01-{day + 1:02}T{hour:02}:{minute:02}:{second:02}.500Z"


EPOCH = 1_704_067_200  #: seconds since the epoch when 2024 began


def person(name: str) -> dict[str, Any]:
    return {"id": 1, "name": name, "username": "u", "state": "active", "web_url": "https://x/u"}


def issue(number: int, second: int, **other: Any) -> dict[str, Any]:
    """As ``GET /projects/:id/issues`` lists it."""
    return {
        "id": 1000 + number,
        "iid": number,
        "project_id": 7,
        "title": f"Bug {number}",
        "description": f"What is wrong in {number}",
        "state": "closed",
        "created_at": when(0),
        "updated_at": when(second),
        "closed_at": when(second),
        "closed_by": person("Closer"),
        "labels": ["bug"],
        "milestone": None,
        "assignees": [person("Assignee")],
        "author": person("Author"),
        "type": "ISSUE",
        "issue_type": "issue",
        "confidential": False,
        "moved_to_id": None,
        "merge_requests_count": 0,
        "user_notes_count": 3,
        "web_url": f"https://gitlab.example/g/sub/shop/-/issues/{number}",
        "references": {"short": f"#{number}", "relative": f"#{number}"},
        "_links": {"self": "", "notes": "", "closed_as_duplicate_of": None},
        **other,
    }


def merged(number: int, project: int = 7, path: str = "g/sub/shop", **other: Any) -> dict[str, Any]:
    """A merge request as ``closed_by`` and ``related_merge_requests`` list it."""
    return {
        "id": project * 1000 + number,
        "iid": number,
        "project_id": project,
        "title": f"Mend {number}",
        "description": "",
        "state": "merged",
        "merged_at": when(10),
        "sha": sha(number * 100),
        "merge_commit_sha": None,
        "squash_commit_sha": None,
        "squash": False,
        "references": {
            "short": f"!{number}",
            "relative": f"!{number}",
            "full": f"{path}!{number}",
        },
        **other,
    }


@dataclass
class FakeGitLab:
    """One project, ``g/sub/shop``, number 7."""

    root: str = ""  #: the path that it is served under
    path: str = "g/sub/shop"
    former: str = "old/shop"  #: what the project was called before
    issues: list[dict[str, Any]] = field(default_factory=list)
    closers: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    related: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    commits: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)  #: further projects' paths
    redirect_to: str = ""  #: host that a moved project's redirection names
    token: str | None = TOKEN

    def __call__(self, request: Request) -> Reply:
        prefix = f"{self.root}/api/v4"
        if not request.path.startswith(prefix):
            return Reply(b"<html>Not found</html>", 404, {"Content-Type": "text/html"})
        sent = request.headers.get("private-token") or request.headers.get("job-token")
        if self.token and sent != self.token:
            return Reply({"message": "401 Unauthorized"}, 401)
        path = request.path.removeprefix(prefix)
        for pattern, answer in (
            (r"/projects", self._projects),
            (r"/projects/([^/]+)", self._project),
            (r"/projects/7/issues", self._issues),
            (r"/projects/7/issues/(\d+)/closed_by", self._closers),
            (r"/projects/7/issues/(\d+)/related_merge_requests", self._related),
            (r"/projects/(\d+)/merge_requests/(\d+)/commits", self._commits),
        ):
            if match := re.fullmatch(pattern, path):
                return answer(request, *match.groups())
        return Reply({"message": "404 Not Found"}, 404)

    def _project(self, request: Request, name: str) -> Reply:
        name = unquote(name)
        if name.lower() == self.former:
            where = f"{self.redirect_to}{self.root}/api/v4/projects/7"
            data = f"This resource has been moved permanently to {where}".encode()
            return Reply(data, 301, {"Location": where, "Content-Type": "text/plain"})
        if name.lower() not in (self.path, "7"):
            return Reply({"message": "404 Project Not Found"}, 404)
        return Reply({"id": 7, "path": "shop", "path_with_namespace": self.path})

    def _projects(self, request: Request) -> Reply:
        found = [
            {"id": 7 + place, "path": one.rpartition("/")[2], "path_with_namespace": one}
            for place, one in enumerate((self.path, *self.others))
            if request.query["search"].lower() in one
        ]
        return self._page(request, found)

    def _issues(self, request: Request) -> Reply:
        query = request.query
        assert query["order_by"] == "updated_at"
        assert query["sort"] == "asc"
        labels = set(filter(None, query.get("labels", "").split(",")))
        found = [
            one
            for one in sorted(self.issues, key=lambda one: (one["updated_at"], one["id"]))
            if query.get("state", "all") in ("all", one["state"])
            and all(label in one["labels"] for label in labels)
            and query.get("issue_type", one["issue_type"]) == one["issue_type"]
            and query.get("updated_after", "") <= one["updated_at"]
            and query.get("milestone") in (None, (one["milestone"] or {}).get("title"))
        ]
        return self._page(request, found)

    def _closers(self, request: Request, number: str) -> Reply:
        return self._page(request, self.closers.get(int(number), []))

    def _related(self, request: Request, number: str) -> Reply:
        return self._page(request, self.related.get(int(number), []))

    def _commits(self, request: Request, project: str, number: str) -> Reply:
        return self._page(request, self.commits.get((int(project), int(number)), []))

    def _page(self, request: Request, found: list[dict[str, Any]]) -> Reply:
        """Offset pagination with a ``Link`` header, at most 100 at once."""
        query = request.query
        size = min(int(query.get("per_page", 20)), 100)
        page = int(query.get("page", 1))
        headers = {"x-page": str(page), "x-per-page": str(size), "x-next-page": ""}
        if len(found) > page * size:
            host = request.headers["host"]
            more = urlencode({**query, "page": str(page + 1)})
            headers["x-next-page"] = str(page + 1)
            headers["Link"] = f'<http://{host}{request.path}?{more}>; rel="next"'
        return Reply(found[(page - 1) * size : page * size], headers=headers)


def commit(number: int, message: str = "Mend it") -> dict[str, Any]:
    """As ``GET .../merge_requests/:iid/commits`` lists it."""
    return {
        "id": sha(number),
        "short_id": sha(number)[:8],
        "title": message.split("\n")[0],
        "message": message,
        "author_name": "Author",
        "created_at": when(0),
    }
