"""The same code in other clothes: how a copy of it might look that somebody else wrote.

Works on single lines of any language, without a parser, so what comes out is like code and need not
compile. Every disguise gives the same for the same lines.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from bugguard.domain import Hunk

_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`""")
#: A variable: neither called, nor somebody's member, nor a class or constant by its case.
_VARIABLE = re.compile(r"(?<![\w.$@#])(?<!->)(?<!::)[a-z_]\w*\b(?!\s*\(|::)")
_RESERVED = frozenset(keyword.kwlist) | frozenset(re.findall(r"\w+", """
    auto bool boolean byte case catch char chan const default def defer delete do double else
    end enum export extends extern false final float fn for func function go goto if impl import
    in inline instanceof int interface let long loop map match mod module mut namespace new nil
    null of package private protected pub public range ref rescue return self short signed
    sizeof static string struct super switch then this throw throws trait true type typedef
    typeof undefined union unless unsigned until unsafe use using var virtual void volatile when
    where while with xor yield err_t size_t ssize_t uint8_t uint16_t uint32_t uint64_t int8_t
    int16_t int32_t int64_t usize isize u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 str
"""))  # fmt: skip
_LONGEST = 1000  #: characters; a longer line is no code, and is left as it is
_WORDS = ("amount", "carrier", "bundle", "handle", "marker", "outcome", "parcel", "source")


class Side(NamedTuple):
    """The lines of one side of a fix."""

    lines: tuple[str, ...]
    centre: float  #: the place among them where the sides differ, counted from 0


def side(hunk: Hunk, *, fixed: bool) -> Side:
    """The code as it was, or as it was made right, context included."""
    own = "+" if fixed else "-"
    other = "-" if fixed else "+"
    lines: list[str] = []
    places: list[float] = []
    for line in hunk.body:
        if line[0] == other:
            places.append(len(lines) - 0.5)  # between two lines
            continue
        if line[0] == own:
            places.append(len(lines))
        lines.append(line[1:])
    centre = (places[0] + places[-1]) / 2 if places else 0.0
    return Side(tuple(lines), centre)


def _as_it_is(code: Side) -> tuple[str, ...]:
    return code.lines


def _renamed(code: Side) -> tuple[str, ...]:
    """Every variable under another name, the same one throughout."""
    return tuple(_outside_quotes(line, lambda part: _VARIABLE.sub(_name, part))
                 for line in code.lines)  # fmt: skip


def _reformatted(code: Side) -> tuple[str, ...]:
    """Deeper in, with lines broken in two where they can be."""
    found: list[str] = []
    for line in code.lines:
        start = len(line) - len(line.lstrip())
        indent = "    " + line[:start] if line.strip() else ""
        cut = _break(line)
        if cut is None:
            found.append(indent + line[start:])
        else:
            found.append(indent + line[start:cut].rstrip())
            found.append(indent + "        " + line[cut:].lstrip())
    return tuple(found)


def _half(code: Side) -> tuple[str, ...]:
    """The half of the lines that is around the place where the sides differ."""
    size = (len(code.lines) + 1) // 2
    first = round(code.centre - (size - 1) / 2)
    first = min(max(first, 0), len(code.lines) - size)
    return code.lines[first : first + size]


DISGUISES: dict[str, Callable[[Side], tuple[str, ...]]] = {
    "as it is": _as_it_is,
    "renamed": _renamed,
    "reformatted": _reformatted,
    "half": _half,
}


def _name(match: re.Match[str]) -> str:
    name = match[0]
    if name in _RESERVED or name == "_":
        return name
    digest = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=4).digest()
    return f"{_WORDS[digest[0] % len(_WORDS)]}_{digest[1:].hex()}"


def _outside_quotes(line: str, change: Callable[[str], str]) -> str:
    if len(line) > _LONGEST:
        return line
    parts: list[str] = []
    end = 0
    for quoted in _QUOTED.finditer(line):
        parts += [change(line[end : quoted.start()]), quoted[0]]
        end = quoted.end()
    return "".join([*parts, change(line[end:])])


def _break(line: str) -> int | None:
    """Where a line can go on in the next one: behind the middle comma inside of brackets."""
    if len(line) > _LONGEST:
        return None
    blanked = _QUOTED.sub(lambda match: "_" * len(match[0]), line)
    depth = 0
    places: list[int] = []
    for place, character in enumerate(blanked):
        depth += (character in "([{") - (character in ")]}")
        if depth > 0 and character in ",(" and blanked[place + 1 :].strip():
            places.append(place + 1)
    return places[len(places) // 2] if places else None
