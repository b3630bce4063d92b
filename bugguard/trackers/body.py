"""Answers read within bounds: in time, in size, and with long strings cut while they come in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

WHOLE = 4 * 2**20  #: bytes: up to here an answer is kept as it came
STRING = 400 * 2**10  #: bytes of JSON kept of a string: 64 KiB of text even if all is escaped
MOST_KEPT = 64 * 2**20  #: bytes of an answer after its long strings were cut
MOST_READ = 512 * 2**20  #: bytes of an answer
_STEP = 64 * 2**10  #: bytes that are looked at together: a regex takes memory for what it repeats

_INSIDE = re.compile(rb'(?:[^"\\]+|\\[\s\S])*')


class OversizedError(Exception):
    """More than is read."""


def gathered(chunks: Iterable[bytes]) -> bytes:
    """An answer of JSON, whose strings are cut to about :data:`STRING` if it is a large one.

    What is cut stays well-formed. Memory: at most about 2 x :data:`MOST_KEPT`, whatever comes.
    Raises OversizedError.
    """
    kept = bytearray()
    shortener: Shortener | None = None
    read = 0
    for chunk in chunks:
        read += len(chunk)
        if shortener is None and read > WHOLE:
            shortener = Shortener()
            chunk, kept = bytes(kept) + chunk, bytearray()
        kept += shortener.feed(chunk) if shortener else chunk
        if read > MOST_READ or len(kept) > MOST_KEPT:
            raise OversizedError
    return bytes(kept)


class Shortener:
    """JSON in, chunk by chunk, and out with every string cut to ``most`` bytes."""

    def __init__(self, most: int = STRING) -> None:
        self._most = most
        self._inside = False
        self._string = bytearray()  #: of the string that is being read
        self._is_cut = False
        self._escaped = False  #: whether the last chunk ended with the backslash of an escape

    def feed(self, chunk: bytes) -> bytes:
        """What of it is certain. The string that is being read comes when it ends."""
        out = bytearray()
        for start in range(0, len(chunk), _STEP):
            out += self._feed(chunk[start : start + _STEP])
        return bytes(out)

    def _feed(self, chunk: bytes) -> bytearray:
        out = bytearray()
        place = 0
        while place < len(chunk):
            if not self._inside:
                quote = chunk.find(b'"', place)
                if quote < 0:
                    out += chunk[place:]
                    break
                out += chunk[place : quote + 1]
                place = quote + 1
                self._inside, self._string, self._is_cut = True, bytearray(), False
                continue
            start = place
            place += self._escaped  # what a backslash escapes ends nothing
            self._escaped = False
            place = _end(chunk, place)
            at_quote = chunk[place : place + 1] == b'"'
            if not at_quote and place < len(chunk):  # the backslash that the chunk ends with
                self._escaped = True
                place += 1
            self._take(chunk[start:place])
            if at_quote:
                out += _whole(self._string) if self._is_cut else self._string
                out += b'"'
                self._inside = False
                place += 1
        return out

    def _take(self, part: bytes) -> None:
        room = self._most - len(self._string)
        self._string += part[: max(room, 0)]
        self._is_cut = self._is_cut or len(part) > room


def _end(chunk: bytes, place: int) -> int:
    """Where what is surely inside the string ends."""
    match = _INSIDE.match(chunk, place)
    return match.end() if match else place


def _whole(kept: bytearray) -> bytes:
    """Without the half of a character or of an escape that the cut has left at the end."""
    for less in range(10):
        candidate = bytes(kept[: len(kept) - less])
        try:
            json.loads(b'"' + candidate + b'"')
        except ValueError:
            continue
        return candidate
    return bytes(kept)  # damaged already, as will be found
