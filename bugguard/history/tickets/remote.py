"""A repository's remote, and the links that follow from it without asking anybody.

Link forms are the providers' documented ones: GitHub (also Enterprise), GitLab (also self-hosted,
with subgroups), Bitbucket Cloud and Bitbucket Server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from bugguard.domain import Ticket
from bugguard.errors import ConfigError
from bugguard.history.regexes import compiled
from bugguard.history.tickets.references import SETTING, Kind, Reference, find

PROVIDERS = ("github", "gitlab", "bitbucket", "bitbucket-server")

_PATHS = {
    "github": {
        Kind.ISSUE: "issues",
        Kind.GH: "issues",
        Kind.CROSS_ISSUE: "issues",
        Kind.SUFFIX: "pull",
        Kind.PULL: "pull",
    },
    "gitlab": {
        Kind.ISSUE: "-/issues",
        Kind.SUFFIX: "-/issues",
        Kind.CROSS_ISSUE: "-/issues",
        Kind.MERGE: "-/merge_requests",
        Kind.CROSS_MERGE: "-/merge_requests",
    },
    "bitbucket": {Kind.ISSUE: "issues", Kind.SUFFIX: "issues", Kind.PULL: "pull-requests"},
    "bitbucket-server": {Kind.PULL: "pull-requests"},
}
_SCHEMES = frozenset(("http", "https", "ssh", "git", "git+ssh", "git+https", "git+http"))
_SCP_LIKE = re.compile(r"(?:[^@/\s]+@)?([^@:/\\\s]{2,}):(?!//)(.+)")  # one letter is a drive
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9])?\.?", re.ASCII)
# Where ssh is offered on the https port, for networks that allow nothing else.
_SSH_HOSTS = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
}


@dataclass(frozen=True, slots=True)
class TicketRules:
    """How references are read and linked, as configured.

    patterns: regexes of further references, each match a whole id.
    url: link template. ``{id}`` makes it one for keys (``ABC-12``) and for what ``patterns`` find;
        ``{number}`` alone makes it one for ``#12`` too.
    provider: one of :data:`PROVIDERS`, for a host whose name does not say it.

    Raises ConfigError for a regex, template or provider that cannot be used.
    """

    patterns: tuple[str, ...] = ()
    url: str = ""
    provider: str = ""

    def __post_init__(self) -> None:
        for pattern in self.patterns:
            compiled(pattern, SETTING)
        if self.provider and self.provider not in PROVIDERS:
            raise ConfigError(
                f"learn.provider: {self.provider!r} is not known; use one of "
                f"{', '.join(PROVIDERS)}, or set learn.ticket_url."
            )
        if self.url and not _is_template(self.url):
            raise ConfigError(
                f"learn.ticket_url: {self.url!r} cannot be used; write an http or https address "
                "without a password, with {id} or {number} where the ticket goes."
            )

    def link(self, reference: Reference) -> str:
        """The configured link, or an empty string where the template is not meant."""
        kinds = {Kind.KEY, Kind.CUSTOM}
        if "{id}" not in self.url:
            kinds |= {Kind.ISSUE, Kind.SUFFIX}
        if not self.url or reference.kind not in kinds:
            return ""
        if "{number}" in self.url and not reference.number:
            return ""
        number = self.url.replace("{number}", reference.number)
        return number.replace("{id}", quote(reference.text, safe="", errors="replace"))


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a repository is published. Never holds a user name or a password."""

    scheme: str  #: ``https``, or ``http`` where the remote itself is reached so
    host: str  #: lower case, with the port if it is one of http(s)
    path: str  #: ``owner/name`` or ``group/subgroup/name``, percent-encoded
    provider: str  #: one of :data:`PROVIDERS`, or empty where the host's name does not tell

    @classmethod
    def parse(cls, url: str, provider: str = "") -> Remote | None:
        """The remote of a git URL (https, ssh, git or scp-like); None for local paths and noise.

        provider: what the settings say, for hosts whose name does not.
        """
        parts = _split(url)
        if parts is None:
            return None
        scheme, host, port, path = parts
        host = _SSH_HOSTS.get(host, host)
        path = path.strip("/").removesuffix(".git").strip("/")
        server = scheme in ("http", "https") and path.startswith("scm/")
        names = [unquote(name) for name in path.removeprefix("scm/" if server else "").split("/")]
        if len(names) < 2 or any(name in ("", ".", "..") for name in names):
            return None
        return cls(
            scheme="http" if scheme == "http" else "https",
            host=f"{host}:{port}" if port and scheme in ("http", "https") else host,
            path="/".join(quote(name, safe="~", errors="replace") for name in names),
            provider=_provider(host) or provider or ("bitbucket-server" if server else ""),
        )

    @property
    def name(self) -> str:
        """``host/owner/name``."""
        return f"{self.host}/{self.path}"

    def link(self, reference: Reference) -> str:
        """The reference's address, or an empty string where none follows for certain."""
        # Only GitLab writes "!12", so that it tells a self-hosted one whatever its name.
        provider = self.provider or ("gitlab" if reference.kind is Kind.MERGE else "")
        place = _PATHS.get(provider, {}).get(reference.kind)
        if place is None:
            return ""
        path = self.path
        if reference.kind in (Kind.CROSS_ISSUE, Kind.CROSS_MERGE):
            path = re.split("[#!]", reference.text)[0]
            if provider == "github" and path.count("/") != 1:
                return ""
        elif provider == "bitbucket-server":
            *_, project, repository = path.split("/")
            kind = "users" if project.startswith("~") else "projects"
            path = f"{kind}/{project.removeprefix('~')}/repos/{repository}"
        return f"{self.scheme}://{self.host}/{path}/{place}/{reference.number}"


def tickets(
    message: str, remote: Remote | None = None, rules: TicketRules | None = None
) -> tuple[Ticket, ...]:
    """The tickets that a message names, in order, with a link where one follows.

    Titles are empty: the subject is the commit's title and never a ticket's. ``source`` is
    ``subject`` or ``message``.
    """
    rules = rules or TicketRules()
    return linked(find(message, rules.patterns), remote, rules)


def linked(
    references: Iterable[Reference], remote: Remote | None, rules: TicketRules
) -> tuple[Ticket, ...]:
    """The same for references that were found already."""
    return tuple(
        Ticket(
            id=reference.text,
            title="",
            url=_url(reference, remote, rules),
            source="subject" if reference.in_subject else "message",
        )
        for reference in references
    )


def _url(reference: Reference, remote: Remote | None, rules: TicketRules) -> str:
    if reference.kind is Kind.URL:
        return reference.text
    if reference.kind is Kind.CVE:
        return f"https://www.cve.org/CVERecord?id={reference.text}"
    return rules.link(reference) or (remote.link(reference) if remote else "")


def _split(url: str) -> tuple[str, str, int | None, str] | None:
    """Scheme, host, port and path of a git URL; None if it is not one of a host."""
    url = url.strip()
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in url):
        return None
    try:
        if "://" in url:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
            path = parts.path
        elif scp := _SCP_LIKE.fullmatch(url):
            scheme, host, port, path = "ssh", scp[1].lower(), None, scp[2]
        else:
            return None
    except ValueError:  # a port or an IPv6 address that is none
        return None
    return (scheme, host, port, path) if scheme in _SCHEMES and _HOST.fullmatch(host) else None


def _provider(host: str) -> str:
    """The provider that a part of the host's name names: ``gitlab.example.org``."""
    words = re.split("[.-]", host)
    if "bitbucket" in words and host != "bitbucket.org":
        return "bitbucket-server"
    return next((name for name in ("github", "gitlab", "bitbucket") if name in words), "")


def _is_template(url: str) -> bool:
    try:
        parts = urlsplit(url)
        bare = parts.hostname and parts.username is None and parts.password is None
    except ValueError:
        return False
    printable = all("!" <= character <= "~" for character in url)
    rest = url.replace("{id}", "").replace("{number}", "")
    # A place in the host's name would let a commit message choose the host.
    places = rest != url and not set(rest) & set("{}") and "{" not in parts.netloc
    return bool(parts.scheme in ("http", "https") and bare and printable and places)
