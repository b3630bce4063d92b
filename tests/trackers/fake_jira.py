"""A Jira that answers as its REST APIs' documentation says: Cloud's v3 and Data Center's v2."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from loopback import Reply, Request

TOKEN = "ATATT-kept-secret"  # noqa: S105
EMAIL = "dev@example.com"
NOW = datetime(2024, 1, 2, tzinfo=timezone.utc)  #: by the server's clock


def when(second: int) -> str:
    """A moment of 2024, as Jira writes it, in a zone of its own."""
    moment = datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=second)
    return moment.astimezone(timezone(timedelta(hours=9))).strftime("%Y-%m-%dT%H:%M:%S.000+0900")


def issue(number: int, second: int, project: str = "SHOP", **fields: Any) -> dict[str, Any]:
    key = f"{project}-{number}"
    return {
        "id": str(10_000 + number),
        "key": key,
        "self": f"https://jira.example/rest/api/2/issue/{number}",
        "fields": {
            "summary": f"Bug {number}",
            "description": f"What is wrong in {number}",
            "labels": ["cart"],
            "issuetype": {"name": "Bug", "subtask": False},
            "status": {"name": "Done", "statusCategory": {"key": "done", "name": "Done"}},
            "resolution": {"name": "Fixed"},
            "created": when(0),
            "updated": when(second),
            "resolutiondate": when(second),
            "creator": {"displayName": "Author"},
            "reporter": {"displayName": "Reporter"},
            "assignee": {"displayName": "Assignee"},
            "security": None,
            "comment": {"comments": [{"body": "private words"}]},
            **fields,
        },
    }


@dataclass
class FakeJira:
    """One site. What a JQL of the tests means is found by :meth:`_matches`."""

    cloud: bool = True
    root: str = ""
    issues: list[dict[str, Any]] = field(default_factory=list)
    most: int = 50  #: issues that are given at once
    window: int = 10_000  #: offsets from which on nothing is given
    failed_login: bool = False
    authorization: str | None = None  #: None: anything goes
    asked: list[str] = field(default_factory=list)  #: the JQL of each search

    def __call__(self, request: Request) -> Reply:
        sent = request.headers.get("authorization")
        headers = {"Date": format_datetime(NOW, usegmt=True)}
        if self.authorization is not None and sent != self.authorization:
            return Reply({"message": "Client must be authenticated to access this resource."}, 401)
        if self.failed_login:
            headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
        path = request.path.removeprefix(self.root)
        if path == "/rest/api/2/serverInfo":
            kind = "Cloud" if self.cloud else "Server"
            about = {"baseUrl": "https://jira.example", "deploymentType": kind, "version": "9.12"}
            return Reply(about, headers=headers)
        if path == ("/rest/api/3/search/jql" if self.cloud else "/rest/api/2/search"):
            return self._search(request, headers)
        return Reply({"errorMessages": ["dead link"], "errors": {}}, 404)

    def _search(self, request: Request, headers: dict[str, str]) -> Reply:
        query = request.query
        self.asked.append(query["jql"])
        if not query["jql"].endswith(" ORDER BY updated ASC, key ASC") or "NONE" in query["jql"]:
            words = "The value 'NONE' does not exist for the field 'project'."
            return Reply({"errorMessages": [words], "warningMessages": []}, 400)
        found = sorted(
            (one for one in self.issues if self._matches(query["jql"], one)),
            key=lambda one: (one["fields"]["updated"], one["key"]),
        )
        size = min(int(query["maxResults"]), self.most)
        names = set(query["fields"].split(","))
        start = int(query.get("nextPageToken" if self.cloud else "startAt", 0))
        if start >= self.window:
            return Reply({"errorMessages": ["Search limit exceeded."]}, 400)
        shown = [
            {**one, "fields": {key: one["fields"].get(key) for key in names}}
            for one in found[start : start + size]
        ]
        if not self.cloud:
            about = {"startAt": start, "maxResults": size, "total": len(found)}
            return Reply({**about, "issues": shown}, headers=headers)
        is_last = start + size >= len(found)
        more = {} if is_last else {"nextPageToken": str(start + size)}
        return Reply({"issues": shown, "isLast": is_last, **more}, headers=headers)

    @staticmethod
    def _matches(jql: str, one: dict[str, Any]) -> bool:
        fields = one["fields"]
        if "issuetype = Bug" in jql and fields["issuetype"]["name"] != "Bug":
            return False
        if "statusCategory = Done" in jql and fields["status"]["statusCategory"]["key"] != "done":
            return False
        if (back := re.search(r'updated >= "-(\d+)m"', jql)) is None:
            return True
        moment = datetime.strptime(fields["updated"], "%Y-%m-%dT%H:%M:%S.%f%z")
        return moment >= NOW - timedelta(minutes=int(back[1]))


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
