"""Regular expressions from settings, and the bounds within which messages are searched.

The bounds are the guard against slow patterns: git itself allows messages of any size, and one
line of a megabyte would make even a harmless regex of a user's crawl.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bugguard.errors import ConfigError

MESSAGE_LIMIT = 64 * 1024  #: characters of a message that are read
LINE_LIMIT = 2_000  #: characters of a line that are read


@lru_cache(maxsize=256)
def compiled(pattern: str, setting: str) -> re.Pattern[str]:
    """The regex, case ignored. ConfigError names the setting and the regex if it is none."""
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise ConfigError(
            f"{setting}: {pattern!r} is not a regular expression ({error}); "
            "correct it or remove it from the configuration."
        ) from error


def searches(patterns: Iterable[str], text: str, setting: str) -> re.Match[str] | None:
    """The first match of any of the patterns in the text; an empty match is none."""
    for pattern in patterns:
        found = compiled(pattern, setting).search(text)
        if found and found.group():
            return found
    return None


def bounded_lines(message: str) -> Iterator[str]:
    """The lines of a message within the bounds, carriage returns and outer blanks removed."""
    for line in message[:MESSAGE_LIMIT].split("\n"):
        yield line[:LINE_LIMIT].strip()
