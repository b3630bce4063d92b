"""Which tickets a description closes: the keywords that GitLab and GitHub document.

https://docs.gitlab.com/user/project/issues/managing_issues/#default-closing-pattern
https://docs.github.com/issues/tracking-your-work-with-issues/linking-a-pull-request-to-an-issue
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bugguard.domain.tickets import TicketKey
from bugguard.tickets.homes import home

_MOST = 64 * 1024  #: characters that are read
_KEYWORD = re.compile(
    r"\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)"
    r"(?::\s{0,9}|\s{1,9})",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?:issues?\s{1,9})?"
    r"(?:(?P<path>(?:[\w.-]{1,100}/){1,20}[\w.-]{1,100})?#(?P<number>[1-9][0-9]{0,8})"
    r"|(?P<url>https?://[^\s<>()\[\]\"']{3,500}?)/(?:-/)?(?:issues|work_items)/"
    r"(?P<at>[1-9][0-9]{0,8}))(?!\w)",
    re.IGNORECASE | re.ASCII,
)
_AND = re.compile(r"(?:\s{0,9},\s{0,9}(?:and\s{1,9})?|\s{1,9}and\s{1,9}|\s{0,9}&\s{0,9})")


def closed(text: str, project: str) -> list[TicketKey]:
    """The tickets that a text says to close, each once. project: where ``#12`` leads."""
    return list(dict.fromkeys(_closed(text[:_MOST], home(project))))


def _closed(text: str, project: str) -> Iterator[TicketKey]:
    host = project.partition("/")[0]
    for keyword in _KEYWORD.finditer(text):
        place: int | None = keyword.end()
        while place is not None and (found := _REFERENCE.match(text, place)):
            if found["url"]:
                yield TicketKey(home(found["url"]), f"#{found['at']}")
            else:
                at = home(f"{host}/{found['path']}") if found["path"] else project
                yield TicketKey(at, f"#{found['number']}")
            more = _AND.match(text, found.end())
            place = more.end() if more else None
