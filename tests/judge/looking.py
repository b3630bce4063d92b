"""What looks like a ticket, a commit or a link, told without the package's own eyes.

Written apart from what it tests: plain walks over a text as it reads, no pattern is shared. It need
not see everything, but what it sees has to be in the record.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from urllib.parse import unquote

ASCII_WORD = frozenset(string.ascii_letters + string.digits)
FIGURES = frozenset(string.digits)
WORDS = (
    *(
        "issue",
        "issues",
        "ticket",
        "tickets",
        "bug",
        "bugs",
        "pr",
        "prs",
        "mr",
        "defect",
        "incident",
    ),
    *("pull request", "merge request", "pull requests", "merge requests"),
    *("チケット", "課題", "不具合", "バグ", "案件", "障害", "プルリク", "マージリクエスト"),
)
TAGS = ("<a ", "<img", "<script", "<iframe", "<!--", "</a")
#: What :func:`links` calls markup, which it is in prose and not in code.
MARKUP = frozenset((*TAGS, "]("))
INNOCENT_KEYS = ("utf-8", "utf-16", "sha-256", "iso-8601", "rfc-7230", "x86-64", "by-1", "top-10")


def reading(text: str) -> str:
    """``text`` as a reader, a renderer or a browser would have it."""
    for _ in range(4):
        text = re.sub("%[2-7][0-9A-Fa-f]", lambda match: unquote(match[0]), html.unescape(text))
    kept = []
    text = unicodedata.normalize("NFKC", text.replace("[…]", "\0").replace("…", "\1"))
    for character in text.replace("\1", "…"):
        category = unicodedata.category(character)
        if character == "\0" or category == "Zs":
            kept.append(" ")
        elif category == "Nd":
            kept.append(str(unicodedata.digit(character)))
        elif character == "\n" or category not in ("Cc", "Cf", "Cs", "Mn", "Me", "Co", "Cn"):
            kept.append(character)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", "".join(kept))


def tickets(text: str) -> set[str]:
    """``#12``, ``owner/repo!7``, ``abc-12``, ``number 12`` of "issue 12"; all in lower case."""
    upper = reading(text).translate({ord("*"): None, ord("~"): None})
    read = upper.lower()
    found = set()
    for place, character in enumerate(read):
        if character == "#":
            rest = read[place + 1 :]
            number = _figures(rest.lstrip() if not read[:place].endswith(("c", "f")) else rest)
            word = _run(rest, ASCII_WORD)
            colour = len(word) in (3, 4, 6) and set(word) <= set("0123456789abcdef")
            if number.strip("0") and not (colour and not word.isdigit()):
                found.add(_owner(read[:place]) + "#" + number)
        if character == "!":
            number = _figures(read[place + 1 :])
            if number and number[0] != "0":
                found.add(_owner(read[:place]) + "!" + number)
        if character == "-":
            prefix = _run(upper[:place][::-1], ASCII_WORD | {"_"})[::-1]
            number = _figures(read[place + 1 :])
            letters = prefix.lstrip("_" + string.digits + string.ascii_lowercase)
            key = f"{prefix.lower()}-{number}"
            if number and len(prefix) > 1 and prefix == letters == prefix.upper():
                found |= {key} - set(INNOCENT_KEYS)
    for word in WORDS:
        place = read.find(word)
        while place >= 0:
            end = place + len(word)
            before = read[place - 1 : place]
            if not (word.isascii() and before.isascii() and before.isalpha()):
                number = _figures(_after_word(read[end:], word.isascii()))
                if number.strip("0"):
                    found.add(f"number {number}")
            place = read.find(word, end)
    return found


def _after_word(rest: str, english: bool) -> str:
    rest = rest.lstrip(" \n`")
    for filler in ("no.", "no", "番号", "#", ":", "!"):
        if rest.startswith(filler):
            rest = rest.removeprefix(filler).lstrip(" \n`")
            break
    counted = rest.lstrip(string.digits).lstrip()
    if counted.startswith("%") or (not english and counted.startswith(("件", "つ", "個"))):
        return ""
    return rest


def commits(text: str) -> set[str]:
    """Words of at least seven hexadecimal figures that are neither all letters nor all numbers."""
    found = set()
    read = reading(text).lower()
    for word in "".join(c if c in ASCII_WORD else " " for c in read).split():
        mixed = not word.isalpha() and not word.isdigit()
        if len(word) >= 7 and mixed and set(word) <= set("0123456789abcdef"):
            found.add(word)
    return found


def links(text: str) -> set[str]:
    """What is or renders as a link, up to the next blank, or what gives it away."""
    read = reading(text)
    found = set()
    for word in read.replace("<", " <").replace(">", "> ").split():
        begin = word.find("://")
        if begin > 0 and word[begin - 1].isalnum():
            while begin and word[begin - 1] in ASCII_WORD:
                begin -= 1
            found.add(word[begin:].strip("<>").rstrip(".,;:!?)]}'\"、。"))
        begin = word.lower().find("www.")
        alone = begin >= 0 and (begin == 0 or word[begin - 1] not in ASCII_WORD)
        if alone and word[begin + 4 :][:1].isalnum():
            found.add(word)
        for scheme in ("mailto:", "javascript:", "data:", "file:"):
            begin = word.lower().find(scheme)
            alone = begin >= 0 and (begin == 0 or word[begin - 1] not in ASCII_WORD)
            if alone and word[begin + len(scheme) :][:1] not in ("", ":", "="):
                found.add(word)
        name, at, host = word.partition("@")
        *labels, top = _run(host, ASCII_WORD | {".", "-"}).split(".")
        top = _run(top, frozenset(string.ascii_letters))
        if (
            at
            and name[-1:].isalnum()
            and labels
            and all(one[:1].isalnum() for one in labels)
            and len(top) > 1
        ):
            found.add(word)
        before, host, _ = word.partition("evil.example/")
        inside = before[-1:].isalnum() or before[-1:] in ("/", "`", ".", "-", "\\")
        if host and (not inside or before.endswith("//")):
            found.add(word)
    for tag in TAGS:
        if tag in read.lower() and ">" in read[read.lower().index(tag) :]:
            found.add(tag)
    found |= {"]("} if "](" in text else set()
    return found


def controls(text: str) -> list[str]:
    """Characters that steer, hide or cannot be encoded, line breaks apart."""
    return [
        c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]


def _run(text: str, allowed: frozenset[str]) -> str:
    return text[: next((n for n, c in enumerate(text) if c not in allowed), len(text))]


def _figures(text: str) -> str:
    return _run(text, FIGURES)


def _owner(before: str) -> str:
    """``owner/repo`` right before a sign; a word such as "issue" is none."""
    owner = _run(before[::-1], ASCII_WORD | set("/._-"))[::-1].rpartition("//")[2].strip("./_-")
    return "" if owner in WORDS or "/" not in owner else owner
