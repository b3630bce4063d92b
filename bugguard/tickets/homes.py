"""The names of projects, so that a remote, a tracker and an export mean the same one."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII)
_PORT = re.compile(r"^([^/:]+):[0-9]{1,5}(?=/|$)")


@lru_cache(maxsize=4096)
def home(project: str) -> str:
    """``host/path`` in lower case, without scheme, user, port and ``.git``.

    The port goes since the same project is reached by ssh without one.
    """
    name = _SCHEME.sub("", unquote(project.strip()).lower(), count=1).strip("/")
    host, slash, path = name.partition("/")
    name = host.rpartition("@")[2] + slash + path
    return _PORT.sub(r"\1", name).removesuffix(".git").strip("/")


def via(project: str, why: str) -> str:
    """The merge or pull request that a link goes by: ``gitlab.example/web/shop!34``.

    project: the ticket's. why: as in :class:`bugguard.domain.tickets.TicketLink`; empty: it names
    none. What it names without a path is one of the ticket's own project.
    """
    found = _REQUEST.search(why)
    if not found:
        return ""
    path, reference = found["path"].lower(), found["reference"]
    host = project.partition("/")[0]
    return f"{host}/{path}{reference}" if path else f"{project}{reference}"


_REQUEST = re.compile(
    r"(?<![\w./#!-])(?P<path>(?:[\w.-]{1,100}/){1,20}[\w.-]{1,100}|)(?P<reference>[#!][1-9][0-9]{0,8})(?!\w)",
    re.ASCII,
)
