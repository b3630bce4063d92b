"""GitHub's addresses, and PyGithub on the guarded session.

PyGithub rather than githubkit: it stands on requests, as python-gitlab does, so that one guarded
session serves both; it takes answers of older Enterprise servers as they are; and it is a tenth of
the size, since githubkit brings the whole API as models.
"""

from __future__ import annotations

from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import github
from github.Requester import Requester, RequestsResponse
from requests.utils import parse_header_links

from bugguard.trackers.connection import USER_AGENT, Connection
from bugguard.trackers.place import Place

_INJECTING = Lock()


def addresses(url: str) -> tuple[str, str]:
    """Of the site and of its API."""
    place = Place.parse(url)
    host = place.host.removeprefix("api.")
    if host in ("github.com", "www.github.com"):
        return "https://github.com", "https://api.github.com"
    if host.endswith(".ghe.com"):
        return f"https://{host}", f"https://api.{host}"
    site = place.url.removesuffix("/api/v3")
    return site, f"{site}/api/v3"


def following(link: str) -> dict[str, str] | None:
    """What a ``Link`` header asks the next page with. Its address is never followed."""
    for one in parse_header_links(link) if link else ():
        if one.get("rel") == "next":
            return dict(parse_qsl(urlsplit(one.get("url", "")).query))
    return None


def client(connection: Connection) -> github.Github:
    """PyGithub on the guarded session: it has no other way to be given one."""

    class Guarded:
        def __init__(self, host: str, *_: Any, **__: Any) -> None:
            self.host = host

        def request(self, verb: str, url: str, *rest: Any) -> None:
            self._asked = verb, url, rest

        def getresponse(self) -> RequestsResponse:
            verb, url, (data, headers, *_) = self._asked
            address = f"{connection.place.scheme}://{connection.place.netloc}{url}"
            return RequestsResponse(
                connection.session.request(verb, address, data=data, headers=headers)
            )

        def close(self) -> None:
            pass

    kind: Any = Guarded
    token = connection.token
    with _INJECTING:
        Requester.injectConnectionClasses(kind, kind)
        try:
            return github.Github(
                auth=github.Auth.Token(token.secret) if token else None,
                base_url=connection.place.url,
                user_agent=USER_AGENT,
                retry=None,
                seconds_between_requests=None,
                seconds_between_writes=None,
            )
        finally:
            Requester.resetConnectionClasses()
