"""Words that close a ticket: "Closes #12", "fixes group/name#3 and #4".

After what the providers document: GitLab's default closing pattern (issue closing pattern) and
GitHub's keywords (linking a pull request to an issue).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

MOST = 1_000

_FLAGS = re.IGNORECASE | re.ASCII
GITHUB = re.compile(r"(?<!\w)(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s{1,9}", _FLAGS)
GITLAB = re.compile(
    r"(?<!\w)(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)"
    r":?\s{1,9}",
    _FLAGS,
)
_REFERENCE = re.compile(
    r"(?:issues?\s{1,9})?"
    r"(?: https?://(?P<home>[^\s#?]{1,500}?)(?:/-)?/(?:issues|work_items)/(?P<web>[1-9]\d{0,9})"
    r"  | GH-(?P<gh>[1-9]\d{0,9})"
    r"  | (?P<path>[\w.-]{1,255}(?:/[\w.-]{1,255}){0,20})?\#(?P<number>[1-9]\d{0,9})"
    r")(?!\w)",
    _FLAGS | re.VERBOSE,
)
_BETWEEN = re.compile(r"\s{0,9},?\s{0,9}(?:and\s{1,9})?", _FLAGS)


class Home(NamedTuple):
    """Where a text stands, which says what ``#12`` in it means."""

    host: str  #: lower case, as in a ticket's key
    path: str  #: the project's, ``group/sub/name``


def closed(text: str, words: re.Pattern[str], home: Home) -> frozenset[tuple[str, int]]:
    """The tickets that a text of ``home`` says it closes: each its project's key and its number.

    The first :data:`MOST`: what closes more is a changelog, or an attack.
    """
    return frozenset(islice(_closed(text, words, home), MOST))


def _closed(text: str, words: re.Pattern[str], home: Home) -> Iterator[tuple[str, int]]:
    for keyword in words.finditer(text):
        place = keyword.end()
        while found := _REFERENCE.match(text, place):
            yield _meant(found, home)
            between = _BETWEEN.match(text, found.end())
            if between is None or between.end() == found.end():
                break
            place = between.end()


def _meant(found: re.Match[str], home: Home) -> tuple[str, int]:
    if found["web"]:
        host, _, path = found["home"].partition("/")
        return f"{host.partition(':')[0]}/{path}".lower(), int(found["web"])
    path = found["path"] or home.path
    if "/" not in path and "/" in home.path:  # a neighbour in the same group
        path = f"{home.path.rpartition('/')[0]}/{path}"
    return f"{home.host}/{path}".lower(), int(found["gh"] or found["number"])
