"""Ticket references in commit messages, verbatim: nothing is completed, guessed or looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from bugguard.history.regexes import LINE_LIMIT, bounded_lines, compiled

SETTING = "ticket_patterns"
MOST = 100  #: references that are read of one message: more is a changelog, or an attack


class Kind(Enum):
    """How a reference is written, which decides where it can lead."""

    ISSUE = "#12"
    SUFFIX = "subject (#12)"  # what GitHub appends to a squashed pull request
    PULL = "pull request #12"
    GH = "GH-12"
    MERGE = "!12"
    CROSS_ISSUE = "owner/repo#12"
    CROSS_MERGE = "group/project!12"
    KEY = "ABC-12"
    CVE = "CVE-2021-1234"
    URL = "https://host/owner/repo/issues/12"
    CUSTOM = "what a configured regex matched"


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference. ``text`` occurs in the message as it stands here."""

    text: str
    kind: Kind
    number: str  #: its last run of ASCII digits; empty if it has none
    in_subject: bool


_NUMBER = r"[1-9][0-9]{0,8}"
# Names that look like a tracker's key before a number: encodings, digests, standards, versions.
NOT_KEYS = r"""
    UTF|UCS|UTC|GMT|[ECMP][SD]T|JST|CES?T|ISO|IEC|IEEE|ANSI|ASCII|EBCDIC|LATIN|CP|WINDOWS|WIN|GB|KOI
  | EUC|BIG|IBM|DOS|RFC|BCP|STD|FIPS|NIST|ECMA|ES|PEP|CWE|GHSA|CVSS|SHA|MD|CRC|FNV|RSA|DSA|EC|ED
  | ECDSA|AES|DES|RC|HMAC|HKDF|PKCS|BLAKE|TLS|SSL|SSH|HTTPS?|IPV?|TCP|UDP|BASE|GPL|LGPL|AGPL|MPL
  | BSD|MIT|APACHE|PY|PYTHON|JAVA|JDK|PHP|GCC|MSVC|VS|CLANG|LLVM|GO|AVX|SSE|X|AMD|ARM|INTEL|SPARC
  | PPC|MIPS|ALPHA|BETA|V|VER|VERSION|RELEASE|TOP|COVID|H|MP|MPEG|USB|PCI|T|P|Q|N|A|B|C|GH|PR|MR
  | CVE|STEP|PHASE|PART|LEVEL|TODO|FIXME|ERROR|CODE|LINE|PAGE|OPENAI|GPT
"""
# A run of name characters is entered at its beginning only: that keeps the search linear.
_BEFORE = r"(?<![\w./!#&-])"
_URL = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"'`()\[\]{}|\\^]+", re.IGNORECASE)
_TICKET_URL = re.compile(
    rf"""
    https?://[a-z0-9.-]+(?::[0-9]{{1,5}})?/
    (?:[^\s?\#@]*/)?
    (?: (?:issues?|pulls?|pull-requests|merge_requests|work_items|browse|tickets?|bugs?)/
        (?:[a-z][a-z0-9_]{{0,19}}-)?{_NUMBER}
      | issue{_NUMBER}
      | show_bug\.cgi\?id={_NUMBER}
    )(?!\w)
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_PATTERNS = (
    (Kind.CVE, re.compile(r"\bCVE-[0-9]{4}-[0-9]{4,7}\b")),
    (Kind.PULL, re.compile(rf"\bpull request (?P<id>#{_NUMBER})(?!\w)", re.IGNORECASE)),
    (Kind.CROSS_ISSUE, re.compile(rf"{_BEFORE}[\w.-]+(?:/[\w.-]+)+#{_NUMBER}(?!\w)", re.ASCII)),
    (Kind.CROSS_MERGE, re.compile(rf"{_BEFORE}[\w.-]+(?:/[\w.-]+)+!{_NUMBER}(?!\w)", re.ASCII)),
    (Kind.GH, re.compile(rf"(?<![\w-])GH-{_NUMBER}(?![\w])", re.IGNORECASE)),
    (
        Kind.KEY,
        re.compile(
            rf"(?<![\w.-])(?!(?:{NOT_KEYS})[0-9]*-)[A-Z][A-Z0-9_]{{1,19}}-{_NUMBER}"
            r"(?!\w|[.-][0-9])",
            re.VERBOSE | re.ASCII,
        ),
    ),
    (
        Kind.ISSUE,
        re.compile(
            rf"(?:(?<![\w/&\#!-])|\b(?:issues?|bug|pr|ticket|fix(?:es|ed)?|closes?|refs?))"
            rf"(?P<id>\#{_NUMBER})(?!\w)",
            re.VERBOSE | re.IGNORECASE | re.ASCII,
        ),
    ),
    (Kind.MERGE, re.compile(rf"(?<![\w!\#/-])!{_NUMBER}(?!\w)", re.ASCII)),
)
_SUFFIX = re.compile(rf"\((?P<id>#{_NUMBER})\)$")


def find(message: str, patterns: Sequence[str] = ()) -> tuple[Reference, ...]:
    """The references of a message in order, each text once, at most :data:`MOST`.

    ``patterns`` are the user's regexes; what they match comes before what is built in. Takes time
    linear in the message (the user's regexes apart), and reads no more of it than
    :mod:`bugguard.history.regexes` allows.
    """
    found: dict[str, Reference] = {}
    in_subject = True
    for line in bounded_lines(message):
        if not line:
            continue
        for reference in sorted(_of_line(line, patterns, in_subject), key=lambda pair: pair[0]):
            found.setdefault(reference[1].text, reference[1])
            if len(found) == MOST:
                return tuple(found.values())
        in_subject = False
    return tuple(found.values())


def _of_line(
    line: str, patterns: Sequence[str], in_subject: bool
) -> Iterator[tuple[int, Reference]]:
    """The references of a line with their places; no character belongs to two."""
    taken = bytearray(min(len(line), LINE_LIMIT))
    for kind, match, text in _candidates(line, patterns, in_subject):
        start, end = match.span()
        if text and not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            if kind is not None:
                digits = re.findall("[0-9]+", text)
                yield start, Reference(text, kind, digits[-1] if digits else "", in_subject)


def _candidates(
    line: str, patterns: Sequence[str], in_subject: bool
) -> Iterator[tuple[Kind | None, re.Match[str], str]]:
    """What may be a reference, what takes precedence first; kind None only occupies its place."""
    for pattern in patterns:
        for match in compiled(pattern, SETTING).finditer(line):
            yield Kind.CUSTOM, match, match.group()
    for match in _URL.finditer(line):
        ticket = _TICKET_URL.match(match.group())
        yield (Kind.URL, match, ticket.group()) if ticket else (None, match, match.group())
    if in_subject and (suffix := _SUFFIX.search(line)):
        yield Kind.SUFFIX, suffix, suffix["id"]
    for kind, regex in _PATTERNS:
        for match in regex.finditer(line):
            yield kind, match, match.groupdict().get("id") or match.group()
