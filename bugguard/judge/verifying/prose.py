"""A model's prose made safe and honest: it names no ticket, commit or link but those of the record.

What looks like one (:mod:`.references`, :mod:`.links`) and is not in
the record of the past fix is taken out; ``[…]`` stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bugguard.domain import FixCommit
from bugguard.judge.verifying import references
from bugguard.judge.verifying.folding import REMOVED, plain
from bugguard.judge.verifying.references import Reference

_ROUNDS = 25  #: what is hidden in more layers is no explanation; most need two
_READ = 8  #: so many times the most that is shown are read
_PARAGRAPHS = 6
_SHORTEST_SHA = 7
_MOST_KEYS = 50
_KEY = re.compile(r"([a-z][a-z0-9_]{1,29})-[0-9]+")
_LAST_NUMBER = re.compile(r"([0-9]+)[^0-9]*$")
_LINKED = re.compile(r"!?\[([^\[\]]{1,400})\]\(\s*<?([^\s<>()]{1,2000})>?[^()]{0,200}\)")
# Where an address ends to us and not to every reader of links.
_ENDED = r"(?=[.,;:!?)\]}']{0,10}(?:[^\x00-\x7f]|[<>\"]|\[…))"
_TOKEN = re.compile(r"(?<![A-Za-z0-9#!&/._-])[A-Za-z0-9#!&/._-]{1,100}$")


class Scrubbed(NamedTuple):
    text: str
    removed: int  #: how many references were taken out


@dataclass(frozen=True, slots=True)
class Record:
    """What the record of a past fix says: every ticket, commit and link that may be named."""

    names: frozenset[str]  #: tickets and links, as :mod:`.references` calls them
    shas: frozenset[str]
    keys: frozenset[str]  #: prefixes of its tickets' keys, in lower case

    @classmethod
    def of(cls, fix: FixCommit) -> Record:
        """All that the fix's message and its tickets name."""
        names: set[str] = set()
        said = [fix.message, fix.subject]
        for ticket in fix.tickets:
            said += ticket.id, ticket.title, ticket.url, ticket.source
            names.add(plain(ticket.id).casefold())
            if ticket.url:
                names.add(references.link(ticket.url))
            number = _LAST_NUMBER.search(ticket.id)
            if number and "/" in ticket.id:  # an address, or a ticket of another repository
                names.add(f"number {number[1]}")
        for text in said:
            found = references.find(plain(text))
            addresses = [one for one in found if one.is_address]
            for one in found:
                # The part of an address that would be a shorter one is none.
                if one not in addresses or not any(_within(one, it) for it in addresses):
                    names.update(one.names[:1])
        if fix.repository.count("/") >= 2:
            place = fix.repository.split("/", 1)[1].casefold()
            names |= {place + name for name in names if name[0] in "#!"}
        keys = sorted({key[1] for name in names if (key := _KEY.fullmatch(name))})
        return cls(
            frozenset(names),
            frozenset(name[4:] for name in names if name.startswith("sha ")) | {fix.sha.casefold()},
            frozenset(keys[:_MOST_KEYS]),
        )

    def has(self, reference: Reference) -> bool:
        """Whether what the reference names is in the record."""
        return any(name in self.names or self._has_commit(name) for name in reference.names)

    def foreign(self, text: str, *, code: bool = False) -> list[tuple[int, int]]:
        """The spans of what looks like a reference and is not in the record, in order, disjoint.

        code: whether ``text`` is code, where markup is none.
        """
        found = references.find(text, self.keys, code=code)
        known = [one for one in found if self.has(one)]
        addresses = [one for one in known if one.is_address]
        strange = [
            (one.start, one.end)
            for one in found
            if not self.has(one)
            and not any(_within(one, it) for it in (addresses if one.is_address else known))
        ]
        return list(_merged(sorted(strange)))

    @property
    def links(self) -> list[str]:
        """Every link's address, the longest first."""
        found = [name[5:] for name in self.names if name.startswith("link ")]
        return sorted(found, key=lambda one: (-len(one), one))

    def _has_commit(self, name: str) -> bool:
        kind, _, sha = name.partition(" ")
        return (
            kind == "sha"
            and len(sha) >= _SHORTEST_SHA
            and any(whole.startswith(sha) for whole in self.shas)
        )


def _within(one: Reference, other: Reference) -> bool:
    """Whether ``one`` is part of ``other`` and not the same."""
    return other.start <= one.start and one.end <= other.end and one[:2] != other[:2]


def scrub(text: str, record: Record, most: int = 1200) -> Scrubbed:
    """``text`` as it may be shown: at most ``most`` characters in a few paragraphs.

    Between paragraphs stands an empty line; there is no other line break and no other control.
    Nothing in it becomes a link or an image in Markdown or HTML, but an address of the record.
    To scrub it again changes nothing. Text that does not come to rest within some rounds is made
    to defeat this, and nothing is left of it.
    """
    text = text[: most * _READ]
    removed = 0
    for _ in range(_ROUNDS):
        before = text
        text = _apart(plain(text), record)
        strange = record.foreign(text)
        removed += len(strange)
        text = _cut(_paragraphs(_without(text, strange)), most)
        if text == before:
            return Scrubbed(text, removed)
    return Scrubbed("", removed)


def _apart(text: str, record: Record) -> str:
    """Links to the record's own addresses as a text and an address, which ends where it ends."""
    addresses = record.links

    def written(match: re.Match[str]) -> str:
        return f"{match[1]} ({match[2]})" if match[2] in addresses else match[0]

    text = _LINKED.sub(written, text)
    for address in addresses:
        if address in text:
            text = text.replace(f"<{address}>", address)
            ended = re.compile(re.escape(address) + _ENDED)
            text = ended.sub(lambda match: match[0] + " ", text)
    return text


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    last = 0
    for start, end in spans:
        parts += text[last:start], REMOVED
        last = end
    return "".join([*parts, text[last:]])


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The union of spans that touch, each as one."""
    start = end = -1
    for begin, stop in spans:
        if begin > end:
            if end > start:
                yield start, end
            start, end = begin, stop
        end = max(end, stop)
    if end > start:
        yield start, end


def _paragraphs(text: str) -> str:
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    parts = [part for part in parts if part]
    parts[_PARAGRAPHS - 1 :] = [" ".join(parts[_PARAGRAPHS - 1 :])] if parts else []
    return "\n\n".join(_inert(part) for part in parts if part)


def _inert(paragraph: str) -> str:
    """Whatever brackets are left, as no link and no definition of one."""
    paragraph = paragraph.replace("](", "] (")
    if re.match(r"[ >*+-]*!?\[", paragraph):
        paragraph = paragraph.replace("]:", "] :", 1)
    return paragraph


def _cut(text: str, most: int) -> str:
    """At most ``most`` characters, cut where no reference is cut in two if that can be."""
    if len(text) <= most:
        return text
    return _TOKEN.sub("", text[: most - 1]).rstrip() + "…"
