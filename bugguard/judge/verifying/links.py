"""What in a text looks like a link, or like markup that a renderer makes one of.

Links: ``scheme://…`` and the known schemes in disguise (``hxxp[:]//``, ``http:\\\\``, with blanks);
``www.…``; ``mailto:``, ``javascript:``, ``data:``, ``file:`` and their like right before a word;
e-mail addresses; domains and IP addresses with a path, a port before it or a query.
Markup: Markdown's links, images, references and definitions; HTML tags.

Not: a domain without a path, which nothing tells from ``self.io``; paths such as ``src/app.py`` and
``node.js/lib``; ``self.total/2``; ``10.0.0.0/8``; type parameters such as ``List<String>``; indices
such as ``cells[row][column]``.

Links are to be sought in unmasked text, markup in the text that is rendered; both takes time
linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_START = r"(?<![A-Za-z0-9])"
_REST = r"[^\s<>\"、。「」『』【】…]*"
_CLOSING = tuple(".,;:!?)]}'")  # at a link's end they belong to the sentence
_MOST_CLOSING = 10
# What ends the name of a file, and hardly a domain that anyone would send you to.
_FILES = (
    r"(?:pyi?|[cm]?[jt]sx?|go|rb|php|java|kt|[ch]pp|cs|s?css|swift|scala|lua|json|ya?ml|toml|xml"
    r"|html?|sql|txt|cfg|ini|conf|lock|log|csv|vue|gradle|jar|exe|dll|so|proto)"
)
_LABELS = r"(?:[^\W_][\w-]{0,62}\.){1,8}"
_TOP = r"(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,24})"
_TEXT = r"(?:[^\[\]]|\[[^\[\]]{0,200}\]){0,400}"
_INDEXED = r"(?<![A-Za-z0-9_)\]])"  # not behind a name: there a bracket holds an index


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE | re.IGNORECASE | re.MULTILINE)


_LINKS = (
    _compiled(rf"<?{_START}(?:h..ps?|ftps?|wss?)\s{{0,3}}\[?:\]?\s{{0,3}}[/\\]+\s{{0,3}}{_REST}>?"),
    _compiled(rf"<?[^\W_][\w+.-]{{0,30}}\[?:\]?//{_REST}>?"),
    _compiled(rf"{_START}www[0-9]?\.(?=[^\s.]){_REST}"),
    _compiled(
        rf"""{_START}(?:mailto|javascript|vbscript|data|file|tel|sms|blob|about|magnet|view-source)
        :(?![\s:=]){_REST}"""
    ),
    _compiled(rf"[\w.+%-]{{1,64}}@{_LABELS}{_TOP}(?:[:/]{_REST})?"),
    _compiled(
        rf"""(?<![^\W_])(?<!\\)(?<![)\]"'\w]\.)(?<![^/]/)(?!(?:self|this|cls|super)\.){_LABELS}(?!{_FILES}(?![^\W_])){_TOP}
        (?::[0-9]{{1,5}})?\.?(?:[/\\]{_REST}|\?[\w-]+={_REST}|\#[\w!]{_REST})"""
    ),
    _compiled(
        rf"""(?<![A-Za-z0-9_.])[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}(?::[0-9]{{1,5}})?
        /(?![0-9]{{1,2}}(?![\w/.])){_REST}"""
    ),
)
_MARKUP = (
    _compiled(rf"(?:!|{_INDEXED})\[{_TEXT}\]\((?:[^()]|\([^()]{{0,200}}\)){{0,400}}\)"),
    _compiled(rf"(?:!|{_INDEXED})\[[^\[\]]{{1,400}}\]\[[^\[\]]{{0,200}}\]"),
    _compiled(r"^[ \t>*+-]{0,9}\[[^\[\]\n]{1,400}\]:\s{0,9}(?=\S*(?:[/:\#<]|\.\w))\S+"),
)
_TAG = _compiled(
    r"""<[A-Za-z/][^<>]*> | <[!?][^<>]*> | </[A-Za-z][^>]{1,500}>
      | <(?:a|area|audio|base|body|embed|form|iframe|image|img|input|link|meta|object|script|source
          |svg|video)(?:[\s/]+[\w:-]{1,40}\s*=[^<>]*|[\s/][^>]{1,500}>)"""
)
_TAG_NAMES = _compiled(
    r"""
    a|abbr|address|applet|area|audio|base|b|big|blink|blockquote|body|br|button|canvas|center|code
  | details|dialog|div|dl|em|embed|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i
  | iframe|image|img|input|isindex|kbd|li|link|marquee|math|meta|noscript|object|ol|p|param|picture
  | plaintext|pre|q|s|samp|script|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td
  | template|textarea|th|title|tr|track|tt|u|ul|video|wbr|xmp
    """
)
_PARAMETER = re.compile(r"<([A-Za-z_][\w.]*)[\w.:,&*\[\]? ]*>|<[\w+-]+(?:/[\w+-]+)*\.h(?:pp)?>")


def links(text: str) -> Iterator[tuple[int, int]]:
    """The spans of what looks like a link, less the signs that end a sentence."""
    for pattern in _LINKS:
        for match in pattern.finditer(text):
            yield match.start(), match.start() + len(_ended(match[0]))


def _ended(link: str) -> str:
    for _ in range(_MOST_CLOSING):
        closed = link[-1:] == ")" and link.count("(") >= link.count(")")
        if closed or not link.endswith(_CLOSING):
            break
        link = link[:-1]
    return link


def markup(text: str) -> Iterator[tuple[int, int]]:
    """The spans of Markdown and HTML that could become a link, an image or anything active."""
    for pattern in _MARKUP:
        for match in pattern.finditer(text):
            yield match.span()
    for match in _TAG.finditer(text):
        if not _is_parameter(match):
            yield match.span()


def _is_parameter(match: re.Match[str]) -> bool:
    """Whether what stands in angle brackets is a type parameter, a placeholder or a header."""
    read = _PARAMETER.fullmatch(match[0])
    if read is None:
        return False
    if read[1] is None or not _TAG_NAMES.fullmatch(read[1]):
        return True
    attached = re.search("[A-Za-z0-9_]$", match.string[: match.start()][-1:])
    return bool(attached) and not match[0][1 + len(read[1])].isspace()
