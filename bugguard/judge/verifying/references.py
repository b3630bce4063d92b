"""What in a text looks like a ticket or a commit. In doubt it does.

Tickets: ``#12``, also ``# 12``; ``!12``; ``&12``; with a repository or a tracker before them
(``owner/repo#7``, ``rhbz#7``); ``GH-12``; keys (``ABC-123``; in lower or mixed case from three
figures on, years apart); advisories (``CVE-2021-1234``, ``GHSA-…``); ``bpo-12345``, ``lp:12345``,
``b/12345``, ``T12345``, ``D12345``; ``No.12``; and words with a number: "issue 12", "ticket no.
12", "bugs 3, 4 and 5", "PR 55", "merge request #3", "fixes 4485", "the 4485 ticket",
「チケット12番」, 「課題 34」, 「第12号」, 「12番の課題」.

Commits: seven or more hexadecimal digits as a word, a letter and a figure among them; behind
"commit", "revision", "changeset" or 「コミット」 four or more with a figure; ``r12345``.

Not: ``UTF-8``, ``SHA-256`` and the other names of :data:`_NAMES`; numbers of lines, errors, years
and ports; ``#1a2b3c`` and other colours with a letter; ``C# 8``; words of letters alone such as
``deadbeef``; 「不具合 3 件」; numbers spelled out in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from bugguard.judge.verifying import links
from bugguard.judge.verifying.folding import plain, unmasked

MOST_READ = 50_000  #: characters that are searched at most

_LINK = "link "


class Reference(NamedTuple):
    """Something that looks like a reference, and what a record may call the thing that it names.

    The first of the names is what a record that has these very words calls it. Without any, no
    record can have it.
    """

    start: int
    end: int
    names: tuple[str, ...]

    @property
    def is_address(self) -> bool:
        """Whether it is a link, or markup that could become one."""
        return not self.names or self.names[0].startswith(_LINK)


_START = r"(?<![A-Za-z0-9])"  # not \b: to that, a Japanese letter and "_" belong to the word
_NUMBER = r"0*[1-9][0-9]*"
_TAIL = r"[A-Za-z0-9_]*"
# A repository or a tracker right before a sign; entered at its beginning only, to stay linear.
_NAME = r"[A-Za-z0-9_.-]{1,100}"
_WHERE = rf"(?P<where>(?:(?<![A-Za-z0-9_.-]){_NAME}(?:/{_NAME}){{0,8}}/?)?)"
_WORD = r"""
    issues?|tickets?|bugs?|defects?|story|stories|epics?|incidents?|discussions?|rfes?|work\s?items?
  | (?P<merge>(?:merge|pull|change)[\s_-]{0,3}requests?|prs?|mrs?)|pulls?(?=[/\#])
  | bugzilla|jira|redmine
"""
_JAPANESE = r"""
    チケット|課題|不具合|バグ|イシュー|問題|案件|障害|要望|インシデント|起票|管理番号|受付番号
  | マージリクエスト|マージ依頼|プルリク(?:エスト)?
"""
# Between a word and its number: blanks, then signs that touch what follows ("issue. 12 of them" is
# where a sentence ends), or a bracket that holds nothing but the number.
_BETWEEN = rf"""
    \s{{0,3}}(?:(?:[-–—_=/.,'"](?!\s)|[:\#!`]\s{{0,3}}){{0,3}}|[(\[]\s?[\#!]?(?={_NUMBER}\s?[)\]]))
"""
_MORE = r"""
    (?:\s?(?:,|/|、|・|&|\band\b|\bor\b|と|および)\s?(?:and\s)?
    [\#!]?[0-9]+(?![0-9A-Za-z%]|\.[0-9]))*
"""
_COUNTER = (
    r"\s?(?:件|つ|個|点|箇所|[かカヶヵケ]所|回|種|行|人|本|度|割|分|秒|時|日|月|年|%|倍|文字)"
)
_KANJI = "[〇零一二三四五六七八九十百千]"
_NAMES = r"""
    UTF-(?:7|8|16|32)(?:LE|BE)?|UCS-[24]|ISO-[0-9]{4,5}(?:-[0-9]{1,2})?|IEC-[0-9]{5}|IEEE-(?:754|802)
  | RFC-[0-9]{1,5}|BCP-[0-9]{1,3}|PEP-[0-9]{1,4}|CWE-[0-9]{1,4}|FIPS-[0-9]{3}|ECMA-(?:262|404)
  | ES-(?:[5-9]|20[12][0-9])|SHA-(?:[0-3]|224|256|384|512)(?:-[0-9]{3})?|MD-[45]|CRC-(?:8|16|32|64)
  | AES-(?:128|192|256)|RSA-(?:1024|2048|3072|4096)|ED-25519|BLAKE-[23]|BASE-(?:16|32|64|85)
  | LATIN-[0-9]{1,2}|CP-[0-9]{3,5}|WINDOWS-(?:31J|125[0-8]|1[01])|GB-(?:2312|18030)|KOI-8|BIG-5
  | HTTPS?-(?:[1-5][0-9]{2}|[123])|TLS-1|SSL-[23]|IPV-[46]|X86-(?:32|64)|AMD-64|ARM-(?:32|64)
  | U?INT-(?:8|16|32|64|128)|FLOAT-(?:16|32|64)|COVID-19|BY-1|TOP-[0-9]{1,2}
"""


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE | re.IGNORECASE)


_HASH = _compiled(
    rf"""{_WHERE}
    (?P<sign>\#)(?:(?:(?<![CF]\#)|(?<=[A-Za-z0-9_][CF]\#))\s{{1,3}}
      |(?!(?=[0-9]*[a-f])(?:[0-9a-f]{{6}}|[0-9a-f]{{3,4}})(?![0-9A-Za-z_])))(?P<number>{_NUMBER}{_TAIL})"""
)
_BANG = _compiled(rf"{_WHERE}(?P<sign>!)(?P<number>{_NUMBER}{_TAIL})")
_AND = _compiled(rf"(?P<where>)(?<![A-Za-z0-9_>&])(?P<sign>&)(?P<number>{_NUMBER}{_TAIL})(?!;)")
_KEY = _compiled(
    rf"""{_START}(?P<key>(?-i:[A-Z][A-Z0-9_]{{1,29}})[-–—][0-9]+(?:[-–—:][0-9]+)*{_TAIL}
      | [A-Z][A-Z0-9]{{1,29}}[-–—](?!(?:19|20)[0-9]{{2}}(?![0-9A-Za-z]))[0-9]{{3,}}{_TAIL}
      | GH[-–—_\#\s]{{0,2}}{_NUMBER}{_TAIL}
      | (?:CVE|CAN|GHSA|RUSTSEC|PYSEC|GO|OSV|JVN|ZDI|RHSA|USN)[-–—_\#]
        (?=[A-Z0-9–—-]{{0,30}}[0-9])[A-Z0-9]+(?:[-–—:][A-Z0-9]+)+
      | (?:bpo-|lp:\s?\#?|rdar:|(?<![./])(?:b|cl)/)[0-9]{{3,}}{_TAIL}
      | (?-i:[TD])[0-9]{{4,}}(?![A-Za-z0-9])
      | (?-i:No)\.?\#?{_NUMBER}{_TAIL})"""
)
_WORDS = (
    _compiled(
        rf"""(?<![A-Za-z])(?:{_WORD})
        (?:{_BETWEEN}(?:(?:number|num|no|nr|n[°o]|id)(?![A-Za-z])\.?|番号))?{_BETWEEN}
        (?P<numbers>{_NUMBER}(?![0-9]|\s?%)(?:{_TAIL}){_MORE})"""
    ),
    _compiled(
        rf"""(?:{_JAPANESE})\s?(?:の|は|が)?\s?(?:(?:管理)?番号|ナンバー|ID|No\.?|第)?(?:は|が|の)?
        {_BETWEEN}(?P<numbers>{_NUMBER}(?![0-9]|{_COUNTER}){_TAIL}{_MORE}|{_KANJI}{{2,9}}|
        {_KANJI}(?=\s?[番号]))(?:\s?[番号])?"""
    ),
    _compiled(rf"第\s?(?P<numbers>{_NUMBER}|{_KANJI}{{1,9}})\s?号"),
    _compiled(rf"(?<![0-9])(?P<numbers>{_NUMBER})\s?[番号]\s?の?\s?(?:{_JAPANESE}|(?:{_WORD}))"),
    _compiled(
        r"""(?<![A-Za-z0-9.])(?!(?:19|20)[0-9]{2}[^0-9])(?P<numbers>[1-9][0-9]{3,})[\s-]
        (?:issue|ticket|bug|defect|(?:pull|merge)\srequest|PR|MR)(?![A-Za-z])"""
    ),
    _compiled(
        rf"""(?<![A-Za-z])(?:fix(?:e[sd]|ing)?|clos(?:e[sd]?|ing)|resolv(?:e[sd]?|ing)|refs?
        |references?|duplicates?|(?:duplicate|regression)\s(?:of|from)|reverts?)\s{{0,3}}:?\s{{0,3}}
        (?P<numbers>[1-9][0-9]{{2,}}{_TAIL}{_MORE})"""
    ),
)
_SHA = _compiled(
    rf"{_START}g?(?P<sha>(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{{7,}})(?![A-Za-z0-9])(?:\s?(?:\.{{3}}|…))?"
)
_COMMIT = _compiled(
    rf"""(?:(?<![A-Za-z])(?:commits?|revisions?|changesets?|shas?)|コミット|リビジョン){_BETWEEN}
    (?P<sha>[0-9a-f]{{7,}}|(?=[a-f]*[0-9])[0-9a-f]{{4,}})(?![A-Za-z0-9])
    |{_START}(?P<revision>r[0-9]{{4,}})(?![A-Za-z0-9])"""
)
_ALLOWED = _compiled(_NAMES)
_PLAIN_WORD = _compiled(rf"{_WORD}|fix(?:e[sd])?|close[sd]?|resolve[sd]?|refs?|see")
_GH = re.compile(r"gh[-_#\s]*([0-9]+)")
_NUMBERED = re.compile(rf"(?P<sign>[#!]?)(?P<number>[0-9]+\w*|{_KANJI}+)")


def find(text: str, keys: Iterable[str] = (), *, code: bool = False) -> set[Reference]:
    """What looks like a reference in ``text``; spans may overlap.

    keys: prefixes of ticket keys, in lower case, whose numbers count in whatever case, and whatever
    :data:`_NAMES` says. code: whether ``text`` is code, where markup is none; else it is prose that
    :func:`.folding.plain` was made of. Takes time linear in ``text``, of which no
    more than :data:`MOST_READ` characters are read.
    """
    text = text[:MOST_READ]
    finders = list(_finders(frozenset(keys)))
    found = set() if code else {Reference(*span, ()) for span in links.markup(text)}
    for read in unmasked(text):
        for begin, end in links.links(read.text):
            start, stop = read.span(begin, end)
            found.add(Reference(start, stop, (link(text[start:stop]),)))
        for pattern, named in finders:
            for match in pattern.finditer(read.text):
                for one in named(match):
                    found.add(Reference(*read.span(one.start, one.end), one.names))
    return found


def link(address: str) -> str:
    """What a record calls a link."""
    return _LINK + plain(address).strip("<>")


_Named = Callable[[re.Match[str]], Iterator[Reference]]


def _finders(keys: frozenset[str]) -> Iterator[tuple[re.Pattern[str], _Named]]:
    def key(match: re.Match[str]) -> Iterator[Reference]:
        name = re.sub("[–—]", "-", match["key"]).casefold()
        if not _ALLOWED.fullmatch(name) or name.partition("-")[0] in keys:
            number = _GH.fullmatch(name)
            yield Reference(*match.span(), (f"gh-{number[1]}" if number else name,))

    for pattern in (_HASH, _BANG, _AND):
        yield pattern, _signed
    yield _KEY, key
    if keys:
        either = "|".join(re.escape(one) for one in sorted(keys))
        yield _compiled(rf"{_START}(?P<key>(?:{either})[-–—][0-9]+{_TAIL})"), key
    for pattern in _WORDS:
        yield pattern, _worded
    for pattern in (_SHA, _COMMIT):
        yield pattern, _commit


def _signed(match: re.Match[str]) -> Iterator[Reference]:
    where = match["where"].casefold().rstrip("/")
    where = "" if _PLAIN_WORD.fullmatch(where) else where
    yield Reference(*match.span(), (f"{where}{match['sign']}{match['number'].casefold()}",))


def _worded(match: re.Match[str]) -> Iterator[Reference]:
    """Each number alone, the first with its word.

    A bare number names a ticket in any tracker's way, one with a sign only in its own.
    """
    begin = match.start("numbers")
    before = match.string[match.start() : begin]
    merge = match.groupdict().get("merge")
    numbers = list(_NUMBERED.finditer(match["numbers"]))
    for number in numbers:
        first, last = number is numbers[0], number is numbers[-1]
        sign = number["sign"] or (_last_sign(before) if first else "")
        name = number["number"].casefold()
        bare = (f"number {name}", f"#{name}", f"gh-{name}", *([f"!{name}"] if merge else []))
        yield Reference(
            match.start() if first else begin + number.start(),
            match.end() if last else begin + number.end(),
            (f"{sign}{name}",) if sign else bare,
        )


def _last_sign(text: str) -> str:
    return next((one for one in reversed(text) if one in "#!"), "")


def _commit(match: re.Match[str]) -> Iterator[Reference]:
    sha = match["sha"]
    yield Reference(*match.span(), (f"sha {sha}".casefold() if sha else match[0].casefold(),))
