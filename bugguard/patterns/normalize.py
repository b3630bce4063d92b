"""Lines to code: shared by learning and checking, so that both see the same.

What no bug depends on is taken away: white space, comments, imports and lines with hardly a word on
them (braces, ``else:``). This works on single lines, for a hunk shows no more: inside a long string
or comment it may take prose for code, which costs little, for prose is rare on both sides of a fix.

An index made otherwise must be rebuilt: raise ``pipeline.learner.REVISION`` with every change of
what this gives.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bugguard.domain import Hunk
from bugguard.domain.edit import CodeLine, Edit

_LONGEST = 1000  #: characters; a longer line is data or minified code
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|[-+*/%=<>!&|^~?@]+")
_WORD = re.compile(r"\w")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`""")

_STYLE_OF_EXTENSION = {
    extension: style
    for style, extensions in {
        "#": ("py", "pyi", "pyx", "rb", "sh", "bash", "zsh", "fish", "pl", "pm", "r", "jl", "ex",
              "exs", "nim", "cr", "tcl", "awk", "ps1", "psm1", "mk", "cmake", "tf", "yaml", "yml",
              "toml", "coffee", "nix", "makefile", "dockerfile", "rakefile", "gemfile"),
        "-": ("sql", "lua", "hs", "elm", "ada", "adb", "vhd", "vhdl"),
        ";": ("lisp", "el", "clj", "cljs", "scm", "rkt", "asm", "s"),
        "%": ("erl", "hrl", "tex"),
    }.items()
    for extension in extensions
}  # fmt: skip

#: A name on a line of its own: most often one of a long import, and never what a bug was about.
_LISTED = re.compile(r"[\w.]+(\s+as\s+\w+)?,$")

_STYLES = {
    # style: (whole-line comment, trailing comment)
    "#": (re.compile(r"#|'''|\"\"\""), re.compile(r"\s#.*")),
    "/": (re.compile(r"//|/\*|\*/|\*(?=\s|$)"), re.compile(r"\s*//.*|\s*/\*.*?\*/|\s*/\*.*")),
    "-": (re.compile(r"--|/\*|\*/"), re.compile(r"\s--.*")),
    ";": (re.compile(r";"), re.compile(r"\s;.*")),
    "%": (re.compile(r"%"), re.compile(r"\s%.*")),
}
_IMPORTS = {
    "#": re.compile(
        r"(import|from)\s+[\w.]+|require(_relative)?\s+['\"]|(source|\.)\s+\S+$|use\s+[\w:]+;?$"
    ),
    "/": re.compile(
        r"#\s*(include|import|pragma\s+once)|import\b|package\s+[\w.]+;?$|using\s+[\w.:= ]+;$|"
        r"use\s+[\w\\:{}, *]+;$|export\s+(\*|\{[^}]*\})\s+from|"
        r"(const|let|var)\s+[\w{}, :]+=\s*require\(|(\w+\s+)?\"[\w./@-]+\"$|mod\s+\w+;$"
    ),
}


@lru_cache(maxsize=4096)
def style_of(path: str) -> str:
    """Which comment syntax a file has, by its name."""
    name = path.rpartition("/")[2].lower()
    if name == "cmakelists.txt":
        return "#"
    return _STYLE_OF_EXTENSION.get(name.rpartition(".")[2], "/")  # a name without a dot is whole


@lru_cache(maxsize=1 << 16)
def code(line: str, style: str) -> str:
    """The code on a line, stripped; empty if there is none that counts."""
    stripped = line.strip()
    if len(stripped) < 4 or len(stripped) > _LONGEST:
        return ""
    whole, trailing = _STYLES[style]
    if whole.match(stripped) or _LISTED.match(stripped):
        return ""
    imports = _IMPORTS.get(style)
    if imports is not None and imports.match(stripped):
        return ""
    if style in stripped or "//" in stripped or "/*" in stripped:
        stripped = _without_comment(stripped, trailing)
    return stripped if len(_WORD.findall(stripped)) >= 4 else ""


def _without_comment(line: str, trailing: re.Pattern[str]) -> str:
    # A comment sign inside a string is none: look for it with the strings blanked out.
    blanked = _QUOTED.sub(lambda match: "_" * len(match[0]), line)
    found = trailing.search(blanked)
    return line if found is None else (line[: found.start()] + line[found.end() :]).strip()


def key(code_text: str) -> str:
    """A line's identity: its code without any white space."""
    return "".join(code_text.split())


def tokens(code_text: str) -> tuple[str, ...]:
    """Identifiers, numbers and operators; brackets, commas, dots and quotes say too little."""
    return tuple(_TOKEN.findall(code_text))


def edit(hunk: Hunk) -> Edit:
    """A hunk's lines of code."""
    style = style_of(hunk.path)
    lines = []
    for marker, number, text in hunk.numbered():
        found = code(text, style)
        if found:
            lines.append(CodeLine(marker, number, text, key(found), tokens(found)))
    return Edit(hunk, tuple(lines))


def changed(hunk: Hunk) -> tuple[tuple[str, str], ...]:
    """(marker, key) of each line of code that the hunk changes: what :func:`edit` has of it.

    Much quicker than an edit, for where thousands of hunks are looked at.
    """
    style = style_of(hunk.path)
    lines = ((line[0], code(line[1:], style)) for line in hunk.body if line[0] != " ")
    return tuple((marker, key(found)) for marker, found in lines if found)
