"""GitLab: issues and merge requests as its API, ``glab`` and a project's export write them.

Of an export's notes nothing is read, private ones least of all.
"""

from __future__ import annotations

import re
from typing import Any

from bugguard.domain.tickets import TicketLink, TicketRecord, Tracked
from bugguard.tickets.homes import home
from bugguard.tickets.imports.closing import closed
from bugguard.tickets.imports.record import Context, Row
from bugguard.tickets.imports.values import items, names_of, text_of, when

SOURCE = "gitlab"
_PLACE = re.compile(r"(https?://.{3,1500}?)/(?:-/)?(?:issues|work_items|merge_requests)/\d+")
#: What the tracker writes for every issue that nobody gave a type.
_NO_TYPES = frozenset(("issue",))


def is_merge_request(value: dict[str, Any]) -> bool:
    return "iid" in value and ("source_branch" in value or "merge_commit_sha" in value)


def is_issue(value: dict[str, Any]) -> bool:
    return "iid" in value and "title" in value


def issue(value: dict[str, Any], line: int, context: Context) -> Row:
    """ValueError, in a clause, where it is none that can be kept."""
    title = text_of(value.get("title")).strip()
    if not title:
        raise ValueError("it has no title")
    labels = names_of(value.get("labels"))
    # An export has them one level deeper.
    links = [one.get("label") for one in items(value.get("label_links"))]
    kind = text_of(value.get("issue_type") or value.get("type")).lower()
    moved = value.get("moved_to_id") is not None
    people = [value.get("author"), *items(value.get("assignees")), value.get("assignee"),
              value.get("closed_by")]  # fmt: skip
    record = TicketRecord(
        key=context.key(value.get("iid"), project_of(text_of(value.get("web_url")))),
        source=SOURCE,
        title=title,
        text=text_of(value.get("description")),
        url=text_of(value.get("web_url")),
        labels=(*labels, *names_of([one for one in links if one])),
        type="" if kind in _NO_TYPES else kind,
        state="closed" if text_of(value.get("state")).lower() == "closed" else "open",
        resolution="moved" if moved else "",
        created=when(value.get("created_at")),
        closed=when(value.get("closed_at")),
        updated=when(value.get("updated_at")),
        people=names_of([one for one in people if one]),
        confidential=value.get("confidential") is True,
    )
    return Row(line, Tracked(record))


def merge_request(value: dict[str, Any], line: int, context: Context) -> Row:
    """The links of the issues that a merged request closes; none where it was not merged."""
    project = project_of(text_of(value.get("web_url")))
    own = context.key(value.get("iid"), project)
    if text_of(value.get("state")).lower() not in ("merged", ""):
        return Row(line)
    request = f"!{own.id.lstrip('#')}"
    described = f"{text_of(value.get('title'))}\n{text_of(value.get('description'))}"
    where = home(context.project or project or context.fallback)
    diff = value.get("merge_request_diff")
    commits = items(diff.get("merge_request_diff_commits")) if isinstance(diff, dict) else []
    landed = [value.get("squash_commit_sha"), value.get("merge_commit_sha")]
    before = [value.get("sha"), *(one.get("sha") for one in commits)]
    links: list[TicketLink] = []
    for ticket in closed(described, where):
        # Where the issue is another project's, the request's own project is told.
        name = request if ticket.project == where else f"{where.partition('/')[2]}{request}"
        links.append(TicketLink(ticket, "", f"closed by {name}"))
        for shas, why in ((landed, f"closed by {name}"), (before, f"in {name}, which closes it")):
            links += [TicketLink(ticket, text_of(sha), why) for sha in shas if text_of(sha)]
    return Row(line, links=tuple(links))


def project_of(url: str) -> str:
    """The project of a ticket's address; empty where it is none."""
    found = _PLACE.match(url)
    return home(found[1]) if found else ""
