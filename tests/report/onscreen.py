"""What a terminal makes of a report: its escape sequences taken out, and all that is left."""

from __future__ import annotations

import re
from typing import NamedTuple

_SGR = re.compile("\x1b\\[([0-9;]*)m")
_LINK = re.compile("\x1b]8;[a-z0-9=-]*;([\x20-\x7e]*)\x1b\\\\")
_STEERS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]"
)


class Seen(NamedTuple):
    """What is seen, and by which sequences."""

    text: str
    codes: set[str]  #: of colours and the like
    links: list[str]


def seen(written: str) -> Seen:
    """Fails where anything else than colours and links steers the terminal."""
    codes = {code for found in _SGR.findall(written) for code in found.split(";")}
    links = [link for link in _LINK.findall(written) if link]
    text = _LINK.sub("", _SGR.sub("", written))
    assert not _STEERS.search(text), repr(_STEERS.search(text))
    assert written.count("\x1b]8;") == 2 * len(links)
    return Seen(text, codes, links)
