"""Where a comment goes: a GitHub pull request or a GitLab merge request, by their REST APIs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from bugguard.comment.client import Client
from bugguard.errors import CommentError, CommentRefusedError

PAGES = 100  #: of comments that are looked through
ACTIONS_BOT = "github-actions[bot]"  #: who a job's own token comments as


class Comment(NamedTuple):
    """One that is there."""

    id: int
    author: object  #: by which an account is known at the service
    body: str


class Place(Protocol):
    """A request's comments."""

    @property
    def most(self) -> int:
        """Characters that a comment may have."""

    def whose(self) -> object:
        """The account that the token comments as, as in :attr:`Comment.author`."""

    def comments(self) -> Iterator[Comment]:
        """All of them, the oldest first. Raises CommentError."""

    def create(self, body: str) -> None: ...

    def edit(self, comment: Comment, body: str) -> None: ...

    def remove(self, comment: Comment) -> None: ...


@dataclass(frozen=True, slots=True)
class GitHub:
    """https://docs.github.com/rest/issues/comments: a pull request is an issue there."""

    client: Client
    repository: str  #: OWNER/NAME
    number: int
    author: str = ""  #: login that the token comments as; empty: as the server says
    most: int = 65_536

    @property
    def _base(self) -> str:
        return f"/repos/{quote(self.repository, safe='/')}/issues"

    def whose(self) -> object:
        if self.author:
            return self.author.lower()
        try:
            login = _field(self.client.ask("GET", "/user").value, "login")
        except CommentRefusedError as error:
            if error.status == 401:
                raise
            return ACTIONS_BOT  # an app's token, as a job has one, may not ask who it is
        return str(login or "").lower()

    def comments(self) -> Iterator[Comment]:
        path = f"{self._base}/{self.number}/comments"
        for one in _pages(self.client, path, 100):
            login = _field(_field(one, "user"), "login")
            yield _comment(one, str(login or "").lower())

    def create(self, body: str) -> None:
        self.client.ask("POST", f"{self._base}/{self.number}/comments", {"body": body})

    def edit(self, comment: Comment, body: str) -> None:
        self.client.ask("PATCH", f"{self._base}/comments/{comment.id}", {"body": body})

    def remove(self, comment: Comment) -> None:
        self.client.ask("DELETE", f"{self._base}/comments/{comment.id}")


@dataclass(frozen=True, slots=True)
class GitLab:
    """https://docs.gitlab.com/api/notes/, of merge requests."""

    client: Client
    project: str  #: its number, or its path with groups
    number: int  #: the merge request's, within the project
    most: int = 1_000_000

    @property
    def _base(self) -> str:
        return f"/projects/{quote(self.project, safe='')}/merge_requests/{self.number}/notes"

    def whose(self) -> object:
        return _field(self.client.ask("GET", "/user").value, "id")

    def comments(self) -> Iterator[Comment]:
        for one in _pages(self.client, self._base + "?sort=asc&order_by=created_at", 50):
            if _field(one, "system") is not True:
                yield _comment(one, _field(_field(one, "author"), "id"))

    def create(self, body: str) -> None:
        self.client.ask("POST", self._base, {"body": body})

    def edit(self, comment: Comment, body: str) -> None:
        self.client.ask("PUT", f"{self._base}/{comment.id}", {"body": body})

    def remove(self, comment: Comment) -> None:
        self.client.ask("DELETE", f"{self._base}/{comment.id}")


def _pages(client: Client, path: str, size: int) -> Iterator[object]:
    """Every item of a list that comes in pages. Raises CommentError where there is no end."""
    mark = "&" if "?" in path else "?"
    for page in range(1, PAGES + 1):
        answer = client.ask("GET", f"{path}{mark}per_page={size}&page={page}")
        if not isinstance(answer.value, list):
            raise CommentError(f"{client.host} sent no list of comments.")
        yield from answer.value
        # A server may give fewer a page than it was asked for, and then says that there are more.
        more = 'rel="next"' in answer.headers.get("Link", "") or answer.headers.get("X-Next-Page")
        if not answer.value or (len(answer.value) < size and not more):
            return
    # Not seeing our own comment we would make another.
    raise CommentError(
        f"{client.host} has more than {PAGES * size:,} comments there: nothing was commented."
    )


def _field(value: Any, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _comment(one: object, author: object) -> Comment:
    id_, body = _field(one, "id"), _field(one, "body")
    return Comment(id_ if type(id_) is int else -1, author, body if isinstance(body, str) else "")
