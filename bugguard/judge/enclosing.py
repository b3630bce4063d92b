"""The code around changed lines: the function that they stand in, told by its indentation.

No parser: it has to do for every language, and for code that does not parse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_ABOVE = 80  #: lines looked at for where the function starts
AROUND = 10  #: lines shown on either side of code that stands in no function
#: Lines with less indentation that open a block within a function, and not the function itself.
_CONTROL = re.compile(
    r"[}\s]*(if|else|elif|for|foreach|while|do|switch|case|default|try|catch|except|finally|with|"
    r"when|unless|until|loop|match|select|begin|rescue|ensure|synchronized|using|lock)\b"
)
_OPENS = re.compile(r"[({:]|=>|\b(do|then|is|begin)\s*$")


def enclosing(lines: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """Where the function around ``lines[first:last]`` starts and ends, as a slice.

    first, last: from 0, ``first < last``. Code that stands in no function: some lines around it.
    """
    first, last = min(max(first, 0), len(lines)), min(last, len(lines))
    indents = [_indent(line) for line in lines[first:last] if line.strip()]
    inner = min(indents, default=0)
    start = None
    for place in range(first - 1, max(first - 1 - MOST_ABOVE, -1), -1):
        line = lines[place]
        if not line.strip() or _indent(line) >= inner or line.strip()[0] in "{})]#@":
            continue
        inner = _indent(line)
        if _OPENS.search(line) and not _CONTROL.match(line):
            start = place
            break
        if inner == 0:
            break
    if start is None:
        if first < len(lines) and _OPENS.search(lines[first]) and not _CONTROL.match(lines[first]):
            start = first  # the change begins with the function's own first line
        else:
            return max(first - AROUND, 0), min(last + AROUND, len(lines))
    outer = _indent(lines[start])
    end = start + 1
    while end < len(lines):
        line = lines[end]
        if line.strip() and _indent(line) <= outer:
            # Below comes what belongs to it still: a closing bracket, or an opening one.
            if line.strip()[0] in "})]{" or line.strip() in ("end", "fi", "done", "esac"):
                end += 1
                if line.strip()[0] == "{":
                    continue
            break
        end += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return start, max(end, last)


def _indent(line: str) -> int:
    flat = line.expandtabs(4)
    return len(flat) - len(flat.lstrip())
