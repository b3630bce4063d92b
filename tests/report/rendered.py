"""What a reader gets of Markdown: GitHub's own parser, and what the hosts look for behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm

#: Names, numbers, shas, emoji and links that GitHub and GitLab find in text outside of code.
LIVE = re.compile(
    r"(?<![\w`])@\w|#\w|(?<!\w)GH-\d|(?<!\w)!\d|(?<!\w)[~%&$]\w|:[\w+-]+:|\b[0-9a-f]{7,64}\b"
    r"|\b[A-Z][A-Z0-9_]*-\d|[a-z]+://|\bwww\.|\$`|`\$|\$\$|\[\[|\{\+|\{-|\[\^",
    re.ASCII,
)
OMITTED = "<!-- raw HTML omitted -->"


@dataclass
class Page:
    """A rendered text."""

    tags: list[str] = field(default_factory=list)  #: in their order
    links: list[str] = field(default_factory=list)  #: where they lead
    raw: int = 0  #: pieces of HTML that the Markdown had
    shown: str = ""  #: its text
    live: list[str] = field(default_factory=list)  #: what a host would act upon
    blocks: list[str] = field(default_factory=list)  #: of code


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append(tag)
        if tag not in ("img", "br", "hr", "input"):
            self._open.append(tag)
        if tag == "pre":
            self.page.blocks.append("")
        self.page.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.page.shown += data
        if "pre" in self._open:
            self.page.blocks[-1] += data
        if not {"pre", "code", "a"} & set(self._open):
            self.page.live += LIVE.findall(data)


def page(markdown: str) -> Page:
    """The text as GitHub renders it, without what HTML of its own it has."""
    html = cmarkgfm.github_flavored_markdown_to_html(markdown)
    reader = _Reader()
    reader.feed(html.replace(OMITTED, ""))
    reader.close()
    reader.page.raw = html.count(OMITTED)
    reader.page.shown = reader.page.shown.strip("\n")
    return reader.page
