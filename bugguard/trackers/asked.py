"""What is asked of which tracker, and how it is reached: plain values, without any library."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True)
class Access:
    """How a tracker is reached. Proxies are those of the environment (``HTTPS_PROXY``, ...).

    token_variable: the environment variable that holds the token, where it is another than those
        that the providers' own tools read.
    ca_file: PEM file of the certificates to trust; None: the usual ones, or REQUESTS_CA_BUNDLE.
    timeout: seconds without a byte after which a server counts as silent.
    patience: seconds that may be waited in all where the server asks for it (rate limits).
    tell: is told, a sentence at a time, what takes long or is not as it was asked for.
    validators: what the server said last to the same question (ETag by address), which is brought
        up to date here. Kept between runs it spares what has not changed; None: nothing is kept.
    """

    token_variable: str | None = None
    ca_file: Path | None = None
    timeout: float = 60.0
    patience: float = 900.0
    tell: Callable[[str], None] = _silent
    validators: dict[str, str] | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


@dataclass(frozen=True)
class GitLabTickets:
    """Issues of a GitLab project, and the merge requests that close them.

    project: ``group/sub/name``, its number, or a name alone where only one project has it.
    url: of the server, with its path if it is not served from the root. Whoever names it decides
        who gets the token: never take it from a repository under check.
    labels: those that an issue has all of; empty: any.
    state: ``closed``, ``opened`` or ``all``.
    type: ``issue``, ``incident``, ``test_case`` or ``task``; None: any.
    milestone: its title; None: any.
    scope: ``all``, ``created_by_me`` or ``assigned_to_me``.
    confidential: whether confidential issues are taken too.
    """

    project: str
    url: str = "https://gitlab.com"
    labels: tuple[str, ...] = ("bug",)
    state: str = "closed"
    type: str | None = None
    milestone: str | None = None
    scope: str = "all"
    confidential: bool = False


@dataclass(frozen=True)
class GitHubTickets:
    """Issues of a GitHub repository, and the pull requests that close them.

    project: ``owner/name``.
    url: ``https://github.com``, or of an Enterprise server (``https://ghe.example``, with or
        without ``/api/v3``). Whoever names it decides who gets the token.
    labels: those that an issue has all of; empty: any.
    state: ``closed``, ``open`` or ``all``.
    type: an issue type's name; None: any.
    """

    project: str
    url: str = "https://github.com"
    labels: tuple[str, ...] = ("bug",)
    state: str = "closed"
    type: str | None = None


@dataclass(frozen=True)
class JiraTickets:
    """Issues of a Jira project; they come without links, since commit messages name their keys.

    project: its key, ``SHOP``.
    url: of the site, with its path if it is not served from the root. Whoever names it decides who
        gets the token.
    jql: which issues; None: the bugs of ``project`` that are done. Its order does not count.
    confidential: whether issues with a security level are taken too.
    """

    project: str
    url: str
    jql: str | None = None
    confidential: bool = False
