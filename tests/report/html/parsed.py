"""A page as the HTML standard's own algorithm reads it: any error in it is an error here."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET  # only what html5lib builds

import html5lib

_BOXES = {
    "p", "div", "dt", "dd", "li", "td", "th", "h1", "h2", "h3", "pre", "figcaption", "summary",
    "caption", "span", "br", "label", "option", "button",
}  # fmt: skip


def parsed(text: str) -> ET.Element:
    """The document's tree. Raises html5lib's ParseError for what is not well-formed."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: ET.Element = parser.parse(text)
    return tree


def all_text(element: ET.Element) -> str:
    """What stands in it."""
    return "".join(element.itertext())


def read_aloud(element: ET.Element) -> str:
    """The same on one line, with a blank between what stands in boxes of its own."""
    return " ".join("".join(_aloud(element)).split())


def _aloud(element: ET.Element) -> Iterator[str]:
    apart = " " if element.tag in _BOXES else ""
    yield apart + (element.text or "")
    for child in element:
        yield from _aloud(child)
        yield child.tail or ""
    yield apart


def articles(tree: ET.Element) -> list[ET.Element]:
    """Its findings."""
    return list(tree.iter("article"))


def with_class(tree: ET.Element, name: str) -> Iterator[ET.Element]:
    """Elements of a class, in their order."""
    return (one for one in tree.iter() if name in one.get("class", "").split())


def local(tag: str) -> str:
    """A tag without its namespace, which SVG has."""
    return tag.rpartition("}")[2]
