"""Whose server it is, and the token for it: looked up, sent to that server, and never shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bugguard.errors import TrackerError
from bugguard.trackers.asked import Access

KEYRING = "bugguard"  #: the name under which a keyring holds tokens, by host


@dataclass(frozen=True)
class Service:
    """A tracker's kind."""

    name: str
    needs: str  #: what a token must be allowed
    variable: str  #: where a token is looked for first


GITLAB = Service("GitLab", "the scope read_api", "GITLAB_TOKEN")
GITHUB = Service(
    "GitHub",
    "read access to issues, pull requests and contents (a classic token: the scope repo)",
    "GITHUB_TOKEN",
)
JIRA = Service("Jira", "the scope read:jira-work", "JIRA_API_TOKEN")


@dataclass(frozen=True)
class Token:
    """A secret with where it was found. Its text never has the secret."""

    secret: str = field(repr=False)
    source: str  #: the variable's name, or ``the keyring``
    user: str = field(default="", repr=False)  #: Jira Cloud's tokens belong to an address

    @property
    def is_job(self) -> bool:
        """Whether it is that of a GitLab CI job, which is sent in another way."""
        return self.source == "CI_JOB_TOKEN"


def find(service: Service, host: str, access: Access) -> Token | None:
    """The token for ``host``: of the named variable, the usual ones, or the keyring.

    Raises TrackerError for a named variable that is not set, and for what cannot be a token.
    """
    environ = access.environ
    if access.token_variable and not environ.get(access.token_variable, "").strip():
        raise TrackerError(
            f"The variable {access.token_variable}, which is to hold the token for {host}, is not "
            f"set: put a token with {service.needs} into it."
        )
    names = [access.token_variable] if access.token_variable else _variables(service, host, access)
    user = environ.get("JIRA_EMAIL", "").strip() if service is JIRA else ""
    for name in names:
        if secret := environ.get(name, "").strip():
            return _checked(Token(secret, name, user))
    secret = _from_keyring(host)
    return _checked(Token(secret, "the keyring", user)) if secret else None


def _variables(service: Service, host: str, access: Access) -> list[str]:
    """The usual variables, as far as they are meant for this host.

    After what the providers' own tools do: gh sends GITHUB_TOKEN to github.com alone, and a CI
    job's token belongs to the server that runs the job.
    """
    environ = access.environ
    if service is GITLAB:
        at_home = environ.get("CI_SERVER_HOST", "").lower() == host
        return ["GITLAB_TOKEN", *(["CI_JOB_TOKEN"] if at_home else [])]
    if service is GITHUB:
        if host in ("github.com", "api.github.com") or host.endswith(".ghe.com"):
            return ["GH_TOKEN", "GITHUB_TOKEN"]
        at_home = _host(environ.get("GITHUB_SERVER_URL", "")) == host
        own = ["GITHUB_TOKEN"] if at_home else []
        return ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", *own]
    return ["JIRA_API_TOKEN", "JIRA_TOKEN"]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _checked(token: Token) -> Token:
    """Nothing that would end a header's line, or could not be sent in one."""
    if all("!" <= one <= "~" for one in token.secret):
        return token
    raise TrackerError(
        f"What {token.source} holds is not a token: it has a space, a line break or a letter "
        "beyond ASCII; copy the token again."
    )


def _from_keyring(host: str) -> str:
    """What ``keyring set bugguard HOST`` has put there; nothing where no keyring can be used."""
    try:
        import keyring

        return (keyring.get_password(KEYRING, host) or "").strip()
    except Exception:  # its backends raise whatever their systems do
        return ""
