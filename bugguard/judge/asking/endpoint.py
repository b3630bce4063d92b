"""Who is asked: an address, a model and a key, from the user's own settings and environment."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bugguard.config import Judge
from bugguard.errors import JudgeError

OPENAI = "https://api.openai.com/v1"
PLACEHOLDER = "none"  #: sent as the key where none is needed, for the client insists on one
_MOST_CA = 10_000_000  # bytes; every CA there is takes about 300,000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server and its model. Keys are in no representation of it."""

    model: str  #: of Azure: the deployment's name
    base_url: str | None  #: None: OpenAI's own, or Azure
    api_key: str | None = field(repr=False)
    azure_endpoint: str | None
    azure_api_version: str | None
    ca_file: Path | None
    structured: str  #: ``json_schema``, ``json_object`` or ``text``
    azure_ad_token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, judge: Judge, environ: Mapping[str, str]) -> Endpoint:
        """As the settings and, where they are silent, the openai client's own variables say.

        Raises JudgeError, in one sentence, for whatever is missing or cannot be used.
        """
        if find_spec("openai") is None:
            raise JudgeError(
                "the judge needs the package openai: install it with "
                '`pip install "bugguard[judge]"`'
            )
        if not judge.model:
            raise JudgeError(
                "the judge has no model: set BUGGUARD_JUDGE_MODEL, or judge.model in your own "
                "config"
            )
        address, azure = _address(judge, environ)
        if judge.ca_file is not None:
            trust(judge.ca_file)
        if not azure:
            key = _key(
                ("judge.api_key", judge.api_key), ("OPENAI_API_KEY", environ.get("OPENAI_API_KEY"))
            )
            made = cls(judge.model, address, key, None, None, judge.ca_file, judge.structured)
            if made.is_official and key is None:
                raise JudgeError(
                    f"{made.name} wants a key: set OPENAI_API_KEY, or judge.api_key in your own "
                    "config"
                )
            return made
        key = _key(
            ("judge.api_key", judge.api_key),
            ("AZURE_OPENAI_API_KEY", environ.get("AZURE_OPENAI_API_KEY")),
        )
        token = environ.get("AZURE_OPENAI_AD_TOKEN")
        token = None if key else _key(("AZURE_OPENAI_AD_TOKEN", token))
        if key is None and token is None:
            raise JudgeError(
                "Azure wants a key: set AZURE_OPENAI_API_KEY, or judge.api_key in your own config"
            )
        version = judge.azure_api_version or environ.get("OPENAI_API_VERSION")
        if not version:
            raise JudgeError(
                "Azure wants the version of its API: set OPENAI_API_VERSION, or "
                "judge.azure_api_version in your own config, to one that your resource names"
            )
        return cls(judge.model, None, key, address, version, judge.ca_file, judge.structured, token)

    @property
    def url(self) -> str:
        """Its address; of Azure without the deployment."""
        return self.azure_endpoint or self.base_url or OPENAI

    @property
    def name(self) -> str:
        """``host`` or ``host:port``, for people."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        return f"{host}:{parts.port}" if parts.port else host

    @property
    def is_official(self) -> bool:
        """Whether OpenAI or Azure answers there, and not a server that only speaks like them."""
        host = urlsplit(self.url).hostname or ""
        return self.azure_endpoint is not None or f".{host}".endswith(
            (".openai.com", ".openai.azure.com")
        )


def trust(ca_file: Path) -> ssl.SSLContext:
    """What trusts the CAs of ``ca_file`` and no others. JudgeError if it cannot be read."""
    try:
        if not ca_file.is_file() or ca_file.stat().st_size > _MOST_CA:
            raise OSError("it is no file of certificates")
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        if isinstance(error, ssl.SSLError):
            reason = "it holds no certificate in PEM form"
        raise JudgeError(
            f"judge.ca_file: {ca_file} cannot be used ({reason}): name a PEM file of CA "
            "certificates"
        ) from error


def _address(judge: Judge, environ: Mapping[str, str]) -> tuple[str | None, bool]:
    """The address, and whether Azure answers there. What settings say goes before variables."""
    if judge.base_url and judge.azure_endpoint:
        raise JudgeError(
            "judge.base_url and judge.azure_endpoint are both set: take out the one that is not "
            "meant"
        )
    for name, value, azure in (
        ("judge.base_url", judge.base_url, False),
        ("judge.azure_endpoint", judge.azure_endpoint, True),
    ):
        if value:
            return _checked(name, value), azure
    url, endpoint = environ.get("OPENAI_BASE_URL"), environ.get("AZURE_OPENAI_ENDPOINT")
    if endpoint and (url or (environ.get("OPENAI_API_KEY") and not judge.api_key)):
        raise JudgeError(
            "the environment has the variables of both OpenAI and Azure: set judge.azure_endpoint "
            f"or judge.base_url (OpenAI's own is {OPENAI}) in your own config to say who is asked"
        )
    if endpoint:
        return _checked("AZURE_OPENAI_ENDPOINT", endpoint), True
    return (_checked("OPENAI_BASE_URL", url) if url else None), False


def _checked(name: str, url: str) -> str:
    """The address as it is. JudgeError, without the address, if nobody can be asked there."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # each may raise
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), None
    if parts.username is not None or parts.password is not None:
        raise JudgeError(
            f"{name} has a user name or password in it: take it out, and set judge.api_key instead"
        )
    plain = all(character.isprintable() and character != " " for character in url)
    if parts.scheme not in ("http", "https") or not host or not plain:
        raise JudgeError(
            f"{name} is no address of a server: write it like https://host/v1 or "
            "http://127.0.0.1:8080/v1"
        )
    if parts.query or parts.fragment:
        raise JudgeError(f"{name} has a `?` or `#` in it: write it without what follows")
    return url


def _key(*given: tuple[str, str | None]) -> str | None:
    """The first key that is there. JudgeError, without the key, if no header can hold it."""
    for name, value in given:
        key = (value or "").strip()
        if not all("!" <= character <= "~" for character in key):
            raise JudgeError(f"{name} holds characters that are in no key: copy it there once more")
        if key:
            return key
    return None
