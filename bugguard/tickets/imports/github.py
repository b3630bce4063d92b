"""GitHub: issues and pull requests as ``gh --json`` and its API write them."""

from __future__ import annotations

import re
from typing import Any

from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord, Tracked
from bugguard.tickets.homes import home
from bugguard.tickets.imports.closing import closed
from bugguard.tickets.imports.record import Context, Row
from bugguard.tickets.imports.values import items, names_of, text_of, when

SOURCE = "github"
PLACE = re.compile(r"(https?://.{3,1500}?)/(?:issues|pull)/([1-9][0-9]{0,8})")


def is_pull_request(value: dict[str, Any]) -> bool:
    marks = ("closingIssuesReferences", "mergeCommit", "pull_request", "merge_commit_sha")
    return "number" in value and any(mark in value for mark in marks)


def is_issue(value: dict[str, Any]) -> bool:
    return "number" in value and "title" in value


def issue(value: dict[str, Any], line: int, context: Context) -> Row:
    """ValueError, in a clause, where it is none that can be kept."""
    title = text_of(value.get("title")).strip()
    if not title:
        raise ValueError("it has no title")
    url = text_of(value.get("html_url") or value.get("url"))
    key = context.key(value.get("number"), project_of(url))
    reason = text_of(value.get("stateReason") or value.get("state_reason")).lower()
    reason = reason.replace("_", " ")
    record = TicketRecord(
        key=key,
        source=SOURCE,
        title=title,
        text=text_of(value.get("body")),
        url=url,
        labels=names_of(value.get("labels")),
        type=next(iter(names_of(value.get("issueType") or value.get("type"))), "").lower(),
        state="closed" if text_of(value.get("state")).lower() == "closed" else "open",
        resolution="" if reason in ("completed", "reopened") else reason,
        created=when(value.get("createdAt") or value.get("created_at")),
        closed=when(value.get("closedAt") or value.get("closed_at")),
        updated=when(value.get("updatedAt") or value.get("updated_at")),
        people=_people(value),
    )
    pulls = items(value.get("closedByPullRequestsReferences"))
    links = tuple(_closed_by(key, pull) for pull in pulls if pull.get("number"))
    return Row(line, Tracked(record, links))


def pull_request(value: dict[str, Any], line: int, context: Context) -> Row:
    """The links of the issues that a merged request closes; none where it was not merged."""
    project = project_of(text_of(value.get("html_url") or value.get("url")))
    number = context.key(value.get("number"), project).id
    state = text_of(value.get("state")).lower()
    merged = value.get("merged_at") or value.get("mergedAt") or state in ("merged", "")
    if not merged:
        return Row(line)
    where = home(context.project or project or context.fallback)
    named = items(value.get("closingIssuesReferences"))
    tickets = [
        context.key(one.get("number"), project_of(text_of(one.get("url"))) or where)
        for one in named
        if one.get("number")
    ] or closed(text_of(value.get("body")), where)
    merge = value.get("mergeCommit")
    landed = text_of(merge.get("oid")) if isinstance(merge, dict) else ""
    landed = landed or text_of(value.get("merge_commit_sha"))
    commits = [text_of(one.get("oid")) for one in items(value.get("commits"))]
    links: list[TicketLink] = []
    for ticket in tickets:
        name = number if ticket.project == where else f"{where.partition('/')[2]}{number}"
        links.append(TicketLink(ticket, landed, f"closed by {name}"))
        if landed:
            links.append(TicketLink(ticket, "", f"closed by {name}"))
        links += [TicketLink(ticket, sha, f"in {name}, which closes it") for sha in commits if sha]
    return Row(line, links=tuple(links))


def project_of(url: str) -> str:
    """The project of a ticket's address; empty where it is none."""
    found = PLACE.match(url)
    return home(found[1]) if found else ""


def _closed_by(key: TicketKey, pull: dict[str, Any]) -> TicketLink:
    project = project_of(text_of(pull.get("url")))
    path = "" if project in ("", key.project) else project.partition("/")[2]
    return TicketLink(key, "", f"closed by {path}#{pull['number']}")


def _people(value: dict[str, Any]) -> tuple[str, ...]:
    whole = [value.get("author"), value.get("user"), *items(value.get("assignees"))]
    return names_of([one for one in whole if one])
