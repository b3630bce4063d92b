"""What a terminal may be told to open (OSC 8): nothing that steers it, and nothing that starts."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

_LONGEST = 2000  #: bytes; terminals ignore longer ones
_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"<>\\^`{|}')


def web(url: str) -> str:
    """The address as a terminal may have it; empty if it is none of http or https, or hostile."""
    if not url.lower().startswith(("http://", "https://")):
        return ""
    if not url.isprintable():  # control and bidirectional characters, lone surrogates
        return ""
    address = quote(url, safe=_SAFE)
    return address if len(address) <= _LONGEST else ""


def file(root: Path | None, path: str, line: int) -> str:
    """A file of the work tree, for the editor; empty if there is no such file, or a click runs it.

    The line stands where VS Code, kitty and iTerm2 look for it; others ignore it.
    """
    if root is None or os.name == "nt":
        return ""
    inside = os.path.normpath(path)
    if os.path.isabs(path) or inside.startswith(".."):  # noqa: PTH117  # a patch says anything
        return ""
    place = root.absolute() / inside
    try:
        if place.is_symlink() or not place.is_file() or os.access(place, os.X_OK):
            return ""
    except (OSError, ValueError):
        return ""
    address = f"file://{quote(os.fsencode(place))}#{line}"
    return address if len(address) <= _LONGEST else ""
