"""Where a tracker is served, and the sentences about what went wrong there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from bugguard.errors import TrackerError
from bugguard.trackers.reading import shown
from bugguard.trackers.tokens import Service, Token


class RefusedError(TrackerError):
    """The server understood and will not: a status of the 400s that no waiting mends."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Place:
    """A server's address: ``https://host:port`` and the path that it is served under."""

    scheme: str
    host: str  #: lower case, without port
    port: int | None  #: None: the scheme's own
    path: str  #: ``/gitlab``, or empty

    @classmethod
    def parse(cls, url: str) -> Place:
        """Raises TrackerError for what is no http or https address, or has a password."""
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port, parts = "", None, urlsplit("")
        # The address is not repeated where it may hold a password.
        if parts.username is not None or parts.password is not None:
            raise TrackerError(
                "The tracker's address must not hold a user or a password: put the token into a "
                "variable of the environment or into the keyring."
            )
        bare = not parts.query and not parts.fragment and all("!" <= one <= "~" for one in url)
        if parts.scheme not in ("http", "https") or not host or not bare:
            raise TrackerError(
                f"{shown(url)!r} is not the address of a server: write it like "
                "https://tracker.example."
            )
        usual = {"http": 80, "https": 443}[parts.scheme]
        return cls(parts.scheme, host, None if port == usual else port, parts.path.rstrip("/"))

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def home(self) -> str:
        """Host and path, as keys of tickets name them: without a port, since ssh has none."""
        return f"{self.host}{self.path}".lower()

    @property
    def is_here(self) -> bool:
        """Whether it is this machine, which no proxy can reach."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def owns(self, url: str) -> bool:
        """Whether an address is on this very server: scheme, host and port."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        same = (parts.scheme, parts.hostname or "") == (self.scheme, self.host)
        return same and (port or usual) == (self.port or usual)


@dataclass(frozen=True)
class Words:
    """Sentences about one server: what, where, and what to do next."""

    place: Place
    service: Service
    token: Token | None

    @property
    def where(self) -> str:
        return f"{self.service.name} at {self.place.netloc}"

    def refused(self, status: int, said: str) -> RefusedError:
        """said: the server's own words, if any."""
        needs, source = self.service.needs, self.token.source if self.token else ""
        if status == 401 and not self.token:
            what = (
                f"wants a token (401): put one with {needs} into {self.service.variable} or into "
                "the keyring."
            )
        elif status == 401:
            what = (
                f"refuses the token of {source} (401): it is wrong, revoked or has expired; make "
                f"a new one with {needs}."
            )
        elif status == 403:
            who = f"the token of {source}" if self.token else "who has no token"
            what = f"does not let {who} read this (403): a token needs {needs}{_quoted(said)}."
        elif status in (404, 410):
            what = f"has not what was asked for ({status}){_quoted(said)}: check the address."
        else:
            what = f"refuses the request ({status}){_quoted(said)}: check what is asked for."
        return RefusedError(f"{self.where} {what}", status)

    def broken(self, status: int) -> TrackerError:
        return self._now(f"fails ({status})", "try again later, or ask who runs it")

    def silent(self) -> TrackerError:
        return self._now("does not answer in time", "try again later, or raise the timeout")

    def unreachable(self) -> TrackerError:
        return self._now("cannot be reached", "check the address, the network and the proxy")

    def behind(self) -> TrackerError:
        return self._now(
            "cannot be reached through the proxy",
            "check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY",
        )

    def unverified(self) -> TrackerError:
        return self._now(
            "has a certificate that nobody here vouches for",
            "if its CA is your own, set ca_file or REQUESTS_CA_BUNDLE to that CA's PEM file",
        )

    def misnamed(self) -> TrackerError:
        return self._now(
            "has a certificate for another name", "use the name that the certificate is made for"
        )

    def insecure(self) -> TrackerError:
        return self._now(
            "does not speak TLS as it should", "check whether the address is https and its port"
        )

    def page(self) -> TrackerError:
        return self._now(
            "answers with a web page instead of data",
            "a proxy or a sign-in page stands between, or the address is not the API's server",
        )

    def damaged(self) -> TrackerError:
        return self._now("answers with data that is cut or damaged", "try again later")

    def odd(self) -> TrackerError:
        return self._now(
            "answers in a form that its API does not have",
            "check the address, and whether the server's version is one that is supported",
        )

    def oversized(self, megabytes: int) -> TrackerError:
        return self._now(
            f"answers with more than {megabytes} MB at once", "ask for fewer tickets, or later ones"
        )

    def elsewhere(self, target: str) -> TrackerError:
        return self._now(
            f"sends on to another server, {shown(target, 80)}, to which no token is sent",
            "if that is the right one, use its address",
        )

    def circling(self) -> TrackerError:
        return self._now("sends from one address to the next without end", "check the address")

    def impatient(self, seconds: float) -> TrackerError:
        wait = f"{seconds / 60:.0f} minutes" if seconds > 90 else f"{seconds:.0f} seconds"
        return self._now(
            f"asks to wait {wait} before the next request (rate limit)",
            "start again after that, or allow more patience",
        )

    def _now(self, what: str, then: str) -> TrackerError:
        return TrackerError(f"{self.where} {what}: {then}.")


def _quoted(said: str) -> str:
    return f', and says "{shown(said)}"' if said.strip() else ""
