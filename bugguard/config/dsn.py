"""Where an index is: in a folder, or on a PostgreSQL server, whose address is told with care."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_SCHEMES = ("postgresql://", "postgres://")
_HOST = r"(?:[\w.-]+|\[[0-9A-Fa-f:.%]+\])?(?::[0-9]{1,5})?"
_PLACE = re.compile(rf"({_HOST}(?:,{_HOST})*)(?:/([\w.%-]*))?", re.ASCII)
_SCHEMA = re.compile(r"\s*-c\s*bugguard\.schema=(\w+)\s*")
#: Parameters that say where the index is. All others stay untold: some are secrets, and of those
#: to come nobody knows.
_TOLD = ("host", "hostaddr", "port", "dbname", "service", "sslmode")


@dataclass(frozen=True, slots=True)
class Dsn:
    """The address of an index on a server, as libpq reads it. It may hold a password: as text and
    in a repr it is without any credentials.
    """

    secret: str = field(repr=False)

    @staticmethod
    def is_one(text: object) -> bool:
        """Whether a setting's value is meant as such an address."""
        return isinstance(text, str) and text.startswith(_SCHEMES)

    def __str__(self) -> str:
        """``postgresql://host:port/database?service=x``, without who asks and by which password.

        A password may be written wrongly, with characters in it that end it for libpq: so nothing
        before the last ``@`` is told, nor what does not look like a host.
        """
        from urllib.parse import parse_qsl  # only to tell of it, and the hook's settings are felt

        rest = self.secret.partition("://")[2]
        place, _, query = rest.rpartition("@")[2].partition("?")
        match = _PLACE.fullmatch(place)
        told = place if match else "…"
        pairs = parse_qsl(query, keep_blank_values=True)
        parts = [f"{name}={value}" for name, value in pairs if name in _TOLD]
        schemas = (_SCHEMA.fullmatch(value) for name, value in pairs if name == "options")
        parts += [f"schema={schema[1]}" for schema in schemas if schema]
        return f"postgresql://{told}" + ("?" + "&".join(parts) if parts else "")


Location = Path | Dsn
"""Where an index is."""
