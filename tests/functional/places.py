"""The places that each format of a report names, as its readers find them."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree as ET

Places = list[tuple[str, int]]


def _sarif(text: str) -> Places:
    [run] = json.loads(text)["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    return [(unquote(one["artifactLocation"]["uri"]), one["region"]["startLine"]) for one in places]


def _gitlab(text: str) -> Places:
    places = [one["location"] for one in json.loads(text)]
    return [(one["path"], one["lines"]["begin"]) for one in places]


def _github(text: str) -> Places:
    lines = [line for line in text.splitlines() if line.startswith("::error file=")]
    told = [dict(p.split("=", 1) for p in line[8:].split("::")[0].split(",")) for line in lines]
    return [(_unescaped(one["file"]), int(one["line"])) for one in told]


def _unescaped(text: str) -> str:
    for escape, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def _junit(text: str) -> Places:
    failures = ET.fromstring(text).findall("testcase/failure")  # noqa: S314 - our own
    return [_split((one.text or "").splitlines()[0]) for one in failures]


def _markdown(text: str) -> Places:
    heads = [line for line in text.splitlines() if line.startswith("### ")]
    return [_split(head.removeprefix("### ").split("`")[1]) for head in heads]


class _Articles(HTMLParser):
    """The findings of a page, but for those that are only mentioned."""

    def __init__(self) -> None:
        super().__init__()
        self.places: Places = []
        self._section = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "section" and "group" in told.get("class", "").split():
            self._section = told["aria-labelledby"]
        if tag == "article" and self._section == "findings":
            self.places.append((told["data-path"], int(told["data-line"])))


def _html(text: str) -> Places:
    page = _Articles()
    page.feed(text)
    page.close()
    return page.places


def _split(place: str) -> tuple[str, int]:
    path, line = place.rsplit(":", 1)
    return path, int(line)


#: By the format's name on the command line: (path, line) of each finding, in their order.
READERS: dict[str, Callable[[str], Places]] = {
    "sarif": _sarif,
    "gitlab": _gitlab,
    "github": _github,
    "junit": _junit,
    "markdown": _markdown,
    "html": _html,
}
