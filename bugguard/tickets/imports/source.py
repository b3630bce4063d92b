"""A file's bytes as text: in which encoding, and how much of it there may be."""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import IO

from bugguard.errors import TicketError

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What a Japanese spreadsheet writes: Shift_JIS as Windows has it.
_JAPANESE = "cp932"


def opened(path: Path) -> IO[bytes]:
    """The file. TicketError where it is none, or cannot be read."""
    try:
        if not path.exists():
            raise TicketError(f"{path} does not exist: name the exported file")
        if not path.is_file():  # a FIFO would wait for ever, a device never end
            raise TicketError(f"{path} is not a regular file: name the exported file")
        return path.open("rb")
    except OSError as error:
        raise TicketError(
            f"{path} cannot be read ({error.strerror}): mend its permissions or name another"
        ) from error


def encoding(stream: IO[bytes]) -> str:
    """The encoding of all of it. ValueError, in a clause, where it is none that is read here."""
    stream.seek(0)
    head = stream.read(4)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    failed = 0
    for name in ("utf-8", _JAPANESE):
        line = _unreadable(stream, name)
        if line is None:
            return name
        failed = failed or line
    raise ValueError(f"line {failed} is neither UTF-8 nor Shift_JIS: save it as UTF-8")


def is_fallback(name: str) -> bool:
    """Whether an encoding was only guessed."""
    return name == _JAPANESE


def text(stream: IO[bytes], name: str) -> IO[str]:
    """The text, its line ends as they are."""
    stream.seek(0)
    # A UTF-16 export that was cut in the middle of a character is told by what reads it.
    return io.TextIOWrapper(stream, encoding=name, errors="replace", newline="")


def _unreadable(stream: IO[bytes], name: str) -> int | None:
    """The line in which it is not of that encoding."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    while True:
        chunk = stream.read(_CHUNK)
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n")
        if not chunk:
            return None
        line += chunk.count(b"\n")
