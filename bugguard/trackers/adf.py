"""Atlassian Document Format made plain text."""

from __future__ import annotations

from typing import Any

from bugguard.trackers.reading import TEXT_BYTES, at, objects, text

_BLOCKS = frozenset(
    (
        "paragraph", "heading", "codeBlock", "blockquote", "panel", "listItem", "tableRow",
        "taskItem", "decisionItem", "rule", "mediaSingle", "expand", "nestedExpand",
    )
)  # fmt: skip
_ITEMS = {"listItem": "- ", "taskItem": "- ", "decisionItem": "- "}
_CELLS = frozenset(("tableCell", "tableHeader"))
_MOST_NODES = 200_000


def plain(document: Any) -> str:
    """The words of a document, one block a line; a string is taken as it is, anything else is none.

    Takes no more memory than the document, however deeply it is nested.
    """
    if isinstance(document, str):
        return text(document)
    parts: list[str] = []
    length = 0
    todo: list[Any] = [document]
    for _ in range(_MOST_NODES):
        if not todo or length > TEXT_BYTES:
            break
        node = todo.pop()
        words = node if isinstance(node, str) else _words(node)
        parts.append(words)
        length += len(words)
        if isinstance(node, dict):
            kind, content = node.get("type"), node.get("content")
            if kind in _CELLS:
                todo.append(" | ")
            elif kind in _BLOCKS:
                todo.append("\n")
            todo.extend(reversed(objects(content)))
            if mark := _ITEMS.get(str(kind)):
                todo.append(mark)
    lines = (line.rstrip().removesuffix(" |") for line in "".join(parts).split("\n"))
    return text("\n".join(line for line in lines if line.strip(" -")))


def _words(node: Any) -> str:
    """What a node says itself."""
    kind = at(node, "type")
    if kind == "text":
        return text(at(node, "text"))
    if kind == "hardBreak":
        return "\n"
    attributes = at(node, "attrs")
    for name in ("text", "shortName", "url") if kind != "codeBlock" else ():
        if said := text(at(attributes, name)):
            return said
    return ""
