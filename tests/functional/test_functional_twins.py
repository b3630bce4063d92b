"""Harmless changes, each beside its twin that takes a fix back on the way.

The one must be silent and the other told, so neither a matcher that is deaf nor one that cries at
everything passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from shop import FIXES, GUARD, JAPANESE, REPLACED, TWO_HUNKS, Shop
from told import NUMBERS, told_of

pytestmark = pytest.mark.functional

EDITS = {fix.path: fix.edits for fix in FIXES}

Files = Mapping[str, str | None]
Harmless = Callable[[str, str], Files]
"""Called with (path, content) of a file of the shop; what becomes of it."""


#: Of each file, where the code of its fix starts and where the next piece of code does.
PIECES = {
    REPLACED.path: ("def apply_voucher", "def invoice_number"),
    GUARD.path: ("int parse_header", "int parse_trailer"),
    TWO_HUNKS.path: ("    def find_customer", "    def close_session"),
    JAPANESE.path: ("  addItem", "  removeItem"),
}


def pieces(path: str, content: str) -> tuple[str, str]:
    """(the piece of code that has the fix, the file without it)"""
    start, end = (content.index(head) for head in PIECES[path])
    return content[start:end].rstrip() + "\n", content[:start] + content[end:]


def moved_down(path: str, content: str) -> Files:
    piece, rest = pieces(path, content)
    tail = "}\n" if path == JAPANESE.path else ""
    return {path: f"{rest.removesuffix(tail)}\n{piece}{tail}"}


def moved_to_a_new_file(path: str, content: str) -> Files:
    piece, rest = pieces(path, content)
    folder, _, name = path.rpartition("/")
    return {path: rest, f"{folder}/more_{name}": piece}


def moved_into_a_block(path: str, content: str) -> Files:
    """Deeper by one level, as under a new condition."""
    piece, _ = pieces(path, content)
    deeper = "".join(f"    {line}" if line.strip() else line for line in piece.splitlines(True))
    return {path: content.replace(piece, deeper)}


NAMES = {
    "rebate": "discount", "voucher": "coupon", "token": "ticket", "opened": "since",
    "buffer": "memory", "known": "existing", "quantity": "number",
}  # fmt: skip


def renamed_variables(path: str, content: str) -> Files:
    return {path: re.sub(rf"\b({'|'.join(NAMES)})\b", lambda name: NAMES[name[0]], content)}


def renamed_functions(path: str, content: str) -> Files:
    names = r"apply_voucher|parse_header|find_customer|addItem"
    return {path: re.sub(rf"\b({names})\b", r"\1_now", content)}


def renamed_file(path: str, content: str) -> Files:
    return {path: None, path.replace("/", "/the_"): f"{content}{comment(path)} The end.\n"}


def renamed_file_and_worked_on(path: str, content: str) -> Files:
    """So much that git sees one file go and another come."""
    new = "".join(f"work_{n}_of_{n} = make_new_work({n}, count_{n}, now)\n" for n in range(60))
    return {path: None, path.replace("/", "/the_"): f"{new}\n\n{content}"}


def comment(path: str) -> str:
    return "#" if path.endswith(".py") else "//"


def commented(path: str, content: str) -> Files:
    lines = content.splitlines()
    return {path: "".join(f"{line}  {comment(path)} step {n}\n" for n, line in enumerate(lines))}


def with_carriage_returns(path: str, content: str) -> Files:
    return {path: content.replace("\n", "\r\n")}


def tabbed(path: str, content: str) -> Files:
    return {path: content.replace("    ", "\t").replace("  ", "\t")}


def broken_by_a_formatter(path: str, content: str) -> Files:
    """Every call's arguments on lines of their own, and a comma after the last."""
    comma = "" if path.endswith(".c") else ","
    return {
        path: re.sub(
            r"^( *)(.*\w\()([^()\n]+)(\).*)$", rf"\1\2\n\1    \3{comma}\n\1\4", content, flags=re.M
        )
    }


def respaced(path: str, content: str) -> Files:
    """Another formatter's taste: no space around operators, other quotes."""
    return {path: re.sub(r" ([-+*/<>=]+) ", r"\1", content).replace("'", '"')}


def imports_shuffled(path: str, content: str) -> Files:
    if path.endswith(".py"):
        return {path: f"from a import z\nimport b\n{content}"}
    if path.endswith(".c"):
        return {path: f"#include <a.h>\n{content}"}
    return {path: f"import {{ a }} from 'b';\n{content}"}


HARMLESS: tuple[Harmless, ...] = (
    moved_down, moved_to_a_new_file, moved_into_a_block, renamed_variables, renamed_functions,
    renamed_file, renamed_file_and_worked_on, commented, with_carriage_returns, tabbed,
    broken_by_a_formatter, respaced, imports_shuffled,
)  # fmt: skip


def planted(path: str, content: str) -> Files:
    """A copy of the piece of code that has the fix, in a file of its own."""
    return {"copied/" + path: pieces(path, content)[0]}


def planted_amongst_other_code(path: str, content: str) -> Files:
    before, after = ("".join(f"{word}_{n} = make_{word}({n})\n" for n in range(20)) + "\n"
                     for word in ("first", "last"))  # fmt: skip
    return {"copied/" + path: f"{before}{pieces(path, content)[0]}\n{after}"}


def planted_half(path: str, content: str) -> Files:
    """The lines around the fix alone."""
    lines = pieces(path, content)[0].splitlines(keepends=True)
    edited = {line for edit in EDITS[path] for text in edit for line in text.splitlines(True)}
    first, *_ = (n for n, line in enumerate(lines) if line in edited)
    start = max(min(first - 1, len(lines) // 2), 0)
    return {"copied/" + path: "".join(lines[start : start + len(lines) // 2 + 1])}


def planted_and(harmless: Harmless) -> Harmless:
    """A copy that was worked on."""

    def both(path: str, content: str) -> Files:
        [copy] = planted(path, content).items()
        return harmless(*copy)

    both.__name__ = f"planted_{harmless.__name__}"
    return both


PLANTED: tuple[Harmless, ...] = (
    planted, planted_amongst_other_code, planted_half,
    *map(planted_and, (renamed_functions, renamed_variables, broken_by_a_formatter, respaced)),
)  # fmt: skip

#: Taken back or repeated in a way that is not told yet. What is renamed, broken or taken to another
#: file around a fix counts as code that goes with it, and half of a copy is too little of one.
MISSED = {
    "moved_to_a_new_file": {"#12", "#78"},
    "renamed_variables": {"#12", "#34", "#56", "#78"},
    "renamed_file_and_worked_on": {"#12", "#34", "#56", "#78"},
    "broken_by_a_formatter": {"#12", "#34"},
    "planted_half": {"#12", "#34", "#78"},
    "planted_renamed_variables": {"#12", "#34", "#56", "#78"},
    "planted_broken_by_a_formatter": {"#34"},
}


@pytest.mark.parametrize("harmless", [*HARMLESS, *PLANTED], ids=lambda one: one.__name__)
def test_harmless(shop: Shop, harmless: Harmless) -> None:
    """Done to the code as it is, it is silent; it does not hide what is done to it meanwhile."""
    fixed = {fix.path: shop.read(fix.path) for fix in FIXES}
    buggy = {path: text for fix in FIXES for path, text in shop.undone(fix).items()}
    assert told_of(shop, everywhere(harmless, fixed)) == set()
    loud = told_of(shop, everywhere(harmless, buggy))
    assert loud <= set(NUMBERS.values())
    assert loud | MISSED.get(harmless.__name__, set()) == set(NUMBERS.values())


def everywhere(harmless: Harmless, files: dict[str, str]) -> Files:
    done: dict[str, str | None] = {}
    for path, content in files.items():
        done |= harmless(path, content)
    return done
